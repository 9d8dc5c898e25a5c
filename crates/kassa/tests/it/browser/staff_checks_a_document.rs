//! A shop with staff: the page of the staff, the screen that faces the customer, and the phone of the customer.

use serde_json::json;

use super::axe::everyone_can_read;
use super::scene::{APPROVED, Scene};
use super::window::{Browser, Chromium};

/// The consumer whose identity document the staff has to check.
const CHECKED: &str = "customer+id_check@email.se";

#[tokio::test]
async fn the_staff_compares_the_code_and_the_phone_goes_on_by_itself() {
    let scene = Scene::begin().await;
    let counter = Browser::start(Chromium::Whole).await;
    let link = scene.link_of("IN_STORE", &json!({})).await;
    counter.visit(&link.staff).await;
    counter.see_status("WAITING").await;
    everyone_can_read(&counter).await;
    scene.open(&link).await;
    counter.see_status("IN_PROGRESS").await;
    scene.browser.pay_as(CHECKED).await;
    scene.browser.see("outcome-id-check").await;
    everyone_can_read(&scene.browser).await;
    counter.see("id-check").await;
    everyone_can_read(&counter).await;
    assert_eq!(counter.text_of("id-check-code").await, scene.browser.text_of("id-check-code").await);
    counter.press("id-check-pass").await;
    counter.see_status("COMPLETED").await;
    scene.browser.see("outcome-completed").await;
    assert_eq!(scene.status_of(&link).await, "COMPLETED");
}

#[tokio::test]
async fn the_screen_shows_the_code_and_then_the_result_without_a_reload_by_hand() {
    let scene = Scene::begin().await;
    let screen = Browser::start(Chromium::Whole).await;
    let link = scene.link_of("IN_STORE", &json!({})).await;
    screen.visit(&format!("{}/display", link.staff)).await;
    screen.see("qr").await;
    everyone_can_read(&screen).await;
    scene.open(&link).await;
    screen.see_status("IN_PROGRESS").await;
    scene.browser.pay_as(APPROVED).await;
    screen.see_status("COMPLETED").await;
    everyone_can_read(&screen).await;
}

#[tokio::test]
async fn the_page_of_the_staff_works_without_scripts() {
    let scene = Scene::begin_without_scripts().await;
    let link = scene.link_of("IN_STORE", &json!({})).await;
    scene.open(&link).await;
    scene.browser.pay_as(CHECKED).await;
    scene.browser.see("outcome-id-check").await;
    scene.browser.visit(&link.staff).await;
    scene.browser.press("id-check-fail").await;
    scene.browser.see_status("FAILED").await;
    assert_eq!(scene.status_of(&link).await, "FAILED");
}
