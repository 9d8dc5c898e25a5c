//! The payment is declined. The page explains the decline and offers another try.

use serde_json::json;

use super::scene::{APPROVED, DENIED, Scene};
use crate::harness::cart;

#[tokio::test]
async fn a_declined_consumer_reads_why_tries_again_and_pays() {
    let scene = Scene::begin().await;
    declined_then_paid(&scene).await;
}

#[tokio::test]
async fn a_declined_consumer_tries_again_without_javascript() {
    let scene = Scene::begin_without_scripts().await;
    declined_then_paid(&scene).await;
}

async fn declined_then_paid(scene: &Scene) {
    let link = scene.open_link().await;
    scene.browser.pay_as(DENIED).await;
    scene.browser.see("outcome-declined").await;
    assert_eq!(scene.status_of(&link).await, "FAILED");

    scene.browser.press("retry").await;
    scene.browser.pay_as(APPROVED).await;
    scene.paid(&link).await;
    assert_eq!(scene.history_of(&link).await, ["IN_PROGRESS", "FAILED", "IN_PROGRESS", "COMPLETED"]);
}

#[tokio::test]
async fn continue_after_a_decline_leads_to_the_failure_url() {
    let scene = Scene::begin().await;
    let link = scene.open_link().await;
    scene.browser.pay_as(DENIED).await;
    scene.browser.see("outcome-declined").await;
    scene.browser.press("continue").await;
    scene.browser.see("shop-failure").await;
    assert_eq!(scene.status_of(&link).await, "FAILED");
}

#[tokio::test]
async fn with_payment_fallback_a_decline_first_offers_another_category() {
    let scene = Scene::begin().await;
    let options = json!({"payment_method_category": "PAY_LATER", "payment_fallback": true});
    let link = scene.link_for(&cart("ECOMMERCE"), &options, &scene.shop.urls()).await;
    scene.open(&link).await;
    scene.browser.see("category-pay_later").await;
    assert!(!scene.browser.has("category-pay_now").await);
    scene.browser.pay_as(DENIED).await;
    scene.browser.see("notice").await;
    assert!(!scene.browser.has("category-pay_later").await);
    assert_eq!(scene.status_of(&link).await, "IN_PROGRESS");

    scene.browser.press("category-pay_now").await;
    scene.browser.pay_as(APPROVED).await;
    scene.paid(&link).await;
    assert_eq!(scene.history_of(&link).await, ["IN_PROGRESS", "COMPLETED"]);
}

#[tokio::test]
async fn the_browsers_back_button_after_a_decline_leads_to_a_form_that_works() {
    let scene = Scene::begin().await;
    let link = scene.open_link().await;
    scene.browser.pay_as(DENIED).await;
    scene.browser.see("outcome-declined").await;
    scene.browser.press_browser_back().await;
    scene.browser.pay_as(APPROVED).await;
    scene.paid(&link).await;
}
