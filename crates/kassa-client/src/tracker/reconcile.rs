//! The batch beside callbacks that the vendor advises: what the merchant has on record, held against the service.

mod records;

use std::pin::pin;

use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use kassa_sql::values;
use serde::{Deserialize, Serialize};

use super::verdict::{Source, UNTOLD_AFTER_MS};
use super::{Heard, LONGEST_QUIET_MS, StateError, Tracker};
use crate::client::RetryPolicy;
use crate::clock::{instant, ms_between, plus_ms};
use crate::ledger::Recorded;
use crate::news::change_id;
use crate::snapshot::Snapshot;
use crate::status::Status;

pub use records::Records;

/// Reads under way at once.
const SIDE_BY_SIDE: usize = 4;

/// How long to wait for the account's allowance, in milliseconds.
const ALLOWANCE_MS: i64 = 50;

/// What the merchant has on record of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnRecord {
    /// The page session's id.
    pub session_id: String,
    /// The status it is thought to have.
    pub status: Status,
}

/// How a record stands beside the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The service says the same.
    InStep,
    /// The service says otherwise; the change was not known, and goes to the outlet now.
    Repaired,
    /// The service says otherwise, and the change is on its way to the outlet.
    OnItsWay,
    /// The service says otherwise, or no longer knows the session, and nothing will mend the record by itself.
    Mismatched,
    /// The service could not be asked.
    Unreadable,
}

/// What was found of one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The record.
    #[serde(flatten)]
    pub record: OnRecord,
    /// How it stands.
    pub finding: Finding,
    /// Why.
    pub why: String,
}

impl Tracker {
    /// Holds records against the service, and hands over what was found of each, in their order. It may run at once with
    /// itself and with a sidecar on the same database: a change becomes known once, whoever finds it.
    ///
    /// # Errors
    /// Where a record cannot be read; those before it were held.
    pub async fn reconcile(
        &self,
        records: impl Stream<Item = Result<OnRecord, StateError>>,
        mut after_each: impl FnMut(Found),
    ) -> Result<(), StateError> {
        let hold = |record| async move { Ok::<_, StateError>(self.hold(record?).await) };
        let mut findings = pin!(records.map(hold).buffered(SIDE_BY_SIDE));
        while let Some(found) = findings.try_next().await? {
            after_each(found);
        }
        Ok(())
    }

    async fn hold(&self, record: OnRecord) -> Found {
        self.until_allowed().await;
        let policy = RetryPolicy { longest_pause_ms: LONGEST_QUIET_MS, ..RetryPolicy::default() };
        let client = self.client.clone().with_retry_policy(policy);
        let (finding, why) = match client.read_session(&record.session_id).await {
            Err(error) if error.is_not_found() && record.status.is_final() => {
                (Finding::InStep, "final, and the service no longer shows it".to_string())
            }
            Err(error) if error.is_not_found() => (
                Finding::Mismatched,
                "the service does not know it: it has expired, or is another account's".to_string(),
            ),
            Err(error) => (Finding::Unreadable, error.to_string()),
            Ok(reply) if reply.status == record.status => {
                (Finding::InStep, "the service says the same".to_string())
            }
            Ok(reply) if reply.status == Status::Waiting => {
                // The beginning is told to nobody, so no outlet will mend the record.
                (Finding::Mismatched, "the service says WAITING: nothing has happened yet".to_string())
            }
            Ok(reply) => {
                let says = format!("the service says {} since {:.3}", reply.status, reply.updated_at);
                self.repaired(reply.value, says).await
            }
        };
        Found { record, finding, why }
    }

    async fn until_allowed(&self) {
        let clock = &self.surroundings.clock;
        while self.allowed(clock.now()) == 0 {
            clock.sleep_until(plus_ms(clock.now(), ALLOWANCE_MS)).await;
        }
        self.take_allowance(1);
    }

    async fn repaired(&self, snapshot: Snapshot, says: String) -> (Finding, String) {
        let at = self.surroundings.clock.now();
        let name = change_id(&snapshot);
        let heard = self.hear(Heard { snapshot, event_id: None, source: Source::Read, at });
        match heard.await {
            Ok(Recorded::New) => (Finding::Repaired, format!("{says}; it goes to the outlet now")),
            Ok(Recorded::Duplicate | Recorded::Stale) => self.known(name, says).await,
            Err(error) => (Finding::Unreadable, format!("{says}, which could not be kept: {error}")),
        }
    }

    /// A change that was known before: its way to the outlet decides whether the record will be mended.
    async fn known(&self, name: String, says: String) -> (Finding, String) {
        let sql = "select heard_at from changes where change_id = $1 and acknowledged_at is null";
        let find = self.state.run(move |db| db.first(sql, values![&name], |row| Ok(row.only()?)));
        let unacknowledged: Option<i64> = match find.await {
            Ok(heard_at) => heard_at,
            Err(error) => {
                return (Finding::Unreadable, format!("{says}, which could not be looked up: {error}"));
            }
        };
        let Some(heard_at) = unacknowledged else {
            return (Finding::Mismatched, format!("{says}; the outlet acknowledged that"));
        };
        let minutes = ms_between(instant(heard_at), self.surroundings.clock.now()) / 60_000;
        if minutes * 60_000 < UNTOLD_AFTER_MS {
            return (Finding::OnItsWay, format!("{says}; it is on its way to the outlet"));
        }
        let why =
            format!("{says}; the outlet has not acknowledged that for {minutes} minutes: is it running?");
        (Finding::Mismatched, why)
    }
}
