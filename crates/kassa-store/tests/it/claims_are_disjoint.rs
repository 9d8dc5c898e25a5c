//! Workers that claim at the same time never get the same callback.

use std::collections::HashSet;
use std::path::Path;

use kassa_domain::{Endpoint, Timestamp};
use kassa_store::simulation::Database;
use kassa_store::{Attempt, AttemptResult, Claim, ClaimedCallback, Settlement, Store};
use kassa_testkit::{NamedEngine, fresh_postgres};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::redelivery_in_bulk::{ENDPOINT, change_twice};

const CALLBACKS: i64 = 400;
const CLAIMANTS: usize = 8;

/// Claims a few at a time until nothing is left, under a lease that outlasts the test.
async fn claim_all(store: Store) -> Vec<String> {
    let (now, leased_until) = (Timestamp::from_ms(1), Timestamp::from_ms(i64::MAX));
    let mut claimed = Vec::new();
    loop {
        let claim = Claim { endpoint: Endpoint::shared(ENDPOINT), due_until: leased_until, limit: 3 };
        let some = store.claim_callbacks(&[claim], now, leased_until).await.unwrap();
        if some.is_empty() {
            return claimed;
        }
        claimed.extend(some.into_iter().map(|callback| callback.page_session_id.to_string()));
    }
}

/// The URL of a test's own schema, with queries as if its tables were spread over servers.
pub fn over_servers(url: String) -> String {
    url + "%20-c%20kassa.spread%3Dservers"
}

/// The URL of a test's own schema, as if the database had another default isolation level.
fn serializable(url: String) -> String {
    url + "%20-c%20default_transaction_isolation%3Dserializable"
}

/// Each engine; PostgreSQL with the queries for tables that are spread over servers; and PostgreSQL with another
/// default isolation level.
pub async fn databases(folder: &Path) -> Vec<Database> {
    let mut databases = Database::on_each_engine(folder).await;
    databases.extend(fresh_postgres().await.map(over_servers).map(Database::Postgres));
    databases.extend(fresh_postgres().await.map(serializable).map(Database::Postgres));
    databases
}

#[tokio::test]
async fn due_callbacks_are_found_endpoint_by_endpoint() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        for number in 5..8 {
            change_twice(&store, number).await;
        }
        let due = |at_ms: i64| vec![(Endpoint::shared(ENDPOINT), Some(Timestamp::from_ms(at_ms)))];
        let now = Timestamp::from_ms(100);
        assert_eq!(store.endpoints_due(None, now, 10).await.unwrap(), due(5));
        let claim = Claim { endpoint: Endpoint::shared(ENDPOINT), due_until: now, limit: 2 };
        let claimed = store.claim_callbacks(&[claim], now, Timestamp::from_ms(200)).await.unwrap();
        assert_eq!(claimed.len(), 2);
        assert_eq!(
            store.endpoints_due(None, now, 10).await.unwrap(),
            due(7),
            "claimed callbacks are not due"
        );
        assert_eq!(
            store.endpoints_due(Some(&Endpoint::shared(ENDPOINT)), now, 10).await.unwrap(),
            [],
            "the list continues after this name"
        );
        assert_eq!(store.endpoints_due(None, now, 0).await.unwrap(), []);
    }
}

/// Claims callbacks with a lease of a millisecond.
async fn claim_at(store: &Store, now_ms: i64) -> Vec<ClaimedCallback> {
    let (now, lease_until) = (Timestamp::from_ms(now_ms), Timestamp::from_ms(now_ms + 1));
    let claim = Claim { endpoint: Endpoint::shared(ENDPOINT), due_until: now, limit: 10 };
    store.claim_callbacks(&[claim], now, lease_until).await.unwrap()
}

#[tokio::test]
async fn a_blocked_callback_without_an_earlier_one_becomes_due() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        change_twice(&store, 0).await;
        let first = claim_at(&store, 1).await.remove(0);
        store.unblock_callbacks().await.unwrap();
        let again = claim_at(&store, 2).await;
        assert_eq!((again.len(), again[0].sequence), (1, 1), "the second waits for the end of the attempt");
        // The second change is committed while the first attempt ends, so neither transaction sees the other.
        let unseen = ClaimedCallback { attempts: 1, fence: again[0].fence, ..first };
        let now = Timestamp::from_ms(3);
        let result = AttemptResult::Failed { kind: "timed_out", detail: String::new() };
        let attempt = Attempt { started_at: now, ended_at: now, result };
        store.settle_callback(&unseen, &attempt, Settlement::Delivered).await.unwrap();
        assert_eq!(claim_at(&store, 4).await, [], "it is still blocked");
        store.unblock_callbacks().await.unwrap();
        let second = claim_at(&store, 5).await;
        assert_eq!((second.len(), second[0].sequence), (1, 2));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_callback_is_claimed_once() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        for number in 0..CALLBACKS {
            change_twice(&store, number).await;
        }
        let mut claimants = JoinSet::new();
        for _ in 0..CLAIMANTS {
            claimants.spawn(claim_all(database.open().await));
        }
        let claimed = claimants.join_all().await.concat();
        let distinct: HashSet<_> = claimed.iter().collect();
        assert_eq!(distinct.len(), claimed.len(), "a callback was claimed twice");
        assert!(distinct.len() <= usize::try_from(CALLBACKS).unwrap());
        // A worker skips callbacks that another one is claiming, so a few may remain at the end.
        assert!(distinct.len() + 3 * CLAIMANTS >= usize::try_from(CALLBACKS).unwrap());
    }
}
