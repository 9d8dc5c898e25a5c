//! Reconciliation: a batch that compares the merchant's records with the service, as the vendor advises.

mod records;

use std::pin::pin;

use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use kassa_sql::values;
use kassa_wire::snapshot::SessionSnapshot;
use kassa_wire::status::SessionStatus;
use serde::{Deserialize, Serialize};

use super::verdict::{Source, UNACKNOWLEDGED_TOO_LONG_MS};
use super::{LONGEST_PAUSE_MS, Observation, StateError, Tracker};
use crate::client::RetryPolicy;
use crate::clock::{instant, ms_between, plus_ms};
use crate::ledger::RecordOutcome;
use crate::merge::change_id;

pub use super::words::Finding;
pub use records::MerchantRecords;

/// The maximum number of concurrent reads.
const CONCURRENT_READS: usize = 4;

/// The interval between checks of the account's rate limit, in milliseconds.
const RATE_LIMIT_POLL_MS: i64 = 50;

/// The merchant's record of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MerchantRecord {
    /// The page session's id.
    pub session_id: String,
    /// The status according to the merchant.
    pub status: SessionStatus,
}

/// The finding for one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordComparison {
    /// The record.
    #[serde(flatten)]
    pub record: MerchantRecord,
    /// The finding.
    pub finding: Finding,
    /// The reason for the finding.
    pub why: String,
}

impl Tracker {
    /// Compares records with the service, and passes the finding for each to `after_each`, in order. Several batches
    /// and sidecars may run at once on one database: each change is stored once.
    ///
    /// # Errors
    /// If a record cannot be read. The records before it were compared.
    pub async fn reconcile(
        &self,
        records: impl Stream<Item = Result<MerchantRecord, StateError>>,
        mut after_each: impl FnMut(RecordComparison),
    ) -> Result<(), StateError> {
        let compare = |record| async move { Ok::<_, StateError>(self.compare(record?).await) };
        let mut findings = pin!(records.map(compare).buffered(CONCURRENT_READS));
        while let Some(found) = findings.try_next().await? {
            after_each(found);
        }
        Ok(())
    }

    async fn compare(&self, record: MerchantRecord) -> RecordComparison {
        self.wait_for_rate_limit().await;
        let policy = RetryPolicy { longest_pause_ms: LONGEST_PAUSE_MS, ..RetryPolicy::default() };
        let client = self.client.clone().with_retry_policy(policy);
        let (finding, why) = match client.read_session(&record.session_id).await {
            Err(error) if error.is_not_found() && record.status.is_final() => {
                (Finding::Matching, "final, and the service no longer has the session".to_string())
            }
            Err(error) if error.is_not_found() => (
                Finding::Mismatched,
                "the service does not know the session: it has expired, or belongs to another account"
                    .to_string(),
            ),
            Err(error) => (Finding::Unreadable, error.to_string()),
            Ok(reply) if reply.status() == record.status => {
                (Finding::Matching, "the service says the same".to_string())
            }
            Ok(reply) if reply.status() == SessionStatus::Waiting => {
                // WAITING is never reported, so no delivery will correct the record.
                (Finding::Mismatched, "the service says WAITING: nothing has happened yet".to_string())
            }
            Ok(reply) => {
                let says = format!("the service says {} since {}", reply.status(), reply.updated_at);
                self.observe_difference(reply.value, says).await
            }
        };
        RecordComparison { record, finding, why }
    }

    async fn wait_for_rate_limit(&self) {
        let clock = &self.dependencies.clock;
        while self.available_reads(clock.schedule_now()) == 0 {
            clock.sleep_until(plus_ms(clock.schedule_now(), RATE_LIMIT_POLL_MS)).await;
        }
        self.spend_reads(1);
    }

    async fn observe_difference(&self, snapshot: SessionSnapshot, says: String) -> (Finding, String) {
        let at = self.dependencies.clock.schedule_now();
        let name = change_id(&snapshot);
        let heard = self.observe(Observation { snapshot, event_id: None, source: Source::Read, at });
        match heard.await {
            Ok(RecordOutcome::New) => {
                (Finding::Repaired, format!("{says}; the tracker delivers it to the sink now"))
            }
            Ok(RecordOutcome::Duplicate | RecordOutcome::Stale) => self.finding_for_known(name, says).await,
            Err(error) => {
                (Finding::Unreadable, format!("{says}, but the change could not be stored: {error}"))
            }
        }
    }

    /// The finding for a change that was already known: it depends on the delivery to the sink.
    async fn finding_for_known(&self, name: String, says: String) -> (Finding, String) {
        let sql = "select heard_at from changes where change_id = $1 and acknowledged_at is null";
        let find = self.state.run(move |db| db.first(sql, values![&name], |row| Ok(row.only()?)));
        let unacknowledged: Option<i64> = match find.await {
            Ok(heard_at) => heard_at,
            Err(error) => {
                return (
                    Finding::Unreadable,
                    format!("{says}, but the change could not be looked up: {error}"),
                );
            }
        };
        let Some(heard_at) = unacknowledged else {
            return (Finding::Mismatched, format!("{says}; the sink acknowledged that"));
        };
        let minutes = ms_between(instant(heard_at), self.dependencies.clock.schedule_now()) / 60_000;
        if minutes * 60_000 < UNACKNOWLEDGED_TOO_LONG_MS {
            return (Finding::InDelivery, format!("{says}; the tracker is delivering it to the sink"));
        }
        let why = format!("{says}; the sink has not acknowledged that for {minutes} minutes: is it running?");
        (Finding::Mismatched, why)
    }
}
