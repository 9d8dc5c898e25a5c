//! The feed never skips, repeats or moves an event: with concurrent writers, after a restart, and after events were
//! deleted.

use std::collections::HashMap;

use kassa_domain::lifecycle::{Event, Status};
use kassa_domain::merchant_urls::MerchantUrls;
use kassa_domain::page_session::{PageOptions, PageSession};
use kassa_domain::{Actor, EventId, MerchantId, PageSessionId, PaymentSessionId, Timestamp};
use kassa_store::simulation::Database;
use kassa_store::{Advance, AdvanceOutcome, FeedEvent, FeedFilter, Store};
use kassa_testkit::{NamedEngine, eventually};
use tempfile::TempDir;

const WRITERS: usize = 8;
const CHANGES: i64 = 40;

fn merchant() -> MerchantId {
    MerchantId::new("m")
}

fn session(name: &str) -> PageSession {
    PageSession {
        id: PageSessionId::new(name),
        merchant_id: merchant(),
        payment_session_id: PaymentSessionId::new("p"),
        status: Status::Waiting,
        version: 0,
        created_at: Timestamp::from_ms(0),
        updated_at: Timestamp::from_ms(0),
        expires_at: Timestamp::from_ms(i64::MAX),
        merchant_urls: MerchantUrls::default(),
        options: PageOptions::default(),
        authorization_token: None,
        order: None,
        open_operation: None,
        id_check: None,
    }
}

/// Commits the session's next change at an instant.
async fn change(store: &Store, session: &mut PageSession, at_ms: i64) {
    session.version += 1;
    session.updated_at = Timestamp::from_ms(at_ms);
    let advance = Advance {
        session: session.clone(),
        event: Event::ConsumerEntered,
        actor: Actor::Consumer,
        event_id: EventId::new(format!("{}-{}", session.id, session.version)),
        body: "{}".to_string(),
        callback: None,
        note: None,
        new_authorization: None,
        operation_end: None,
        release: None,
        reference_reads: None,
        timer: None,
    };
    assert_eq!(store.commit(&advance).await.unwrap(), AdvanceOutcome::Done { leased: None });
}

async fn read_on(store: &Store, after: &mut i64, limit: usize) -> Vec<FeedEvent> {
    let page = store.feed(&merchant(), *after, FeedFilter::All, limit).await.unwrap();
    *after = page.read_to;
    page.events
}

/// Writes with clocks that do not agree, so that events are committed in another order than their dates.
async fn write(store: Store, writer: usize) {
    let mut session = session(&format!("s{writer}"));
    store.create_page_session(&session).await.unwrap();
    for number in 1..=CHANGES {
        let skew_ms = i64::try_from(WRITERS - writer).unwrap() * 1_000;
        change(&store, &mut session, number * 10 + skew_ms).await;
    }
}

/// Starts the system on a database, with writers of these numbers, and reads until all their events have come.
fn read_while_writing(
    database: &Database,
    writers: std::ops::Range<usize>,
    after: &mut i64,
    read: &mut Vec<FeedEvent>,
) {
    let expected = read.len() + writers.len() * usize::try_from(CHANGES).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = database.open().await;
        for writer in writers {
            tokio::spawn(write(store.clone(), writer));
        }
        eventually("every event", async || {
            read.extend(read_on(&store, after, 7).await);
            read.len() >= expected
        })
        .await;
    });
}

#[test]
fn concurrent_writers_and_a_restart_neither_skip_nor_repeat() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = TempDir::new().unwrap();
    for database in runtime.block_on(Database::on_each_engine(folder.path())) {
        let _engine = NamedEngine(database.engine());
        neither_skip_nor_repeat(&database);
    }
}

fn neither_skip_nor_repeat(database: &Database) {
    let (mut after, mut read) = (0, Vec::new());
    read_while_writing(database, 0..WRITERS / 2, &mut after, &mut read);
    read_while_writing(database, WRITERS / 2..WRITERS, &mut after, &mut read);
    let mut last = HashMap::new();
    for event in &read {
        let before = last.insert(event.page_session_id.clone(), event.sequence).unwrap_or(0);
        assert_eq!(event.sequence, before + 1, "skipped, repeated or out of order");
    }
    assert_eq!(last.len(), WRITERS);
    assert!(last.values().all(|sequence| *sequence == CHANGES));
    let positions: Vec<_> = read.iter().map(|event| event.position.unwrap()).collect();
    assert!(positions.is_sorted_by(|one, next| one < next));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = database.open().await;
        let again = read_on(&store, &mut 0, 10_000).await;
        let ids =
            |events: &[FeedEvent]| events.iter().map(|event| event.event_id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&again), ids(&read), "a second reading gives the same order");
    });
}

#[test]
fn a_position_is_not_given_again_after_its_event_was_deleted() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("kassa.db");
        let store = Store::open(&path).unwrap();
        let mut session = session("s");
        store.create_page_session(&session).await.unwrap();
        let mut after = 0;
        change(&store, &mut session, 1).await;
        assert_eq!(read_on(&store, &mut after, 10).await.len(), 1);
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute("delete from status_event", ()).unwrap();
        change(&store, &mut session, 2).await;
        assert_eq!(read_on(&store, &mut after, 10).await.len(), 1, "it comes behind the cursor's place");
    });
}
