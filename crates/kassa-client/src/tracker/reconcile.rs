//! The batch beside callbacks that the vendor advises: what the merchant has on record, held against the service.

use futures_util::StreamExt as _;
use futures_util::stream::iter;
use serde::{Deserialize, Serialize};

use super::verdict::Source;
use super::{Heard, Tracker};
use crate::ledger::Recorded;
use crate::status::Status;

/// Reads under way at once.
const SIDE_BY_SIDE: usize = 4;

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
    /// The service says otherwise, and the change was told before: the record itself must be mended.
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
    /// Holds records against the service, and calls `after_each`. It may run at once with itself and with a sidecar on
    /// the same file: a change becomes known once, whoever finds it.
    pub async fn reconcile(&self, records: Vec<OnRecord>, after_each: impl Fn(&Found)) -> Vec<Found> {
        let mut findings = iter(records.into_iter().map(|record| self.hold(record))).buffered(SIDE_BY_SIDE);
        let mut all = Vec::new();
        while let Some(found) = findings.next().await {
            after_each(&found);
            all.push(found);
        }
        all
    }

    async fn hold(&self, record: OnRecord) -> Found {
        let (finding, why) = match self.client.read_session(&record.session_id).await {
            Err(error) if error.is_not_found() && record.status.is_final() => {
                (Finding::InStep, "final, and the service no longer shows it".to_string())
            }
            Err(error) => (Finding::Unreadable, error.to_string()),
            Ok(reply) if reply.status == record.status => {
                (Finding::InStep, "the service says the same".to_string())
            }
            Ok(reply) => {
                let at = self.surroundings.clock.now();
                let says = format!("the service says {} since {:.3}", reply.status, reply.updated_at);
                let heard = Heard { snapshot: reply.value, event_id: None, source: Source::Read, at };
                self.repaired(heard, says).await
            }
        };
        Found { record, finding, why }
    }

    async fn repaired(&self, heard: Heard, says: String) -> (Finding, String) {
        match self.hear(heard).await {
            Ok(Recorded::New) => (Finding::Repaired, format!("{says}; it goes to the outlet now")),
            Ok(Recorded::Duplicate | Recorded::Stale) => {
                (Finding::Mismatched, format!("{says}; that was known here before"))
            }
            Err(error) => (Finding::Unreadable, format!("{says}, which could not be kept: {error}")),
        }
    }
}
