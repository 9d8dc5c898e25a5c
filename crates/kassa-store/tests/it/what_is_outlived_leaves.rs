//! What expired long ago leaves with all that belongs to it; what is younger, and what is still to be told, stays.

use kassa_domain::Timestamp;
use kassa_store::simulation::Database;
use kassa_store::{Attempt, AttemptResult, Claim, Outlived, Settlement, Store};
use tempfile::TempDir;

use crate::redelivery_in_bulk::{ENDPOINT, change_twice};

const SESSIONS: i64 = 120;

/// The tables of which a page session has rows.
const TABLES: [&str; 4] = ["callback_attempt", "callback", "status_event", "page_session"];

async fn count(database: &Database, table: &str) -> i64 {
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

/// Attempts every callback that is due, so that none is to be attempted any more; two rounds, since a session has two.
async fn deliver_all(store: &Store) {
    let (now, leased_until) = (Timestamp::from_ms(1), Timestamp::from_ms(i64::MAX));
    for _ in 0..2 {
        let claim = Claim { endpoint: ENDPOINT.to_string(), due_until: leased_until, limit: 1_000 };
        for callback in store.claim_callbacks(&[claim], now, leased_until).await.unwrap() {
            let result =
                AttemptResult::Answered { status: 200, headers: "{}".to_string(), body: String::new() };
            let attempt = Attempt { started_at: now, ended_at: now, result };
            store.settle_callback(&callback, &attempt, Settlement::Delivered).await.unwrap();
        }
    }
}

/// Walks to the end and removes what is over; says how many page sessions left.
async fn remove_all(store: &Store, first_kept_id: &str, before: i64) -> usize {
    let (mut place, mut sum) = (String::new(), 0);
    loop {
        let before = Timestamp::from_ms(before);
        let passed = store.pass_by(Outlived::PageSessions, &place, first_kept_id, before).await.unwrap();
        let Some(last) = passed.last() else { return sum };
        place.clone_from(&last.place);
        let over: Vec<_> = passed.iter().filter(|row| row.is_over).collect();
        store.remove(Outlived::PageSessions, &over).await.unwrap();
        sum += over.len();
    }
}

#[tokio::test]
async fn a_session_leaves_whole_when_its_time_is_over_and_all_was_told() {
    let folder = TempDir::new().unwrap();
    for database in Database::on_each_engine(folder.path()).await {
        let store = database.open().await;
        for number in 0..SESSIONS {
            change_twice(&store, number).await;
        }
        let (end_of_time, last_id) = (i64::MAX, "99999999");
        assert_eq!(remove_all(&store, last_id, end_of_time).await, 0, "their callbacks are still to be told");
        deliver_all(&store).await;
        assert_eq!(remove_all(&store, last_id, 0).await, 0, "they have not expired");
        assert_eq!(remove_all(&store, "00000070", end_of_time).await, 70, "those that were made before");
        for (table, of_a_session) in TABLES.into_iter().zip([2, 2, 2, 1]) {
            assert_eq!(count(&database, table).await, 50 * of_a_session, "{table}");
        }
        assert_eq!(remove_all(&store, last_id, end_of_time).await, 50);
        for table in TABLES {
            assert_eq!(count(&database, table).await, 0, "{table}");
        }
    }
}
