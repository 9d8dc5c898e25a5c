//! The clock.

use kassa_openapi::{Answer, ApiOperation, BodyDescription};
use kassa_wire::error::ErrorCode::{BadValue, Conflict};
use kassa_wire::lab::{ClockAdvance, ClockAdvanced, ClockRead, ClockSetting};

pub(crate) const READ_CLOCK: ApiOperation = ApiOperation::new("readClock", "Read the clock")
    .answers(&[Answer::json::<ClockRead>(200, "The merchant's clock.")]);

pub(crate) const SET_CLOCK: ApiOperation = ApiOperation::new("setClock", "Set the clock")
    .about("Sets, freezes or releases the merchant's clock. Everything that becomes due happens as soon as possible.")
    .body(BodyDescription::of::<ClockSetting>(r#"{"frozen": true}"#))
    .answers(&[Answer::json::<ClockRead>(200, "The merchant's clock.")])
    .refuses(&[BadValue]);

pub(crate) const ADVANCE_CLOCK: ApiOperation = ApiOperation::new("advanceClock", "Advance the clock")
    .about(
        "Gives `by` or `to`. Everything that becomes due on the way happens in its order, and the answer lists it. One \
         advance covers at most ten years.",
    )
    .body(BodyDescription::of::<ClockAdvance>(r#"{"by": "PT10M"}"#))
    .answers(&[Answer::json::<ClockAdvanced>(200, "The clock, and what happened.")])
    .refuses(&[BadValue, Conflict]);
