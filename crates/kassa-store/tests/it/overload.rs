//! More callers than may wait for a database that does not answer: they are told at once, and everybody is told in time.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use kassa_domain::Timestamp;
use kassa_store::simulation::fresh_postgres;
use kassa_store::{Store, StoreError};
use tokio_postgres::NoTls;

/// More than wait for the writers and are under way in their groups.
const CROWD: i64 = 6000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_beyond_the_queue_is_told_at_once() {
    let Some(url) = fresh_postgres().await else { return };
    let store = Arc::new(Store::connect(&url).await.unwrap());
    let (mut holder, driver) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(driver);
    let lock = holder.transaction().await.unwrap();
    lock.batch_execute("lock table setting in access exclusive mode").await.unwrap();

    let probes = join_all((0..CROWD).map(|number| store.prove_writable(Timestamp::from_ms(number)))).await;
    let (mut beyond, mut others) = (0, 0);
    for probe in probes {
        match probe.unwrap_err() {
            StoreError::Unavailable(reason) if reason.as_str().contains("too many changes") => beyond += 1,
            StoreError::Unavailable(_) => others += 1,
            error @ (StoreError::Unusable(_) | StoreError::Fault(_)) => panic!("{error}"),
        }
    }
    assert!(beyond > 0 && others > 0, "{beyond} beyond the queue, {others} within it");

    lock.rollback().await.unwrap();
    // Whoever was told goes on taking a place in the queue until a writer comes by.
    let takes_changes = async {
        while store.prove_writable(Timestamp::from_ms(CROWD)).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), takes_changes).await.expect("it takes changes again");
}
