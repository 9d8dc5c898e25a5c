//! A shop's own page embeds the browser SDK of Kassa, and lets the consumer authorize the payment session
//! (docs/double.md).

use serde_json::{Value, json};
use thirtyfour::Key;

use super::axe::everyone_can_read;
use super::embedding_shop::{AUTHORIZE, EmbeddingShop, FULLSCREEN, MAIN};
use crate::harness::cart;

const REFUSED: &str = r#"{"approved":false,"show_form":false}"#;
const STOPPED: &str = r#"{"approved":false,"show_form":true}"#;

fn only(answer: &str) -> Value {
    json!([serde_json::from_str::<Value>(answer).unwrap()])
}

#[tokio::test]
async fn an_approved_consumer_returns_to_the_page_with_the_token_that_the_merchant_reads() {
    let shop = EmbeddingShop::open().await;
    let payment = shop.shown().await;
    let listen = "for (const name of ['fullscreenOverlayShown', 'fullscreenOverlayHidden'])
        Klarna.Payments.on(name, () => events.push(name))";
    shop.browser.run(listen).await;
    shop.pay_as("customer@email.se").await;
    shop.overlay_is_hidden().await;
    let token = shop.token_of(&payment).await.unwrap();
    shop.answered(&json!([{"approved": true, "authorization_token": token, "show_form": true}])).await;
    assert_eq!(
        shop.browser.run("return events").await,
        json!(["fullscreenOverlayShown", "fullscreenOverlayHidden"])
    );
    assert_eq!(shop.browser.run("return document.activeElement.dataset.testid").await, "buy");
    let order = format!("/payments/v1/authorizations/{token}/order");
    shop.merchant.post(&order, &cart("ECOMMERCE")).await.expect(200);
    shop.was_quiet().await;
}

#[tokio::test]
async fn a_page_of_another_site_works_too() {
    let shop = EmbeddingShop::open().await;
    let (payment, token) = shop.payment_session().await;
    shop.visit("www.shop.example").await;
    assert_eq!(shop.load(&token, &json!({})).await, json!({"show_form": true}));
    shop.browser.run(AUTHORIZE).await;
    shop.pay_as("customer@email.se").await;
    shop.overlay_is_hidden().await;
    let token = shop.token_of(&payment).await.unwrap();
    shop.answered(&json!([{"approved": true, "authorization_token": token, "show_form": true}])).await;
    shop.was_quiet().await;
}

#[tokio::test]
async fn the_tag_of_the_email_address_selects_what_the_page_gets() {
    let shop = EmbeddingShop::open().await;
    let invalid =
        r#"{"approved":false,"error":{"invalid_fields":["billing_address.postal_code"]},"show_form":true}"#;
    for (tag, answer) in [
        ("denied", REFUSED),
        ("technical", REFUSED),
        ("late-approval", REFUSED),
        ("aborted", STOPPED),
        ("invalid-fields", invalid),
    ] {
        let payment = shop.shown().await;
        shop.pay_as(&format!("customer+{tag}@email.se")).await;
        shop.answered(&only(answer)).await;
        shop.overlay_is_hidden().await;
        if tag == "late-approval" {
            let approved = async || shop.token_of(&payment).await.ok_or("no token yet");
            kassa_testkit::eventually("the late approval", approved).await;
        } else {
            assert_eq!(shop.token_of(&payment).await, None, "{tag}");
        }
    }
    shop.was_quiet().await;
}

#[tokio::test]
async fn the_outcome_without_a_callback_authorizes_and_the_page_is_not_called() {
    let shop = EmbeddingShop::open().await;
    let payment = shop.shown().await;
    shop.pay_as("customer+no-callback@email.se").await;
    shop.overlay_is_hidden().await;
    assert!(shop.token_of(&payment).await.is_some());
    shop.browser.press("buy").await;
    assert_eq!(shop.browser.run("return answers").await, json!([]), "the first call is still under way");
    shop.was_quiet().await;
}

