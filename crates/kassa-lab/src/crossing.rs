//! The faults `early` and `together`: a callback and the consumer's redirect to the shop wait for each other.

use std::collections::HashSet;
use std::time::Duration;

use kassa_domain::PageSessionId;
use kassa_domain::page_session::PageSession;
use kassa_store::StoreError;
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::timeout;

use super::faults::{Attempted, CallbackFault};
use crate::bench::Bench;
use kassa_engine::Reads;

/// Maximum time that one waits for the other. It is shorter than a callback's lease.
const LONGEST_HOLD: Duration = Duration::from_secs(3);

/// The callbacks that wait for their consumer's redirect, and a notification about attempts.
#[derive(Default)]
pub(super) struct Crossing {
    waiting: Mutex<HashSet<PageSessionId>>,
    news: Notify,
}

impl Crossing {
    /// Delays a callback until its consumer is redirected to the shop.
    pub(super) async fn wait_for_departure(&self, of: &PageSessionId) {
        self.waiting().insert(of.clone());
        self.tell();
        let departed = async {
            loop {
                let news = self.news();
                if !self.waiting().contains(of) {
                    return;
                }
                news.await;
            }
        };
        // If the consumer is not redirected in time, the callback is sent all the same.
        let _ = timeout(LONGEST_HOLD, departed).await;
        self.waiting().remove(of);
    }

    /// Releases the callback that waits for this consumer. Returns whether there was one.
    fn release(&self, of: &PageSessionId) -> bool {
        let was_waiting = self.waiting().remove(of);
        if was_waiting {
            self.tell();
        }
        was_waiting
    }

    /// Completes at the next notification after this call.
    pub(super) fn news(&self) -> Notified<'_> {
        self.news.notified()
    }

    /// Notifies waiters: a callback was attempted, has started to wait, or was released.
    pub(super) fn tell(&self) {
        self.news.notify_waiters();
    }

    fn waiting(&self) -> MutexGuard<'_, HashSet<PageSessionId>> {
        self.waiting.lock()
    }
}

/// Delays the consumer's redirect to the shop as the merchant's faults require: `together` until the callback is about
/// to be sent, `early` until its first attempt has ended.
pub(super) async fn wait_for_callback(
    bench: &Bench,
    session: &PageSession,
    reads: &Reads,
) -> Result<(), StoreError> {
    let Some(rules) = bench.faults() else { return Ok(()) };
    let faults = rules.of_attempt(Attempted::first(session));
    let is_together = faults.contains(&CallbackFault::Together);
    if !is_together && !faults.contains(&CallbackFault::Early) {
        return Ok(());
    }
    let callback = async {
        loop {
            let news = bench.crossing.news();
            let is_released = is_together && bench.crossing.release(&session.id);
            if is_released || !reads.waits_for_first_attempt(&session.id, session.version).await? {
                return Ok(());
            }
            news.await;
        }
    };
    // If the callback does not come in time, the consumer is redirected all the same.
    timeout(LONGEST_HOLD, callback).await.unwrap_or(Ok(()))
}
