//! The faults `early` and `together`: a callback and the consumer's redirect to the shop wait for each other.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kassa_domain::PageSessionId;
use kassa_domain::page_session::PageSession;
use kassa_store::StoreError;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::timeout;

use super::faults::{Attempted, CallbackFault};
use crate::merchant_lab::MerchantLab;
use kassa_engine::Reads;

/// Maximum time that one waits for the other. It is shorter than a callback's lease.
const MAX_WAIT: Duration = Duration::from_secs(3);

/// The callbacks that wait for their consumer's redirect, and a notification about attempts.
#[derive(Default)]
pub(super) struct RedirectSync {
    waiting: Mutex<HashSet<PageSessionId>>,
    news: Notify,
}

impl RedirectSync {
    /// Delays a callback until its consumer is redirected to the shop.
    pub(super) async fn wait_for_redirect(&self, of: &PageSessionId) {
        self.waiting().insert(of.clone());
        self.notify();
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
        let _ = timeout(MAX_WAIT, departed).await;
        self.waiting().remove(of);
    }

    /// Releases the callback that waits for this consumer. Returns whether there was one.
    fn release(&self, of: &PageSessionId) -> bool {
        let was_waiting = self.waiting().remove(of);
        if was_waiting {
            self.notify();
        }
        was_waiting
    }

    /// Completes at the next notification after this call.
    pub(super) fn news(&self) -> Notified<'_> {
        self.news.notified()
    }

    /// Notifies waiters: a callback was attempted, has started to wait, or was released.
    pub(super) fn notify(&self) {
        self.news.notify_waiters();
    }

    fn waiting(&self) -> MutexGuard<'_, HashSet<PageSessionId>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Delays the consumer's redirect to the shop as the merchant's faults require: `together` until the callback is about
/// to be sent, `early` until its first attempt has ended.
pub(super) async fn wait_for_callback(
    merchant_lab: &MerchantLab,
    session: &PageSession,
    reads: &Reads,
) -> Result<(), StoreError> {
    let Some(rules) = merchant_lab.faults() else { return Ok(()) };
    let faults = rules.of_attempt(Attempted::first(session));
    let is_together = faults.contains(&CallbackFault::Together);
    if !is_together && !faults.contains(&CallbackFault::Early) {
        return Ok(());
    }
    let callback = async {
        loop {
            let news = merchant_lab.redirect_sync.news();
            let is_released = is_together && merchant_lab.redirect_sync.release(&session.id);
            if is_released || !reads.waits_for_first_attempt(&session.id, session.version).await? {
                return Ok(());
            }
            news.await;
        }
    };
    // If the callback does not come in time, the consumer is redirected all the same.
    timeout(MAX_WAIT, callback).await.unwrap_or(Ok(()))
}
