//! Where a callback and the consumer whom the same change sends to the shop wait for each other, if the weather wants it.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kassa_domain::PageSessionId;
use kassa_domain::page_session::PageSession;
use kassa_store::StoreError;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::timeout;

use super::weather::{Attempted, CallbackFault};
use crate::app::App;

/// The longest that one waits for the other: less than a callback's lease leaves.
const LONGEST_HOLD: Duration = Duration::from_secs(3);

/// The callbacks that wait for their consumers, and the news of those that were attempted.
#[derive(Default)]
pub(super) struct Crossing {
    waiting: Mutex<HashSet<PageSessionId>>,
    news: Notify,
}

impl Crossing {
    /// Holds a callback until its consumer is sent to the shop.
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
        // Nobody was sent to the shop in time: the callback goes alone.
        let _ = timeout(LONGEST_HOLD, departed).await;
        self.waiting().remove(of);
    }

    /// Lets a callback go that waits for this consumer; says whether there was one.
    fn depart(&self, of: &PageSessionId) -> bool {
        let was_waiting = self.waiting().remove(of);
        if was_waiting {
            self.tell();
        }
        was_waiting
    }

    /// Ends at the next news from this call on.
    pub(super) fn news(&self) -> Notified<'_> {
        self.news.notified()
    }

    /// Something was attempted, has arrived here, or has left.
    pub(super) fn tell(&self) {
        self.news.notify_waiters();
    }

    fn waiting(&self) -> MutexGuard<'_, HashSet<PageSessionId>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The consumer is about to be sent to the shop: held until the callback of that change has come as far as the
/// weather wants.
pub(crate) async fn depart(app: &App, session: &PageSession) -> Result<(), StoreError> {
    let Some(bench) = app.lab.as_ref().map(|lab| lab.bench(&session.merchant_id)) else { return Ok(()) };
    let Some(weather) = bench.weather() else { return Ok(()) };
    let faults = weather.of_attempt(Attempted::first(session));
    let is_together = faults.contains(&CallbackFault::Together);
    if !is_together && !faults.contains(&CallbackFault::Early) {
        return Ok(());
    }
    let held = async {
        loop {
            let news = bench.crossing.news();
            let has_left = is_together && bench.crossing.depart(&session.id);
            if has_left || !app.store.waits_for_first_attempt(&session.id, session.version).await? {
                return Ok(());
            }
            news.await;
        }
    };
    // A callback that does not come in time holds nobody any longer.
    timeout(LONGEST_HOLD, held).await.unwrap_or(Ok(()))
}
