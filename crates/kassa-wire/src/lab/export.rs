//! The export of a merchant's history, for import on another machine.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::JournalEntry;
use crate::shape::{JsonType, Rule, Shape, Shaped, UnknownFields, list_of, object, required};

/// The answer to `GET /lab/v1/export`, and the body of `POST /lab/v1/import`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// The schema of the tables. Kassa imports only files with its own schema.
    pub schema: String,
    /// When the file was exported, by the merchant's clock.
    pub exported_at: String,
    /// The rows by table. Instants are milliseconds since 1970, as stored.
    pub tables: Map<String, Value>,
    /// The calls and callbacks of the journal that belong to the exported rows, oldest first.
    pub journal: Vec<JournalEntry>,
}

/// Kassa wrote the file, so values have exactly their own form.
impl Shaped for Export {
    const SHAPE: Shape = Shape {
        name: "Export",
        fields: &[
            required("schema", Rule::Exact(&[JsonType::Text])),
            required("exported_at", Rule::Exact(&[JsonType::Text])),
            required("tables", Rule::Exact(&[JsonType::Object])),
            required("journal", list_of(&object::<JournalEntry>())),
        ],
        unknown: UnknownFields::Refused,
    };
}

/// The answer to an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportDone {
    /// The number of imported page sessions.
    pub sessions: usize,
}
