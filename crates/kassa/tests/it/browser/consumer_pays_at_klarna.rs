//! The consumer pays at Klarna: a node shows the form of the script of the double, a second Kassa that plays Klarna.

use serde_json::{Value, json};

use super::axe::everyone_can_read;
use super::shop::Shop;
use super::window::{Browser, Chromium, Colours, Screen};
use crate::harness::{Node, cart};
use crate::klarna::front::{Front, PageSession};

/// The frame in which the consumer confirms the payment.
const FULLSCREEN: &str = "klarna-pay-later-fullscreen";

/// The entry that a test writes into the console, to see that the console is read.
const LAST_ENTRY: &str = "the last entry";

struct KlarnaScene {
    browser: Browser,
    shop: Shop,
    node: Node,
    front: Front,
}

impl KlarnaScene {
    async fn begin() -> Self {
        Self::begin_with(Chromium::Whole).await
    }

    async fn begin_with(chromium: Chromium) -> Self {
        let front = Front::start("");
        let node = front.node();
        Self { browser: Browser::start(chromium).await, shop: Shop::open().await, node, front }
    }

    /// Creates a page session and opens its page.
    async fn open(&self, place_order_mode: &str) -> PageSession {
        let options = json!({"place_order_mode": place_order_mode});
        let session = self.front.page_session(&options, &self.shop.urls()).await;
        self.browser.visit(&session.url).await;
        session
    }

    /// Presses Pay, and confirms in Klarna's form as this consumer.
    async fn pay_as(&self, email: &str) {
        self.browser.see_ready("pay").await;
        self.browser.press("pay").await;
        self.confirm_as(email).await;
    }

    /// Confirms in Klarna's form, which is open.
    async fn confirm_as(&self, email: &str) {
        self.browser.enter_frame(FULLSCREEN).await;
        self.browser.see("sdk-dialog").await;
        self.browser.write("sdk-email", email).await;
        self.browser.write("sdk-one-time-code", "123456").await;
        self.browser.press("sdk-confirm").await;
        self.browser.leave_frames().await;
    }

    async fn read(&self, session: &PageSession) -> Value {
        self.front.merchant().read(&session.id).await
    }

    async fn becomes(&self, session: &PageSession, status: &str) -> Value {
        kassa_testkit::eventually(status, async || {
            let read = self.read(session).await;
            if read["status"] == status { Ok(read) } else { Err(read) }
        })
        .await
    }

    /// Asserts that the page logged no error and its policy refused nothing.
    async fn was_quiet(&self) {
        self.browser.run(&format!("console.warn('{LAST_ENTRY}')")).await;
        let complaints = self.browser.complaints_until(LAST_ENTRY).await;
        assert_eq!(complaints.len(), 1, "{complaints:?}");
        let metrics = self.node.operator().get("/metrics").await.text;
        assert!(metrics.contains("kassa_page_policy_violations_total 0\n"), "{metrics}");
    }
}

#[tokio::test]
async fn the_consumer_pays_on_a_phone_and_on_a_desktop_in_three_languages() {
    let scene = KlarnaScene::begin().await;
    for (screen, locale) in [(Screen::Phone, "sv-SE"), (Screen::Desktop, "de-DE"), (Screen::Phone, "en-GB")] {
        scene.browser.show_on(screen, Colours::Light).await;
        let mut cart = cart("ECOMMERCE");
        cart["locale"] = json!(locale);
        let payment = scene.front.double.merchant().payment_session_for(&cart).await;
        let session = scene.front.page_session_of(&payment, &json!({}), &scene.shop.urls()).await;
        scene.browser.visit(&session.url).await;
        scene.browser.see_ready("pay").await;
        everyone_can_read(&scene.browser).await;
        scene.pay_as("customer@email.se").await;
        scene.browser.see("shop-success").await;
        let read = scene.read(&session).await;
        assert_eq!(read["status"], "COMPLETED");
        let token = read["authorization_token"].as_str().unwrap();
        assert!(scene.browser.url().await.contains(token), "the shop gets the token");
        scene.was_quiet().await;
    }
}

#[tokio::test]
async fn the_page_places_the_order_at_klarna() {
    let scene = KlarnaScene::begin().await;
    let session = scene.open("PLACE_ORDER").await;
    scene.pay_as("customer@email.se").await;
    scene.browser.see("shop-success").await;
    let order_id = scene.read(&session).await["order_id"].as_str().unwrap().to_string();
    scene.front.double.merchant().get(&format!("/ordermanagement/v1/orders/{order_id}")).await.expect(200);
    scene.was_quiet().await;
}

#[tokio::test]
async fn a_declined_consumer_may_try_again() {
    let scene = KlarnaScene::begin().await;
    let session = scene.open("NONE").await;
    scene.pay_as("customer+denied@email.se").await;
    scene.browser.see("outcome-declined").await;
    assert_eq!(scene.read(&session).await["status"], "FAILED");
    scene.was_quiet().await;
    scene.browser.press_and_leave("retry").await;
    scene.pay_as("customer@email.se").await;
    scene.browser.see("shop-success").await;
}

