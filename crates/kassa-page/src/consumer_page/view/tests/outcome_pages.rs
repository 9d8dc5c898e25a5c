//! Properties of the outcome pages.

use super::*;

#[test]
fn each_outcome_page_has_its_test_id_and_links() {
    for outcome in Outcome::ALL {
        let html = outcome_page("en-US", outcome).html();
        assert_test_ids(&html, &[&format!("outcome-{}", outcome.name()), "retry", "continue"]);
        assert_eq!(html.contains("data-testid=\"amount\""), outcome == Outcome::Completed);
        let page = OutcomePage { retry_href: None, continue_url: None, ..outcome_page("en-US", outcome) };
        assert!(!page.html().contains("class=\"actions\""));
    }
}

#[test]
fn an_automatic_redirect_always_has_a_link_too() {
    let page = OutcomePage { continue_after_s: Some(3), ..outcome_page("en-US", Outcome::Completed) };
    let html = page.html();
    let address = "https://shop.example/done?a=1&#38;b=2";
    assert!(html.contains(&format!("<meta http-equiv=\"refresh\" content=\"3;url={address}\">")));
    assert!(html.contains(&format!("href=\"{address}\" data-testid=\"continue\"")));
    assert!(!OutcomePage { continue_after_s: None, ..page }.html().contains("http-equiv"));
}

#[test]
fn a_link_that_runs_script_is_omitted() {
    let page = OutcomePage {
        continue_url: Some("javascript:alert(1)"),
        continue_after_s: Some(0),
        ..outcome_page("en-US", Outcome::Completed)
    };
    let html = page.html();
    assert!(!html.contains("javascript") && !html.contains("http-equiv"));
}
