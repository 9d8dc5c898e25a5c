//! A page session at one instant, as reads and callbacks carry it (docs/wire.md#read-a-page-session).

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::id;
use crate::status::{Completion, ManualIdentification, SessionState, SessionStatus};
use crate::time::Instant;

/// `SessionResponseV1`: the answer to a read, and a part of a callback. Absent fields are omitted.
///
/// Server and client share this type. It is written back as it was read: unknown statuses and unknown fields are kept.
#[derive(Clone, PartialEq)]
pub struct SessionSnapshot {
    /// The page session's id: opaque, printable, without spaces.
    pub session_id: String,
    /// The status with its data.
    pub state: SessionState,
    /// The time of the last status change.
    pub updated_at: Instant,
    /// The time from which the consumer cannot pay, and a read answers 404. Kassa always sends it.
    pub expires_at: Option<Instant>,
    /// The fields that have no place above: those that this version does not know, and those of a completion that do
    /// not fit the status.
    pub other: Map<String, Value>,
}

impl SessionSnapshot {
    /// Returns the status without its data.
    #[must_use]
    pub fn status(&self) -> SessionStatus {
        self.state.status()
    }
}

/// A page session at one instant. Absent fields are omitted.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "SessionSnapshot")]
struct Body {
    /// The page session's id: opaque, printable, without spaces.
    #[serde(deserialize_with = "id::deserialize")]
    session_id: String,
    /// The status.
    status: SessionStatus,
    /// If it is `COMPLETED` and has no order yet: the token with which the merchant places the order within 60 minutes.
    #[serde(default)]
    #[schemars(with = "String")]
    authorization_token: Option<String>,
    /// If it is `COMPLETED` and has an order: the order's id.
    #[serde(default)]
    #[schemars(with = "String")]
    order_id: Option<String>,
    /// The order's short name.
    #[serde(default)]
    #[schemars(with = "String")]
    klarna_reference: Option<String>,
    /// If it is `MANUAL_ID_CHECK`: the check of the consumer's identity document.
    #[serde(default)]
    #[schemars(with = "ManualIdentification")]
    manual_identification: Option<Value>,
    /// The time of the last status change.
    updated_at: Instant,
    /// The expiry: from then on, the consumer cannot pay, and a read answers 404.
    #[serde(default)]
    #[schemars(with = "Instant")]
    expires_at: Option<Instant>,
    #[serde(flatten)]
    #[schemars(skip)]
    other: Map<String, Value>,
}

/// The fields of the body, since the type arranges them by status.
impl JsonSchema for SessionSnapshot {
    fn schema_name() -> Cow<'static, str> {
        Body::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Body::json_schema(generator);
        // The contract of answers requires fields that have a default, because serde would always write them.
        schema.insert("required".to_string(), Value::from(vec!["session_id", "status", "updated_at"]));
        schema
    }
}

impl<'de> Deserialize<'de> for SessionSnapshot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Body::deserialize(deserializer).map(Body::into_snapshot)
    }
}

impl Body {
    /// A token comes before an order: placing the order with it answers with the order that exists.
    fn into_snapshot(mut self) -> SessionSnapshot {
        let mut completion = || {
            if let Some(token) = self.authorization_token.take() {
                return Completion::Token(token);
            }
            match self.order_id.take() {
                Some(order_id) => {
                    Completion::Order { order_id, klarna_reference: self.klarna_reference.take() }
                }
                None => Completion::Absent,
            }
        };
        // A check in another form is kept among the unknown fields.
        let mut check = || {
            let check = ManualIdentification::deserialize(self.manual_identification.as_ref()?).ok();
            self.manual_identification.take_if(|_| check.is_some());
            check
        };
        let state = SessionState::of(self.status, &mut completion, &mut check);
        let misplaced = [
            ("authorization_token", self.authorization_token),
            ("order_id", self.order_id),
            ("klarna_reference", self.klarna_reference),
        ];
        for (name, value) in misplaced {
            if let Some(value) = value {
                self.other.insert(name.to_string(), Value::String(value));
            }
        }
        if let Some(check) = self.manual_identification {
            self.other.insert("manual_identification".to_string(), check);
        }
        let Self { session_id, updated_at, expires_at, other, .. } = self;
        SessionSnapshot { session_id, state, updated_at, expires_at, other }
    }
}

