//! Long polls and open pages: a commit wakes them, not a timer.
//!
//! A long poll subscribes before it reads. A change that is committed after the read finds the subscription, and the
//! read sees a change that was committed before it. No change is missed.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kassa_domain::time::SECOND_MS;
use kassa_domain::{MerchantId, PageSessionId, PaymentSessionId, Timestamp};
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, Monotonic};

/// How often a long poll reads again without a notification, to find what other nodes committed.
pub const READ_AGAIN_MS: i64 = SECOND_MS;

/// The longest time that a long poll waits, in seconds.
pub const LONGEST_WAIT_S: i64 = 60;

/// Parts of a map, each with a lock of its own.
const SHARDS: usize = 64;

/// The subscriptions to changes on this node. Long polls wait for a page session, or for any session of a merchant.
/// Open pages wait for their page session and for its payment session.
#[derive(Clone)]
pub struct News(Arc<Parts>);

struct Parts {
    page_sessions: Arc<Subscribers<PageSessionId>>,
    merchants: Arc<Subscribers<MerchantId>>,
    payment_sessions: Arc<Subscribers<PaymentSessionId>>,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
}

impl News {
    pub(crate) fn new(clock: Arc<dyn Clock>, stop: CancellationToken) -> Self {
        let (page_sessions, merchants) = (Arc::default(), Arc::default());
        let payment_sessions = Arc::default();
        Self(Arc::new(Parts { page_sessions, merchants, payment_sessions, clock, stop }))
    }

    /// Subscribes to the changes of one page session.
    #[must_use]
    pub fn for_page_session(&self, id: &PageSessionId) -> NewsSubscription<PageSessionId> {
        Subscribers::subscribe(&self.0.page_sessions, id.clone())
    }

    /// Subscribes to the changes of all page sessions of a merchant.
    #[must_use]
    pub fn for_merchant(&self, id: &MerchantId) -> NewsSubscription<MerchantId> {
        Subscribers::subscribe(&self.0.merchants, id.clone())
    }

    /// Subscribes to the changes of one payment session, for an open page.
    #[must_use]
    pub fn for_payment_session(&self, id: &PaymentSessionId) -> NewsSubscription<PaymentSessionId> {
        Subscribers::subscribe(&self.0.payment_sessions, id.clone())
    }

    /// The present moment, from which waiting times are counted.
    #[must_use]
    pub fn now(&self) -> Monotonic {
        self.0.clock.monotonic_now()
    }

    /// The present instant by a merchant's clock.
    #[must_use]
    pub fn now_of(&self, merchant: &MerchantId) -> Timestamp {
        self.0.clock.now(merchant)
    }

    /// Waits for `news`, until `until` at the latest. From `again_at` on it is time to read again without news.
    pub async fn wait(
        &self,
        news: impl Future<Output = ()>,
        again_at: Monotonic,
        until: Monotonic,
    ) -> WaitOutcome {
        let Parts { clock, stop, .. } = &*self.0;
        if clock.monotonic_now() >= until || stop.is_cancelled() {
            return WaitOutcome::TimeIsOver;
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => WaitOutcome::TimeIsOver,
            () = news => WaitOutcome::ReadAgain,
            () = clock.sleep_until(again_at.min(until)) => WaitOutcome::ReadAgain,
        }
    }

    /// Wakes the long polls for this session and for its merchant. Called after the commit.
    pub(crate) fn wake(&self, page_session: &PageSessionId, merchant: &MerchantId) {
        self.0.page_sessions.wake(page_session);
        self.0.merchants.wake(merchant);
    }

    /// Wakes the open pages of this payment session. Called after the commit.
    pub(crate) fn wake_pages(&self, payment_session: &PaymentSessionId) {
        self.0.payment_sessions.wake(payment_session);
    }

    /// Wakes everything that waits, because changes may have been missed.
    pub(crate) fn wake_all(&self) {
        self.0.page_sessions.wake_all();
        self.0.merchants.wake_all();
        self.0.payment_sessions.wake_all();
    }

    /// The number of long polls that wait now. An open page subscribes to its page session, too, but is none.
    pub(crate) fn long_polls(&self) -> usize {
        let all = self.0.page_sessions.count() + self.0.merchants.count();
        all.saturating_sub(self.open_pages())
    }

    /// The number of open pages that wait now.
    pub(crate) fn open_pages(&self) -> usize {
        self.0.payment_sessions.count()
    }
}

