//! The form names each error at its field, and can be sent again.

use thirtyfour::WebElement;

use super::scene::{APPROVED, DENIED, NEW, Scene};
use super::window::{Colours, Screen};

#[tokio::test]
async fn a_wrong_code_is_named_at_its_field_and_entered_again() {
    let scene = Scene::begin().await;
    let link = scene.open_link().await;
    scene.browser.write("email", APPROVED).await;
    scene.browser.write("one-time-code", "999999").await;
    scene.browser.press("pay").await;

    let error = scene.browser.attribute_of("field-error-one-time-code", "id").await;
    assert!(scene.browser.attribute_of("one-time-code", "aria-describedby").await.contains(&error));
    assert_eq!(scene.browser.attribute_of("one-time-code", "aria-invalid").await, "true");
    assert_eq!(scene.browser.value_of("one-time-code").await, "", "a code is entered anew");
    assert_eq!(scene.browser.value_of("email").await, APPROVED);
    assert_eq!(word(&scene.browser.focused().await, "data-testid").await, "error-summary");
    assert!(scene.browser.window.title().await.unwrap().starts_with("Fel: "), "the cart is Swedish");

    scene.browser.write("one-time-code", "123 456").await;
    scene.browser.press("pay").await;
    scene.paid(&link).await;
    assert_eq!(scene.history_of(&link).await, ["IN_PROGRESS", "COMPLETED"]);
}

#[tokio::test]
async fn an_empty_form_names_each_field() {
    let scene = Scene::begin().await;
    scene.open_link().await;
    scene.browser.press("pay").await;
    scene.browser.see("error-summary").await;
    for field in ["email", "one-time-code"] {
        let error = scene.browser.attribute_of(&format!("field-error-{field}"), "id").await;
        let described = scene.browser.attribute_of(field, "aria-describedby").await;
        assert!(described.contains(&error), "{field}");
    }
}

#[tokio::test]
async fn the_pay_button_is_busy_while_the_payment_is_sent() {
    let scene = Scene::begin().await;
    scene.open_link().await;
    let label = scene.browser.text_of("pay").await;
    send_nothing(&scene).await;
    scene.browser.press("pay").await;
    let button = scene.browser.see("pay").await;
    assert!(!button.is_enabled().await.unwrap());
    assert_ne!(button.text().await.unwrap(), label);
}

#[tokio::test]
async fn the_pay_button_is_ready_when_the_browser_brings_its_page_back() {
    for persisted in [false, true] {
        let scene = Scene::begin().await;
        let link = scene.open_link().await;
        send_nothing(&scene).await;
        scene.browser.press("pay").await;
        let bring_back =
            format!("dispatchEvent(new PageTransitionEvent('pageshow', {{persisted: {persisted}}}))");
        scene.browser.run(&bring_back).await;
        scene.browser.see_ready("pay").await;
        assert_eq!(scene.browser.url().await, link.url);
    }
}

#[tokio::test]
async fn pay_can_be_pressed_again_after_the_consumer_stops_the_loading() {
    let scene = Scene::begin().await;
    let link = scene.open_link().await;
    scene.browser.fill(APPROVED).await;
    // The window stays open, as after Stop. The listener runs once.
    let once = "document.addEventListener('submit', (event) => event.preventDefault(), {once: true})";
    scene.browser.run(once).await;
    scene.browser.press("pay").await;
    assert!(!scene.browser.see("pay").await.is_enabled().await.unwrap());
    scene.browser.see_ready("pay").await;
    assert_eq!(scene.browser.value_of("email").await, APPROVED);
    scene.browser.press("pay").await;
    scene.paid(&link).await;
}

#[tokio::test]
async fn a_retry_after_a_decline_shows_what_was_typed() {
    for scene in [Scene::begin().await, Scene::begin_without_scripts().await] {
        let link = scene.open_link().await;
        scene.browser.press("category-pay_now").await;
        scene.browser.pay_as(DENIED).await;
        scene.browser.see("outcome-declined").await;
        scene.browser.press("continue").await;
        scene.browser.see("shop-failure").await;
        scene.open(&link).await;
        assert_eq!(scene.browser.value_of("email").await, DENIED);
        assert!(scene.browser.see("category-pay_now").await.is_selected().await.unwrap());
        scene.browser.pay_as(APPROVED).await;
        scene.paid(&link).await;
    }
}

#[tokio::test]
async fn new_fields_are_in_view_on_a_phone_with_the_reason() {
    let scene = Scene::begin().await;
    let link = scene.link().await;
    scene.browser.show_on(Screen::NarrowPhone, Colours::Light).await;
    scene.open(&link).await;
    scene.browser.pay_as(NEW).await;
    scene.browser.see("sign-up-hint").await;
    assert_eq!(word(&scene.browser.focused().await, "data-testid").await, "sign-up-hint");
    for id in ["sign-up-hint", "given-name"] {
        let element = scene.browser.see(id).await;
        let (top, bottom) = edges(&scene, &element).await;
        assert!(top >= 0.0 && bottom <= 568.0, "{id} is at {top} to {bottom}");
    }
    assert_eq!(scene.browser.value_of("one-time-code").await, "123456");
}

/// The upper and the lower edge of an element in the window.
async fn edges(scene: &Scene, element: &WebElement) -> (f64, f64) {
    let script = "const box = arguments[0].getBoundingClientRect(); return [box.top, box.bottom]";
    let found = scene.browser.window.execute(script, vec![element.to_json().unwrap()]).await.unwrap();
    let edge = |index: usize| found.json()[index].as_f64().unwrap();
    (edge(0), edge(1))
}

/// Blocks the page's form submissions, so that the page stays in the state "payment is being sent".
async fn send_nothing(scene: &Scene) {
    scene.browser.run("document.addEventListener('submit', (event) => event.preventDefault())").await;
}

async fn word(element: &WebElement, attribute: &str) -> String {
    element.attr(attribute).await.unwrap().unwrap_or_default()
}