impl Serialize for SessionSnapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut body = serializer.serialize_map(None)?;
        body.serialize_entry("session_id", &self.session_id)?;
        body.serialize_entry("status", &self.status())?;
        match self.state.completion() {
            Some(Completion::Token(token)) => body.serialize_entry("authorization_token", token)?,
            Some(Completion::Order { order_id, klarna_reference }) => {
                body.serialize_entry("order_id", order_id)?;
                if let Some(klarna_reference) = klarna_reference {
                    body.serialize_entry("klarna_reference", klarna_reference)?;
                }
            }
            Some(Completion::Absent) | None => {}
        }
        if let Some(check) = self.state.manual_identification() {
            body.serialize_entry("manual_identification", check)?;
        }
        body.serialize_entry("updated_at", &self.updated_at)?;
        if let Some(expires_at) = self.expires_at {
            body.serialize_entry("expires_at", &expires_at)?;
        }
        for (name, value) in &self.other {
            body.serialize_entry(name, value)?;
        }
        body.end()
    }
}

/// Keeps tokens and personal data out of logs.
impl fmt::Debug for SessionSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionSnapshot")
            .field("session_id", &self.session_id)
            .field("state", &self.state)
            .field("updated_at", &self.updated_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
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

    #[track_caller]
    fn read(body: &str) -> SessionSnapshot {
        serde_json::from_str(body).unwrap()
    }

    #[test]
    fn every_documented_body_is_written_as_it_was_read() {
        for body in DOCUMENTED {
            assert_eq!(serde_json::to_string(&read(body)).unwrap(), body);
        }
    }

    #[test]
    fn unknown_fields_and_statuses_survive() {
        let body = r#"{"session_id":"s","status":"LEGACY","updated_at":"2019-05-13T14:51:46.200Z","customer":{"title":"Mr"}}"#;
        let snapshot = read(body);
        assert_eq!(snapshot.status().as_str(), "LEGACY");
        assert_eq!(snapshot.expires_at, None);
        assert_eq!(serde_json::to_string(&snapshot).unwrap(), body);
    }

    #[test]
    fn a_check_of_an_identity_document_is_written_as_it_was_read() {
        let body = r#"{"session_id":"s","status":"MANUAL_ID_CHECK","manual_identification":{"challenge":"A78","expires_at":"2019-05-13T15:06:46.288Z"},"updated_at":"2019-05-13T14:51:46.288Z"}"#;
        let snapshot = read(body);
        assert_eq!(snapshot.state.manual_identification().unwrap().challenge, "A78");
        assert_eq!(serde_json::to_string(&snapshot).unwrap(), body);
        let elsewhere = r#"{"session_id":"s","status":"MANUAL_ID_CHECK","updated_at":"2019-05-13T14:51:46.288Z","manual_identification":{"challenge":"A78"}}"#;
        let snapshot = read(elsewhere);
        assert_eq!(snapshot.state, SessionState::ManualIdCheck(None));
        assert_eq!(serde_json::to_string(&snapshot).unwrap(), elsewhere);
    }

    #[test]
    fn a_completed_session_has_its_token_or_its_order() {
        let completion = |fields: &str| {
            let time = r#""updated_at":"2019-05-13T14:51:46.288Z""#;
            let snapshot = read(&format!(r#"{{"session_id":"s","status":"COMPLETED",{fields}{time}}}"#));
            (snapshot.state.completion().cloned().unwrap(), snapshot.other)
        };
        let token = Completion::Token("t".to_string());
        let order = Completion::Order { order_id: "o".to_string(), klarna_reference: None };
        assert_eq!(completion(r#""authorization_token":"t","#), (token.clone(), Map::new()));
        assert_eq!(completion(r#""authorization_token":null,"order_id":"o","#), (order, Map::new()));
        assert_eq!(completion(""), (Completion::Absent, Map::new()));
        let (both, other) = completion(r#""authorization_token":"t","order_id":"o","#);
        assert_eq!((both, &other["order_id"]), (token, &Value::from("o")));
    }

    #[test]
    fn a_token_beside_another_status_is_kept_as_an_unknown_field() {
        let body = r#"{"session_id":"s","status":"FAILED","updated_at":"2019-05-13T14:51:46.288Z","authorization_token":"t"}"#;
        let snapshot = read(body);
        assert_eq!(snapshot.state, SessionState::Failed);
        assert_eq!(serde_json::to_string(&snapshot).unwrap(), body);
        assert!(!format!("{snapshot:?}").contains("\"t\""));
    }

    #[test]
    fn an_id_that_is_invalid_in_a_header_is_refused() {
        for id in ["", "a b", "a\\nb", "\u{e5}"] {
            let body =
                format!(r#"{{"session_id":"{id}","status":"BACK","updated_at":"2019-05-13T14:51:46.288Z"}}"#);
            assert!(serde_json::from_str::<SessionSnapshot>(&body).is_err(), "{id:?}");
        }
    }

    #[test]
    fn a_token_stays_out_of_debug_output() {
        assert!(!format!("{:?}", read(DOCUMENTED[2])).contains("a1a8f727"));
    }
}
