//! The consumer cancels a purchase in a store. The page asks for a confirmation, and a confirmed cancel is final.

use serde_json::{Value, json};

use super::scene::{APPROVED, PayLink, Scene};

#[tokio::test]
async fn a_confirmed_cancel_is_final() {
    let scene = Scene::begin().await;
    cancels_for_good(&scene).await;
}

#[tokio::test]
async fn a_confirmed_cancel_is_final_without_javascript() {
    let scene = Scene::begin_without_scripts().await;
    cancels_for_good(&scene).await;
}

async fn cancels_for_good(scene: &Scene) {
    let link = open_in_store(scene).await;
    scene.browser.press("cancel").await;
    scene.browser.see("cancel-page").await;
    assert_eq!(scene.status_of(&link).await, "IN_PROGRESS");
    scene.browser.press("cancel-confirm").await;
    scene.browser.see("shop-cancel").await;
    assert_eq!(scene.status_of(&link).await, "CANCELLED");

    scene.open(&link).await;
    scene.browser.see("outcome-cancelled").await;
    assert!(!scene.browser.has("retry").await);
}

#[tokio::test]
async fn an_unconfirmed_cancel_changes_nothing() {
    let scene = Scene::begin().await;
    let link = open_in_store(&scene).await;
    scene.browser.press("cancel").await;
    scene.browser.press("cancel-keep").await;
    scene.browser.pay_as(APPROVED).await;
    scene.paid(&link).await;
    assert_eq!(scene.history_of(&link).await, ["IN_PROGRESS", "COMPLETED"]);
}

#[tokio::test]
async fn a_form_in_an_open_tab_cannot_pay_a_cancelled_session() {
    let scene = Scene::begin_without_scripts().await;
    let link = open_in_store(&scene).await;
    scene.browser.fill(APPROVED).await;
    scene.merchant.act(&link.session, "cancel").await.expect(200);
    scene.browser.press("pay").await;
    scene.browser.see("shop-cancel").await;
    assert_eq!(scene.history_of(&link).await, ["IN_PROGRESS", "CANCELLED"]);
}

async fn open_in_store(scene: &Scene) -> PayLink {
    let mut urls = scene.shop.urls();
    urls["back"] = Value::Null;
    let link = scene.link_of("IN_STORE", &json!(urls)).await;
    scene.open(&link).await;
    link
}
