//! Metrics of the database: the times of commits and reads, and the waits for a writer.

use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use tokio::time::Instant;

/// The times of one database, from the view of this node. A clone shares the figures.
#[derive(Clone, Debug)]
pub struct StoreTimings {
    /// The time from the begin of a transaction until it is durable, in seconds.
    pub commit_seconds: Histogram,
    /// The number of changes that one transaction commits.
    pub commit_changes: Histogram,
    /// The time that a change waits for a connection that writes, in seconds.
    pub write_wait_seconds: Histogram,
    /// The time of a read, in seconds.
    pub read_seconds: Histogram,
    /// Changes that wait, or are in a transaction under way.
    pub changes_in_progress: Gauge,
}

impl Default for StoreTimings {
    fn default() -> Self {
        let seconds = || Histogram::new(exponential_buckets(0.000_05, 2.0, 18));
        Self {
            commit_seconds: seconds(),
            commit_changes: Histogram::new(exponential_buckets(1.0, 2.0, 9)),
            write_wait_seconds: seconds(),
            read_seconds: seconds(),
            changes_in_progress: Gauge::default(),
        }
    }
}

impl StoreTimings {
    /// A change is queued now.
    pub(crate) fn queued(&self) -> QueuedChange {
        self.changes_in_progress.inc();
        QueuedChange { in_progress: self.changes_in_progress.clone(), at: Instant::now() }
    }

    /// A writer begins to commit these changes.
    pub(crate) fn commit_begins<'a>(
        &self,
        queued: impl Iterator<Item = &'a QueuedChange>,
    ) -> CommitTimer<'_> {
        let begun_at = Instant::now();
        let mut changes = 0.0;
        for change in queued {
            self.write_wait_seconds.observe(seconds(begun_at.saturating_duration_since(change.at)));
            changes += 1.0;
        }
        CommitTimer { timings: self, begun_at, changes }
    }

    /// A read that began then has ended.
    pub(crate) fn read_ended(&self, begun_at: Instant) {
        self.read_seconds.observe(seconds(begun_at.elapsed()));
    }
}

/// A change that waits for its commit, or is being committed.
#[derive(Debug)]
pub(crate) struct QueuedChange {
    in_progress: Gauge,
    at: Instant,
}

impl Drop for QueuedChange {
    fn drop(&mut self) {
        self.in_progress.dec();
    }
}

/// A commit under way.
pub(crate) struct CommitTimer<'a> {
    timings: &'a StoreTimings,
    begun_at: Instant,
    changes: f64,
}

impl CommitTimer<'_> {
    /// The transaction has ended.
    pub(crate) fn ended(self) {
        self.timings.commit_seconds.observe(seconds(self.begun_at.elapsed()));
        self.timings.commit_changes.observe(self.changes);
    }
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}