/// The subscriptions by key. A key has an entry as long as somebody waits for it.
struct Subscribers<K> {
    shards: [Mutex<HashMap<K, Arc<Notify>>>; SHARDS],
    hasher: RandomState,
    count: AtomicUsize,
}

impl<K> Default for Subscribers<K> {
    fn default() -> Self {
        let shards = std::array::from_fn(|_| Mutex::default());
        Self { shards, hasher: RandomState::new(), count: AtomicUsize::new(0) }
    }
}

impl<K: Hash + Eq + Clone> Subscribers<K> {
    fn subscribe(waiters: &Arc<Self>, key: K) -> NewsSubscription<K> {
        let news = waiters.shard(&key).entry(key.clone()).or_default().clone();
        waiters.count.fetch_add(1, Ordering::Relaxed);
        NewsSubscription { of: waiters.clone(), key, news: Some(news) }
    }

    fn wake(&self, key: &K) {
        if let Some(news) = self.shard(key).get(key) {
            news.notify_waiters();
        }
    }

    fn wake_all(&self) {
        for shard in &self.shards {
            let shard = shard.lock();
            shard.values().for_each(|news| news.notify_waiters());
        }
    }

    fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    fn shard(&self, key: &K) -> MutexGuard<'_, HashMap<K, Arc<Notify>>> {
        let index = usize::try_from(self.hasher.hash_one(key) % SHARDS as u64).unwrap_or(0);
        self.shards[index].lock()
    }
}

/// One subscription. It ends when it is dropped, for example when the client disconnects.
pub struct NewsSubscription<K: Hash + Eq + Clone> {
    of: Arc<Subscribers<K>>,
    key: K,
    news: Option<Arc<Notify>>,
}

impl<K: Hash + Eq + Clone> NewsSubscription<K> {
    /// Ends at the next change after this call, however late it is awaited: call it, then read, then await it.
    pub fn news(&self) -> Notified<'_> {
        self.news.as_ref().expect("a subscription has its news until it is dropped").notified()
    }
}

impl<K: Hash + Eq + Clone> Drop for NewsSubscription<K> {
    fn drop(&mut self) {
        let mut shard = self.of.shard(&self.key);
        drop(self.news.take());
        // A subscriber clones under the same lock, so nobody waits for an entry that has no other clone.
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

/// The reason why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitOutcome {
    /// Something may have changed: read again.
    ReadAgain,
    /// The time is over, or the node stops: answer with what there is.
    TimeIsOver,
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::clock::SystemClock;

    fn keys() -> (PageSessionId, MerchantId) {
        (PageSessionId::new("s"), MerchantId::new("m"))
    }

    #[test]
    fn a_change_between_subscribing_and_awaiting_is_not_missed() {
        let (session, merchant) = keys();
        let news = News::new(Arc::new(SystemClock), CancellationToken::new());
        let waiter = news.for_page_session(&session);
        let heard = waiter.news();
        news.wake(&session, &merchant);
        assert!(heard.now_or_never().is_some());
        assert!(waiter.news().now_or_never().is_none(), "a change wakes once");
    }

    #[test]
    fn a_change_wakes_only_the_long_polls_that_wait_for_it() {
        let (session, merchant) = keys();
        let news = News::new(Arc::new(SystemClock), CancellationToken::new());
        let (of_other, of_merchant) =
            (news.for_page_session(&PageSessionId::new("other")), news.for_merchant(&merchant));
        let (other_news, merchant_news) = (of_other.news(), of_merchant.news());
        news.wake(&session, &merchant);
        assert!(other_news.now_or_never().is_none());
        assert!(merchant_news.now_or_never().is_some());
    }

    #[test]
    fn the_last_subscription_removes_its_entry() {
        let (session, merchant) = keys();
        let news = News::new(Arc::new(SystemClock), CancellationToken::new());
        let entries = || news.0.page_sessions.shard(&session).len();
        let (first, second) = (news.for_page_session(&session), news.for_page_session(&session));
        assert_eq!((news.long_polls(), entries()), (2, 1));
        drop(first);
        assert_eq!((news.long_polls(), entries()), (1, 1));
        let heard = second.news();
        news.wake(&session, &merchant);
        assert!(heard.now_or_never().is_some(), "the other subscription is still woken");
        drop(second);
        assert_eq!((news.long_polls(), entries()), (0, 0));
    }
}
