//! A shop without merchant URLs: Kassa's own pages show the outcome.

use serde_json::json;

use super::scene::{APPROVED, DENIED, FAILING, PayLink, Scene};
use crate::harness::cart;

#[tokio::test]
async fn without_a_success_url_kassa_shows_the_completed_page() {
    let scene = Scene::begin().await;
    let link = open_without_urls(&scene, "ECOMMERCE").await;
    scene.browser.pay_as(APPROVED).await;
    scene.browser.see("outcome-completed").await;
    assert_eq!(scene.browser.text_of("amount").await, "99,99 kr");
    assert!(!scene.browser.has("continue").await);
    assert!(!scene.browser.has("retry").await);
    assert_eq!(scene.status_of(&link).await, "COMPLETED");
}

#[tokio::test]
async fn without_urls_each_open_status_has_a_page_with_a_retry() {
    let scene = Scene::begin().await;
    let link = open_without_urls(&scene, "ECOMMERCE").await;
    for (email, page) in [(DENIED, "outcome-declined"), (FAILING, "outcome-error")] {
        scene.browser.pay_as(email).await;
        scene.browser.see(page).await;
        assert!(!scene.browser.has("continue").await);
        scene.browser.press("retry").await;
    }
    scene.browser.press("cancel").await;
    scene.browser.see("outcome-back").await;
    assert_eq!(scene.status_of(&link).await, "BACK");
    scene.browser.press("retry").await;
    scene.browser.see("pay-page").await;
}

#[tokio::test]
async fn without_a_cancel_url_kassa_shows_the_cancelled_page() {
    let scene = Scene::begin().await;
    let link = open_without_urls(&scene, "TELESALES").await;
    scene.browser.press("cancel").await;
    scene.browser.press("cancel-confirm").await;
    scene.browser.see("outcome-cancelled").await;
    assert!(!scene.browser.has("retry").await);
    assert_eq!(scene.status_of(&link).await, "CANCELLED");
}

#[tokio::test]
async fn pictures_that_do_not_load_give_way_to_the_shops_name() {
    let scene = Scene::begin().await;
    let options = json!({
        "logo_url": scene.shop.url("logo.png"),
        "background_images": [{"url": scene.shop.url("background.png"), "width": 800}],
    });
    let link = scene.link_for(&cart("ECOMMERCE"), &options, &json!({})).await;
    scene.open(&link).await;
    assert_eq!(scene.browser.text_of("shop-name").await, "Kassa Demo Shop");
    let left = "return document.querySelectorAll('.logo, .backdrop').length";
    assert_eq!(scene.browser.run(left).await, 0);
}

#[tokio::test]
async fn the_browser_shows_the_shops_pictures_and_asks_only_kassa() {
    let scene = Scene::begin().await;
    let mark = scene.shop.url("mark.svg");
    let options = json!({"logo_url": mark, "background_images": [{"url": mark, "width": 800}]});
    let mut cart = cart("ECOMMERCE");
    cart["order_lines"][0]["image_url"] = json!(mark);
    let link = scene.link_for(&cart, &options, &json!({})).await;
    scene.open(&link).await;
    let shown =
        "return Promise.all([...document.images].map((image) => image.decode().then(() => image.className)))";
    assert_eq!(scene.browser.run(shown).await, json!(["backdrop", "logo", "line-image"]));
    let elsewhere =
        "return performance.getEntriesByType('resource').map((entry) => new URL(entry.name).origin)
         .filter((origin) => origin !== location.origin)";
    assert_eq!(scene.browser.run(elsewhere).await, json!([]));
}

async fn open_without_urls(scene: &Scene, channel: &str) -> PayLink {
    let link = scene.link_of(channel, &json!({})).await;
    scene.open(&link).await;
    link
}
