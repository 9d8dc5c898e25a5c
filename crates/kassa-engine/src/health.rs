//! Whether the node is ready, and its metrics.

mod proof;

use std::sync::Arc;

use kassa_domain::time::{HOUR_MS, SECOND_MS};
use kassa_store::StoreError;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::clock::Monotonic;
use crate::ids::first_uuid_of;
use crate::parts::EngineParts;
use proof::Readiness;

/// The age of the page sessions that the metrics count by status.
const RECENT_MS: i64 = 24 * HOUR_MS;

/// Maximum number of page sessions that the metrics count by status. It bounds the cost of the query.
const MOST_RECENT: i64 = 5_000;

/// The time between two counts of recent page sessions, however often the metrics are read.
const COUNT_AGAIN_MS: i64 = 15 * SECOND_MS;
/// Maximum number of rows of each kind that are counted for the backlog of the audit trail.
const AUDIT_BACKLOG_COUNTED: i64 = 10_000;

/// Readiness and metrics of the node.
#[derive(Clone)]
pub struct Health(Arc<Parts>);

struct Parts {
    engine: Arc<EngineParts>,
    readiness: Readiness,
    draining: CancellationToken,
    /// When recent page sessions are counted again.
    next_count: Mutex<Option<Monotonic>>,
}

/// The reason why requests should go to another node.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// The node is about to stop.
    #[error("stopping")]
    Stopping,
    /// The database cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The reason why there are no metrics.
#[derive(Debug, thiserror::Error)]
pub enum NoMetrics {
    /// The database cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The page cannot be written.
    #[error(transparent)]
    Format(#[from] std::fmt::Error),
}

impl Health {
    pub(crate) fn new(engine: Arc<EngineParts>, draining: CancellationToken) -> Self {
        Self(Arc::new(Parts {
            engine,
            readiness: Readiness::default(),
            draining,
            next_count: Mutex::default(),
        }))
    }

    /// Whether requests may be sent to this node. Proves at most once a second that the database can be written.
    pub async fn ready(&self) -> Result<(), NotReady> {
        let Parts { engine, readiness, draining, .. } = &*self.0;
        if draining.is_cancelled() {
            return Err(NotReady::Stopping);
        }
        Ok(readiness.proven(&engine.store, engine.clock.system_now()).await?)
    }

    /// The metrics page, in the format of OpenMetrics.
    pub async fn metrics_page(&self) -> Result<String, NoMetrics> {
        let engine = &self.0.engine;
        let now = engine.time.due_now();
        let backlog = engine.store.backlog().await?;
        engine.metrics.operations.set(&engine.store.operations_backlog().await?, engine.time.lease_now());
        let messages = engine.store.deliveries_backlog().await?;
        engine.metrics.sessions.messages_waiting(&messages, engine.time.lease_now());
        self.count_recent_sessions().await?;
        engine.metrics.audit.waiting(engine.store.audit_backlog(AUDIT_BACKLOG_COUNTED).await?);
        engine.metrics.waiting(engine.news.long_polls(), engine.news.open_pages());
        Ok(engine.metrics.page(backlog, now)?)
    }

    /// Counts recent page sessions by status, unless that was done a moment ago.
    async fn count_recent_sessions(&self) -> Result<(), StoreError> {
        let engine = &self.0.engine;
        let now = engine.clock.monotonic_now();
        {
            let mut next = self.0.next_count.lock();
            if next.is_some_and(|next| now < next) {
                return Ok(());
            }
            *next = Some(now.plus_ms(COUNT_AGAIN_MS));
        }
        let first_id = first_uuid_of(engine.clock.system_now().plus_ms(-RECENT_MS));
        let counts = engine.store.recent_sessions_by_status(&first_id, MOST_RECENT).await?;
        engine.metrics.sessions.count_recent(&counts);
        Ok(())
    }
}
