//! A shopper buys in the demo shop. The order's page shows the merchant's view and updates itself.

use super::axe::everyone_can_read;
use super::scene::{APPROVED, DENIED, Scene};

#[tokio::test]
async fn the_demo_order_page_shows_a_purchase_live_and_captures_it() {
    let scene = Scene::begin().await;
    check_out(&scene).await;
    scene.browser.pay_as(APPROVED).await;
    scene.browser.see("browser-return").await;
    see_callbacks(&scene, &["IN_PROGRESS", "COMPLETED"]).await;
    scene.browser.see_words("session-status", &["COMPLETED"]).await;

    scene.browser.see("order-id").await;
    scene.browser.press("capture").await;
    scene.browser.see_words("order-status", &["CAPTURED"]).await;
    assert!(!scene.browser.has("trouble").await);
    everyone_can_read(&scene.browser).await;
}

#[tokio::test]
async fn a_declined_purchase_in_the_demo_can_be_tried_again() {
    let scene = Scene::begin_without_scripts().await;
    check_out(&scene).await;
    scene.browser.pay_as(DENIED).await;
    scene.browser.press("continue").await;
    scene.browser.see_words("order-status", &["FAILED"]).await;
    scene.browser.press("try-again").await;
    scene.browser.pay_as(APPROVED).await;
    scene.browser.see_words("order-status", &["AUTHORIZED"]).await;
    scene.browser.see("order-id").await;
}

#[tokio::test]
async fn the_demo_order_page_updates_itself() {
    let scene = Scene::begin().await;
    check_out(&scene).await;
    let link = scene.browser.url().await;
    scene.browser.visit(&format!("{}/demo", scene.dev.url())).await;
    scene.browser.press("latest-order").await;
    see_callbacks(&scene, &["IN_PROGRESS"]).await;

    let order = scene.browser.window.window().await.unwrap();
    let consumer = scene.browser.window.new_tab().await.unwrap();
    scene.browser.window.switch_to_window(consumer).await.unwrap();
    scene.browser.visit(&link).await;
    scene.browser.pay_as(DENIED).await;
    scene.browser.see("outcome-declined").await;

    scene.browser.window.switch_to_window(order).await.unwrap();
    see_callbacks(&scene, &["IN_PROGRESS", "FAILED"]).await;
    scene.browser.see_words("session-status", &["FAILED"]).await;
}

#[tokio::test]
async fn the_demo_shop_is_accessible() {
    let scene = Scene::begin().await;
    scene.browser.visit(&format!("{}/demo", scene.dev.url())).await;
    scene.browser.press("add-mug").await;
    scene.browser.see("quantity-mug").await;
    everyone_can_read(&scene.browser).await;
}

/// Puts a mug in the cart and goes to the payment page.
async fn check_out(scene: &Scene) {
    scene.browser.visit(&format!("{}/demo", scene.dev.url())).await;
    scene.browser.press("add-mug").await;
    scene.browser.see("quantity-mug").await;
    scene.browser.press("checkout").await;
    scene.browser.see("pay-page").await;
}

/// Waits until the live view shows a verified callback for each of these statuses.
async fn see_callbacks(scene: &Scene, statuses: &[&str]) {
    for status in statuses {
        scene.browser.see_words("callback", &[status, "signature verified"]).await;
    }
}
