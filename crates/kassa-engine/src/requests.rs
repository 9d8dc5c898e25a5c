//! Records finished requests about page sessions, for the timeline.
//!
//! A request only puts its record into a bounded queue in memory, where equal reads are one entry with a number. A
//! background job of the node writes the queue once a second, in batches. If requests come faster than the job may
//! write, records are dropped and counted: the timeline is then incomplete, and no request is slower. At an orderly
//! stop the node writes the queue; at a crash it is lost.

mod queue;

use std::sync::Arc;

use kassa_domain::time::SECOND_MS;
use kassa_domain::{Actor, MerchantId, Timestamp};
use kassa_store::Store;
use parking_lot::Mutex;
use tokio::sync::Mutex as AsyncMutex;
use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, Monotonic};
use crate::log_throttle::LogThrottle;
use crate::metrics::Metrics;

use queue::Queue;

/// Maximum number of rows that a node writes in a second. It bounds what the record costs, also at the highest load.
const ROWS_PER_SECOND: usize = 1000;

/// Rows that are written in one transaction. Other transactions wait for it on SQLite.
const ROWS_AT_A_TIME: usize = 100;

/// Records finished requests. Cloning it costs a reference count.
#[derive(Clone)]
pub struct Requests(Arc<Parts>);

struct Parts {
    store: Store,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    queue: Mutex<Queue>,
    /// The rows written in the present second. Its lock is also the turn to write.
    budget: AsyncMutex<Budget>,
    failures: LogThrottle,
}

/// A finished request. It borrows its parts, because most requests are equal reads and only raise a number.
#[derive(Clone, Debug)]
pub struct RequestRecord<'a> {
    /// The id of the page session or payment session that it was about.
    pub owner_id: &'a str,
    /// The owning merchant.
    pub merchant_id: &'a MerchantId,
    /// The number of status changes that the page session had when the request read it.
    pub version: Option<i64>,
    /// The actor.
    pub actor: &'a Actor,
    /// When it began, by the merchant's clock.
    pub began_at: Timestamp,
    /// The duration, in milliseconds.
    pub duration_ms: i64,
    /// The method.
    pub method: &'a str,
    /// The pattern of the path.
    pub route: &'a str,
    /// The HTTP status of the answer.
    pub answer_status: u16,
    /// The correlation id of the answer.
    pub correlation_id: &'a str,
    /// The code of a refusal.
    pub error_code: Option<&'static str>,
    /// The first message of a refusal.
    pub error_message: Option<String>,
}

/// The number of rows that may still be written before `until`.
struct Budget {
    until: Monotonic,
    rows: usize,
}

impl Requests {
    pub(crate) fn new(store: Store, clock: Arc<dyn Clock>, metrics: Arc<Metrics>) -> Self {
        let budget = AsyncMutex::new(Budget { until: Monotonic::from_ms(0), rows: 0 });
        let (queue, failures) = (Mutex::default(), LogThrottle::default());
        Self(Arc::new(Parts { store, clock, metrics, queue, budget, failures }))
    }

    /// The present instant by a merchant's clock.
    #[must_use]
    pub fn now(&self, merchant: &MerchantId) -> Timestamp {
        self.0.clock.now(merchant)
    }

    /// Puts a finished request into the queue, or drops it if the queue is full.
    pub fn record(&self, record: &RequestRecord<'_>) {
        let has_place = self.0.queue.lock().add(record);
        if !has_place {
            self.0.metrics.node.requests_not_recorded(1);
        }
    }

    /// Writes the queue, as far as the rows of this second allow it.
    pub async fn write_queue(&self) {
        let mut budget = self.0.budget.lock().await;
        let allowed = budget.allowance(self.0.clock.monotonic_now());
        let (rows, dropped) = self.0.queue.lock().take_rows(allowed);
        budget.rows -= rows.len();
        self.0.metrics.node.requests_not_recorded(dropped);
        for rows in rows.chunks(ROWS_AT_A_TIME) {
            if let Err(error) = self.0.store.record_requests(rows).await {
                self.0.metrics.node.requests_not_recorded(rows.len());
                if let Some(left_out) = self.0.failures.may_log(self.0.clock.monotonic_now()) {
                    tracing::warn!(%error, left_out, "finished requests were not recorded; their timelines lack them");
                }
            }
        }
    }

    /// Writes the queue once a second, until `stop`.
    pub(crate) async fn write_until(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let next = self.0.clock.monotonic_now().plus_ms(SECOND_MS);
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.0.clock.sleep_until(next) => self.write_queue().await,
            }
        }
    }
}

impl Budget {
    /// The rows that may be written now. A new second begins with all of them.
    fn allowance(&mut self, now: Monotonic) -> usize {
        if now >= self.until {
            *self = Self { until: now.plus_ms(SECOND_MS), rows: ROWS_PER_SECOND };
        }
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_of_a_second_are_bounded() {
        let mut budget = Budget { until: Monotonic::from_ms(0), rows: 0 };
        assert_eq!(budget.allowance(Monotonic::from_ms(5)), ROWS_PER_SECOND);
        budget.rows -= 900;
        assert_eq!(budget.allowance(Monotonic::from_ms(1_004)), 100);
        assert_eq!(budget.allowance(Monotonic::from_ms(1_005)), ROWS_PER_SECOND);
    }
}
