//! Properties of the HTML for every input of merchant and consumer.

mod languages;
mod news;
mod outcome_pages;

use std::sync::LazyLock;

use kassa_i18n::{Language, Languages};

use super::*;

static LANGUAGES: LazyLock<Languages> = LazyLock::new(Languages::built_in);

const HOSTILE: &str = r#""><script>alert('x')</script>&"#;

/// Every language, and locales without one.
fn locales() -> impl Iterator<Item = &'static str> {
    Language::all().map(|language| language.tag).chain(["zh-CN", "", "de-AT", "sv-FI"])
}

fn frame(locale: &str) -> Frame<'_> {
    Frame {
        texts: LANGUAGES.of(locale),
        locale,
        nonce: "n0nce",
        stylesheet_href: "/assets/pay-1.css",
        script_href: Some("/assets/pay-2.js"),
        icon_href: "/assets/kassa-3.svg",
        shop: Some(Shop { name: "Nordlys", ..Shop::default() }),
        switch: None,
    }
}

fn line(kind: LineKind, name: &str, quantity: i64, total_minor_units: i64) -> OrderLine<'_> {
    let unit_minor_units = total_minor_units / quantity;
    OrderLine {
        kind,
        name,
        image_href: None,
        quantity,
        unit_minor_units,
        discount_minor_units: 0,
        total_minor_units,
    }
}

fn pay_page(locale: &str) -> PayPage<'_> {
    PayPage {
        frame: frame(locale),
        title: None,
        order: OrderSummary {
            currency: "EUR",
            lines: vec![line(LineKind::Item, "Mug", 2, 64_400), line(LineKind::Discount, "", 1, -2_000)],
            subtotal_minor_units: Some(64_400),
            included_tax_minor_units: Some(11_234),
            total_minor_units: 62_400,
            subtotal_detail: SubtotalDetail::Shown,
        },
        categories: vec![
            Category { identifier: "pay_later", name: "Pay later" },
            Category { identifier: "pay_now", name: "Pay now" },
        ],
        purchase_type: PurchaseType::Buy,
        pay_action: "/pay/t/authorize",
        live_href: Some("/pay/t/live?order=5".to_string()),
        way_out: WayOut::Back { action: "/pay/t/back" },
        hidden_inputs: vec![("version", "7")],
        entered: Entered::default(),
        asks_to_sign_up: false,
        errors: vec![],
        notice: None,
        expiry: None,
        payment: PaymentForm::Fields,
    }
}

fn cancel_page(locale: &str) -> CancelConfirmPage<'_> {
    CancelConfirmPage {
        frame: frame(locale),
        cancel_action: "/pay/t/cancel",
        keep_paying_href: "/pay/t",
        hidden_inputs: vec![("version", "7")],
    }
}

fn preview_page(locale: &str) -> PreviewPage<'_> {
    PreviewPage { frame: frame(locale), title: None, open_action: "/pay/t" }
}

fn outcome_page(locale: &str, outcome: Outcome) -> OutcomePage<'_> {
    OutcomePage {
        frame: frame(locale),
        outcome,
        amount: Some(Amount { minor_units: 62_400, currency: "EUR" }),
        receipt: None,
        id_check_code: None,
        retry_href: Some("/pay/t"),
        continue_url: Some("https://shop.example/done?a=1&b=2"),
        continue_after_s: None,
        reload_href: None,
        live_href: None,
    }
}

fn count(html: &str, needle: &str) -> usize {
    html.matches(needle).count()
}

#[track_caller]
fn assert_test_ids(html: &str, expected: &[&str]) {
    for id in expected {
        assert_eq!(count(html, &format!("data-testid=\"{id}\"")), 1, "{id} in {html}");
    }
}

