//! The pages are accessible: on a phone and a desktop, in light and in dark colours. `link_is_no_longer_payable` checks
//! the pages of links that cannot be paid.

use serde_json::{Value, json};

use super::axe::everyone_can_read;
use super::scene::{APPROVED, DENIED, FAILING, NEW, Scene};
use super::window::Chromium;

#[tokio::test]
async fn the_pay_page_with_every_optional_part_is_accessible() {
    let scene = Scene::begin_in(Chromium::Shell).await;
    let options = json!({"page_title": "Ett ganska långt köp", "purchase_type": "SUBSCRIBE"});
    let link = scene.link_for(&long_cart(), &options, &scene.shop.urls()).await;
    scene.open(&link).await;
    scene.browser.see("pay-page").await;
    everyone_can_read(&scene.browser).await;
    scene.browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true })").await;
    everyone_can_read(&scene.browser).await;
}

#[tokio::test]
async fn the_form_with_errors_and_with_the_sign_up_is_accessible() {
    let scene = Scene::begin_in(Chromium::Shell).await;
    scene.open_link().await;
    scene.browser.press("pay").await;
    scene.browser.see("error-summary").await;
    everyone_can_read(&scene.browser).await;
    scene.browser.pay_as(NEW).await;
    scene.browser.write("one-time-code", "123456").await;
    scene.browser.press("pay").await;
    scene.browser.see("field-error-date-of-birth").await;
    everyone_can_read(&scene.browser).await;
}

#[tokio::test]
async fn the_outcome_pages_of_a_web_shop_are_accessible() {
    let scene = Scene::begin_in(Chromium::Shell).await;
    let link = scene.link_of("ECOMMERCE", &json!({"failure": scene.shop.url("failure")})).await;
    scene.open(&link).await;
    scene.browser.press("cancel").await;
    scene.browser.see("outcome-back").await;
    everyone_can_read(&scene.browser).await;
    for (email, page) in [(DENIED, "outcome-declined"), (APPROVED, "outcome-completed")] {
        scene.open(&link).await;
        scene.browser.pay_as(email).await;
        scene.browser.see(page).await;
        everyone_can_read(&scene.browser).await;
    }
}

#[tokio::test]
async fn the_outcome_pages_of_a_store_are_accessible() {
    let scene = Scene::begin_in(Chromium::Shell).await;
    let link = scene.link_of("IN_STORE", &json!({})).await;
    scene.open(&link).await;
    scene.browser.pay_as(FAILING).await;
    scene.browser.see("outcome-error").await;
    everyone_can_read(&scene.browser).await;
    scene.browser.press("retry").await;
    scene.browser.press("cancel").await;
    scene.browser.see("cancel-page").await;
    everyone_can_read(&scene.browser).await;
    scene.browser.press("cancel-confirm").await;
    scene.browser.see("outcome-cancelled").await;
    everyone_can_read(&scene.browser).await;
}

/// A cart with lines of each kind, and so many lines that the page collapses some.
fn long_cart() -> Value {
    let line = |kind: &str, name: &str, amount: i64| {
        let mut line = json!({"type": kind, "name": name, "quantity": 1});
        line["unit_price"] = amount.into();
        line["total_amount"] = amount.into();
        line
    };
    json!({
        "purchase_country": "SE",
        "purchase_currency": "SEK",
        "locale": "sv-SE",
        "order_amount": 1_284_500,
        "order_tax_amount": 0,
        "order_lines": [
            line("physical", "Trädgårdsmöbelsuppsättning av oljad akacia med sex stolar och dynor", 1_250_000),
            line("physical", "Kaffebryggare", 24_900),
            line("digital", "Presentkort", 10_000),
            line("physical", "Filter", 4_900),
            line("physical", "Mugg", 7_500),
            line("shipping_fee", "Hemleverans", 4_900),
            line("surcharge", "Fakturaavgift", 2_300),
            line("discount", "Sommarrea", -20_000),
        ],
    })
}
