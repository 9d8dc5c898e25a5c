//! Ids of page sessions and events. They are opaque (docs/wire.md#ids-and-instants), but bounded here.

use serde::{Deserialize, Deserializer, de};

/// The longest id that is accepted, in bytes.
const LONGEST_ID: usize = 255;

/// Whether a text has the form of an id: printable ASCII without spaces. It is then valid in a header, a path and a log
/// line.
#[must_use]
pub fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Reads an id, for `#[serde(deserialize_with)]`.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let id = String::deserialize(deserializer)?;
    if is_id(&id) { Ok(id) } else { Err(de::Error::custom("an id must be 1 to 255 printable characters")) }
}
