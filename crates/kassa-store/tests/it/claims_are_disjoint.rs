//! Claimants that come at once never get the same callback.

use std::collections::HashSet;
use std::path::Path;

use kassa_domain::Timestamp;
use kassa_store::simulation::{Database, fresh_postgres};
use kassa_store::{Claim, Store};
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
        let claim = Claim { endpoint: ENDPOINT.to_string(), due_until: leased_until, limit: 3 };
        let some = store.claim_callbacks(&[claim], now, leased_until).await.unwrap();
        if some.is_empty() {
            return claimed;
        }
        claimed.extend(some.into_iter().map(|callback| callback.page_session_id.to_string()));
    }
}

/// Each engine; and PostgreSQL as it is asked where the tables are spread over servers.
async fn databases(folder: &Path) -> Vec<Database> {
    let mut databases = Database::on_each_engine(folder).await;
    let spread = fresh_postgres().await.map(|url| Database::Postgres(url + "%20-c%20kassa.spread%3Dservers"));
    databases.extend(spread);
    databases
}

#[tokio::test]
async fn what_is_due_is_found_endpoint_by_endpoint() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        for number in 5..8 {
            change_twice(&store, number).await;
        }
        let due = |at_ms: i64| vec![(ENDPOINT.to_string(), Some(Timestamp::from_ms(at_ms)))];
        let now = Timestamp::from_ms(100);
        assert_eq!(store.endpoints_due("", now, 10).await.unwrap(), due(5));
        let claim = Claim { endpoint: ENDPOINT.to_string(), due_until: now, limit: 2 };
        let claimed = store.claim_callbacks(&[claim], now, Timestamp::from_ms(200)).await.unwrap();
        assert_eq!(claimed.len(), 2);
        assert_eq!(store.endpoints_due("", now, 10).await.unwrap(), due(7), "what is held is not due");
        assert_eq!(store.endpoints_due(ENDPOINT, now, 10).await.unwrap(), [], "it goes on behind the name");
        assert_eq!(store.endpoints_due("", now, 0).await.unwrap(), []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_callback_is_claimed_once() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
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
        // A claimant passes over what another is about to claim, so that at the very end some may be left for later.
        assert!(distinct.len() + 3 * CLAIMANTS >= usize::try_from(CALLBACKS).unwrap());
    }
}
