//! The direction of each language, the switch, and the absence of texts in the templates.

use std::collections::BTreeMap;

use super::*;

/// The pages in one language, with every part that is optional.
fn every_page<'a>(texts: &'a Texts, locale: &'a str) -> Vec<String> {
    let errors = [
        FieldError::CategoryNotChosen,
        FieldError::EmailNotReadable,
        FieldError::CodeNotReadable,
        FieldError::CodeRejected,
        FieldError::GivenNameMissing,
        FieldError::FamilyNameMissing,
        FieldError::DateOfBirthNotReadable,
    ];
    let frame = |locale: &'a str| Frame { texts, ..frame(locale) };
    let kinds = [LineKind::Item, LineKind::Discount, LineKind::Delivery, LineKind::Tax, LineKind::Surcharge];
    let mut pages = Vec::new();
    for notice in [Notice::OrderChanged, Notice::CategoryDeclined, Notice::NotFinished] {
        let mut page = PayPage {
            frame: frame(locale),
            errors: errors.to_vec(),
            asks_to_sign_up: true,
            notice: Some(notice),
            ..pay_page(locale)
        };
        page.order.lines = kinds.iter().chain(&kinds).map(|kind| line(*kind, "", 2, 1)).collect();
        for identifier in ["pay_over_time", "direct_debit", "direct_bank_transfer"] {
            page.categories.push(Category { identifier, name: "1" });
        }
        pages.push(page.html());
    }
    pages.push(CancelConfirmPage { frame: frame(locale), ..cancel_page(locale) }.html());
    pages.push(PreviewPage { frame: frame(locale), ..preview_page(locale) }.html());
    for outcome in Outcome::ALL {
        let page =
            OutcomePage { frame: frame(locale), continue_after_s: Some(1), ..outcome_page(locale, outcome) };
        pages.push(page.html());
    }
    pages
}

/// The words that a page shows, without those of its tags.
fn words_of(html: &str) -> Vec<String> {
    let body = html.split_once("<title>").unwrap().1;
    let texts = body.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text);
    let words = texts.flat_map(|text| text.split(|letter: char| !letter.is_alphabetic()));
    words.filter(|word| word.chars().count() > 1).map(str::to_owned).collect()
}

#[test]
fn no_text_of_a_page_is_in_its_template() {
    // Texts of a right-to-left language in other letters: whatever is still in Latin letters is in a template.
    let texts = LANGUAGES.of("ar");
    let named = [
        "Nordlys",
        "Kassa",
        "JavaScript",
        "EUR",
        "customer",
        "email",
        "se",
        "denied",
        "error",
        "new",
        "user",
    ];
    let of_texts = ["name", "example", "com", "x"];
    let mut found = BTreeMap::new();
    for html in every_page(texts, "ar") {
        for word in words_of(&html).into_iter().filter(|word| word.is_ascii()) {
            if !named.contains(&&*word) && !of_texts.contains(&&*word) {
                found.insert(word, html.clone());
            }
        }
    }
    assert!(found.is_empty(), "{:?}", found.keys());
}

#[test]
fn each_page_has_the_direction_of_its_language() {
    for language in Language::all() {
        for html in every_page(LANGUAGES.texts(language), language.tag) {
            let start = format!("<html lang=\"{}\" dir=\"{}\">", language.tag, language.direction.dir());
            assert!(html.contains(&start), "{start}");
        }
    }
    assert!(cancel_page("ar-SE").html().contains("<html lang=\"ar-SE\" dir=\"rtl\">"));
}

#[test]
fn amounts_and_names_are_isolated_from_the_text_around_them() {
    for html in every_page(LANGUAGES.of("ar"), "ar") {
        let amounts = html.matches('€').count();
        let isolated = html.split("<bdi").skip(1).filter_map(|rest| rest.split_once("</bdi>"));
        let isolated = isolated.filter(|(inner, _)| inner.contains('€')).count();
        assert_eq!(isolated, amounts, "{html}");
        assert!(html.contains("<bdi class=\"shop-name\" data-testid=\"shop-name\">Nordlys</bdi>"));
    }
}

fn switch(place: SwitchPlace) -> Option<LanguageSwitch> {
    let languages = ["ar", "en", "sv"].into_iter().filter_map(Language::of).collect();
    Some(LanguageSwitch { action: "/pay/t/language/page".to_owned(), languages, place })
}

#[test]
fn the_switch_names_each_language_in_its_own_words() {
    let mut page = pay_page("sv-SE");
    page.frame.switch = switch(SwitchPlace::PayForm);
    let html = page.html();
    assert!(html.contains("<nav class=\"languages\" aria-label=\"Språk\""));
    let button = "form=\"pay-form\" formaction=\"/pay/t/language/page\" formnovalidate name=\"language\" \
                  value=\"ar\" lang=\"ar\" dir=\"rtl\" data-testid=\"language-ar\">العربية</button>";
    assert!(html.contains(button), "{html}");
    assert!(html.contains(
        "lang=\"sv\" dir=\"ltr\" aria-current=\"true\" data-testid=\"language-sv\">Svenska</span>"
    ));
    assert!(!html.contains("language-form"));
    assert_test_ids(&html, &["languages", "language-ar", "language-en", "language-sv"]);
}

#[test]
fn the_switch_has_a_form_of_its_own_on_a_page_without_the_pay_form() {
    let mut page = cancel_page("sv-SE");
    page.frame.switch = switch(SwitchPlace::Alone);
    let html = page.html();
    let form = "<form id=\"language-form\" method=\"post\" action=\"/pay/t/language/page\"></form>";
    assert!(html.contains(form) && count(&html, "form=\"language-form\"") == 2, "{html}");
}

#[test]
fn a_single_language_is_no_choice() {
    let mut page = cancel_page("sv-SE");
    page.frame.switch = switch(SwitchPlace::Alone)
        .map(|switch| LanguageSwitch { languages: Language::of("sv").into_iter().collect(), ..switch });
    assert!(!page.html().contains("languages"));
}

#[test]
fn the_stylesheet_follows_the_direction() {
    let stylesheet = include_str!("../../../../assets/pay.css");
    let sides = ["left:", "right:", "-left", "-right", ": left", ": right", "translateX"];
    for line in stylesheet.lines().filter(|line| !line.trim_start().starts_with("/*")) {
        let found = sides.iter().find(|side| line.contains(**side));
        assert_eq!(found, None, "name the side where lines begin or end, not left or right: {line}");
        let margin = ["margin:", "padding:"].iter().find_map(|name| line.trim().strip_prefix(name));
        let values = margin.and_then(|values| values.split(';').next()).unwrap_or_default();
        let values: Vec<_> = values.split_whitespace().collect();
        assert!(
            values.len() != 4 || values[1] == values[3],
            "a left side that differs from the right: {line}"
        );
    }
}
