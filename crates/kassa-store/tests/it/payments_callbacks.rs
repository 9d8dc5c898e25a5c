//! Callbacks to a payment session's own URLs: stored with their change, and delivered beside those of events.

use kassa_domain::callback::{CallbackState, PaymentCallback};
use kassa_domain::{Endpoint, OrderId, PageSessionId, Timestamp};
use kassa_store::{
    Attempt, AttemptResult, Claim, ClaimedCallback, DueNotification, ExpiredKind, FraudCheckCommit,
    NewPaymentCallback, Settlement, Store,
};
use tempfile::TempDir;

use crate::claims_are_disjoint::databases;
use crate::life::{act, authorized, ordered, payment_callback};
use crate::redelivery_in_bulk::ENDPOINT;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

async fn claim(store: &Store) -> Vec<ClaimedCallback> {
    let claim = Claim { endpoint: Endpoint::shared(ENDPOINT), due_until: at(300), limit: 10 };
    let mut claimed = store.claim_callbacks(&[claim], at(300), at(400)).await.unwrap();
    claimed.sort_by_key(|callback| callback.sequence);
    claimed
}

/// Records a failed attempt. Returns whether it made another callback due.
async fn settle(store: &Store, callback: &ClaimedCallback, settlement: Settlement) -> bool {
    let failed = AttemptResult::Failed { kind: "timed_out", detail: String::new() };
    let attempt = Attempt { started_at: at(300), ended_at: at(301), result: failed };
    store.settle_callback(callback, &attempt, settlement).await.unwrap()
}

fn kinds(claimed: &[ClaimedCallback]) -> Vec<(i64, Option<PaymentCallback>)> {
    claimed.iter().map(|callback| (callback.sequence.min(100), callback.kind)).collect()
}

#[tokio::test]
async fn they_wait_for_no_event_and_delay_none() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        authorized(&store, "a", vec![PaymentCallback::Authorization]).await;
        let claimed = claim(&store).await;
        let authorization = (100, Some(PaymentCallback::Authorization));
        assert_eq!(kinds(&claimed), [(1, None), authorization], "the second event waits for the first");
        assert!(!settle(&store, &claimed[1], Settlement::AgainAt(at(1_000))).await);
        assert_eq!(kinds(&claim(&store).await), [], "the end of its attempt makes no event due");
        assert!(settle(&store, &claimed[0], Settlement::AgainAt(at(1_000))).await, "the second event is due");
        let second = claim(&store).await;
        assert_eq!(kinds(&second), [(2, None)]);
        assert!(!settle(&store, &second[0], Settlement::Delivered).await, "no third event waits");
    }
}

#[tokio::test]
async fn every_attempt_has_the_stored_id_and_bytes() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        let session = authorized(&store, "a", vec![PaymentCallback::Authorization]).await;
        let stored = payment_callback(&session, PaymentCallback::Authorization);
        let expected = Some((stored.event_id.clone(), stored.body.clone()));
        for _ in 0..2 {
            let claimed = claim(&store).await;
            let callback = claimed.iter().find(|callback| callback.kind.is_some()).unwrap();
            assert_eq!(store.event_to_deliver(callback).await.unwrap(), expected);
            settle(&store, callback, Settlement::AgainAt(at(300))).await;
        }
        let [shown] = &store.payment_callbacks(&session).await.unwrap()[..] else { panic!("there is one") };
        assert_eq!((shown.state, &shown.event_id), (CallbackState::Due, &stored.event_id));
        let attempts = store.attempts(&session).await.unwrap();
        assert_eq!(attempts.iter().filter(|attempt| attempt.sequence == shown.sequence).count(), 2);
    }
}

#[tokio::test]
async fn a_refused_order_stores_no_callback() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        let session = authorized(&store, "a", Vec::new()).await;
        ordered(&store, "a", 2, &[payment_callback(&session, PaymentCallback::Push)]).await;
        assert_eq!(kinds_of(&store, &session).await, [PaymentCallback::Push]);
        let second = [payment_callback(&session, PaymentCallback::Notification)];
        ordered(&store, "a", 3, &second).await;
        assert_eq!(kinds_of(&store, &session).await, [PaymentCallback::Push]);
    }
}

