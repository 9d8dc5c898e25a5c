//! Waiting for a commit: long polls are woken by the change itself, and by no timer.
//!
//! Who waits subscribes before it reads. A change that is committed after the read therefore finds the subscription,
//! and one committed before it is seen by the read: none falls in between.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kassa_domain::time::SECOND_MS;
use kassa_domain::{MerchantId, PageSessionId};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::app::App;
use crate::clock::Monotonic;

/// How often a waiter reads again unasked, for what another process committed to the same database.
pub(crate) const READ_AGAIN_MS: i64 = SECOND_MS;

/// The longest time that a long poll is held, in seconds.
pub(crate) const LONGEST_WAIT_S: i64 = 60;

/// Parts of a map, each with a lock of its own.
const SHARDS: usize = 64;

/// Everybody who waits: for a page session, or for any session of a merchant.
#[derive(Default)]
pub(crate) struct Waiting {
    page_sessions: Arc<Waiters<PageSessionId>>,
    merchants: Arc<Waiters<MerchantId>>,
}

impl Waiting {
    /// Subscribes to the changes of one page session.
    pub(crate) fn for_page_session(&self, id: &PageSessionId) -> Waiter<PageSessionId> {
        Waiters::subscribe(&self.page_sessions, id.clone())
    }

    /// Subscribes to the changes of all page sessions of a merchant.
    pub(crate) fn for_merchant(&self, id: &MerchantId) -> Waiter<MerchantId> {
        Waiters::subscribe(&self.merchants, id.clone())
    }

    /// Wakes those who wait for this session or for its merchant. Called after the commit.
    pub(crate) fn tell(&self, page_session: &PageSessionId, merchant: &MerchantId) {
        self.page_sessions.wake(page_session);
        self.merchants.wake(merchant);
    }

    /// Wakes everybody, since changes may have been missed.
    pub(crate) fn tell_all(&self) {
        self.page_sessions.wake_all();
        self.merchants.wake_all();
    }

    /// How many wait now.
    pub(crate) fn count(&self) -> usize {
        self.page_sessions.count.load(Ordering::Relaxed) + self.merchants.count.load(Ordering::Relaxed)
    }
}

/// The subscriptions by key. A key is there as long as somebody waits for it.
struct Waiters<K> {
    shards: [Mutex<HashMap<K, Arc<Notify>>>; SHARDS],
    hasher: RandomState,
    count: AtomicUsize,
}

impl<K> Default for Waiters<K> {
    fn default() -> Self {
        let shards = std::array::from_fn(|_| Mutex::default());
        Self { shards, hasher: RandomState::new(), count: AtomicUsize::new(0) }
    }
}

impl<K: Hash + Eq + Clone> Waiters<K> {
    fn subscribe(waiters: &Arc<Self>, key: K) -> Waiter<K> {
        let news = waiters.shard(&key).entry(key.clone()).or_default().clone();
        waiters.count.fetch_add(1, Ordering::Relaxed);
        Waiter { of: waiters.clone(), key, news: Some(news) }
    }

    fn wake(&self, key: &K) {
        if let Some(news) = self.shard(key).get(key) {
            news.notify_waiters();
        }
    }

    fn wake_all(&self) {
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.values().for_each(|news| news.notify_waiters());
        }
    }

    fn shard(&self, key: &K) -> MutexGuard<'_, HashMap<K, Arc<Notify>>> {
        let index = usize::try_from(self.hasher.hash_one(key) % SHARDS as u64).unwrap_or(0);
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One subscription. It ends when it is dropped, as when the client goes away.
pub(crate) struct Waiter<K: Hash + Eq + Clone> {
    of: Arc<Waiters<K>>,
    key: K,
    news: Option<Arc<Notify>>,
}

impl<K: Hash + Eq + Clone> Waiter<K> {
    /// Ends at the next change from this call on, however late it is awaited: call it, then read, then await it.
    pub(crate) fn news(&self) -> Notified<'_> {
        self.news.as_ref().expect("a subscription has its news until it is dropped").notified()
    }
}

impl<K: Hash + Eq + Clone> Drop for Waiter<K> {
    fn drop(&mut self) {
        let mut shard = self.of.shard(&self.key);
        drop(self.news.take());
        // Whoever subscribes clones under the same lock: what the map alone holds, nobody waits for.
        if shard.get(&self.key).is_some_and(|news| Arc::strong_count(news) == 1) {
            shard.remove(&self.key);
            if shard.capacity() > 64 && shard.len() * 4 < shard.capacity() {
                shard.shrink_to_fit();
            }
        }
        drop(shard);
        self.of.count.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What ended a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Woken {
    /// Something may have changed: read again.
    ReadAgain,
    /// The time is over, or the system stops: answer what there is.
    TimeIsOver,
}

/// Waits for news, until `until` at the latest; from `again_at` on it is time to read unasked.
pub(crate) async fn wait(
    app: &App,
    news: impl Future<Output = ()>,
    again_at: Monotonic,
    until: Monotonic,
) -> Woken {
    if app.clock.monotonic_now() >= until || app.stop.is_cancelled() {
        return Woken::TimeIsOver;
    }
    tokio::select! {
        biased;
        () = app.stop.cancelled() => Woken::TimeIsOver,
        () = news => Woken::ReadAgain,
        () = app.clock.sleep_until(again_at.min(until)) => Woken::ReadAgain,
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn keys() -> (PageSessionId, MerchantId) {
        (PageSessionId::new("s"), MerchantId::new("m"))
    }

    #[test]
    fn news_between_subscribing_and_awaiting_are_kept() {
        let (session, merchant) = keys();
        let waiting = Waiting::default();
        let waiter = waiting.for_page_session(&session);
        let news = waiter.news();
        waiting.tell(&session, &merchant);
        assert!(news.now_or_never().is_some());
        assert!(waiter.news().now_or_never().is_none(), "news are told once");
    }

    #[test]
    fn only_those_who_wait_for_it_are_woken() {
        let (session, merchant) = keys();
        let waiting = Waiting::default();
        let (of_other, of_merchant) =
            (waiting.for_page_session(&PageSessionId::new("other")), waiting.for_merchant(&merchant));
        let (other_news, merchant_news) = (of_other.news(), of_merchant.news());
        waiting.tell(&session, &merchant);
        assert!(other_news.now_or_never().is_none());
        assert!(merchant_news.now_or_never().is_some());
    }

    #[test]
    fn the_last_to_leave_clears_up() {
        let (session, merchant) = keys();
        let waiting = Waiting::default();
        let entries = || waiting.page_sessions.shard(&session).len();
        let (first, second) = (waiting.for_page_session(&session), waiting.for_page_session(&session));
        assert_eq!((waiting.count(), entries()), (2, 1));
        drop(first);
        assert_eq!((waiting.count(), entries()), (1, 1));
        let news = second.news();
        waiting.tell(&session, &merchant);
        assert!(news.now_or_never().is_some(), "who stays is still woken");
        drop(second);
        assert_eq!((waiting.count(), entries()), (0, 0));
    }
}