#[test]
fn every_page_renders_in_every_language_without_inline_code() {
    for locale in locales() {
        let mut pages =
            vec![pay_page(locale).html(), cancel_page(locale).html(), preview_page(locale).html()];
        pages.extend(Outcome::ALL.map(|outcome| outcome_page(locale, outcome).html()));
        for html in pages {
            assert!(html.starts_with("<!doctype html>"));
            assert!(!html.contains("<style") && !html.contains(" style=") && !html.contains("javascript:"));
            assert_eq!(count(&html, "<script"), 1);
            assert_eq!(count(&html, "nonce=\"n0nce\""), 2);
            assert_eq!(count(&html, "<h1>"), 1);
            assert_eq!(count(&html, "<main"), 1);
        }
    }
}

#[test]
fn the_html_lang_is_the_language_of_the_texts() {
    for (locale, lang) in [("sv-FI", "sv-FI"), ("no-NO", "nb"), ("zh-CN", "en"), ("EN", "EN")] {
        assert!(
            cancel_page(locale).html().contains(&format!("<html lang=\"{lang}\" dir=\"ltr\">")),
            "{locale}"
        );
    }
}

#[test]
fn input_of_merchant_and_consumer_is_escaped() {
    let mut page = pay_page("en-US");
    page.frame.shop = Some(Shop { name: HOSTILE, ..Shop::default() });
    page.title = Some(HOSTILE);
    page.order.lines = vec![line(LineKind::Item, HOSTILE, 1, 1)];
    page.categories.push(Category { identifier: HOSTILE, name: HOSTILE });
    page.hidden_inputs = vec![(HOSTILE, HOSTILE)];
    page.asks_to_sign_up = true;
    page.entered = Entered {
        category: Some(HOSTILE),
        email: HOSTILE,
        one_time_code: HOSTILE,
        given_name: HOSTILE,
        family_name: HOSTILE,
        date_of_birth: HOSTILE,
    };
    let html = page.html();
    assert_eq!(count(&html, "<script"), 1, "only the page's own");
    assert!(!html.contains(HOSTILE));
}

#[test]
fn the_shops_pictures_are_shown() {
    let href = || "/images/s?of=a%2Cb&x".to_string();
    let mut page = pay_page("en-US");
    let picture = |width| BackgroundImage { href: href(), width };
    page.frame.shop = Some(Shop {
        name: "Nordlys",
        logo_href: Some(href()),
        background_images: vec![picture(800), picture(0)],
        ..Shop::default()
    });
    page.order.lines[0].image_href = Some(href());
    let html = page.html();
    assert!(html.contains("src=\"/images/s?of=a%2Cb&#38;x\" alt=\"Nordlys\""), "{html}");
    assert!(html.contains("srcset=\"/images/s?of=a%2Cb&#38;x 800w\""), "{html}");
    assert_eq!(count(&html, "class=\"line-image\""), 1, "{html}");
    assert_eq!(count(&pay_page("en-US").html(), "<img"), 0);
}

#[test]
fn exactly_one_way_out_is_shown() {
    let ways = [
        (WayOut::Back { action: "/b" }, "back", "/b"),
        (WayOut::Cancel { action: "/c" }, "cancel", "/c"),
        (WayOut::ConfirmCancel { action: "/d" }, "cancel", "/d"),
    ];
    for (way_out, test_id, action) in ways {
        let html = PayPage { way_out, ..pay_page("en-US") }.html();
        let shown = ["back", "cancel"].map(|id| count(&html, &format!("data-testid=\"{id}\"")));
        assert_eq!(shown.iter().sum::<usize>(), 1);
        assert_test_ids(&html, &["pay-page", "pay", "email", "one-time-code", "order-total", test_id]);
        let button =
            format!("form=\"pay-form\" formaction=\"{action}\" formnovalidate data-testid=\"{test_id}\"");
        assert!(html.contains(&button), "{html}");
    }
}

