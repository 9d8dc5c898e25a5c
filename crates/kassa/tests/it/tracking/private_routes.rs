//! The tracker's private routes: registration, metrics, JSON and the status page.

use http::Method;
use serde_json::{Value, json};

use super::{Settings, eventually, order, session};
use crate::harness::Dev;

#[tokio::test]
async fn a_registered_session_can_be_read_and_registered_again() {
    let dev = Dev::start();
    let tracker = Settings::for_dev(&dev).reading_eagerly().start();
    let id = session(&dev.merchant(), &json!({})).await;
    let registration = json!({"session_id": id, "reference": "order 1001", "order": order(), "unknown": 1});
    assert_eq!(tracker.private.post("/sessions", &registration).await.expect(201).word("session_id"), id);
    tracker.private.post("/sessions", &registration).await.expect(200);
    let read = async || Some(tracker.view(&id).await).filter(|view| view["status"] == "WAITING");
    let view = eventually("the first read", read).await;
    assert_eq!((&view["reference"], &view["verdict"]), (&json!("order 1001"), &json!("waiting")));
    assert_eq!(view["order"]["state"], "awaited");
    let list = tracker.private.get("/sessions").await.expect(200).json;
    assert_eq!(list["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(tracker.metric("kassa_track_sessions{verdict=\"waiting\"}").await, 1);
    tracker.private.get("/healthz").await.expect(200);
}

#[tokio::test]
async fn a_bad_registration_is_refused_with_its_reason() {
    let dev = Dev::start();
    let tracker = Settings::for_dev(&dev).start();
    let too_large = json!({"session_id": "s", "reference": "x".repeat(1024 * 1024)});
    for (body, status, why) in [
        (json!({}), 422, "session_id"),
        (json!({"session_id": "a b"}), 400, "session_id"),
        (json!({"session_id": "s", "order": []}), 400, "order"),
        (json!({"session_id": "s", "expires_at": "tomorrow"}), 422, "expires_at"),
        (too_large, 413, "length"),
    ] {
        let answer = tracker.private.post("/sessions", &body).await.expect(status);
        assert!(answer.word("error").contains(why), "{}", answer.text);
    }
    tracker.private.get("/sessions/unknown").await.expect(404);
}

#[tokio::test]
async fn the_status_page_shows_each_session_with_its_reason_and_loads_nothing_from_other_hosts() {
    let dev = Dev::start();
    let tracker = Settings::for_dev(&dev).reading_eagerly().start();
    assert!(tracker.private.get("/").await.expect(200).text.contains("Nothing is followed yet."));
    let merchant = dev.merchant();
    let id = session(&merchant, &json!({})).await;
    let reference = "<script>alert(1)</script>{sessions}";
    let registration = json!({"session_id": id, "reference": reference, "order": order()});
    tracker.private.post("/sessions", &registration).await.expect(201);
    for act in ["enter", "approve"] {
        merchant.act(&id, act).await.expect(200);
    }
    let placed = async || Some(tracker.view(&id).await).filter(|view| view["order"]["state"] == "placed");
    let view = eventually("the order", placed).await;
    let page = tracker.private.get("/").await.expect(200);
    let order_id = view["order"]["order_id"].as_str().unwrap();
    for words in [id.as_str(), "COMPLETED", "<b>1</b> final", "COMPLETED is final; read", order_id] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(page.text.contains("&lt;script&gt;alert(1)&lt;/script&gt;{sessions}"), "{}", page.text);
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    let style = tracker.private.get("/status.css").await.expect(200);
    assert!(style.header("content-type").starts_with("text/css"));
    for text in [&page.text, &style.text] {
        assert!(!text.contains("//") && !text.contains("url("), "{text}");
    }
}

#[tokio::test]
async fn a_web_page_of_another_site_reaches_nothing_private() {
    let dev = Dev::start();
    let tracker = Settings::for_dev(&dev).answering_to("tracker.internal").start();
    let rebound = [("host", "shop.example:8098"), ("sec-fetch-site", "same-origin")];
    let foreign = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")];
    for path in ["/", "/sessions", "/sessions/s", "/metrics", "/status.css", "/healthz", "/nothing"] {
        let answer = tracker.private.call_with(Method::GET, path, &rebound).await.expect(403);
        assert!(answer.word("error").contains("private_hosts"), "{}", answer.text);
        tracker.private.call_with(Method::GET, path, &foreign).await.expect(403);
    }
    tracker.private.call_with(Method::POST, "/sessions", &[("origin", "null")]).await.expect(403);
    for name in ["tracker.internal", "tracker.internal:8098", "localhost"] {
        tracker.private.call_with(Method::GET, "/metrics", &[("host", name)]).await.expect(200);
    }
    let link =
        [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    tracker.private.call_with(Method::GET, "/", &link).await.expect(200);
}

#[tokio::test]
async fn the_public_listener_serves_only_callbacks() {
    let dev = Dev::start();
    let tracker = Settings::for_dev(&dev).with_callbacks(&dev).start();
    let outside = crate::harness::Merchant::new(tracker.callbacks.trim_end_matches("/callbacks"), "", "");
    for path in ["/", "/sessions", "/metrics"] {
        outside.get(path).await.expect(404);
    }
    outside.post("/callbacks", &json!({})).await.expect(401);
    assert_eq!(tracker.metric("kassa_track_callbacks_total{outcome=\"signature_missing\"}").await, 1);
    tracker.says("a callback was refused code=\"signature_missing\"").await;
    assert_eq!(tracker.private.get("/sessions").await.json["sessions"], Value::Array(Vec::new()));
}
