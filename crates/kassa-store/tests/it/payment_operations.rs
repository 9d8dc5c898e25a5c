//! Payment operations: recorded with the session they belong to, claimed by one node at a time, and settled together
//! with the status.

use kassa_domain::lifecycle::{Event, Status};
use kassa_domain::operation::{OperationKind, OperationState};
use kassa_domain::page_session::{OrderReference, PageSession};
use kassa_domain::payment_session::{AuthorizationState, PaymentCompletion};
use kassa_domain::{Actor, EventId, OperationId, OrderId, PageSessionId, Timestamp};
use kassa_store::{
    Advance, AdvanceOutcome, ClaimedOperation, CommitOutcome, ExpiredKind, NewAuthorization, NewOperation,
    Note, OperationEnd, Store, SystemOrder,
};
use tempfile::TempDir;

use crate::claims_are_disjoint::databases;
use crate::life::{act, authorization, create};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

fn operation(session: &PageSession, id: &str, kind: OperationKind) -> NewOperation {
    NewOperation {
        id: OperationId::new(id),
        kind,
        authorization: authorization(session),
        request: format!("the request of {id}"),
        recorded_at: at(10),
        gives_up_at: at(3_600_010),
        leased_until: at(20),
    }
}

fn note() -> Note {
    Note { at: at(30), kind: "OperationEnded", detail: "It ended.".to_string(), actor: Actor::System }
}

fn change(session: &PageSession, event: Event, status: Status, end: Option<OperationEnd>) -> Advance {
    let mut next = session.clone();
    next.status = status;
    next.version += 1;
    next.open_operation = None;
    Advance {
        event_id: EventId::new(format!("{}-{}", next.id, next.version)),
        session: next,
        event,
        actor: Actor::System,
        body: "{}".to_string(),
        callback: None,
        note: None,
        new_authorization: None,
        operation_end: end,
        release: None,
        reference_reads: None,
        timer: None,
    }
}

fn completed(session: &PageSession, claimed: &ClaimedOperation) -> Advance {
    let reference =
        OrderReference { order_id: OrderId::new("order"), klarna_reference: "REMOTE01".to_string() };
    let end = claimed.ended("ordered: order".to_string(), at(40));
    let mut advance = change(session, Event::PaymentAuthorized, Status::Completed, Some(end));
    advance.session.order = Some(reference.clone());
    let mut authorization = claimed.authorization.clone();
    authorization.state = AuthorizationState::Ordered;
    authorization.order_id = Some(reference.order_id.clone());
    advance.new_authorization = Some(NewAuthorization {
        authorization,
        payment_version: 2,
        order: Some(SystemOrder::Remote(reference)),
        callbacks: Vec::new(),
    });
    advance
}

/// Records an order of a session, and returns the session as it is then.
async fn recorded(store: &Store, name: &str) -> PageSession {
    let session = create(store, name).await;
    let operation = operation(&session, name, OperationKind::PlaceOrder);
    assert_eq!(store.record_order_operation(&session, 1, &operation).await.unwrap(), CommitOutcome::Done);
    read(store, &session.id).await
}

async fn read(store: &Store, id: &PageSessionId) -> PageSession {
    store.page_session(id).await.unwrap().unwrap()
}

async fn claim(store: &Store, now: i64) -> Vec<ClaimedOperation> {
    store.claim_operations(at(now), at(now + 10), 10).await.unwrap()
}

async fn state(store: &Store, id: &PageSessionId) -> (OperationState, i64) {
    let rows = store.operations(id).await.unwrap();
    (rows[0].state, rows[0].attempts)
}

/// Runs each statement of payment operations at least once.
pub async fn operate(store: &Store) {
    let session = recorded(store, "c").await;
    let claimed = claim(store, 20).await.remove(0);
    store.repeat_operation_at(&claimed, "unknown", at(1_000)).await.unwrap();
    store.hasten_operation(&session.id, at(500)).await.unwrap();
    let claimed = claim(store, 500).await.remove(0);
    store.end_operation(&claimed, OperationState::Stuck, "unknown", at(510), &note()).await.unwrap();
    let release = operation(&session, "r", OperationKind::Release);
    store.record_release(&session.id, &note(), Some(&release)).await.unwrap();
    assert_eq!(store.operations_backlog().await.unwrap().stuck, 1);
    let stuck = store.claim_stuck_operation(&session.id, &act()).await.unwrap().unwrap();
    store.commit(&completed(&session, &stuck)).await.unwrap();
    assert_eq!(store.operations(&session.id).await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_order_is_recorded_once_and_keeps_other_changes_away() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        let before = create(&store, "a").await;
        let first = operation(&before, "first", OperationKind::PlaceOrder);
        assert_eq!(store.record_order_operation(&before, 1, &first).await.unwrap(), CommitOutcome::Done);
        let second = operation(&before, "second", OperationKind::PlaceOrder);
        assert_eq!(store.record_order_operation(&before, 1, &second).await.unwrap(), CommitOutcome::Stale);
        assert_eq!(store.operations(&before.id).await.unwrap().len(), 1);

        let session = read(&store, &before.id).await;
        assert_eq!(session.open_operation.as_ref().map(OperationId::as_str), Some("first"));
        assert!(store.snapshot(&before.id).await.unwrap().unwrap().has_open_operation);
        let disabled = change(&before, Event::MerchantDisabled, Status::Disabled, None);
        assert_eq!(store.commit(&disabled).await.unwrap(), AdvanceOutcome::Stale);
        assert_eq!(read(&store, &before.id).await, session);
    }
}

