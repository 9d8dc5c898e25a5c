//! The content of the entries of the audit trail.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::kassa::HistoryActor;
use crate::stored::Stored;
use crate::time::Instant;

/// The content of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EntryContent {
    /// A status change of a page session.
    StatusChange(StatusChangeRecord),
    /// An administrative act.
    Act(ActRecord),
}

impl Stored for EntryContent {
    const NAME: &'static str = "entry of the audit trail";
}

/// A status change. It has no data of the consumer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusChangeRecord {
    /// The page session.
    pub session_id: String,
    /// The number of the event in its session.
    pub sequence: i64,
    /// The event's id.
    pub event_id: String,
    /// The name of the event.
    pub event: String,
    /// The status before. Absent if the event before is unknown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status_before: Option<String>,
    /// The status after the event.
    pub status: String,
    /// The actor. Absent if an older version of Kassa did not store it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor: Option<HistoryActor>,
    /// When the event happened.
    pub occurred_at: Instant,
    /// When the page session expires. Absent if there was no such session.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<Instant>,
    /// The event's position in the merchant's feed.
    pub feed_position: i64,
}

/// An administrative act. It has no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActRecord {
    /// The act, in one word that never changes: `credential_created`.
    pub act: String,
    /// The object of the act, such as a username or the id of a merchant.
    pub object: String,
    /// The changes.
    #[serde(skip_serializing_if = "Map::is_empty", default)]
    pub details: Map<String, Value>,
    /// The actor.
    pub actor: HistoryActor,
    /// The origin of the request.
    pub origin: ActOrigin,
    /// When the act happened. Absent for what existed before the trail began.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at: Option<Instant>,
    /// The id of the act. Absent for what existed before the trail began.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub act_id: Option<String>,
}

/// The origin of the request for an act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ActOrigin {
    /// A call of an API.
    Api {
        /// The caller's address.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        address: Option<String>,
        /// The correlation id of the call.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        correlation_id: Option<String>,
    },
    /// The console.
    Console {
        /// The browser's address.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        address: Option<String>,
        /// The correlation id of the request.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        correlation_id: Option<String>,
    },
    /// The command `kassa`.
    CommandLine {
        /// The name of the machine.
        host: String,
        /// The user of the operating system.
        user: String,
    },
    /// The lab's page.
    Lab,
    /// The node itself, or a program that contains it.
    Process,
}

/// For people: nothing reads it.
impl fmt::Display for ActOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api { address, .. } => write!(f, "API, from {}", address.as_deref().unwrap_or("unknown")),
            Self::Console { address, .. } => {
                write!(f, "console, from {}", address.as_deref().unwrap_or("unknown"))
            }
            Self::CommandLine { host, user } => write!(f, "command line of {user} on {host}"),
            Self::Lab => f.write_str("lab"),
            Self::Process => f.write_str("the node itself"),
        }
    }
}
