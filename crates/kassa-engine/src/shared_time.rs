//! The time by which processes share the delivery of callbacks through the database: leases, and the dates at which
//! attempts are due.
//!
//! On PostgreSQL both go by the database's clock, so that nodes whose clocks differ agree. The node compares the
//! database's clock with its own moments once a second. A SQLite file has no clock of its own: there, leases go by the
//! machine's date at the start and run steadily from it, and due dates follow the machine's date forward but never
//! back. So a clock that is set forward ends no lease, and one that is set back delays no retry.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use kassa_domain::time::SECOND_MS;
use kassa_domain::{MerchantId, Timestamp};
use kassa_store::{Store, StoreError};

use crate::clock::Clock;

/// A comparison that takes longer is ignored, because it says too little about the database's clock.
const LONGEST_COMPARISON_MS: i64 = SECOND_MS;

/// The node logs a warning if its date differs from the database's by more than this.
const TOLERATED_OFFSET_MS: i64 = 2 * SECOND_MS;

/// Leases and due dates.
pub(crate) struct SharedTime {
    clock: Arc<dyn Clock>,
    /// The dates at the clock's moment zero.
    lease_start_ms: AtomicI64,
    due_start_ms: AtomicI64,
    /// How far this node's date is ahead of the database's.
    offset_ms: AtomicI64,
    goes_by_database: AtomicBool,
    is_offset: AtomicBool,
}

impl SharedTime {
    /// The time of this clock, for a database that has no clock of its own.
    pub(crate) fn of_machine(clock: Arc<dyn Clock>) -> Self {
        let start_ms = AtomicI64::new(clock.system_now().as_ms() - clock.monotonic_now().as_ms());
        Self {
            due_start_ms: AtomicI64::new(start_ms.load(Ordering::Relaxed)),
            lease_start_ms: start_ms,
            clock,
            offset_ms: AtomicI64::new(0),
            goes_by_database: AtomicBool::new(false),
            is_offset: AtomicBool::new(false),
        }
    }

    /// The database's time, if the database has a clock.
    pub(crate) async fn with(store: &Store, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let time = Self::of_machine(clock);
        time.compare(store).await?;
        Ok(time)
    }

    /// This node's clock.
    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// The date by which leases begin and end.
    pub(crate) fn lease_now(&self) -> Timestamp {
        Timestamp::from_ms(self.lease_start_ms.load(Ordering::Relaxed))
            .plus_ms(self.clock.monotonic_now().as_ms())
    }

    /// The date by which callbacks are due, for merchants without a time of their own.
    pub(crate) fn due_now(&self) -> Timestamp {
        if self.goes_by_database.load(Ordering::Relaxed) {
            return self.lease_now();
        }
        let moment_ms = self.clock.monotonic_now().as_ms();
        let start_ms = self.clock.system_now().as_ms() - moment_ms;
        let latest_ms = self.due_start_ms.fetch_max(start_ms, Ordering::Relaxed).max(start_ms);
        Timestamp::from_ms(latest_ms).plus_ms(moment_ms)
    }

    /// The date by which this merchant's callbacks are due.
    pub(crate) fn due_now_of(&self, merchant: &MerchantId) -> Timestamp {
        if self.clock.is_own(merchant) { self.clock.now(merchant) } else { self.due_now() }
    }

    /// How far this node's date is ahead of the database's, in milliseconds.
    pub(crate) fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::Relaxed)
    }

    /// Reads the database's clock, if it has one, and adjusts this time to it. A test's clock is not compared.
    pub(crate) async fn compare(&self, store: &Store) -> Result<(), StoreError> {
        if !self.clock.is_machine() {
            return Ok(());
        }
        let asked = self.clock.monotonic_now();
        let Some(database_now) = store.database_now().await? else { return Ok(()) };
        let took_ms = self.clock.monotonic_now().ms_since(asked);
        let is_first = !self.goes_by_database.swap(true, Ordering::Relaxed);
        if took_ms > LONGEST_COMPARISON_MS && !is_first {
            return Ok(());
        }
        let database_start_ms = database_now.as_ms() - asked.as_ms() - took_ms / 2;
        self.lease_start_ms.store(database_start_ms, Ordering::Relaxed);
        let own_start_ms = self.clock.system_now().as_ms() - self.clock.monotonic_now().as_ms();
        self.note_offset(own_start_ms - database_start_ms);
        Ok(())
    }

    /// Logs once when the clocks begin to differ, and once when they agree again.
    fn note_offset(&self, offset_ms: i64) {
        self.offset_ms.store(offset_ms, Ordering::Relaxed);
        let is_offset = offset_ms.abs() > TOLERATED_OFFSET_MS;
        if is_offset && !self.is_offset.swap(is_offset, Ordering::Relaxed) {
            tracing::warn!(
                ahead_by_ms = offset_ms,
                "this node's clock differs from the database's: callbacks go by the database's, but sessions are dated \
                 and expire by this node's; synchronize the clocks"
            );
        } else if !is_offset && self.is_offset.swap(is_offset, Ordering::Relaxed) {
            tracing::warn!(ahead_by_ms = offset_ms, "this node's clock agrees with the database's again");
        }
    }
}
