//! Short references of orders that become known after the status change: one schedule of reads for each page session,
//! claimed under a lease with a fence, and the reference in every row that has the order.

use kassa_domain::lifecycle::{Event, Status};
use kassa_domain::page_session::{OrderReference, PageSession};
use kassa_domain::payment_session::PaymentCompletion;
use kassa_domain::{Actor, EventId, OrderId, Timestamp};
use kassa_store::{
    Advance, AdvanceOutcome, ClaimedReferenceRead, CommitOutcome, ExpiredKind, Note, ReferenceSchedule, Store,
};
use tempfile::TempDir;

use crate::claims_are_disjoint::databases;
use crate::life::{create, merchant};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

fn order(reference: &str) -> OrderReference {
    OrderReference { order_id: OrderId::new("order"), klarna_reference: reference.to_string() }
}

fn note() -> Note {
    Note { at: at(30), kind: "ReferenceRead", detail: "It was read.".to_string(), actor: Actor::System }
}

async fn claim(store: &Store, now: i64, limit: i64) -> Vec<ClaimedReferenceRead> {
    store.claim_reference_reads(at(now), at(now + 10), limit).await.unwrap()
}

async fn read(store: &Store, of: &PageSession) -> PageSession {
    store.page_session(&of.id).await.unwrap().unwrap()
}

/// A page session that is completed at this instant by an order without a reference.
async fn completed(store: &Store, name: &str, completed_at: i64) -> PageSession {
    let mut session = create(store, name).await;
    store
        .complete_payment_session_elsewhere(&session.payment_session_id, Some(&order("")), at(completed_at))
        .await
        .unwrap();
    session.status = Status::Completed;
    session.version += 1;
    session.order = Some(order(""));
    let schedule = ReferenceSchedule { completed_at: at(completed_at), due_at: at(completed_at + 1) };
    let advance = Advance {
        event_id: EventId::new(format!("{}-{}", session.id, session.version)),
        session: session.clone(),
        event: Event::PaymentSessionCompleted,
        actor: Actor::System,
        body: "{}".to_string(),
        callback: None,
        note: None,
        new_authorization: None,
        operation_end: None,
        release: None,
        reference_reads: Some(schedule),
        timer: None,
    };
    assert_eq!(store.commit(&advance).await.unwrap(), AdvanceOutcome::Done { leased: None });
    store.finish_completion(&session.payment_session_id).await.unwrap();
    session
}

/// Runs each statement of references at least once.
pub async fn refer(store: &Store) {
    let session = completed(store, "e", 10).await;
    let claimed = claim(store, 11, 4).await.remove(0);
    store.repeat_reference_read_at(&claimed, 1, at(12)).await.unwrap();
    claim(store, 12, 4).await.remove(0);
    store.store_order_reference(&session, &order("ABCDEFGH"), &note()).await.unwrap();
    store.end_reference_reads(&session.id, Some(&note())).await.unwrap();
}

#[tokio::test]
async fn one_node_at_a_time_reads_a_reference() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        let session = completed(&store, "a", 10).await;
        assert_eq!(claim(&store, 10, 4).await, [], "not due yet");
        let dead = claim(&store, 11, 4).await.remove(0);
        assert_eq!((&dead.page_session_id, dead.reads, dead.completed_at), (&session.id, 0, at(10)));
        assert_eq!(claim(&store, 12, 4).await, [], "under a lease");
        let claimed = claim(&store, 21, 4).await.remove(0);
        assert_eq!(claimed.fence, dead.fence + 1);
        store.repeat_reference_read_at(&dead, 1, at(500)).await.unwrap();
        store.repeat_reference_read_at(&claimed, 1, at(40)).await.unwrap();
        let again = claim(&store, 40, 4).await.remove(0);
        assert_eq!(again.reads, 1, "the outdated claim changed nothing");
        store.end_reference_reads(&session.id, None).await.unwrap();
        assert_eq!(claim(&store, 900, 4).await, []);
    }
}

#[tokio::test]
async fn the_references_that_were_read_least_are_read_first() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        let old = completed(&store, "old", 10).await;
        let claimed = claim(&store, 11, 1).await.remove(0);
        store.repeat_reference_read_at(&claimed, 1, at(12)).await.unwrap();
        let young = completed(&store, "young", 50).await;
        assert_eq!(claim(&store, 60, 1).await[0].page_session_id, young.id);
        assert_eq!(claim(&store, 60, 1).await[0].page_session_id, old.id);
    }
}

#[tokio::test]
async fn a_reference_is_stored_once_beside_its_order() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        let session = completed(&store, "a", 10).await;
        let other = OrderReference { order_id: OrderId::new("other"), ..order("OTHEROTH") };
        assert_eq!(
            store.store_order_reference(&session, &other, &note()).await.unwrap(),
            CommitOutcome::Stale
        );
        let known = order("ABCDEFGH");
        assert_eq!(
            store.store_order_reference(&session, &known, &note()).await.unwrap(),
            CommitOutcome::Done
        );
        let late = order("ZZZZZZZZ");
        assert_eq!(
            store.store_order_reference(&session, &late, &note()).await.unwrap(),
            CommitOutcome::Stale
        );

        let stored = read(&store, &session).await;
        assert_eq!(stored.order, Some(known.clone()));
        assert_eq!(PageSession { order: session.order.clone(), ..stored }, session, "nothing else changed");
        let payment = store.payment_session(&session.payment_session_id).await.unwrap().unwrap();
        assert_eq!(payment.completion, Some(PaymentCompletion::Order(known)));
        assert_eq!(store.notes(&session.id).await.unwrap().len(), 1);
        assert_eq!(claim(&store, 900, 4).await, [], "the reads have ended");
    }
}

#[tokio::test]
async fn a_deleted_page_session_has_no_reads() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        completed(&store, "a", 10).await;
        let over = store.retention_candidates(ExpiredKind::PageSessions, "", "~", at(2_000)).await.unwrap();
        store.remove(ExpiredKind::PageSessions, &over.iter().collect::<Vec<_>>(), None).await.unwrap();
        assert_eq!(claim(&store, 900, 4).await, []);
        completed(&store, "b", 10).await;
        store.erase_history(&merchant(), &crate::life::act()).await.unwrap();
        assert_eq!(claim(&store, 900, 4).await, []);
    }
}
