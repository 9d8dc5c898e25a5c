//! The network drops the packets of existing connections silently, as a firewall does that lost its state.

use kassa_domain::{MerchantId, Timestamp};
use kassa_store::{Store, StoreError};
use kassa_testkit::fresh_postgres;

use crate::wire_tap::Tap;

/// More than the connections for changes, and than those for reads. Successive calls use them in turn.
const CALLS: i64 = 8;

async fn use_every_connection(store: &Store) -> Result<(), StoreError> {
    for number in 0..CALLS {
        store.prove_writable(Timestamp::from_ms(number)).await?;
        store.merchant(&MerchantId::new("nobody")).await?;
    }
    Ok(())
}

/// A call with several statements would otherwise wait for one silent connection after the other, longer than its
/// caller waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_one_connection_fell_silent_no_call_waits_for_another_of_that_age() {
    let Some(url) = fresh_postgres().await else { return };
    let (tap, tapped) = Tap::before(&url).await;
    let store = Store::connect(&tapped).await.unwrap();
    use_every_connection(&store).await.unwrap();
    tap.silence();
    let why = store.prove_writable(Timestamp::from_ms(0)).await.unwrap_err();
    assert!(matches!(why, StoreError::Unavailable(_)), "PostgreSQL: {why}");
    use_every_connection(&store).await.unwrap();
}
