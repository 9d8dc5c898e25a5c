//! What must hold of the pages that say how it ended.

use super::*;

#[test]
fn each_outcome_says_what_it_is_and_leads_on() {
    for outcome in Outcome::ALL {
        let html = outcome_page("en-US", outcome).html();
        assert_test_ids(&html, &[&format!("outcome-{}", outcome.name()), "retry", "continue"]);
        assert_eq!(html.contains("data-testid=\"amount\""), outcome == Outcome::Completed);
        let page = OutcomePage { retry_href: None, continue_url: None, ..outcome_page("en-US", outcome) };
        assert!(!page.html().contains("class=\"actions\""));
    }
}

#[test]
fn moving_on_by_itself_always_comes_with_a_link() {
    let page = OutcomePage { continue_after_s: Some(3), ..outcome_page("en-US", Outcome::Completed) };
    let html = page.html();
    let address = "https://shop.example/done?a=1&#38;b=2";
    assert!(html.contains(&format!("<meta http-equiv=\"refresh\" content=\"3;url={address}\">")));
    assert!(html.contains(&format!("href=\"{address}\" data-testid=\"continue\"")));
    assert!(!OutcomePage { continue_after_s: None, ..page }.html().contains("http-equiv"));
}

#[test]
fn an_address_that_runs_script_is_never_followed() {
    let page = OutcomePage {
        continue_url: Some("javascript:alert(1)"),
        continue_after_s: Some(0),
        ..outcome_page("en-US", Outcome::Completed)
    };
    let html = page.html();
    assert!(!html.contains("javascript") && !html.contains("http-equiv"));
}
