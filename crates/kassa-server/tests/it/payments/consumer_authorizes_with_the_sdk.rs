//! The calls that the frames of the browser SDK make with a client token (docs/double.md).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use super::cart_with;
use crate::harness::{Answer, Receiver, World, cart, journey};
use crate::operator_makes_merchants::operator;

/// A payment session in a browser.
struct Shown {
    world: Arc<World>,
    id: String,
    token: String,
}

impl Shown {
    async fn of(world: &Arc<World>, cart: &Value) -> Self {
        let answer = world.merchant.post("/payments/v1/sessions", cart).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let text = |field: &str| answer.json[field].as_str().unwrap().to_string();
        Self { world: world.clone(), id: text("session_id"), token: text("client_token") }
    }

    async fn call(&self, action: &str, body: Value) -> Answer {
        self.call_with(&self.token, action, body).await
    }

    async fn call_with(&self, token: &str, action: &str, body: Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let path = format!("/kp/v1/sessions/{}/{action}", self.id);
        self.world.sends(Method::POST, &path, &headers, Bytes::from(body.to_string())).await
    }

    async fn authorize(&self, email: &str) -> Value {
        let answer = self.call("authorize", json!({"email": email, "one_time_code": "123456"})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json
    }

    async fn read(&self) -> Value {
        self.world.merchant.get(&format!("/payments/v1/sessions/{}", self.id)).await.json
    }

    async fn has_token(&self) -> bool {
        self.read().await.get("authorization_token").is_some()
    }
}

/// The payload of a client token.
fn payload(token: &str) -> Value {
    use base64::Engine as _;
    let encoded = token.split('.').nth(1).unwrap();
    let decoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(encoded).unwrap();
    serde_json::from_slice(&decoded).unwrap()
}

#[test]
fn the_client_token_leads_to_the_frames() {
    journey(async |world: Arc<World>| {
        let shown = Shown::of(&world, &cart("ECOMMERCE")).await;
        let payload = payload(&shown.token);
        assert_eq!(payload["base_url"], format!("{}/kp", world.url));
        let version = payload["version"].as_str().unwrap();
        let from_elsewhere = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
        for file in ["main.html", "fullscreen.html"] {
            let frame = world.looks(Method::GET, &format!("/kp/{version}/{file}"), &from_elsewhere).await;
            assert_eq!(frame.status, 200, "{}", frame.text);
            assert!(frame.header("content-security-policy").contains("frame-ancestors *"));
            assert!(frame.header("x-frame-options").is_empty());
        }
        let script = world.looks(Method::GET, "/kp/lib/v1/api.js", &from_elsewhere).await;
        assert!(script.header("content-type").starts_with("text/javascript"));
        let absent = world.looks(Method::GET, &format!("/kp/{version}/popup.html"), &[]).await;
        assert_eq!(absent.status, 404);
    });
}

#[test]
fn only_the_payment_sessions_own_client_token_is_accepted() {
    journey(async |world: Arc<World>| {
        let shown = Shown::of(&world, &cart("ECOMMERCE")).await;
        let other = Shown::of(&world, &cart("ECOMMERCE")).await;
        let body = json!({"email": "customer@email.se", "one_time_code": "123456"});
        let (signed, signature) = shown.token.rsplit_once('.').unwrap();
        let forged = format!("{signed}x.{signature}");
        for token in [other.token.as_str(), forged.as_str(), signed, "", "a.b.c"] {
            assert_eq!(shown.call_with(token, "authorize", body.clone()).await.status, 401, "{token}");
        }
        assert!(!shown.has_token().await);
        let path = format!("/kp/v1/sessions/{}/authorize", shown.id);
        let with_password = world.merchant.post(&path, &body).await;
        assert_eq!(with_password.status, 401, "a merchant's login is no client token");
    });
}

#[test]
fn a_suspended_merchant_gets_no_authorization_from_the_sdk() {
    journey(async |world: Arc<World>| {
        let operator = operator(&world, "desk").await;
        let shown = Shown::of(&world, &cart("ECOMMERCE")).await;
        let suspend = json!({"is_suspended": true});
        operator.patch("/kassa/v1/merchants/merchant", &suspend).await;
        for finalizes in [true, false] {
            let body = json!({
                "email": "customer@email.se", "one_time_code": "123456", "auto_finalize": finalizes,
            });
            let answer = shown.call("authorize", body).await;
            assert!(answer.error().starts_with("403 MERCHANT_SUSPENDED"), "{}", answer.text);
        }
        let late = json!({"email": "customer+late-approval@email.se", "one_time_code": "123456"});
        assert_eq!(shown.call("authorize", late).await.status, 403);
        assert!(!shown.has_token().await);
    });
}

#[test]
fn an_approved_consumer_gives_the_merchant_the_token() {
    journey(async |world: Arc<World>| {
        let receiver = Receiver::start().await;
        let urls = json!({"authorization": format!("{}/authorized", receiver.url())});
        let cart = cart_with(json!({ "merchant_urls": urls }));
        let shown = Shown::of(&world, &cart).await;
        let decision = shown.authorize("customer@email.se").await;
        let token = decision["authorization_token"].as_str().unwrap();
        assert_eq!(
            decision,
            json!({"next": "answer", "approved": true, "show_form": true, "authorization_token": token})
        );
        assert_eq!(shown.read().await["authorization_token"], token);
        assert_eq!(receiver.wait_for(1).await[0].json()["authorization_token"], token);
        let placed = world.merchant.place(token, &cart).await;
        assert_eq!(placed.status, 200, "{}", placed.text);
        assert_eq!(shown.call("start", json!({})).await.status, 404, "the payment session is complete");
    });
}

#[test]
fn the_tag_of_the_email_address_selects_the_outcome() {
    journey(async |world: Arc<World>| {
        let refused = json!({"next": "answer", "approved": false, "show_form": false});
        let stopped = json!({"next": "answer", "approved": false, "show_form": true});
        let mut invalid = stopped.clone();
        invalid["error"] = json!({"invalid_fields": ["billing_address.postal_code"]});
        for (tag, expected, is_authorized) in [
            ("denied", &refused, false),
            ("error", &refused, false),
            ("technical", &refused, false),
            ("aborted", &stopped, false),
            ("invalid-fields", &invalid, false),
            ("no-callback", &json!({"next": "nothing"}), true),
        ] {
            let shown = Shown::of(&world, &cart("ECOMMERCE")).await;
            let decision = shown.authorize(&format!("customer+{tag}@email.se")).await;
            assert_eq!((&decision, shown.has_token().await), (expected, is_authorized), "{tag}");
        }
    });
}

#[test]
fn a_late_approval_comes_seven_seconds_after_the_refusal() {
    journey(async |world: Arc<World>| {
        let receiver = Receiver::start().await;
        let urls = json!({"authorization": format!("{}/authorized", receiver.url())});
        let shown = Shown::of(&world, &cart_with(json!({ "merchant_urls": urls }))).await;
        let decision = shown.authorize("customer+late-approval@email.se").await;
        assert_eq!(decision, json!({"next": "answer", "approved": false, "show_form": false}));
        world.clock.advance(Duration::from_millis(6_999));
        assert!(!shown.has_token().await);
        world.clock.advance(Duration::from_millis(1));
        let call = receiver.wait_for(1).await.remove(0);
        assert_eq!(shown.read().await["authorization_token"], call.json()["authorization_token"]);
    });
}

#[test]
fn incomplete_input_names_the_fields_and_decides_nothing() {
    journey(async |world: Arc<World>| {
        let shown = Shown::of(&world, &cart("ECOMMERCE")).await;
        let correct = async |body: Value| shown.call("authorize", body).await.json["fields"].clone();
        assert_eq!(
            correct(json!({"email": "x", "one_time_code": "999999"})).await,
            json!(["email", "one_time_code"])
        );
        let mut new = json!({"email": "customer+new_user@email.se", "one_time_code": "123456"});
        assert_eq!(correct(new.clone()).await, json!(["sign_up"]));
        new["given_name"] = json!("Åsa");
        assert_eq!(correct(new.clone()).await, json!(["family_name", "date_of_birth"]));
        assert!(!shown.has_token().await);
        (new["family_name"], new["date_of_birth"]) = (json!("Öberg"), json!("1990-05-17"));
        assert_eq!(shown.call("authorize", new).await.json["approved"], true);
    });
}

#[test]
fn the_pages_data_changes_the_payment_session_but_not_its_urls() {
    journey(async |world: Arc<World>| {
        let receiver = Receiver::start().await;
        let urls = json!({"authorization": format!("{}/authorized", receiver.url())});
        let shown = Shown::of(&world, &cart_with(json!({ "merchant_urls": urls }))).await;
        let address = json!({"given_name": "Jo", "email": "jo@email.se", "country": "SE"});
        let data =
            json!({"billing_address": address, "merchant_urls": {"authorization": "https://evil.example"}});
        let started = shown.call("start", json!({ "data": data })).await;
        assert_eq!(
            (&started.json["email"], started.status),
            (&json!("jo@email.se"), 200),
            "{}",
            started.text
        );
        assert_eq!(shown.read().await["merchant_urls"], urls);
        shown.authorize("jo@email.se").await;
        assert_eq!(shown.read().await["billing_address"]["given_name"], "Jo");
        assert_eq!(receiver.wait_for(1).await.len(), 1);
    });
}

#[test]
fn invalid_data_of_the_page_is_named_and_changes_nothing() {
    journey(async |world: Arc<World>| {
        let shown = Shown::of(&world, &cart("ECOMMERCE")).await;
        for (data, field) in [
            (json!({"order_amount": 1}), "order_amount"),
            (json!({"billing_address": {"email": 5, "country": "Sweden"}}), "billing_address.country"),
            (json!({"customer": {"date_of_birth": "2999-01-01"}}), "customer.date_of_birth"),
        ] {
            let before = shown.read().await;
            let started = shown.call("start", json!({ "data": data })).await;
            let named = started.json["invalid_fields"].as_array().unwrap().clone();
            assert!(named.contains(&json!(field)), "{}", started.text);
            assert_eq!(shown.read().await, before);
        }
    });
}

#[test]
fn another_cart_of_the_page_drops_the_token_and_needs_another_authorization() {
    journey(async |world: Arc<World>| {
        let shown = Shown::of(&world, &cart("ECOMMERCE")).await;
        shown.authorize("customer@email.se").await;
        let mut lines = cart("ECOMMERCE")["order_lines"].clone();
        lines[0]["name"] = json!("Other shoe");
        shown.call("start", json!({"data": {"order_lines": lines}})).await;
        assert!(!shown.has_token().await);
        shown.authorize("customer@email.se").await;
        assert!(shown.has_token().await);
    });
}

#[test]
fn a_widget_shows_the_asked_categories_that_are_offered() {
    journey(async |world: Arc<World>| {
        let shown = Shown::of(&world, &cart("ECOMMERCE")).await;
        let identifiers = async |body: Value| {
            let loaded = shown.call("load", body).await;
            let categories = loaded.json["payment_method_categories"].as_array().unwrap().clone();
            let identifiers: Vec<_> = categories.iter().map(|one| one["identifier"].clone()).collect();
            (loaded.json["show_form"].clone(), json!(identifiers))
        };
        let default = json!(["pay_later", "pay_over_time", "pay_now"]);
        assert_eq!(identifiers(json!({})).await, (json!(true), default));
        let asked = json!({"payment_method_categories": ["direct_debit", "card"]});
        assert_eq!(identifiers(asked).await, (json!(true), json!(["direct_debit"])));
        let foreign = json!({"payment_method_categories": ["card"]});
        assert_eq!(identifiers(foreign).await, (json!(false), json!([])));
        let data = json!({"billing_address": {"email": "customer+not-offered@email.se"}});
        assert_eq!(identifiers(json!({ "data": data })).await.0, false);
        let wrong = json!({"email": "a@b.se", "one_time_code": "123456", "payment_method_category": "card"});
        assert_eq!(shown.call("authorize", wrong).await.status, 400);
    });
}

#[test]
fn an_authorization_to_be_finalized_has_no_token_yet() {
    journey(async |world: Arc<World>| {
        let shown = Shown::of(&world, &cart("ECOMMERCE")).await;
        let mut body =
            json!({"email": "customer@email.se", "one_time_code": "123456", "auto_finalize": false});
        let decision = shown.call("authorize", body.clone()).await.json;
        assert_eq!(
            decision,
            json!({"next": "answer", "approved": true, "show_form": true, "finalize_required": true})
        );
        assert!(!shown.has_token().await);
        body["auto_finalize"] = json!(true);
        assert!(shown.call("authorize", body).await.json["authorization_token"].is_string());
    });
}

#[test]
fn faults_of_the_lab_apply_to_the_script_and_the_calls_of_their_merchant() {
    journey(async |world: Arc<World>| {
        let shown = Shown::of(&world, &cart("ECOMMERCE")).await;
        let script =
            async |query: &str| world.looks(Method::GET, &format!("/kp/lib/v1/api.js{query}"), &[]).await;
        let whole = script("").await.text;
        let faults = json!({"calls": [
            {"do": "fail", "status": 404, "path": "/kp/lib/v1/api.js", "nth": 1},
            {"do": "truncate", "path": "/kp/lib/v1/api.js", "nth": 2},
            {"do": "fail", "status": 500, "path": "/kp/v1/sessions/*", "session": shown.id, "when": "after"},
        ]});
        assert_eq!(world.merchant.put("/lab/v1/faults", &faults).await.status, 200);
        assert_eq!(script("?merchant_id=stranger").await.text, whole, "a fault of another merchant");
        assert_eq!(script("?merchant_id=nobody").await.text, whole);
        assert_eq!(script("").await.status, 404, "the merchant of the lab's page");
        let half = script("?merchant_id=merchant").await.text;
        assert_eq!(half, whole[..whole.len() / 2]);
        assert_eq!(script("?merchant_id=merchant").await.text, whole);
        let body = json!({"email": "customer@email.se", "one_time_code": "123456"});
        assert_eq!(shown.call("authorize", body).await.status, 500);
        assert!(shown.has_token().await, "it was authorized, and the answer was replaced");
        let journal = world.merchant.get("/lab/v1/journal?kind=call&path=/kp/*").await.json;
        let faults: Vec<_> =
            journal["entries"].as_array().unwrap().iter().map(|entry| entry["faults"].clone()).collect();
        assert_eq!(faults, [json!(null), json!(["fail"]), json!(["truncate"]), json!(null), json!(["fail"])]);
    });
}