#[tokio::test]
async fn closing_the_form_decides_nothing_and_the_consumer_can_try_again() {
    let shop = EmbeddingShop::open().await;
    let payment = shop.shown().await;
    shop.browser.press("buy").await;
    shop.browser.enter_frame(FULLSCREEN).await;
    shop.browser.press("sdk-close").await;
    shop.browser.leave_frames().await;
    shop.answered(&only(STOPPED)).await;
    shop.browser.press("buy").await;
    shop.browser.enter_frame(FULLSCREEN).await;
    shop.browser.see("sdk-dialog").await;
    shop.browser.type_into("sdk-email", Key::Escape.value().to_string().as_str()).await;
    shop.browser.leave_frames().await;
    shop.answered(&json!([only(STOPPED)[0], only(STOPPED)[0]])).await;
    assert_eq!(shop.token_of(&payment).await, None);
    shop.pay_as("customer@email.se").await;
    shop.overlay_is_hidden().await;
    assert!(shop.token_of(&payment).await.is_some());
    shop.was_quiet().await;
}

#[tokio::test]
async fn a_second_call_while_one_is_under_way_is_dropped() {
    let shop = EmbeddingShop::open().await;
    let payment = shop.shown().await;
    shop.browser
        .run("window.buy = () => { for (let i = 0; i < 3; i++) Klarna.Payments.authorize(record) }")
        .await;
    shop.pay_as("customer@email.se").await;
    shop.overlay_is_hidden().await;
    let token = shop.token_of(&payment).await.unwrap();
    shop.answered(&json!([{"approved": true, "authorization_token": token, "show_form": true}])).await;
    shop.was_quiet().await;
}

#[tokio::test]
async fn no_window_opens_outside_a_click() {
    let shop = EmbeddingShop::open().await;
    let payment = shop.shown().await;
    assert_eq!(shop.browser.run("return navigator.userActivation.isActive").await, false);
    let outside = "return new Promise((done) => Klarna.Payments.authorize({}, {}, done))";
    assert_eq!(shop.browser.run(outside).await, only(STOPPED)[0]);
    let blocked = "window.buy = () => Klarna.Payments.authorize(
        {}, {billing_address: {email: 'customer+popup-blocked@email.se'}}, record)";
    shop.browser.run(blocked).await;
    shop.browser.press("buy").await;
    shop.answered(&only(STOPPED)).await;
    assert_eq!(shop.token_of(&payment).await, None);
    shop.was_quiet().await;
}

#[tokio::test]
async fn a_refused_pre_assessment_shows_no_widget() {
    let shop = EmbeddingShop::open().await;
    let (_, token) = shop.payment_session().await;
    shop.visit("127.0.0.1").await;
    let data = json!({"billing_address": {"email": "customer+not-offered@email.se"}});
    assert_eq!(shop.load(&token, &data).await, json!({"show_form": false}));
    let display = format!("return document.getElementById('{MAIN}').style.display");
    assert_eq!(shop.browser.run(&display).await, "none");
    shop.was_quiet().await;
}

#[tokio::test]
async fn data_of_the_page_changes_the_payment_session_and_invalid_data_is_named() {
    let shop = EmbeddingShop::open().await;
    let payment = shop.shown().await;
    let buy = |address: &str| {
        format!("window.buy = () => Klarna.Payments.authorize({{}}, {{billing_address: {address}}}, record)")
    };
    shop.browser.run(&buy("{country: 'Sweden'}")).await;
    shop.browser.press("buy").await;
    let invalid = json!({"invalid_fields": ["billing_address.country"]});
    shop.answered(&json!([{"approved": false, "error": invalid, "show_form": true}])).await;
    shop.browser.run(&buy("{given_name: 'Jo', email: 'jo@email.se', country: 'SE'}")).await;
    shop.browser.press("buy").await;
    shop.browser.enter_frame(FULLSCREEN).await;
    shop.browser.see("sdk-dialog").await;
    assert_eq!(shop.browser.value_of("sdk-email").await, "jo@email.se");
    shop.browser.write("sdk-one-time-code", "123456").await;
    shop.browser.press("sdk-confirm").await;
    shop.browser.leave_frames().await;
    shop.overlay_is_hidden().await;
    let read = shop.merchant.get(&format!("/payments/v1/sessions/{payment}")).await.json;
    assert_eq!(read["billing_address"]["given_name"], "Jo");
    shop.was_quiet().await;
}

