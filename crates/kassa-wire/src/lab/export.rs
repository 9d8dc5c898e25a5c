//! A history to be carried to another machine.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::JournalEntry;

/// `GET /lab/v1/export`, and what `POST /lab/v1/import` takes in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// The schema of the tables: a file is taken in by a Kassa with the same.
    pub schema: String,
    /// When it was written, by the merchant's clock.
    pub exported_at: String,
    /// Rows by table; instants are milliseconds since 1970, as stored.
    pub tables: Map<String, Value>,
    /// The calls and callbacks of the journal that concern it, oldest first.
    pub journal: Vec<JournalEntry>,
}

/// What an import answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportDone {
    /// So many page sessions came in.
    pub sessions: usize,
}
