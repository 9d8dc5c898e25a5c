//! The state of the service's feed, which the whole tracker can ask for.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use super::options::Service;

/// The state of the service's feed.
#[derive(Debug)]
pub(super) struct FeedConnection {
    is_offered: AtomicBool,
    /// The service refused the feed.
    is_refused: AtomicBool,
    /// The feed delivers changes at present.
    pub(super) is_delivering: AtomicBool,
    /// Sessions may have been read rarely because of the feed, in this run or an earlier one.
    pub(super) is_relied_on: AtomicBool,
    /// Notified when the feed may be offered.
    offered: Notify,
    pub(super) service: Service,
}

impl FeedConnection {
    pub(super) fn of(service: Service) -> Self {
        Self {
            is_offered: AtomicBool::new(service == Service::Kassa),
            is_refused: AtomicBool::default(),
            is_delivering: AtomicBool::default(),
            is_relied_on: AtomicBool::new(true),
            offered: Notify::default(),
            service,
        }
    }

    /// Whether the feed delivers changes at present.
    pub(super) fn is_delivering(&self) -> bool {
        self.is_delivering.load(Ordering::Relaxed)
    }

    /// Notes that a read had an `ETag`, so the service may be Kassa.
    pub(super) fn note_tag(&self) {
        let may_be_kassa = self.service == Service::Unknown && !self.is_refused.load(Ordering::Relaxed);
        if may_be_kassa && !self.is_offered.swap(true, Ordering::Relaxed) {
            self.offered.notify_one();
        }
    }

    pub(super) fn note_refusal(&self) {
        self.is_refused.store(true, Ordering::Relaxed);
        self.is_offered.store(false, Ordering::Relaxed);
    }

    /// Waits until the service may offer a feed.
    pub(super) async fn until_offered(&self) {
        while !self.is_offered.load(Ordering::Relaxed) {
            self.offered.notified().await;
        }
    }
}
