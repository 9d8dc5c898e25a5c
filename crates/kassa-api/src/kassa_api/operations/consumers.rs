//! The operations on the data of consumers.

use kassa_openapi::{Answer, ApiOperation, BodyDescription, CallerKind};
use kassa_wire::error::ErrorCode::{BadValue, NotFound};
use kassa_wire::kassa::{ConsumerData, ConsumerErasureReport, ConsumerErasureRequest, ConsumerQuery};

pub(in super::super) const SHOW_CONSUMER: ApiOperation =
    ApiOperation::new("showConsumer", "Show the stored data of a consumer")
        .about("Answers a request of access. Kassa reads all stored texts, so the call can take minutes.")
        .by(CallerKind::Operator)
        .body(BodyDescription::of::<ConsumerQuery>(r#"{"email": "ada@example.se"}"#))
        .answers(&[Answer::json::<ConsumerData>(200, "The data.")])
        .refuses(&[BadValue, NotFound]);

pub(in super::super) const ERASE_CONSUMER: ApiOperation =
    ApiOperation::new("eraseConsumer", "Erase the stored data of a consumer")
        .about(
            "Replaces names, addresses and numbers by `[erased]`. Amounts, statuses and callbacks stay. Payments that \
             are still open stay as they are, unless `include_open` is set. If Kassa cannot read every text, it \
             changes nothing and answers `refused`, unless `skip_unreadable` is set. Repeat a call that was \
             interrupted.",
        )
        .by(CallerKind::Operator)
        .body(BodyDescription::of::<ConsumerErasureRequest>(r#"{"email": "ada@example.se", "dry_run": true}"#))
        .answers(&[Answer::json::<ConsumerErasureReport>(200, "What was erased.")])
        .refuses(&[BadValue, NotFound]);