#[tokio::test]
async fn a_payment_is_authorized_again_and_finalized_without_the_form() {
    let shop = EmbeddingShop::open().await;
    let payment = shop.shown().await;
    shop.browser
        .run("window.buy = () => Klarna.Payments.authorize({auto_finalize: false}, {}, record)")
        .await;
    shop.pay_as("customer@email.se").await;
    shop.answered(&json!([{"approved": true, "finalize_required": true, "show_form": true}])).await;
    assert_eq!(shop.token_of(&payment).await, None);
    let call = async |name: &str| {
        let call = format!("return new Promise((done) => Klarna.Payments.{name}({{}}, {{}}, done))");
        shop.browser.run(&call).await["authorization_token"].as_str().unwrap().to_string()
    };
    let finalized = call("finalize").await;
    assert_eq!(shop.token_of(&payment).await.as_ref(), Some(&finalized));
    let again = call("reauthorize").await;
    assert_ne!(again, finalized);
    assert_eq!(shop.token_of(&payment).await, Some(again));
    shop.was_quiet().await;
}

#[tokio::test]
async fn wrong_calls_call_back_and_throw_a_named_error() {
    let shop = EmbeddingShop::open().await;
    let (_, token) = shop.payment_session().await;
    shop.visit("127.0.0.1").await;
    let attempt = async |call: &str| {
        let attempt = format!(
            "let got = 'no callback'; const done = (answer) => {{ got = answer }};
             try {{ {call}; return 'nothing was thrown' }} catch (error) {{ return [error.name, got] }}"
        );
        shop.browser.run(&attempt).await
    };
    let at_load = json!({"show_form": false});
    let at_authorize = json!({"approved": false, "show_form": false});
    let uninitialized = "ApplicationNotInitializedError";
    assert_eq!(
        attempt("Klarna.Payments.init({client_token: 'a.b.c'})").await,
        json!(["InvalidClientTokenError", "no callback"])
    );
    assert_eq!(attempt("Klarna.Payments.load({}, done)").await, json!([uninitialized, at_load]));
    assert_eq!(attempt("Klarna.Payments.authorize(done)").await, json!([uninitialized, at_authorize]));
    shop.browser.run(&format!("Klarna.Payments.init({{client_token: '{token}'}})")).await;
    for (call, name, answer) in [
        ("load({container: '#absent'}, done)", "InvalidContainerSelectorError", &at_load),
        ("load({container: '#'}, done)", "InvalidContainerSelectorError", &at_load),
        ("load({container: '#widget', instance_id: 'a b'}, done)", "InvalidInstanceIDError", &at_load),
        (
            "load({container: '#widget', payment_method_categories: ['pay_now']}, done)",
            "InstanceIDNotProvidedError",
            &at_load,
        ),
        (
            "load({container: '#widget', payment_method_category: 'barter'}, done)",
            "PaymentMethodCategoryNotSupportedError",
            &at_load,
        ),
        ("authorize(done)", "ApplicationNotLoadedError", &at_authorize),
        ("reauthorize({}, {}, done)", "ApplicationNotLoadedError", &at_authorize),
        ("finalize({instance_id: 'other'}, done)", "ApplicationNotLoadedError", &at_authorize),
    ] {
        assert_eq!(attempt(&format!("Klarna.Payments.{call}")).await, json!([name, answer]), "{call}");
    }
    let several = "const load = (category) => new Promise((done) => Klarna.Payments.load(
          {container: '#widget', payment_method_category: category}, done));
        return Promise.all([load('pay_now'), load('pay_later')])";
    assert_eq!(shop.browser.run(several).await, json!([{"show_form": true}, {"show_form": true}]));
    let unnamed = json!(["PaymentMethodCategoryNotProvidedError", at_authorize]);
    assert_eq!(attempt("Klarna.Payments.authorize(done)").await, unnamed);
    let frames = "return [...document.querySelectorAll('iframe')].map((frame) => frame.id)";
    assert_eq!(shop.browser.run(frames).await, json!(["klarna-pay-now-main", "klarna-pay-later-main"]));
    shop.was_quiet().await;
}

