//! A page that is open follows its session by itself.

use http::Method;
use serde_json::json;

use super::axe::everyone_can_read;
use super::consumer_pays::two_pairs;
use super::scene::{APPROVED, PayLink, Scene};

/// A browser that knows no events, such as Edge 18.
const NO_EVENTS: &str = "delete window.EventSource";

/// A browser behind a proxy that delays events.
const EVENTS_THAT_NEVER_ARRIVE: &str = "EventSource.prototype.addEventListener = () => {}";

async fn open_page_of(scene: &Scene) -> (String, PayLink) {
    let payment = scene.merchant.payment_session("ECOMMERCE").await;
    let link = PayLink::of(&scene.merchant.host(&payment, &json!({}), &scene.shop.urls()).await);
    scene.open(&link).await;
    (payment, link)
}

async fn change_order(scene: &Scene, payment: &str) {
    scene.merchant.post(&format!("/payments/v1/sessions/{payment}"), &two_pairs()).await.expect(204);
}

#[tokio::test]
async fn a_changed_order_appears_and_what_was_typed_stays() {
    let scene = Scene::begin().await;
    let (payment, link) = open_page_of(&scene).await;
    scene.browser.press("category-pay_over_time").await;
    scene.browser.fill(APPROVED).await;
    change_order(&scene, &payment).await;
    scene.browser.see_words("order-total", &["199,98"]).await;
    scene.browser.see("notice").await;
    everyone_can_read(&scene.browser).await;
    assert_eq!(scene.browser.value_of("email").await, APPROVED);
    assert_eq!(scene.browser.value_of("one-time-code").await, "123456");
    let chosen = "return document.querySelector('[name=payment_method_category]:checked').value";
    assert_eq!(scene.browser.run(chosen).await, "pay_over_time");
    assert!(scene.browser.text_of("pay").await.contains("199,98"));

    scene.browser.press("pay").await;
    scene.paid(&link).await;
}

#[tokio::test]
async fn a_second_change_appears_too() {
    let scene = Scene::begin().await;
    let (payment, _) = open_page_of(&scene).await;
    change_order(&scene, &payment).await;
    scene.browser.see_words("order-total", &["199,98"]).await;
    let mut cart = two_pairs();
    (cart["order_amount"], cart["order_lines"][0]["total_amount"]) = (json!(19000), json!(19000));
    cart["order_lines"][0]["unit_price"] = json!(9500);
    (cart["order_tax_amount"], cart["order_lines"][0]["total_tax_amount"]) = (json!(3553), json!(3553));
    scene.merchant.post(&format!("/payments/v1/sessions/{payment}"), &cart).await.expect(204);
    scene.browser.see_words("order-total", &["190,00"]).await;
}

#[tokio::test]
async fn a_disabled_session_leaves_the_open_page() {
    let scene = Scene::begin().await;
    let link = scene.open_link().await;
    scene.browser.fill(APPROVED).await;
    scene.disable(&link).await;
    scene.browser.see("outcome-disabled").await;
    everyone_can_read(&scene.browser).await;
}

#[tokio::test]
async fn a_session_that_expires_leaves_the_open_page() {
    let scene = Scene::begin().await;
    scene.open_link().await;
    scene.merchant.call(Method::POST, "/lab/v1/clock/advance", &json!({"by": "PT48H"})).await.unwrap();
    scene.browser.see("outcome-expired").await;
    everyone_can_read(&scene.browser).await;
}

#[tokio::test]
async fn a_sibling_that_is_paid_elsewhere_leads_to_the_shop() {
    let scene = Scene::begin().await;
    let (payment, link) = open_page_of(&scene).await;
    let places_order = json!({"place_order_mode": "PLACE_ORDER"});
    let sibling = scene.merchant.host(&payment, &places_order, &scene.shop.urls()).await;
    scene.merchant.act(sibling.word("session_id"), "enter").await.expect(200);
    scene.merchant.act(sibling.word("session_id"), "approve").await.expect(200);
    scene.browser.see("shop-success").await;
    assert_eq!(scene.history_of(&link).await, ["IN_PROGRESS", "COMPLETED"]);
}

#[tokio::test]
async fn a_page_that_receives_no_events_asks_for_changes() {
    asks_for_changes(EVENTS_THAT_NEVER_ARRIVE).await;
}

#[tokio::test]
async fn a_page_in_a_browser_without_events_asks_for_changes() {
    asks_for_changes(NO_EVENTS).await;
}

async fn asks_for_changes(browser: &str) {
    let scene = Scene::begin().await;
    let script = json!({"source": browser});
    scene.browser.ask_devtools("Page.addScriptToEvaluateOnNewDocument", script).await;
    let (payment, link) = open_page_of(&scene).await;
    scene.browser.fill(APPROVED).await;
    change_order(&scene, &payment).await;
    scene.browser.see_words("order-total", &["199,98"]).await;
    assert_eq!(scene.browser.value_of("email").await, APPROVED);
    scene.disable(&link).await;
    scene.browser.see("outcome-disabled").await;
}
