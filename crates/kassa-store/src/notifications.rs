//! Notifications: a node reports its commits to the other nodes, so that they need not wait until they read again.
//! A notification only reduces latency. It is sent after the commit, outside of its transaction, and may be lost with a
//! node or a connection. A caller that waits for a change also reads from time to time.

use kassa_domain::{Endpoint, MerchantId, PageSessionId, PaymentSessionId, Timestamp};

use crate::{Engine, Store};

/// A notification to another node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notification {
    /// A page session changed.
    Changed {
        /// The page session.
        page_session_id: PageSessionId,
        /// The owning merchant.
        merchant_id: MerchantId,
    },
    /// The content of a payment session changed.
    PaymentSessionChanged(PaymentSessionId),
    /// A callback is due, and no worker has claimed it.
    Due {
        /// The endpoint.
        endpoint: Endpoint,
        /// The due date, by the endpoint's clock.
        due_at: Timestamp,
    },
    /// Notifications may have been lost.
    Missed,
}

impl Store {
    /// Sends a notification to the other nodes soon. Returns at once. If too many are queued, this one is dropped.
    pub fn announce(&self, notification: Notification) {
        match &*self.engine {
            // Other processes that use the file find the change when they read again.
            Engine::Sqlite(_) => {}
            Engine::Postgres(postgres) => postgres.announce(notification),
        }
    }

    /// Sends notifications to the other nodes, and calls `on_notification` for each one from them, for as long as it is
    /// polled.
    pub async fn exchange_notifications(&self, on_notification: impl Fn(Notification) + Send) {
        match &*self.engine {
            Engine::Sqlite(_) => std::future::pending().await,
            Engine::Postgres(postgres) => postgres.exchange_notifications(&on_notification).await,
        }
    }
}
