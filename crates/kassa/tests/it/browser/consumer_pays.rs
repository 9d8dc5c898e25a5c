//! The consumer pays: with a click or a double click, in one tab or two, with and without scripts.

use serde_json::{Value, json};
use thirtyfour::Key;

use super::scene::{APPROVED, NEW, PayLink, Scene};
use crate::harness::cart;

#[tokio::test]
async fn a_paid_purchase_ends_on_the_success_url_with_its_token() {
    let scene = Scene::begin().await;
    let link = scene.link().await;
    assert_eq!(scene.status_of(&link).await, "WAITING");
    scene.open(&link).await;
    scene.browser.see("pay-page").await;
    assert_eq!(scene.status_of(&link).await, "IN_PROGRESS");
    assert_eq!(scene.browser.text_of("order-line").await, "Running shoe\n99,99 kr");
    assert_eq!(scene.browser.text_of("order-total").await, "99,99 kr");

    scene.browser.pay_as(APPROVED).await;
    scene.paid(&link).await;
    assert_eq!(scene.history_of(&link).await, ["IN_PROGRESS", "COMPLETED"]);
    assert_eq!(scene.browser.window.title().await.unwrap(), "Scripts run");
}

#[tokio::test]
async fn paying_works_without_javascript() {
    let scene = Scene::begin_without_scripts().await;
    let link = scene.open_link().await;
    scene.browser.pay_as(APPROVED).await;
    scene.paid(&link).await;
    assert_eq!(scene.browser.window.title().await.unwrap(), "No script");
}

#[tokio::test]
async fn the_keyboard_alone_is_enough_to_pay() {
    let scene = Scene::begin().await;
    let link = scene.open_link().await;
    scene.browser.write("email", APPROVED).await;
    let typed = format!("{}123456{}", Key::Tab.value(), Key::Enter.value());
    scene.browser.type_into("email", &typed).await;
    scene.paid(&link).await;
}

#[tokio::test]
async fn a_new_consumer_signs_up_and_pays() {
    let scene = Scene::begin().await;
    let link = scene.open_link().await;
    scene.browser.pay_as(NEW).await;
    scene.browser.write("given-name", "Åsa").await;
    scene.browser.write("family-name", "Öberg").await;
    scene.browser.write("date-of-birth", "05171990").await;
    assert_eq!(scene.browser.value_of("email").await, NEW);
    scene.browser.write("one-time-code", "123456").await;
    scene.browser.press("pay").await;
    scene.paid(&link).await;
    assert_eq!(scene.history_of(&link).await, ["IN_PROGRESS", "COMPLETED"]);
}

#[tokio::test]
async fn a_double_click_pays_once() {
    let scene = Scene::begin().await;
    pays_once_with_a_double_click(&scene).await;
}

#[tokio::test]
async fn a_double_click_pays_once_without_javascript() {
    let scene = Scene::begin_without_scripts().await;
    pays_once_with_a_double_click(&scene).await;
}

async fn pays_once_with_a_double_click(scene: &Scene) {
    let link = scene.open_link().await;
    scene.browser.fill(APPROVED).await;
    scene.browser.press_twice("pay").await;
    scene.paid(&link).await;
    assert_eq!(scene.history_of(&link).await, ["IN_PROGRESS", "COMPLETED"]);
}

#[tokio::test]
async fn a_payment_in_one_tab_completes_the_page_in_the_other() {
    let scene = Scene::begin().await;
    let link = scene.open_link().await;
    scene.browser.fill(APPROVED).await;
    let first = scene.browser.window.window().await.unwrap();
    let second = scene.browser.window.new_tab().await.unwrap();
    scene.browser.window.switch_to_window(second).await.unwrap();
    scene.open(&link).await;
    scene.browser.pay_as(APPROVED).await;
    scene.paid(&link).await;

    scene.browser.window.switch_to_window(first).await.unwrap();
    scene.paid(&link).await;
    assert_eq!(scene.history_of(&link).await, ["IN_PROGRESS", "COMPLETED"]);
}

#[tokio::test]
async fn the_browsers_back_button_shows_the_completed_page() {
    let scene = Scene::begin().await;
    let link = scene.open_link().await;
    scene.browser.pay_as(APPROVED).await;
    scene.paid(&link).await;

    scene.browser.press_browser_back().await;
    scene.browser.see("outcome-completed").await;
    assert!(!scene.browser.has("pay").await);
    assert_eq!(scene.browser.text_of("amount").await, "99,99 kr");
    scene.browser.press("continue").await;
    scene.paid(&link).await;
    assert_eq!(scene.history_of(&link).await, ["IN_PROGRESS", "COMPLETED"]);
}

#[tokio::test]
async fn a_changed_order_is_shown_again_before_it_can_be_paid() {
    let scene = Scene::begin_without_scripts().await;
    let payment = scene.merchant.payment_session("ECOMMERCE").await;
    let link = PayLink::of(&scene.merchant.host(&payment, &json!({}), &scene.shop.urls()).await);
    scene.open(&link).await;
    scene.browser.fill(APPROVED).await;
    scene.merchant.post(&format!("/payments/v1/sessions/{payment}"), &two_pairs()).await.expect(204);

    scene.browser.press("pay").await;
    scene.browser.see("notice").await;
    assert_eq!(scene.browser.text_of("order-total").await, "199,98 kr");
    scene.browser.write("one-time-code", "123456").await;
    scene.browser.press("pay").await;
    scene.paid(&link).await;
}

/// The cart with twice the quantity and amounts.
pub fn two_pairs() -> Value {
    let mut cart = cart("ECOMMERCE");
    (cart["order_amount"], cart["order_tax_amount"]) = (json!(19998), json!(3740));
    for (field, value) in [("quantity", 2), ("total_amount", 19998), ("total_tax_amount", 3740)] {
        cart["order_lines"][0][field] = json!(value);
    }
    cart
}
