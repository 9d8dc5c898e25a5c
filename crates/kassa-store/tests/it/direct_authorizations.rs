//! Authorizations without a page session: each has its callback, and only one of two simultaneous ones is stored.

use kassa_domain::callback::PaymentCallback;
use kassa_domain::payment_session::{Authorization, PaymentSession, PaymentSystemKey};
use kassa_domain::{AuthorizationToken, Endpoint, PageSessionId, PaymentSessionId, Timestamp};
use kassa_store::{
    Attempt, AttemptResult, Claim, CommitOutcome, ExpiredKind, NewAuthorization, NewPaymentCallback,
    Settlement, Store,
};
use tempfile::TempDir;

use crate::claims_are_disjoint::databases;
use crate::expired_sessions_are_deleted::count;
use crate::life::{authorization, merchant, payment_callback};
use crate::lost_races::new_session;
use crate::redelivery_in_bulk::ENDPOINT;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

fn id() -> PaymentSessionId {
    PaymentSessionId::new("payment")
}

async fn create(store: &Store) {
    let payment = PaymentSession {
        id: id(),
        system: PaymentSystemKey::Sandbox,
        merchant_id: merchant(),
        version: 0,
        created_at: at(1),
        expires_at: at(1_000),
        body: "{}".to_string(),
        authorization_token: None,
        completion: None,
        started: None,
    };
    store.create_payment_session(&payment).await.unwrap();
}

/// An authorization of the payment session at a version, with its callback.
fn new(token: &str, payment_version: i64) -> NewAuthorization {
    let authorization = Authorization {
        token: AuthorizationToken::new(token),
        payment_session_id: id(),
        page_session_id: None,
        ..authorization(&new_session("unused", "payment"))
    };
    let kind = PaymentCallback::Authorization;
    let callback = payment_callback(&authorization.callback_owner(), kind);
    let callback = NewPaymentCallback { sequence: kind.sequence_at(payment_version), ..callback };
    NewAuthorization { authorization, payment_version, order: None, callbacks: vec![callback] }
}

async fn authorize(store: &Store, new: &NewAuthorization) -> CommitOutcome {
    store.authorize_payment_session(new, at(3)).await.unwrap()
}

#[tokio::test]
async fn an_authorization_is_read_without_a_page_session() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        create(&store).await;
        let first = new("first", 0);
        assert_eq!(authorize(&store, &first).await, CommitOutcome::Done);
        let read = store.authorization(&first.authorization.token).await.unwrap().unwrap();
        assert_eq!(read, first.authorization);
        assert_eq!(read.callback_owner(), PageSessionId::new("payment"));
    }
}

#[tokio::test]
async fn a_stale_authorization_stores_neither_a_token_nor_a_callback() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        create(&store).await;
        assert_eq!(authorize(&store, &new("first", 0)).await, CommitOutcome::Done);
        let stale = new("stale", 0);
        assert_eq!(authorize(&store, &stale).await, CommitOutcome::Stale);
        assert_eq!(store.authorization(&stale.authorization.token).await.unwrap(), None);
        let payment = store.payment_session(&id()).await.unwrap().unwrap();
        assert_eq!((payment.version, payment.authorization_token.unwrap().as_str()), (1, "first"));
        assert_eq!(count(&database, "callback").await, 1);
    }
}

#[tokio::test]
async fn every_authorization_has_its_callback_and_a_payment_session_is_deleted_with_them() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        create(&store).await;
        for (version, token) in ["first", "second"].into_iter().enumerate() {
            let version = i64::try_from(version).unwrap();
            assert_eq!(authorize(&store, &new(token, version)).await, CommitOutcome::Done);
        }
        let claim = Claim { endpoint: Endpoint::shared(ENDPOINT), due_until: at(300), limit: 10 };
        let claimed = store.claim_callbacks(&[claim], at(300), at(400)).await.unwrap();
        assert_eq!(claimed.len(), 2);
        for callback in &claimed {
            assert!(store.event_to_deliver(callback).await.unwrap().is_some());
            let failed = AttemptResult::Failed { kind: "timed_out", detail: String::new() };
            let attempt = Attempt { started_at: at(300), ended_at: at(301), result: failed };
            store.settle_callback(callback, &attempt, Settlement::GivenUp).await.unwrap();
        }
        assert_eq!(count(&database, "callback_attempt").await, 2);
        let passed =
            store.retention_candidates(ExpiredKind::PaymentSessions, "", "~", at(i64::MAX)).await.unwrap();
        store.remove(ExpiredKind::PaymentSessions, &[&passed[0]], None).await.unwrap();
        for table in ["callback_attempt", "callback", "payment_session"] {
            assert_eq!(count(&database, table).await, 0, "{table}");
        }
    }
}