#[tokio::test]
async fn an_approval_that_the_browser_never_tells_is_found() {
    let scene = KlarnaScene::begin().await;
    let session = scene.open("PLACE_ORDER").await;
    scene.pay_as("customer+no-callback@email.se").await;
    scene.becomes(&session, "COMPLETED").await;
    scene.was_quiet().await;
    // The consumer opens the link again, and sees what happened.
    scene.browser.visit(&session.url).await;
    scene.browser.see("outcome-completed").await;
}

#[tokio::test]
async fn an_approval_seconds_after_a_decline_completes_the_session() {
    let scene = KlarnaScene::begin().await;
    let session = scene.open("NONE").await;
    scene.pay_as("customer+late-approval@email.se").await;
    scene.browser.see("outcome-declined").await;
    assert_eq!(scene.read(&session).await["status"], "FAILED");
    scene.becomes(&session, "COMPLETED").await;
}

#[tokio::test]
async fn a_consumer_who_closes_the_form_can_pay_or_go_back() {
    let scene = KlarnaScene::begin().await;
    let session = scene.open("NONE").await;
    scene.browser.see_ready("pay").await;
    scene.browser.press("pay").await;
    scene.browser.enter_frame(FULLSCREEN).await;
    scene.browser.see("sdk-dialog").await;
    scene.browser.leave_frames().await;
    assert_eq!(scene.browser.run("return document.querySelector('.way-out').inert").await, json!(true));
    scene.browser.enter_frame(FULLSCREEN).await;
    scene.browser.press("sdk-close").await;
    scene.browser.leave_frames().await;
    scene.browser.see("script-notice").await;
    assert_eq!(scene.read(&session).await["status"], "IN_PROGRESS");
    everyone_can_read(&scene.browser).await;
    scene.was_quiet().await;
    scene.browser.press_and_leave("back").await;
    scene.browser.see("shop-back").await;
    assert_eq!(scene.read(&session).await["status"], "BACK");
}

#[tokio::test]
async fn a_changed_order_is_shown_and_authorized_again() {
    let scene = KlarnaScene::begin().await;
    let session = scene.open("PLACE_ORDER").await;
    scene.browser.see_ready("pay").await;
    scene.browser.press("pay").await;
    let mut other = cart("ECOMMERCE");
    for field in ["unit_price", "total_amount"] {
        other["order_lines"][0][field] = json!(19998);
    }
    other["order_lines"][0]["total_tax_amount"] = json!(3739);
    other["order_amount"] = json!(19998);
    other["order_tax_amount"] = json!(3739);
    scene.confirm_as("customer+no-callback@email.se").await;
    let update = format!("/payments/v1/sessions/{}", session.payment);
    scene.front.double.merchant().post(&update, &other).await.expect(204);
    scene.browser.visit(&session.url).await;
    scene.browser.see_words("order-total", &["199,98"]).await;
    scene.pay_as("customer@email.se").await;
    scene.browser.see("shop-success").await;
    let order_id = scene.read(&session).await["order_id"].as_str().unwrap().to_string();
    let order = scene.front.double.merchant().get(&format!("/ordermanagement/v1/orders/{order_id}")).await;
    assert_eq!(order.json["order_amount"], json!(19998));
}

#[tokio::test]
async fn a_link_that_is_disabled_while_the_consumer_pays_has_no_order() {
    let scene = KlarnaScene::begin().await;
    let session = scene.open("PLACE_ORDER").await;
    scene.browser.see_ready("pay").await;
    scene.browser.press("pay").await;
    let path = format!("/hpp/v1/sessions/{}", session.id);
    scene.front.merchant().call(http::Method::DELETE, &path, &Value::Null).await.unwrap().expect(204);
    scene.confirm_as("customer@email.se").await;
    scene.browser.see("outcome-disabled").await;
    assert_eq!(scene.read(&session).await["status"], "DISABLED");
    let payment = scene.front.double.merchant();
    let payment = payment.get(&format!("/payments/v1/sessions/{}", session.payment)).await.json;
    assert_eq!(payment["status"], "incomplete");
}

#[tokio::test]
async fn a_script_that_is_missing_is_an_error_of_the_page() {
    let scene = KlarnaScene::begin().await;
    let missing = json!({"calls": [{"do": "fail", "status": 404, "path": "/kp/lib/v1/api.js"}]});
    let double = scene.front.double.merchant();
    double.call(http::Method::PUT, "/lab/v1/faults", &missing).await.unwrap().expect(200);
    let session = scene.open("NONE").await;
    scene.browser.see("shop-error").await;
    assert_eq!(scene.read(&session).await["status"], "ERROR");
    double.call(http::Method::DELETE, "/lab/v1/faults", &Value::Null).await.unwrap().expect(204);
    scene.browser.visit(&session.url).await;
    scene.pay_as("customer@email.se").await;
    scene.browser.see("shop-success").await;
}

#[tokio::test]
async fn without_javascript_the_page_says_what_it_needs() {
    let scene = KlarnaScene::begin_with(Chromium::WithoutScripts).await;
    let session = scene.open("NONE").await;
    scene.browser.see("script-needed").await;
    scene.browser.press_and_leave("back").await;
    scene.browser.see("shop-back").await;
    assert_eq!(scene.read(&session).await["status"], "BACK");
}
