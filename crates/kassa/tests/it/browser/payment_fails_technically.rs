//! A technical error stops the payment. The consumer can try again.

use serde_json::{Value, json};

use super::scene::{APPROVED, FAILING, Scene};

#[tokio::test]
async fn a_technical_error_leads_to_the_error_url_and_the_link_can_still_be_paid() {
    let scene = Scene::begin().await;
    let link = scene.open_link().await;
    scene.browser.pay_as(FAILING).await;
    scene.browser.see("shop-error").await;
    assert_eq!(scene.status_of(&link).await, "ERROR");

    scene.open(&link).await;
    scene.browser.pay_as(APPROVED).await;
    scene.paid(&link).await;
    assert_eq!(scene.history_of(&link).await, ["IN_PROGRESS", "ERROR", "IN_PROGRESS", "COMPLETED"]);
}

#[tokio::test]
async fn without_an_error_url_the_failure_url_takes_its_place() {
    let scene = Scene::begin().await;
    let mut urls = scene.shop.urls();
    urls["error"] = Value::Null;
    let link = scene.link_of("ECOMMERCE", &json!(urls)).await;
    scene.open(&link).await;
    scene.browser.pay_as(FAILING).await;
    scene.browser.see("shop-failure").await;
}
