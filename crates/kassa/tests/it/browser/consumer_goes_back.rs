//! The consumer goes back to the shop, and can return through the same link.

use serde_json::{Value, json};

use super::scene::{APPROVED, NEW, Scene};

#[tokio::test]
async fn after_back_the_same_link_can_be_paid() {
    let scene = Scene::begin().await;
    let link = scene.open_link().await;
    scene.browser.write("email", NEW).await;
    scene.browser.press("back").await;
    scene.browser.see("shop-back").await;
    assert_eq!(scene.status_of(&link).await, "BACK");

    scene.open(&link).await;
    assert_eq!(scene.browser.value_of("email").await, NEW);
    scene.browser.pay_as(APPROVED).await;
    scene.paid(&link).await;
    assert_eq!(scene.history_of(&link).await, ["IN_PROGRESS", "BACK", "IN_PROGRESS", "COMPLETED"]);
}

#[tokio::test]
async fn cancel_in_a_web_shop_sets_the_status_back() {
    let scene = Scene::begin().await;
    let mut urls = scene.shop.urls();
    urls["back"] = Value::Null;
    let link = scene.link_of("ECOMMERCE", &urls).await;
    scene.open(&link).await;
    assert!(!scene.browser.has("back").await);
    scene.browser.press("cancel").await;
    scene.browser.see("shop-cancel").await;
    assert_eq!(scene.status_of(&link).await, "BACK");

    scene.open(&link).await;
    scene.browser.pay_as(APPROVED).await;
    scene.paid(&link).await;
}

#[tokio::test]
async fn one_tab_goes_back_and_the_other_pays() {
    let scene = Scene::begin().await;
    let link = scene.link_of("ECOMMERCE", &json!({"success": scene.shop.urls()["success"]})).await;
    scene.open(&link).await;
    scene.browser.fill(APPROVED).await;
    let first = scene.browser.window.window().await.unwrap();
    let second = scene.browser.window.new_tab().await.unwrap();
    scene.browser.window.switch_to_window(second).await.unwrap();
    scene.open(&link).await;
    scene.browser.press("cancel").await;
    scene.browser.see("outcome-back").await;

    scene.browser.window.switch_to_window(first).await.unwrap();
    scene.browser.press("pay").await;
    scene.paid(&link).await;
    assert_eq!(scene.history_of(&link).await, ["IN_PROGRESS", "BACK", "COMPLETED"]);
}
