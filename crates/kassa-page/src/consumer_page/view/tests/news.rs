//! The title, the message and the focus of a pay page that is shown again.

use super::*;

/// The test ids of the elements that get the focus.
fn focused(html: &str) -> Vec<&str> {
    let tags = html.split('<').filter_map(|rest| rest.split('>').next());
    let with_focus = tags.filter(|tag| tag.contains(" autofocus"));
    with_focus.filter_map(|tag| tag.split("data-testid=\"").nth(1)?.split('"').next()).collect()
}

#[test]
fn the_title_of_a_page_with_errors_begins_with_the_word_for_error() {
    for (locale, title) in [
        ("en-US", "<title>Error: Complete your purchase</title>"),
        ("sv-SE", "<title>Fel: Slutför ditt köp</title>"),
    ] {
        let html = PayPage { errors: vec![FieldError::EmailNotReadable], ..pay_page(locale) }.html();
        assert!(html.contains(title), "{html}");
    }
    let html = PayPage { title: Some("Your tent"), ..pay_page("en-US") }.html();
    assert!(html.contains("<title>Your tent</title>"));
}

#[test]
fn the_news_of_a_page_gets_the_focus() {
    let errors = || vec![FieldError::CodeRejected];
    let changed = Some(Notice::OrderChanged);
    assert!(focused(&pay_page("en-US").html()).is_empty());
    for (page, id) in [
        (PayPage { errors: errors(), ..pay_page("en-US") }, "error-summary"),
        (PayPage { errors: errors(), notice: changed, ..pay_page("en-US") }, "error-summary"),
        (PayPage { errors: errors(), asks_to_sign_up: true, ..pay_page("en-US") }, "error-summary"),
        (PayPage { notice: changed, ..pay_page("en-US") }, "notice"),
        (PayPage { notice: changed, asks_to_sign_up: true, ..pay_page("en-US") }, "notice"),
        (PayPage { asks_to_sign_up: true, ..pay_page("en-US") }, "sign-up-hint"),
    ] {
        assert_eq!(focused(&page.html()), [id]);
    }
}

#[test]
fn everything_typed_is_shown_again() {
    let entered = Entered {
        category: Some("pay_now"),
        email: "a@b.example",
        one_time_code: "123456",
        given_name: "Ada",
        family_name: "L",
        date_of_birth: "1985-12-10",
    };
    let html = PayPage { entered, asks_to_sign_up: true, ..pay_page("en-US") }.html();
    for value in ["a@b.example", "123456", "Ada", "L", "1985-12-10"] {
        assert_eq!(count(&html, &format!(" value=\"{value}\"")), 1, "{value}");
    }
}