#[tokio::test]
async fn a_page_gives_its_arguments_in_each_form() {
    let shop = EmbeddingShop::open().await;
    let (payment, token) = shop.payment_session().await;
    shop.visit("127.0.0.1").await;
    let load = format!(
        "Klarna.Payments.init({{client_token: '{token}'}});
         const options = {{container: '#widget', instance_id: 'hpp-instance', payment_method_categories: ['pay_now']}};
         const data = {{billing_address: {{email: 'a@email.se'}}}};
         const call = (...given) => new Promise((done) => Klarna.Payments.load(...given, done));
         return call(options).then(() => call(options, null)).then(() => call(data, options))"
    );
    assert_eq!(shop.browser.run(&load).await, json!({"show_form": true}));
    shop.browser
        .run("window.buy = () => Klarna.Payments.authorize({instance_id: 'hpp-instance'}, record)")
        .await;
    shop.browser.press("buy").await;
    shop.browser.enter_frame("klarna-hpp-instance-fullscreen").await;
    assert_eq!(shop.browser.value_of("sdk-email").await, "a@email.se", "the data came before the options");
    shop.browser.write("sdk-one-time-code", "123456").await;
    shop.browser.press("sdk-confirm").await;
    shop.browser.leave_frames().await;
    shop.browser.see_words("answers", &["authorization_token"]).await;
    assert!(shop.token_of(&payment).await.is_some());
    shop.was_quiet().await;
}

#[tokio::test]
async fn messages_of_others_are_ignored() {
    let shop = EmbeddingShop::open().await;
    let payment = shop.shown().await;
    shop.browser.press("buy").await;
    let forged = format!(
        "const value = {{approved: true, show_form: true, authorization_token: 'forged'}};
         for (const number of [1, 2]) postMessage({{instance: '{FULLSCREEN}', kind: 'answer', number, value}}, '*')"
    );
    shop.browser.run(&forged).await;
    shop.fill_in("customer+denied@email.se").await;
    shop.answered(&only(REFUSED)).await;
    assert_eq!(shop.token_of(&payment).await, None);
    shop.was_quiet().await;
}

#[tokio::test]
async fn faults_of_the_lab_break_the_script_and_the_calls() {
    let shop = EmbeddingShop::open().await;
    let faults = async |rules: Value| {
        let rules = json!({ "calls": rules });
        shop.merchant.call(http::Method::PUT, "/lab/v1/faults", &rules).await.unwrap().expect(200);
    };
    let script = "/kp/lib/v1/api.js";
    for rule in [
        json!({"do": "fail", "status": 404, "path": script}),
        json!({"do": "truncate", "path": script}),
        json!({"do": "cut", "path": script}),
    ] {
        faults(json!([rule])).await;
        shop.browser.visit(&shop.url("127.0.0.1")).await;
        shop.browser.see("broken").await;
        assert_eq!(shop.browser.run("return typeof window.Klarna").await, "undefined", "{rule}");
    }
    faults(json!([{"do": "slow", "by": "PT2S", "path": script}])).await;
    shop.visit("127.0.0.1").await;
    let journal = shop.merchant.get(&format!("/lab/v1/journal?path={script}")).await.json;
    let slow = journal["entries"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(slow["faults"], json!(["slow"]));
    assert!(slow["duration_ms"].as_i64().unwrap() >= 2_000, "{slow}");
    faults(json!([{"do": "fail", "status": 500, "path": "/kp/v1/sessions/*", "when": "after", "nth": 3}]))
        .await;
    let payment = shop.shown().await;
    shop.pay_as("customer@email.se").await;
    shop.answered(&only(REFUSED)).await;
    assert!(shop.token_of(&payment).await.is_some(), "the answer was replaced after the authorization");
    shop.browser.complaints_until("500").await;
}

#[tokio::test]
async fn the_frames_are_accessible() {
    let shop = EmbeddingShop::open().await;
    shop.shown().await;
    shop.browser.enter_frame(MAIN).await;
    shop.browser.see("sdk-main").await;
    everyone_can_read(&shop.browser).await;
    shop.browser.leave_frames().await;
    shop.pay_as("customer+new_user@email.se").await;
    shop.browser.enter_frame(FULLSCREEN).await;
    shop.browser.see("sdk-sign-up").await;
    everyone_can_read(&shop.browser).await;
    shop.browser.press("sdk-confirm").await;
    shop.browser.see_words("sdk-problem", &["Given name", "Family name", "Date of birth"]).await;
    shop.browser.write("sdk-given-name", "Åsa").await;
    shop.browser.write("sdk-family-name", "Öberg").await;
    shop.browser.write("sdk-date-of-birth", "05171990").await;
    shop.browser.press("sdk-confirm").await;
    shop.browser.leave_frames().await;
    shop.browser.see_words("answers", &["authorization_token"]).await;
}
