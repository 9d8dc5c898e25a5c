//! More callers than the queue can take, while the database does not answer: they get an error at once, and all others
//! in time.

use std::sync::Arc;

use futures_util::future::join_all;
use kassa_domain::Timestamp;
use kassa_store::{Store, StoreError};
use kassa_testkit::{eventually, fresh_postgres};
use tokio_postgres::NoTls;

/// More callers than can wait for the writers and be under way in their groups.
const CALLERS: i64 = 6000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_beyond_the_queue_get_an_error_at_once() {
    let Some(url) = fresh_postgres().await else { return };
    let store = Arc::new(Store::connect(&url).await.unwrap());
    let (mut holder, driver) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(driver);
    let lock = holder.transaction().await.unwrap();
    lock.batch_execute("lock table setting in access exclusive mode").await.unwrap();

    let probes = join_all((0..CALLERS).map(|number| store.prove_writable(Timestamp::from_ms(number)))).await;
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
    // The unit of a caller that got an error stays in the queue until a writer takes it.
    eventually("a change", async || store.prove_writable(Timestamp::from_ms(CALLERS)).await).await;
}
