//! Retention deletes expired sessions with everything that belongs to them. It keeps younger sessions, and those with
//! callbacks still to be sent.

use kassa_domain::{Endpoint, Timestamp};
use kassa_store::simulation::Database;
use kassa_store::{Attempt, AttemptResult, Claim, ExpiredKind, Settlement, Store};
use kassa_testkit::NamedEngine;
use tempfile::TempDir;

use crate::redelivery_in_bulk::{ENDPOINT, change_twice};

const SESSIONS: i64 = 120;

/// The tables of which a page session has rows.
const TABLES: [&str; 4] = ["callback_attempt", "callback", "status_event", "page_session"];

pub async fn count(database: &Database, table: &str) -> i64 {
    let sql = format!("select count(*) from {table}");
    match database {
        Database::File(path) => {
            rusqlite::Connection::open(path).unwrap().query_row(&sql, (), |row| row.get(0)).unwrap()
        }
        Database::Postgres(url) => {
            let (client, driver) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(driver);
            client.query_one(&sql, &[]).await.unwrap().get(0)
        }
    }
}

/// Attempts every callback that is due, so that no attempt is left. It takes two rounds, because each session has two
/// callbacks.
async fn deliver_all(store: &Store) {
    let (now, leased_until) = (Timestamp::from_ms(1), Timestamp::from_ms(i64::MAX));
    for _ in 0..2 {
        let claim = Claim { endpoint: Endpoint::shared(ENDPOINT), due_until: leased_until, limit: 1_000 };
        for callback in store.claim_callbacks(&[claim], now, leased_until).await.unwrap() {
            let result =
                AttemptResult::Answered { status: 200, headers: "{}".to_string(), body: String::new() };
            let attempt = Attempt { started_at: now, ended_at: now, result };
            store.settle_callback(&callback, &attempt, Settlement::Delivered).await.unwrap();
        }
    }
}

/// Scans to the end, and deletes the sessions that are over. Returns their number.
async fn delete_expired(store: &Store, first_kept_id: &str, before: i64) -> usize {
    let (mut place, mut sum) = (String::new(), 0);
    loop {
        let before = Timestamp::from_ms(before);
        let passed = store
            .retention_candidates(ExpiredKind::PageSessions, &place, first_kept_id, before)
            .await
            .unwrap();
        let Some(last) = passed.last() else { return sum };
        place.clone_from(&last.place);
        let over: Vec<_> = passed.iter().filter(|row| row.is_over).collect();
        store.remove(ExpiredKind::PageSessions, &over, None).await.unwrap();
        sum += over.len();
    }
}

#[tokio::test]
async fn an_expired_session_is_deleted_whole_after_all_its_callbacks_were_sent() {
    let folder = TempDir::new().unwrap();
    for database in Database::on_each_engine(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        for number in 0..SESSIONS {
            change_twice(&store, number).await;
        }
        let (end_of_time, last_id) = (i64::MAX, "99999999");
        assert_eq!(
            delete_expired(&store, last_id, end_of_time).await,
            0,
            "their callbacks are still to be sent"
        );
        deliver_all(&store).await;
        assert_eq!(delete_expired(&store, last_id, 0).await, 0, "they have not expired");
        assert_eq!(
            delete_expired(&store, "00000070", end_of_time).await,
            70,
            "only those that were created before"
        );
        for (table, of_a_session) in TABLES.into_iter().zip([2, 2, 2, 1]) {
            assert_eq!(count(&database, table).await, 50 * of_a_session, "{table}");
        }
        assert_eq!(delete_expired(&store, last_id, end_of_time).await, 50);
        for table in TABLES {
            assert_eq!(count(&database, table).await, 0, "{table}");
        }
    }
}
