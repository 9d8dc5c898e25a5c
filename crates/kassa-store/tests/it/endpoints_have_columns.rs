//! An endpoint is stored in columns of its own. Nodes of the version before have one text for it, and go on beside.

use kassa_domain::{DueClock, Endpoint, MerchantId, Origin, Timestamp};
use kassa_store::simulation::Database;
use kassa_store::{Claim, ClaimedCallback, Store};
use kassa_testkit::NamedEngine;
use tempfile::TempDir;

use crate::expired_sessions_are_deleted::count;
use crate::older_nodes_go_on::run;
use crate::redelivery_in_bulk::{ENDPOINT, MERCHANT, change_twice};

/// The endpoint of the test's merchant, if its callbacks are due by its own clock.
fn own_clock() -> Endpoint {
    let clock = DueClock::Merchant(MerchantId::new(MERCHANT));
    Endpoint { origin: Origin::new(ENDPOINT), clock }
}

/// Claims what is due at an endpoint, with a lease that has ended by the next claim.
async fn claim(store: &Store, endpoint: &Endpoint, now_ms: i64) -> Vec<ClaimedCallback> {
    let (now, lease_until) = (Timestamp::from_ms(now_ms), Timestamp::from_ms(now_ms + 1));
    let claim = Claim { endpoint: endpoint.clone(), due_until: Timestamp::from_ms(i64::MAX), limit: 10 };
    store.claim_callbacks(&[claim], now, lease_until).await.unwrap()
}

async fn endpoints_due(store: &Store) -> Vec<Endpoint> {
    let due = store.endpoints_due(None, Timestamp::from_ms(i64::MAX), 10).await.unwrap();
    due.into_iter().map(|(endpoint, _)| endpoint).collect()
}

#[tokio::test]
async fn a_callback_is_stored_with_its_origin_and_its_clock() {
    let folder = TempDir::new().unwrap();
    for database in Database::on_each_engine(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        change_twice(&store, 1).await;
        let shared = format!("callback where origin = '{ENDPOINT}' and clock_merchant_id is null");
        assert_eq!(count(&database, &shared).await, 2, "{database:?}");
        store.give_callbacks_own_time(&MerchantId::new(MERCHANT)).await.unwrap();
        let own = format!("callback where origin = '{ENDPOINT}' and clock_merchant_id = '{MERCHANT}'");
        assert_eq!(count(&database, &own).await, 2, "{database:?}");
        assert_eq!(endpoints_due(&store).await, [own_clock()], "{database:?}");
        assert_eq!(claim(&store, &own_clock(), 1).await[0].endpoint, own_clock(), "{database:?}");
    }
}

#[tokio::test]
async fn a_node_of_the_version_before_finds_a_callback_by_its_text() {
    let folder = TempDir::new().unwrap();
    for database in Database::on_each_engine(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        change_twice(&store, 1).await;
        let by_text = |text: &str| format!("callback where endpoint = '{text}'");
        assert_eq!(count(&database, &by_text(ENDPOINT)).await, 2, "{database:?}");
        store.give_callbacks_own_time(&MerchantId::new(MERCHANT)).await.unwrap();
        let own = by_text(&format!("{ENDPOINT} {MERCHANT}"));
        assert_eq!(count(&database, &own).await, 2, "{database:?}");
    }
}

/// The changes of a node of the version before: a callback that it stored, and callbacks that it made due by the own
/// clock.
const OLDER_NODE: [&str; 2] = [
    "update callback set origin = null, clock_merchant_id = null",
    "update callback set endpoint = endpoint || ' ' || merchant_id",
];

#[tokio::test]
async fn a_callback_of_a_node_of_the_version_before_has_its_endpoint() {
    let folder = TempDir::new().unwrap();
    for database in Database::on_each_engine(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        change_twice(&store, 1).await;
        let [stored, made_own] = OLDER_NODE;
        run(&database, made_own).await;
        assert_eq!(endpoints_due(&store).await, [own_clock()], "{database:?}: the text counts");
        assert_eq!(claim(&store, &own_clock(), 1).await[0].endpoint, own_clock(), "{database:?}");
        run(&database, stored).await;
        assert_eq!(endpoints_due(&store).await, [own_clock()], "{database:?}");
        assert_eq!(claim(&store, &own_clock(), 3).await[0].endpoint, own_clock(), "{database:?}");
    }
}

#[tokio::test]
async fn a_shared_callback_of_a_node_of_the_version_before_gets_the_own_clock_once() {
    let folder = TempDir::new().unwrap();
    for database in Database::on_each_engine(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        let store = database.open().await;
        change_twice(&store, 1).await;
        run(&database, OLDER_NODE[0]).await;
        assert_eq!(endpoints_due(&store).await, [Endpoint::shared(ENDPOINT)], "{database:?}");
        for _ in 0..2 {
            store.give_callbacks_own_time(&MerchantId::new(MERCHANT)).await.unwrap();
            assert_eq!(endpoints_due(&store).await, [own_clock()], "{database:?}");
        }
    }
}