#[test]
fn the_pay_button_shows_verb_and_amount() {
    let labels = [
        (PurchaseType::Buy, "Buy"),
        (PurchaseType::Rent, "Rent"),
        (PurchaseType::Book, "Book"),
        (PurchaseType::Subscribe, "Subscribe"),
        (PurchaseType::Download, "Download"),
        (PurchaseType::Order, "Order"),
        (PurchaseType::Continue, "Continue"),
        (PurchaseType::Pay, "Pay"),
    ];
    for (purchase_type, verb) in labels {
        let html = PayPage { purchase_type, ..pay_page("en-US") }.html();
        assert!(html.contains(&format!(">{verb} · <bdi>€624.00</bdi></span></button>")), "{verb}");
    }
    assert!(pay_page("de-DE").html().contains(">Kaufen · <bdi>624,00\u{a0}€</bdi></span></button>"));
}

#[test]
fn the_merchants_title_replaces_the_pages_own() {
    assert!(pay_page("en-US").html().contains("<title>Complete your purchase</title>"));
    let html = PayPage { title: Some("Your tent"), ..pay_page("en-US") }.html();
    assert!(html.contains("<title>Your tent</title>") && html.contains("<h1><bdi>Your tent</bdi></h1>"));
    assert!(
        PayPage { title: Some(" "), ..pay_page("sv-SE") }
            .html()
            .contains("<h1><bdi>Slutför ditt köp</bdi></h1>")
    );
}

#[test]
fn order_lines_show_quantities_discounts_and_tax() {
    let html = pay_page("en-US").html();
    assert_eq!(count(&html, "data-testid=\"order-line\""), 2);
    assert_eq!(count(&html, "class=\"quantity\""), 1, "only where there is more than one piece");
    assert!(html.contains("Discount") && html.contains("-€20.00"));
    assert!(html.contains("Subtotal") && html.contains("Including tax"));
}

#[test]
fn without_subtotal_detail_lines_and_total_remain() {
    let mut page = pay_page("en-US");
    page.order.subtotal_detail = SubtotalDetail::Hidden;
    let html = page.html();
    assert!(!html.contains("Subtotal") && !html.contains("Including tax"));
    assert_eq!(count(&html, "data-testid=\"order-line\""), 2);
    assert_test_ids(&html, &["order-total"]);
}

#[test]
fn a_long_order_is_folded_but_complete() {
    for (lines, is_folded) in [(5, false), (6, true), (40, true)] {
        let mut page = pay_page("en-US");
        page.order.lines = (0..lines).map(|_| line(LineKind::Item, "Mug", 1, 100)).collect();
        let html = page.html();
        assert_eq!(count(&html, "data-testid=\"order-line\""), lines);
        assert_eq!(
            html.contains(&format!("Show {} more items", lines.saturating_sub(4))),
            is_folded,
            "{lines}"
        );
    }
}

#[test]
fn a_single_category_is_stated_and_several_are_offered() {
    let mut page = pay_page("en-US");
    let html = page.html();
    assert_test_ids(&html, &["category-pay_later", "category-pay_now"]);
    assert_eq!((count(&html, "type=\"radio\""), count(&html, " checked>")), (2, 1));
    page.categories.truncate(1);
    let html = page.html();
    assert_test_ids(&html, &["category-pay_later"]);
    assert_eq!(count(&html, "type=\"radio\""), 0);
    assert!(html.contains("<input type=\"hidden\" name=\"payment_method_category\" value=\"pay_later\">"));
}

#[test]
fn the_chosen_category_stays_chosen() {
    let mut page = pay_page("en-US");
    page.entered.category = Some("pay_now");
    assert!(page.html().contains("data-testid=\"category-pay_now\" checked>"));
}

#[test]
fn categories_are_named_in_the_consumers_language() {
    let mut page = pay_page("sv-SE");
    page.categories.push(Category { identifier: "klarna", name: "Klarna" });
    let html = page.html();
    for name in ["Betala senare", "Betala nu", "Klarna"] {
        assert!(html.contains(&format!("<bdi class=\"choice-name\">{name}</bdi>")), "{name}");
    }
}

