//! Finished requests: equal reads are one row with a count, and the rows go with the session that they are about.

use kassa_domain::{Actor, Timestamp, Username};
use kassa_store::{ExpiredKind, RecordedRequest, Store};
use kassa_testkit::NamedEngine;
use tempfile::TempDir;

use crate::claims_are_disjoint::databases;
use crate::life::{at, create, merchant};

/// A read of a session.
pub fn read(owner: &str, key: &str, began_at: i64, times: i64) -> RecordedRequest {
    RecordedRequest {
        owner_id: owner.to_string(),
        request_key: key.to_string(),
        merchant_id: merchant(),
        began_at: at(began_at),
        last_at: at(began_at + times - 1),
        times,
        version: Some(0),
        duration_ms: 2,
        method: "GET".to_string(),
        route: "/hpp/v1/sessions/{session_id}".to_string(),
        answer_status: 200,
        correlation_id: format!("correlation-{began_at}"),
        actor: Some(Actor::Merchant(Username::new("m_user"))),
        error_code: None,
        error_message: None,
    }
}

async fn remove(store: &Store, what: ExpiredKind) {
    let before = Timestamp::from_ms(i64::MAX);
    let passed = store.retention_candidates(what, "", "z", before).await.unwrap();
    store.remove(what, &passed.iter().collect::<Vec<_>>(), None).await.unwrap();
}

#[tokio::test]
async fn equal_reads_are_counted_in_one_row() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        let session = create(&store, "a").await;
        let (page, payment) = (session.id.as_str(), session.payment_session_id.as_str());
        let first = read(page, "read", 1, 2);
        store.record_requests(&[first.clone(), read(payment, "other", 5, 1)]).await.unwrap();
        store.record_requests(&[read(page, "read", 7, 3)]).await.unwrap();
        let found = store.recorded_requests(&session.id, &session.payment_session_id).await.unwrap();
        let equal = RecordedRequest { times: 5, last_at: at(9), ..first };
        assert_eq!(found, [equal, read(payment, "other", 5, 1)]);
    }
}

#[tokio::test]
async fn they_are_deleted_with_the_session_that_they_are_about() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        let session = create(&store, "a").await;
        let (page, payment) = (session.id.as_str(), session.payment_session_id.as_str());
        store.record_requests(&[read(page, "k", 1, 1), read(payment, "k", 2, 1)]).await.unwrap();
        let found =
            async || store.recorded_requests(&session.id, &session.payment_session_id).await.unwrap().len();
        assert_eq!(found().await, 2);
        remove(&store, ExpiredKind::PageSessions).await;
        assert_eq!(found().await, 1);
        remove(&store, ExpiredKind::PaymentSessions).await;
        assert_eq!(found().await, 0);
        store.record_requests(&[read(page, "k", 1, 1)]).await.unwrap();
        store.erase_history(&merchant(), &crate::life::act()).await.unwrap();
        assert_eq!(found().await, 0, "the history of the merchant was deleted");
    }
}
