//! Classes of data that are deleted before their page sessions, and contact data that leave their orders.

use kassa_domain::{AuthorizationToken, Endpoint, MerchantId, OrderId};
use kassa_store::simulation::Database;
use kassa_store::{
    Attempt, AttemptResult, Candidate, Claim, DataSeal, ExpiredKind, RecordedRequest, SealKey, Settlement,
    Store,
};
use kassa_testkit::NamedEngine;
use tempfile::TempDir;

use crate::life::{at, create, merchant, ordered_with_token, paid_with_body};
use crate::redelivery_in_bulk::ENDPOINT;

fn request(owner: &str, last_at: i64) -> RecordedRequest {
    RecordedRequest {
        owner_id: owner.to_string(),
        request_key: format!("{owner} {last_at}"),
        merchant_id: merchant(),
        began_at: at(1),
        last_at: at(last_at),
        times: 1,
        version: None,
        duration_ms: 1,
        method: "GET".to_string(),
        route: "/pay/{token}".to_string(),
        answer_status: 200,
        correlation_id: "c".to_string(),
        actor: None,
        error_code: None,
        error_message: None,
    }
}

/// The candidates of a kind before an instant, as their key and whether they are over.
async fn candidates(store: &Store, what: ExpiredKind, before: i64) -> Vec<Candidate> {
    store.retention_candidates(what, "", "z", at(before)).await.unwrap()
}

fn over(candidates: &[Candidate]) -> Vec<(&str, bool)> {
    candidates.iter().map(|row| (row.key.as_str(), row.is_over)).collect()
}

#[tokio::test]
async fn old_requests_are_deleted_and_young_ones_of_the_same_session_stay() {
    let folder = TempDir::new().unwrap();
    for database in Database::on_each_engine(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        store.record_requests(&[request("a", 10), request("a", 20), request("b", 30)]).await.unwrap();
        let what = ExpiredKind::RecordedRequests;
        assert_eq!(over(&candidates(&store, what, 10).await), [("a", false), ("b", false)]);
        let found = candidates(&store, what, 20).await;
        assert_eq!(over(&found), [("a", true), ("b", false)]);
        store.remove(what, &[&found[0]], None).await.unwrap();
        assert_eq!(over(&candidates(&store, what, 20).await), [("a", false), ("b", false)], "one is young");
        let found = candidates(&store, what, 100).await;
        assert_eq!(over(&found), [("a", true), ("b", true)]);
        store.remove(what, &found.iter().collect::<Vec<_>>(), None).await.unwrap();
        assert_eq!(over(&candidates(&store, what, 100).await), [("", false); 0]);
    }
}

/// Delivers every callback. Each gets an answer with a header and a body.
async fn answer_all(store: &Store) {
    let claim = Claim { endpoint: Endpoint::shared(ENDPOINT), due_until: at(300), limit: 10 };
    loop {
        let claimed = store.claim_callbacks(std::slice::from_ref(&claim), at(300), at(300)).await.unwrap();
        if claimed.is_empty() {
            return;
        }
        for callback in claimed {
            let (headers, body) = (r#"{"x":"y"}"#.to_string(), "ok".to_string());
            let result = AttemptResult::Answered { status: 200, headers, body };
            let attempt = Attempt { started_at: at(40), ended_at: at(43), result };
            store.settle_callback(&callback, &attempt, Settlement::Delivered).await.unwrap();
        }
    }
}

#[tokio::test]
async fn the_answers_to_callbacks_are_removed_and_their_attempts_stay() {
    let folder = TempDir::new().unwrap();
    for database in Database::on_each_engine(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        let created = create(&store, "a").await;
        let session = paid_with_body(&store, created, &AuthorizationToken::new("t"), "{}", Vec::new()).await;
        answer_all(&store).await;
        let before = store.attempts(&session.id).await.unwrap();
        assert!(before.iter().any(|attempt| attempt.answer_body.is_some()), "{before:?}");
        let what = ExpiredKind::CallbackAnswers;
        let found = candidates(&store, what, 1_000_000).await;
        assert_eq!(over(&found), [(session.id.as_str(), true)]);
        assert_eq!(over(&candidates(&store, what, 0).await), [(session.id.as_str(), false)]);
        store.remove(what, &found.iter().collect::<Vec<_>>(), None).await.unwrap();
        let after = store.attempts(&session.id).await.unwrap();
        assert_eq!(after.len(), before.len());
        assert!(
            after.iter().all(|attempt| attempt.answer_body.is_none() && attempt.answer_headers.is_none())
        );
        assert_eq!(over(&candidates(&store, what, 1_000_000).await), [("", false); 0]);
    }
}

#[tokio::test]
async fn old_orders_lose_their_contact_data_and_keep_their_amounts() {
    let folder = TempDir::new().unwrap();
    for database in Database::on_each_engine(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let keys = DataSeal::new([SealKey::derive("one", b"one")]);
        let store = database.open().await.sealing(keys);
        store.learn_seal_scope().await.unwrap();
        for name in ["a", "b"] {
            let token = AuthorizationToken::new(format!("t-{name}"));
            let created = create(&store, name).await;
            paid_with_body(&store, created, &token, "{}", Vec::new()).await;
            ordered_with_token(&store, name, &token, 2, &[]).await;
            let order = store.order(&OrderId::new(format!("order-{name}"))).await.unwrap().unwrap();
            let body = r#"{"content":{"billing_address":{"city":"Lund"},"order_amount":7}}"#;
            store.update_order(&order, body, None).await.unwrap();
        }
        let kept = store.redact_orders("", "order-b", |_| true).await.unwrap().unwrap();
        assert_eq!((kept.last.as_str(), kept.changed), ("order-a", 0), "its merchant has its own clock");
        let page = store.redact_orders("", "order-b", |_| false).await.unwrap().unwrap();
        assert_eq!((page.last.as_str(), page.changed), ("order-a", 1));
        assert_eq!(store.redact_orders("order-a", "order-b", |_| false).await.unwrap(), None);
        let body = async |id: &str| store.order(&OrderId::new(id)).await.unwrap().unwrap().body;
        let redacted = r#"{"content":{"billing_address":{"city":"[erased]"},"order_amount":7}}"#;
        assert_eq!(body("order-a").await, redacted);
        assert!(body("order-b").await.contains("Lund"), "it is young");
        assert_eq!(store.redact_orders("", "z", |_| false).await.unwrap().unwrap().changed, 1, "once");
    }
}

#[tokio::test]
async fn an_order_that_somebody_changes_meanwhile_loses_its_contact_data_too() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kassa.db");
    let store = kassa_store::Store::open(&path).unwrap();
    let token = AuthorizationToken::new("t");
    let created = create(&store, "a").await;
    paid_with_body(&store, created, &token, "{}", Vec::new()).await;
    ordered_with_token(&store, "a", &token, 2, &[]).await;
    let order = store.order(&OrderId::new("order-a")).await.unwrap().unwrap();
    store.update_order(&order, r#"{"billing_address":{"city":"Lund"}}"#, None).await.unwrap();
    // The merchant is asked about after the order was read, and before it is changed.
    let changes_the_order = |_: &MerchantId| {
        let sql = r#"update placed_order set body = '{"billing_address":{"city":"Malm\u00f6"}}'"#;
        rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        false
    };
    let page = store.redact_orders("", "z", changes_the_order).await.unwrap().unwrap();
    assert_eq!(page.changed, 1);
    let body = store.order(&OrderId::new("order-a")).await.unwrap().unwrap().body;
    assert_eq!(body, r#"{"billing_address":{"city":"[erased]"}}"#);
}