#[test]
fn each_error_is_shown_in_the_summary_and_at_its_field() {
    use FieldError::*;
    let every = [
        CategoryNotChosen,
        EmailNotReadable,
        CodeNotReadable,
        CodeRejected,
        GivenNameMissing,
        FamilyNameMissing,
        DateOfBirthNotReadable,
    ];
    for error in every {
        let html = PayPage { errors: vec![error], asks_to_sign_up: true, ..pay_page("en-US") }.html();
        let id = error.field().id();
        assert_test_ids(&html, &["error-summary", &format!("field-error-{id}")]);
        assert!(
            html.contains(&format!("<a href=\"#{id}\">")) && html.contains(&format!(" id=\"{id}\"")),
            "{id}"
        );
        assert!(html.contains(&format!("{id}-error\"")), "{id} is described by its error");
    }
}

#[test]
fn sign_up_asks_for_name_and_date_of_birth() {
    let ids = ["given-name", "family-name", "date-of-birth"];
    assert!(ids.iter().all(|id| !pay_page("en-US").html().contains(id)));
    assert_test_ids(&PayPage { asks_to_sign_up: true, ..pay_page("en-US") }.html(), &ids);
}

#[test]
fn the_sandboxs_fields_are_shown_with_its_test_values() {
    let html = pay_page("en-US").html();
    assert!(!html.contains("data-testid=\"notice\""));
    let page = PayPage { notice: Some(Notice::OrderChanged), ..pay_page("en-US") };
    assert_test_ids(&page.html(), &["notice", "sandbox", "email", "one-time-code", "pay"]);
}

#[test]
fn a_script_has_a_place_for_its_form_instead_of_fields() {
    let script = ScriptForm {
        runner_href: "/assets/klarna-4.js",
        src: "https://x.klarnacdn.net/kp/lib/v1/api.js",
        client_token: "a.b.c",
        page: "/pay/t".to_string(),
    };
    let html = PayPage { payment: PaymentForm::Script(script), ..pay_page("en-US") }.html();
    assert_test_ids(&html, &["payment-form", "script-needed", "pay", "back", "category-pay_now"]);
    assert!(!html.contains("999999") && !html.contains("data-testid=\"email\""));
    assert!(html.contains(r#"<script type="module" src="/assets/klarna-4.js" nonce=""#));
}

#[test]
fn every_form_carries_the_hidden_inputs() {
    assert_eq!(count(&pay_page("en-US").html(), "<input type=\"hidden\" name=\"version\" value=\"7\">"), 1);
    let html = cancel_page("en-US").html();
    assert_eq!(count(&html, "<input type=\"hidden\" name=\"version\" value=\"7\">"), 1);
    assert_test_ids(&html, &["cancel-page", "cancel-confirm", "cancel-keep"]);
}

#[test]
fn a_line_shows_the_price_of_a_unit_and_its_discount() {
    let discounted = OrderLine { discount_minor_units: 1_000, ..line(LineKind::Item, "Cup", 2, 19_000) };
    let mut page = pay_page("en-IE");
    page.order.lines =
        vec![OrderLine { unit_minor_units: 10_000, ..discounted }, line(LineKind::Item, "Fern", 1, 500)];
    let html = page.html();
    assert_eq!(count(&html, "data-testid=\"line-discount\""), 1);
    assert!(html.contains("<bdi>€100.00</bdi></span>") && html.contains("<bdi>-€10.00</bdi>"), "{html}");
    assert_eq!(count(&html, "aria-hidden=\"true\"> ×"), 1, "a single unit has no quantity");
}

#[test]
fn the_page_of_a_completed_payment_is_a_receipt() {
    let receipt = Receipt { number: Some("ORDER <1>"), order: pay_page("en-IE").order };
    let page = OutcomePage { receipt: Some(receipt), ..outcome_page("en-IE", Outcome::Completed) };
    let html = page.html();
    assert_test_ids(&html, &["order-number", "order-total", "amount", "continue"]);
    assert!(html.contains("ORDER &#60;1&#62;"), "{html}");
    assert_eq!(count(&html, "data-testid=\"order-line\""), 2);
    assert!(!outcome_page("en-IE", Outcome::Declined).html().contains("order-line"));
}
