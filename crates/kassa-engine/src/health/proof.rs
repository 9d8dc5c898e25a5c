//! Whether the database can be written, proven once a second at most, however many callers ask.

use std::time::Duration;

use kassa_domain::Timestamp;
use kassa_store::{Store, StoreError};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long a proof counts, from its beginning.
const PROVEN_FOR: Duration = Duration::from_secs(1);

/// The latest proof. The node writes only when somebody asks.
#[derive(Default)]
pub(crate) struct Readiness {
    latest: Mutex<Option<Proof>>,
}

/// One durable write, under way or finished. It continues when the caller that began it goes away, so that callers who
/// do not wait cannot cause a write each.
#[derive(Clone)]
struct Proof {
    began_at: Instant,
    outcome: watch::Receiver<Option<Result<(), StoreError>>>,
}

impl Readiness {
    /// The outcome of the latest proof. Begins another one if that is older than a second and finished.
    pub(crate) async fn proven(&self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        let mut proof = self.proof(store, now);
        match proof.outcome.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(outcome)) => outcome.clone(),
            Ok(None) | Err(_) => Err(StoreError::Fault("the proof did not finish".into())),
        }
    }

    fn proof(&self, store: &Store, now: Timestamp) -> Proof {
        let mut latest = self.latest.lock();
        match &*latest {
            Some(proof) if proof.answers() => proof.clone(),
            Some(_) | None => latest.insert(Proof::begin(store.clone(), now)).clone(),
        }
    }
}

impl Proof {
    fn begin(store: Store, now: Timestamp) -> Self {
        let (finished, outcome) = watch::channel(None);
        tokio::spawn(async move { finished.send_replace(Some(store.prove_writable(now).await)) });
        Self { began_at: Instant::now(), outcome }
    }

    fn answers(&self) -> bool {
        // The sender is dropped when the proof has finished.
        let is_under_way = self.outcome.has_changed().is_ok();
        is_under_way || self.began_at.elapsed() < PROVEN_FOR
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    /// The value that the last proof wrote: the instant that the caller gave.
    async fn last_proof(store: &Store) -> String {
        store.setting_or("write_probe", "nothing").await.unwrap()
    }

    #[tokio::test]
    async fn callers_within_a_second_share_one_write() {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&folder.path().join("kassa.db")).unwrap();
        let readiness = Readiness::default();
        for at_ms in 1..=100 {
            readiness.proven(&store, Timestamp::from_ms(at_ms)).await.unwrap();
        }
        assert_eq!(last_proof(&store).await, "1", "the first question wrote, and answered for the others");
    }

    #[tokio::test(start_paused = true)]
    async fn a_proof_is_made_anew_after_a_second() {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&folder.path().join("kassa.db")).unwrap();
        let readiness = Readiness::default();
        readiness.proven(&store, Timestamp::from_ms(1)).await.unwrap();
        tokio::time::advance(PROVEN_FOR).await;
        readiness.proven(&store, Timestamp::from_ms(2)).await.unwrap();
        assert_eq!(last_proof(&store).await, "2");
    }

    #[tokio::test]
    async fn a_caller_that_goes_away_does_not_end_the_proof() {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&folder.path().join("kassa.db")).unwrap();
        let readiness = Readiness::default();
        for at_ms in 1..=100 {
            let asked = readiness.proven(&store, Timestamp::from_ms(at_ms));
            assert!(futures_util::FutureExt::now_or_never(asked).is_none(), "the write takes longer");
        }
        readiness.proven(&store, Timestamp::from_ms(101)).await.unwrap();
        assert_eq!(last_proof(&store).await, "1");
    }

    #[tokio::test]
    async fn a_store_that_cannot_be_written_is_not_ready() {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&folder.path().join("kassa.db")).unwrap();
        store.close().await;
        let outcome = Readiness::default().proven(&store, Timestamp::from_ms(1)).await;
        assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    }
}