async fn kinds_of(store: &Store, session: &PageSessionId) -> Vec<PaymentCallback> {
    store.payment_callbacks(session).await.unwrap().iter().map(|callback| callback.kind).collect()
}

#[tokio::test]
async fn a_given_up_one_is_delivered_again_beside_the_events() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        let session = authorized(&store, "a", vec![PaymentCallback::Authorization]).await;
        for _ in 0..2 {
            for callback in claim(&store).await {
                settle(&store, &callback, Settlement::GivenUp).await;
            }
        }
        assert_eq!(store.redeliver_session(&session, at(300), &act()).await.unwrap().count, 3);
        let authorization = (100, Some(PaymentCallback::Authorization));
        assert_eq!(kinds(&claim(&store).await), [(1, None), authorization]);
    }
}

#[tokio::test]
async fn a_session_stays_while_one_is_due_and_takes_all_along() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        let session = authorized(&store, "a", vec![PaymentCallback::Authorization]).await;
        for kind in [None, None, Some(PaymentCallback::Authorization)] {
            let claimed = claim(&store).await;
            let passed =
                store.retention_candidates(ExpiredKind::PageSessions, "", "~", at(i64::MAX)).await.unwrap();
            assert!(!passed[0].is_over);
            let callback = claimed.iter().find(|callback| callback.kind == kind).unwrap();
            settle(&store, callback, Settlement::Delivered).await;
            for other in claimed.iter().filter(|other| *other != callback) {
                settle(&store, other, Settlement::AgainAt(at(300))).await;
            }
        }
        let passed =
            store.retention_candidates(ExpiredKind::PageSessions, "", "~", at(i64::MAX)).await.unwrap();
        assert!(passed[0].is_over);
        store.remove(ExpiredKind::PageSessions, &[&passed[0]], None).await.unwrap();
        assert!(store.payment_callbacks(&session).await.unwrap().is_empty());
    }
}

#[test]
fn a_committer_holds_what_it_leased() {
    let mut new: NewPaymentCallback = payment_callback(&PageSessionId::new("s"), PaymentCallback::Push);
    assert_eq!(new.leased(), None);
    new.callback.leased_until = Some(at(10));
    let leased = new.leased().unwrap();
    assert_eq!((leased.kind, leased.fence, leased.attempts), (Some(PaymentCallback::Push), 1, 0));
}

#[tokio::test]
async fn an_early_end_of_a_fraud_check_moves_an_unclaimed_notification_with_its_order() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        let session = authorized(&store, "a", Vec::new()).await;
        let mut later = payment_callback(&session, PaymentCallback::Notification);
        later.callback.due_at = at(5_000);
        ordered(&store, "a", 2, &[later]).await;
        let order = store.order(&OrderId::new("order-a")).await.unwrap().unwrap();
        let notification =
            DueNotification { page_session_id: session.clone(), body: "ended".to_string(), due_at: at(200) };
        let endpoint = Some(Endpoint::shared(ENDPOINT));
        let ended = store.end_fraud_check(&order, "{\"a\":1}", Some(&notification)).await.unwrap();
        assert_eq!(ended, FraudCheckCommit::Done { endpoint });
        let stale = store.end_fraud_check(&order, "{}", Some(&notification)).await.unwrap();
        assert_eq!(stale, FraudCheckCommit::Stale, "the order has another version now");
        let claimed = claim(&store).await;
        let callback = claimed.iter().find(|callback| callback.kind.is_some()).unwrap();
        assert_eq!(store.event_to_deliver(callback).await.unwrap().unwrap().1, "ended");
        let order = store.order(&OrderId::new("order-a")).await.unwrap().unwrap();
        assert_eq!(order.body, "{\"a\":1}");
        let ended = store.end_fraud_check(&order, "{}", Some(&notification)).await.unwrap();
        assert_eq!(ended, FraudCheckCommit::Done { endpoint: None }, "claimed bytes never change");
    }
}
