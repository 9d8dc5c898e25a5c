//! The payment system does not answer at once: the page says that the payment is being confirmed, and opens the next
//! page by itself when the outcome is known.

use serde_json::json;

use super::axe::everyone_can_read;
use super::scene::{PayLink, Scene};

/// A consumer whose order gets an answer at the third attempt, after three seconds.
const UNKNOWN_TWICE: &str = "customer+order-unknown-2@email.se";

async fn link(scene: &Scene) -> PayLink {
    let cart = crate::harness::cart("ECOMMERCE");
    scene.link_for(&cart, &json!({"place_order_mode": "PLACE_ORDER"}), &scene.shop.urls()).await
}

async fn ends_in_the_shop(scene: &Scene, link: &PayLink) {
    scene.open(link).await;
    scene.browser.pay_as(UNKNOWN_TWICE).await;
    scene.browser.see("outcome-confirming").await;
    assert!(!scene.browser.has("pay").await && !scene.browser.has("retry").await);
    scene.browser.see("shop-success").await;
    assert_eq!(scene.history_of(link).await, ["IN_PROGRESS", "COMPLETED"]);
}

#[tokio::test]
async fn the_page_leads_to_the_shop_when_the_order_is_placed() {
    let scene = Scene::begin().await;
    ends_in_the_shop(&scene, &link(&scene).await).await;
}

#[tokio::test]
async fn it_does_so_without_javascript() {
    let scene = Scene::begin_without_scripts().await;
    ends_in_the_shop(&scene, &link(&scene).await).await;
}

#[tokio::test]
async fn the_page_is_accessible_and_stays_after_the_browsers_back_button() {
    let scene = Scene::begin().await;
    let link = link(&scene).await;
    scene.open(&link).await;
    scene.browser.pay_as("customer+order-unknown-999@email.se").await;
    scene.browser.see("outcome-confirming").await;
    // The page opens itself again; without that, a check could run into the change.
    scene.browser.run("document.querySelector('[data-reload]').removeAttribute('data-reload')").await;
    everyone_can_read(&scene.browser).await;
    scene.browser.press_browser_back().await;
    scene.browser.see("outcome-confirming").await;
    assert_eq!(scene.status_of(&link).await, "IN_PROGRESS");
}
