//! The descriptions of the operations of Kassa's own API.

mod accounts;
mod callbacks;
mod consumers;
mod profiles;

use kassa_domain::lifecycle::Status;
use kassa_openapi::{
    Answer, ApiOperation, BodyDescription, CallerKind, Group, KeptPart, Parameter, Values, Wire,
};
use kassa_wire::error::ErrorCode::{BadValue, Conflict, NotFound};
use kassa_wire::kassa::{
    EventDetail, Feed, History, RedeliverSince, Redelivery, SessionList, StuckOperation,
};
use kassa_wire::snapshot::SessionSnapshot;

pub(super) use accounts::*;
pub(super) use callbacks::*;
pub(super) use consumers::*;
pub(super) use profiles::*;

pub(super) const EVENTS: Group = Group {
    name: "Sessions and events",
    about: "What happened: lists of page sessions, their history, the feed of status changes, and redelivery of \
            callbacks (webhooks).",
    wire: Wire::Kassa,
};

const SESSION_ID: Parameter = Parameter::path("session_id", "{SESSION_ID}", "The id of the page session.");
const EVENT_ID: Parameter = Parameter::path("event_id", "{EVENT_ID}", "The id of the event.");

/// The words of the statuses.
const STATUSES: &[&str] = &{
    let mut words = [""; Status::ALL.len()];
    let mut place = 0;
    while place < words.len() {
        words[place] = Status::ALL[place].as_str();
        place += 1;
    }
    words
};

pub(super) const LIST_SESSIONS: ApiOperation = ApiOperation::new("listPageSessions", "List page sessions")
    .about("The newest come first. Expired page sessions are in the list until their data is deleted.")
    .takes(&[
        Parameter::query("status", Values::Words(STATUSES), "Only page sessions with this status."),
        Parameter::query(
            "created_after",
            Values::Instant,
            "Only page sessions that were created after this instant.",
        ),
        Parameter::query(
            "limit",
            Values::Integer { min: 1, max: 1000, default: Some(100) },
            "The maximum number.",
        )
        .such_as("10"),
        Parameter::query("cursor", Values::Text, "The `cursor` of the answer before."),
    ])
    .answers(&[Answer::json::<SessionList>(200, "A page of the list.")])
    .refuses(&[BadValue]);

pub(super) const HISTORY: ApiOperation = ApiOperation::new(
    "readHistory",
    "Read the history of a page session",
)
.about("Every status change with its actor, every attempt of every callback, and every payment operation.")
.takes(&[SESSION_ID])
.answers(&[Answer::json::<History>(200, "The history.")])
.refuses(&[NotFound]);

pub(super) const REDELIVER_SESSION: ApiOperation =
    ApiOperation::new("redeliverSession", "Redeliver the callbacks of a page session")
        .about("Makes the callbacks due again that were given up.")
        .takes(&[SESSION_ID])
        .answers(&[Answer::json::<Redelivery>(202, "The number of callbacks that are due again.")])
        .refuses(&[NotFound]);

pub(super) const SETTLE: ApiOperation =
    ApiOperation::new("settleOperation", "Settle a stuck payment operation")
        .about("Records what an operator found at the payment system: the order, or that there is none.")
        .by(CallerKind::Operator)
        .takes(&[SESSION_ID])
        .body(BodyDescription::of::<StuckOperation>(
            r#"{"order_id": "3eaaeb51-3ae1-6f0c-9e2d-5a1b1d2f1c11", "klarna_reference": "K4MADNY1"}"#,
        ))
        .answers(&[Answer::json::<SessionSnapshot>(200, "The page session.")])
        .refuses(&[BadValue, NotFound, Conflict]);

pub(super) const FEED: ApiOperation = ApiOperation::new("readFeed", "Read the feed of events")
    .about(
        "The status changes of all page sessions of the merchant, in an order that never changes. Begin without \
         `after`, and continue with the `cursor` of each answer. `wait` makes it a long poll.",
    )
    .takes(&[
        Parameter::query(
            "acknowledged",
            Values::Words(&["true", "false"]),
            "Only events whose callback was answered with 2xx, or only others.",
        ),
        Parameter::query("after", Values::Text, "The `cursor` of the answer before."),
        Parameter::query("limit", Values::Integer { min: 1, max: 1000, default: Some(100) }, "The maximum number."),
        Parameter::query(
            "wait",
            Values::Integer { min: 0, max: 60, default: Some(0) },
            "The seconds to wait for an event if there is none.",
        ),
    ])
    .answers(&[Answer::json::<Feed>(200, "A page of the feed.")])
    .refuses(&[BadValue])
    .keeps("EVENT_ID", KeptPart::Field("events[0].event_id"));

pub(super) const REDELIVER_SINCE: ApiOperation =
    ApiOperation::new("redeliverEvents", "Redeliver callbacks since an instant")
        .about(
            "Makes all callbacks of the merchant due again that were given up and whose event is not older.",
        )
        .body(BodyDescription::of::<RedeliverSince>(r#"{"since": "2026-11-01T00:00:00Z"}"#))
        .answers(&[Answer::json::<Redelivery>(202, "The number of callbacks that are due again.")])
        .refuses(&[BadValue]);

pub(super) const READ_EVENT: ApiOperation = ApiOperation::new("readEvent", "Read an event")
    .about("The event with every attempt of its callback.")
    .takes(&[EVENT_ID])
    .answers(&[Answer::json::<EventDetail>(200, "The event.")])
    .refuses(&[NotFound]);

pub(super) const REDELIVER_EVENT: ApiOperation =
    ApiOperation::new("redeliverEvent", "Redeliver the callback of an event")
        .about("Sends the callback again with the same bytes, also if it was delivered.")
        .takes(&[EVENT_ID])
        .answers(&[Answer::json::<EventDetail>(202, "The event. Its callback is due.")])
        .refuses(&[NotFound, Conflict]);
