//! A page session at one instant, as reads and callbacks carry it (docs/wire.md#read-a-page-session).

use std::fmt;

use jiff::Timestamp;
use kassa_wire::time::format_ms;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use crate::status::Status;

/// The longest id that is accepted, in bytes. Ids are opaque (docs/wire.md#ids-and-instants), but bounded here.
const LONGEST_ID: usize = 255;

/// A page session at one instant. Unknown fields are kept, and written back.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The page session's id: opaque, printable, without spaces.
    #[serde(deserialize_with = "id")]
    pub session_id: String,
    /// The status.
    pub status: Status,
    /// Set with `COMPLETED` if the merchant places the order. It is valid for 60 minutes (docs/wire.md#lifetimes).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authorization_token: Option<String>,
    /// Set with `COMPLETED` once an order exists.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub order_id: Option<String>,
    /// Set together with `order_id`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub klarna_reference: Option<String>,
    /// The time of the last status change.
    #[serde(serialize_with = "instant")]
    pub updated_at: Timestamp,
    /// The time from which the consumer cannot pay, and a read answers 404.
    #[serde(serialize_with = "optional_instant", skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<Timestamp>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Snapshot {
    /// Whether the consumer paid, and there is neither an order nor a token to place one.
    #[must_use]
    pub fn lacks_order(&self) -> bool {
        self.status == Status::Completed && self.authorization_token.is_none() && self.order_id.is_none()
    }
}

/// Keeps tokens and personal data out of logs.
impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("session_id", &self.session_id)
            .field("status", &self.status)
            .field("updated_at", &self.updated_at)
            .field("expires_at", &self.expires_at)
            .field("has_authorization_token", &self.authorization_token.is_some())
            .field("order_id", &self.order_id)
            .finish_non_exhaustive()
    }
}

/// Reads an id: printable ASCII without spaces, so that it is valid in a header, a path and a log line.
pub(crate) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let id = String::deserialize(deserializer)?;
    if is_id(&id) { Ok(id) } else { Err(de::Error::custom("an id must be 1 to 255 printable characters")) }
}

/// Whether a text has the form of an id.
#[must_use]
pub fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn instant<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format_ms(at.as_millisecond()))
}

fn optional_instant<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => instant(at, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bodies that docs/wire.md#read-a-page-session documents.
    const DOCUMENTED: [&str; 4] = [
        r#"{"session_id":"39a1c773-bafd-754d-af1f-b30c592f1267","status":"WAITING","updated_at":"2019-05-13T14:51:46.288Z","expires_at":"2019-05-15T13:51:43.507Z"}"#,
        r#"{"session_id":"39a1c773-bafd-754d-af1f-b30c592f1267","status":"IN_PROGRESS","updated_at":"2019-05-13T14:52:57.540Z","expires_at":"2019-05-15T13:51:43.507Z"}"#,
        r#"{"session_id":"39a1c773-bafd-754d-af1f-b30c592f1267","status":"COMPLETED","authorization_token":"a1a8f727-2756-6058-bd3c-40069be0994b","updated_at":"2019-05-13T14:54:04.675Z","expires_at":"2019-05-15T13:51:43.507Z"}"#,
        r#"{"session_id":"39a1c773-bafd-754d-af1f-b30c592f1267","status":"COMPLETED","order_id":"a1a8f727-2756-6058-bd3c-40069be0994b","klarna_reference":"X438HG0Q","updated_at":"2019-05-13T14:54:04.675Z","expires_at":"2019-05-15T13:51:43.507Z"}"#,
    ];

    #[test]
    fn every_documented_body_is_written_as_it_was_read() {
        for body in DOCUMENTED {
            let snapshot: Snapshot = serde_json::from_str(body).unwrap();
            assert_eq!(serde_json::to_string(&snapshot).unwrap(), body);
        }
    }

    #[test]
    fn unknown_fields_and_statuses_survive() {
        let body = r#"{"session_id":"s","status":"MANUAL_ID_CHECK","updated_at":"2019-05-13T14:51:46.200Z","manual_identification":{"challenge":"A78"}}"#;
        let snapshot: Snapshot = serde_json::from_str(body).unwrap();
        assert_eq!(snapshot.status.as_str(), "MANUAL_ID_CHECK");
        assert_eq!(snapshot.expires_at, None);
        assert_eq!(serde_json::to_string(&snapshot).unwrap(), body);
    }

    #[test]
    fn an_id_that_is_invalid_in_a_header_is_refused() {
        for id in ["", "a b", "a\\nb", "\u{e5}"] {
            let body =
                format!(r#"{{"session_id":"{id}","status":"BACK","updated_at":"2019-05-13T14:51:46.288Z"}}"#);
            assert!(serde_json::from_str::<Snapshot>(&body).is_err(), "{id:?}");
        }
    }

    #[test]
    fn a_token_stays_out_of_debug_output() {
        let snapshot: Snapshot = serde_json::from_str(DOCUMENTED[2]).unwrap();
        assert!(!format!("{snapshot:?}").contains("a1a8f727"));
    }
}