#[tokio::test]
async fn an_order_is_not_recorded_after_another_change() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        let before = create(&store, "a").await;
        store.commit(&change(&before, Event::MerchantDisabled, Status::Disabled, None)).await.unwrap();
        let operation = operation(&before, "late", OperationKind::PlaceOrder);
        assert_eq!(store.record_order_operation(&before, 1, &operation).await.unwrap(), CommitOutcome::Stale);
        assert_eq!(store.operations(&before.id).await.unwrap().len(), 0);
    }
}

#[tokio::test]
async fn the_latest_claim_settles_an_operation_with_its_order() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        let session = recorded(&store, "a").await;
        assert_eq!(claim(&store, 15).await.len(), 0, "the node that recorded it has the lease");
        let dead = operation(&session, "a", OperationKind::PlaceOrder).claimed();
        let claimed = claim(&store, 20).await.remove(0);
        assert_eq!((claimed.request.as_str(), claimed.attempts, claimed.fence), ("the request of a", 0, 2));
        assert_eq!(claimed.authorization, dead.authorization);

        let outcome = store.commit(&completed(&session, &dead)).await.unwrap();
        assert_eq!(outcome, AdvanceOutcome::ClaimedSince, "another node has claimed it");
        assert_eq!(read(&store, &session.id).await, session);
        let done = store.commit(&completed(&session, &claimed)).await.unwrap();
        assert_eq!(done, AdvanceOutcome::Done { leased: None });
        let paid = read(&store, &session.id).await;
        assert_eq!((paid.status, &paid.open_operation), (Status::Completed, &None));
        assert_eq!(state(&store, &session.id).await, (OperationState::Done, 1));
        let payment = store.payment_session(&session.payment_session_id).await.unwrap().unwrap();
        assert_eq!(payment.completion, paid.order.map(PaymentCompletion::Order));
        assert_eq!(claim(&store, 4_000_000).await.len(), 0);
    }
}

#[tokio::test]
async fn an_unknown_outcome_is_asked_for_again_until_the_operation_is_stuck() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        let session = recorded(&store, "a").await;
        let claimed = claim(&store, 20).await.remove(0);
        store.repeat_operation_at(&claimed, "unknown: no answer", at(1_000)).await.unwrap();
        assert_eq!(claim(&store, 999).await.len(), 0);
        store.hasten_operation(&session.id, at(500)).await.unwrap();
        let again = claim(&store, 500).await.remove(0);
        assert_eq!((again.id, again.attempts), (claimed.id.clone(), 1));
        store.repeat_operation_at(&claimed, "late", at(9_000)).await.unwrap();
        let backlog = store.operations_backlog().await.unwrap();
        assert_eq!((backlog.due, backlog.stuck, backlog.oldest_recorded_at), (1, 0, Some(at(10))));

        let late =
            store.end_operation(&claimed, OperationState::Stuck, "late", at(30), &note()).await.unwrap();
        assert_eq!(late, CommitOutcome::Stale);
        let latest = ClaimedOperation { fence: claimed.fence + 1, ..claimed };
        let ended =
            store.end_operation(&latest, OperationState::Stuck, "unknown", at(30), &note()).await.unwrap();
        assert_eq!(ended, CommitOutcome::Done);
        assert_eq!(store.operations_backlog().await.unwrap().stuck, 1);
        assert_eq!(store.notes(&session.id).await.unwrap().len(), 1);
        let stuck = store.claim_stuck_operation(&session.id, &act()).await.unwrap().unwrap();
        let done = store.commit(&completed(&session, &stuck)).await.unwrap();
        assert_eq!(done, AdvanceOutcome::Done { leased: None });
        assert!(store.claim_stuck_operation(&session.id, &act()).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_release_is_recorded_with_its_note_and_stops_no_change() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        let session = create(&store, "a").await;
        let release = operation(&session, "r", OperationKind::Release);
        store.record_release(&session.id, &note(), Some(&release)).await.unwrap();
        assert_eq!(store.notes(&session.id).await.unwrap().len(), 1);
        let disabled = change(&session, Event::MerchantDisabled, Status::Disabled, None);
        assert_eq!(store.commit(&disabled).await.unwrap(), AdvanceOutcome::Done { leased: None });
        assert_eq!(claim(&store, 20).await.remove(0).kind, OperationKind::Release);
    }
}

#[tokio::test]
async fn retention_keeps_a_session_whose_order_is_unknown() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        let session = recorded(&store, "a").await;
        let over = async || {
            let kind = ExpiredKind::PageSessions;
            let found = store.retention_candidates(kind, "", "~", at(i64::MAX)).await.unwrap();
            found.into_iter().filter(|row| row.is_over).collect::<Vec<_>>()
        };
        assert_eq!(over().await, []);
        let claimed = claim(&store, 20).await.remove(0);
        store.commit(&completed(&session, &claimed)).await.unwrap();
        let over = over().await;
        store.remove(ExpiredKind::PageSessions, &over.iter().collect::<Vec<_>>(), None).await.unwrap();
        assert_eq!(store.operations(&session.id).await.unwrap().len(), 0);
    }
}
