//! The descriptions of the operations of the lab's API.

mod consumer;
mod time;

use kassa_openapi::{Answer, ApiOperation, BodyDescription, Group, KeptPart, Parameter, Values, Wire};
use kassa_wire::error::ErrorCode::{BadValue, Conflict, InvalidOperation, NotFound};
use kassa_wire::lab::{
    Export, FaultRules, ImportDone, Inbox, JournalPage, RateLimitSetting, TestMerchantCreated,
    TestMerchantCreation,
};

pub(crate) use consumer::*;
pub(crate) use time::*;

pub(crate) const LAB: Group = Group {
    name: "Lab",
    about: "The test controls of the sandbox: the consumer, the clock, faults, the journal and the inbox. Each \
            merchant has a lab of its own.",
    wire: Wire::Kassa,
};

const NO_CONTENT: &[Answer] = &[Answer::empty(204, "Done.")];

pub(crate) const CREATE_MERCHANT: ApiOperation = ApiOperation::new("createTestMerchant", "Create a merchant for a test")
    .about("A merchant of its own keeps a test apart from others. Only this answer shows the password and the secret.")
    .body(BodyDescription::of::<TestMerchantCreation>(r#"{"name": "Test Shop"}"#).optional())
    .answers(&[Answer::json::<TestMerchantCreated>(201, "The new merchant.")])
    .refuses(&[BadValue])
    .keeps("TEST_MERCHANT", KeptPart::Field("merchant_id"));

pub(crate) const DELETE_MERCHANT: ApiOperation =
    ApiOperation::new("deleteTestMerchant", "Delete a merchant for a test")
        .about("Deletes all its data, too.")
        .takes(&[Parameter::path(
            "id",
            "{TEST_MERCHANT}",
            "The id of the merchant: the caller, or one that it created.",
        )])
        .answers(NO_CONTENT)
        .refuses(&[InvalidOperation, NotFound]);

pub(crate) const RESET: ApiOperation = ApiOperation::new("resetLab", "Delete all data of the merchant")
    .about("Its credentials and its secrets stay.")
    .answers(NO_CONTENT);

pub(crate) const EXPORT: ApiOperation = ApiOperation::new("exportSessions", "Export page sessions")
    .about("The file has everything that a developer on another machine needs to see what happened.")
    .takes(&[Parameter::query("session", Values::Text, "Only this page session.")])
    .answers(&[Answer::json::<Export>(200, "The file.")])
    .refuses(&[BadValue, NotFound])
    .keeps("export.json", KeptPart::Body);

pub(crate) const IMPORT: ApiOperation = ApiOperation::new("importSessions", "Import page sessions")
    .about("The body is an export of the same version of Kassa, with at most 64 MB.")
    .body(BodyDescription::of::<Export>("@export.json"))
    .answers(&[Answer::json::<ImportDone>(201, "The number of imported page sessions.")])
    .refuses(&[BadValue, Conflict]);

pub(crate) const READ_FAULTS: ApiOperation = ApiOperation::new("readFaults", "Read the faults")
    .answers(&[Answer::json::<FaultRules>(200, "The faults.")]);

pub(crate) const PUT_FAULTS: ApiOperation = ApiOperation::new("putFaults", "Replace the faults")
    .about("A fault makes some callbacks or calls fail, by exact conditions or at random from a seed.")
    .body(BodyDescription::of::<FaultRules>(FAULTS))
    .answers(&[Answer::json::<FaultRules>(200, "The new faults.")])
    .refuses(&[BadValue]);

const FAULTS: &str = r#"{
  "seed": 7,
  "callbacks": [{"do": "duplicate", "times": 2, "status": "COMPLETED"}],
  "calls": [{"do": "fail", "status": 503, "path": "/hpp/v1/sessions", "method": "POST", "nth": 2}]
}"#;

pub(crate) const CLEAR_FAULTS: ApiOperation =
    ApiOperation::new("clearFaults", "Remove the faults").answers(NO_CONTENT);

pub(crate) const READ_WEATHER: ApiOperation =
    ApiOperation::new("readWeather", "Read the faults under their former name").answers(&[Answer::json::<
        FaultRules,
    >(
        200,
        "The faults.",
    )]);

pub(crate) const PUT_WEATHER: ApiOperation =
    ApiOperation::new("putWeather", "Replace the faults under their former name")
        .body(BodyDescription::of::<FaultRules>(FAULTS))
        .answers(&[Answer::json::<FaultRules>(200, "The new faults.")])
        .refuses(&[BadValue]);

pub(crate) const CLEAR_WEATHER: ApiOperation =
    ApiOperation::new("clearWeather", "Remove the faults under their former name").answers(NO_CONTENT);

pub(crate) const READ_RATE_LIMITS: ApiOperation = ApiOperation::new("readRateLimits", "Read the rate limits")
    .answers(&[Answer::json::<RateLimitSetting>(200, "The limits.")]);

pub(crate) const PUT_RATE_LIMITS: ApiOperation =
    ApiOperation::new("putRateLimits", "Replace the rate limits")
        .about("They limit the merchant's calls of the vendor's APIs until the node stops.")
        .body(BodyDescription::of::<RateLimitSetting>(r#"{"creations": 40, "other_calls": 200}"#))
        .answers(&[Answer::json::<RateLimitSetting>(200, "The new limits.")])
        .refuses(&[BadValue]);

pub(crate) const CLEAR_RATE_LIMITS: ApiOperation =
    ApiOperation::new("clearRateLimits", "Restore the configured rate limits").answers(NO_CONTENT);

pub(crate) const READ_JOURNAL: ApiOperation = ApiOperation::new("readJournal", "Read the journal")
    .about("The calls that Kassa received and the callbacks that it sent. `wait` and `count` replace sleeps in a test.")
    .takes(&[
        Parameter::query("kind", Values::Words(&["call", "callback"]), "Only entries of this kind."),
        Parameter::query("method", Values::Text, "Only entries with this HTTP method."),
        Parameter::query("path", Values::Text, "Only entries with this path. A `*` at the end matches any rest."),
        Parameter::query(
            "status",
            Values::Integer { min: 0, max: u16::MAX as i64, default: None },
            "Only entries with this HTTP status of the answer.",
        ),
        Parameter::query("session", Values::Text, "Only entries of this page session."),
        Parameter::query(
            "after",
            Values::Integer { min: 0, max: i64::MAX, default: Some(0) },
            "Only entries with a higher number.",
        ),
        Parameter::query("limit", Values::Integer { min: 1, max: 1000, default: Some(100) }, "The maximum number.")
            .such_as("2"),
        Parameter::query(
            "count",
            Values::Integer { min: 1, max: i64::MAX, default: Some(1) },
            "With `wait`: the number of matching entries to wait for.",
        ),
        Parameter::query(
            "wait",
            Values::Integer { min: 0, max: 60, default: Some(0) },
            "The seconds to wait for matching entries.",
        ),
    ])
    .answers(&[Answer::json::<JournalPage>(200, "The oldest matching entries.")])
    .refuses(&[BadValue]);

pub(crate) const CLEAR_JOURNAL: ApiOperation =
    ApiOperation::new("clearJournal", "Clear the journal").answers(NO_CONTENT);

pub(crate) const READ_INBOX: ApiOperation = ApiOperation::new("readInbox", "Read the inbox")
    .about("The messages with the link to a page, which the sandbox keeps instead of sending them.")
    .answers(&[Answer::json::<Inbox>(200, "The messages, oldest first.")]);

pub(crate) const CLEAR_INBOX: ApiOperation =
    ApiOperation::new("clearInbox", "Clear the inbox").answers(NO_CONTENT);
