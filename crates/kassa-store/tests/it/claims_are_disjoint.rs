//! Claimants that come at once never get the same callback.

use std::collections::HashSet;

use kassa_domain::Timestamp;
use kassa_store::simulation::Database;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_callback_is_claimed_once() {
    let folder = TempDir::new().unwrap();
    for database in Database::on_each_engine(folder.path()).await {
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
