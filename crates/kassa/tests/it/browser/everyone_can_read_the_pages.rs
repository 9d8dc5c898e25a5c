//! An accessibility checker finds nothing on any page: on a phone and a desktop, in light and in dark. The pages of
//! links that are no longer payable are checked in their own journeys.

use serde_json::{Value, json};

use super::axe::everyone_can_read;
use super::scene::{APPROVED, DENIED, FAILING, NEW, Scene};

#[tokio::test]
async fn the_pay_page_is_readable_with_everything_a_merchant_can_put_there() {
    let scene = Scene::begin().await;
    let options = json!({"page_title": "Ett ganska långt köp", "purchase_type": "SUBSCRIBE"});
    let link = scene.link_for(&long_cart(), &options, &scene.shop.urls()).await;
    scene.open(&link).await;
    scene.browser.see("pay-page").await;
    everyone_can_read(&scene.browser).await;
    scene.browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true })").await;
    everyone_can_read(&scene.browser).await;
}

#[tokio::test]
async fn the_form_is_readable_with_its_errors_and_with_the_sign_up() {
    let scene = Scene::begin().await;
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
async fn the_ends_of_a_purchase_in_a_web_shop_are_readable() {
    let scene = Scene::begin().await;
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
async fn the_ends_of_a_purchase_in_a_store_are_readable() {
    let scene = Scene::begin().await;
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

/// A cart with lines of each kind, and so many that some are folded away.
fn long_cart() -> Value {
    let line = |kind: &str, name: &str, amount: i64| json!({"type": kind, "name": name, "quantity": 1, "unit_price": amount, "total_amount": amount});
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
