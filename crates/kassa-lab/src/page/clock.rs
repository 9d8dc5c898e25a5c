//! The merchant's clock on every page: its time, and the buttons that freeze, set and advance it.

use askama::Template;
use axum::extract::State;
use kassa_http::{ApiError, Body, Parameters};
use kassa_store::MerchantClock;
use kassa_wire::lab::{ClockAdvance, ClockSetting};
use kassa_wire::time::format_ms;

use super::actions::ActionResult;
use super::page_request::PageRequest;
use crate::clock;

/// The units of a custom advance: prefix and suffix of the ISO 8601 duration, and the name on the page.
pub(super) const UNITS: [(&str, &str, &str); 4] =
    [("PT", "S", "seconds"), ("PT", "M", "minutes"), ("PT", "H", "hours"), ("P", "D", "days")];

/// The advances with a button of their own: duration and label.
pub(super) const STEPS: [(&str, &str); 4] =
    [("PT5S", "+5 s"), ("PT1M", "+1 min"), ("PT1H", "+1 h"), ("PT47H", "+47 h")];

/// The clock on the page.
#[derive(Template)]
#[template(path = "lab/face.html")]
pub(super) struct ClockView {
    now_ms: i64,
    /// The clock's setting. It changes when the clock is frozen, moved or started, and not while it runs.
    pub(super) setting: MerchantClock,
}

impl ClockView {
    pub(super) fn of(page_request: &PageRequest) -> Result<Self, ApiError> {
        let merchant = &page_request.merchant.id;
        let setting = page_request.lab.time.setting(merchant);
        Ok(Self { now_ms: page_request.lab.clock.now(merchant).as_ms(), setting })
    }

    fn now(&self) -> String {
        format_ms(self.now_ms)
    }

    fn runs(&self) -> bool {
        matches!(self.setting, MerchantClock::Ahead(_))
    }
}

/// Formats date and time to the second.
pub(super) fn readable(instant: &str) -> String {
    instant.get(..19).unwrap_or(instant).replace('T', " ")
}

pub(super) async fn freeze(page_request: &PageRequest, frozen: bool) -> Result<ActionResult, ApiError> {
    put(page_request, ClockSetting { now: None, frozen: Some(frozen) }).await?;
    ActionResult::done(if frozen { "The clock is frozen." } else { "The clock runs." })
}

pub(super) async fn set(page_request: &PageRequest, form: &Parameters) -> Result<ActionResult, ApiError> {
    // A browser's field for date and time has no zone. The page labels it as UTC.
    let now = form.text("now").map(|now| format!("{}Z", now.trim_end_matches('Z')));
    let now = put(page_request, ClockSetting { now: Some(now.unwrap_or_default()), frozen: None }).await?;
    ActionResult::done(format!("The clock shows {}.", readable(&now)))
}

async fn put(page_request: &PageRequest, setting: ClockSetting) -> Result<String, ApiError> {
    let read =
        clock::put(State(page_request.lab.clone()), page_request.caller(), Body::of(&setting)?).await?;
    Ok(read.1.now)
}

pub(super) async fn advance(page_request: &PageRequest, form: &Parameters) -> Result<ActionResult, ApiError> {
    let by = match form.text("by") {
        Some(by) => by.to_string(),
        None => custom_step(form).ok_or_else(|| ApiError::bad_values(["by"]))?,
    };
    let asked = ClockAdvance { by: Some(by), to: None };
    let advanced =
        clock::advance(State(page_request.lab.clone()), page_request.caller(), Body::of(&asked)?).await?;
    Ok(ActionResult::Advanced(advanced.1))
}

/// Builds the ISO 8601 duration of a count and a unit.
fn custom_step(form: &Parameters) -> Option<String> {
    let count: u32 = form.text("count")?.trim().parse().ok()?;
    let (begin, end, _) = UNITS.into_iter().find(|(.., name)| Some(*name) == form.text("unit"))?;
    Some(format!("{begin}{count}{end}"))
}
