//! What a node tells the others when it has committed something, so that they need not wait until they look again.
//!
//! A notice is a hint. It is told after the commit, outside of its transaction, and may be lost with a node or a
//! connection: whoever waits looks from time to time all the same.

use kassa_domain::{MerchantId, PageSessionId, Timestamp};

use crate::{Engine, Store};

/// Something that may be of interest to another node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A page session changed.
    Changed {
        /// The page session.
        page_session_id: PageSessionId,
        /// Whose it is.
        merchant_id: MerchantId,
    },
    /// A callback is due that nobody holds.
    Due {
        /// What it is claimed together with.
        endpoint: String,
        /// From when on, by the endpoint's clock.
        due_at: Timestamp,
    },
    /// Notices may have been missed.
    Missed,
}

impl Store {
    /// Has the other nodes told, soon. Costs the caller nothing; where there is too much to tell, it is not told.
    pub fn announce(&self, notice: Notice) {
        match &*self.engine {
            // Whoever shares the file looks for himself.
            Engine::Sqlite(_) => {}
            Engine::Postgres(postgres) => postgres.announce(notice),
        }
    }

    /// Tells the other nodes what is announced, and `hear` what they announced; for as long as it is polled.
    pub async fn exchange_notices(&self, hear: impl Fn(Notice) + Send) {
        match &*self.engine {
            Engine::Sqlite(_) => std::future::pending().await,
            Engine::Postgres(postgres) => postgres.exchange_notices(&hear).await,
        }
    }
}
