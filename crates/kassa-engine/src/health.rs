//! Whether the node is ready, and its metrics.

mod proof;

use std::sync::Arc;

use kassa_store::StoreError;
use tokio_util::sync::CancellationToken;

use crate::parts::EngineParts;
use proof::Readiness;

/// Maximum number of rows of each kind that are counted for the backlog of the audit trail.
const AUDIT_BACKLOG_COUNTED: i64 = 10_000;

/// Readiness and metrics of the node.
#[derive(Clone)]
pub struct Health(Arc<Parts>);

struct Parts {
    engine: Arc<EngineParts>,
    readiness: Readiness,
    draining: CancellationToken,
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
        Self(Arc::new(Parts { engine, readiness: Readiness::default(), draining }))
    }

    /// Whether requests may be sent to this node. Proves at most once a second that the database can be written.
    pub async fn ready(&self) -> Result<(), NotReady> {
        let Parts { engine, readiness, draining } = &*self.0;
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
        engine.metrics.audit.waiting(engine.store.audit_backlog(AUDIT_BACKLOG_COUNTED).await?);
        engine.metrics.long_polls(engine.news.waiting());
        Ok(engine.metrics.page(backlog, now)?)
    }
}
