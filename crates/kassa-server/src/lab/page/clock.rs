//! The merchant's clock on every page: its face, and the buttons that stop and move it.

use askama::Template;
use axum::extract::State;
use kassa_store::OwnTime;
use kassa_wire::lab::{ClockAdvance, ClockSetting};
use kassa_wire::time::format_ms;

use super::acts::Told;
use super::visit::Visit;
use crate::api_error::ApiError;
use crate::body::Body;
use crate::lab::{clock, own_lab};
use crate::parameters::Parameters;

/// The units of an advance of one's own: how a duration begins and ends, and what the page calls them.
pub(super) const UNITS: [(&str, &str, &str); 4] =
    [("PT", "S", "seconds"), ("PT", "M", "minutes"), ("PT", "H", "hours"), ("P", "D", "days")];

/// The advances that are one press away: duration and label.
pub(super) const STEPS: [(&str, &str); 4] =
    [("PT5S", "+5 s"), ("PT1M", "+1 min"), ("PT1H", "+1 h"), ("PT47H", "+47 h")];

/// What the clock shows.
#[derive(Template)]
#[template(path = "lab/face.html")]
pub(super) struct Face {
    now_ms: i64,
    /// It differs once the clock was stopped, moved or let go, and not as it runs.
    pub(super) setting: OwnTime,
}

impl Face {
    pub(super) fn of(visit: &Visit) -> Result<Self, ApiError> {
        let merchant = &visit.merchant.id;
        let setting = own_lab(&visit.app)?.time.setting(merchant);
        Ok(Self { now_ms: visit.app.clock.now(merchant).as_ms(), setting })
    }

    fn now(&self) -> String {
        format_ms(self.now_ms)
    }

    fn runs(&self) -> bool {
        matches!(self.setting, OwnTime::Ahead(_))
    }
}

/// Date and time to the second, as a person reads them.
pub(super) fn readable(instant: &str) -> String {
    instant.get(..19).unwrap_or(instant).replace('T', " ")
}

pub(super) async fn freeze(visit: &Visit, frozen: bool) -> Result<Told, ApiError> {
    put(visit, ClockSetting { now: None, frozen: Some(frozen) }).await?;
    Told::done(if frozen { "The clock stands." } else { "The clock runs." })
}

pub(super) async fn set(visit: &Visit, form: &Parameters) -> Result<Told, ApiError> {
    // A browser's field for date and time knows no zone: the page says that it is UTC.
    let now = form.text("now").map(|now| format!("{}Z", now.trim_end_matches('Z')));
    let now = put(visit, ClockSetting { now: Some(now.unwrap_or_default()), frozen: None }).await?;
    Told::done(format!("The clock shows {}.", readable(&now)))
}

async fn put(visit: &Visit, setting: ClockSetting) -> Result<String, ApiError> {
    let read = clock::put(State(visit.app.clone()), visit.caller(), Body::of(&setting)?).await?;
    Ok(read.1.now)
}

pub(super) async fn advance(visit: &Visit, form: &Parameters) -> Result<Told, ApiError> {
    let by = match form.text("by") {
        Some(by) => by.to_string(),
        None => own_step(form).ok_or_else(|| ApiError::bad_values(["by"]))?,
    };
    let asked = ClockAdvance { by: Some(by), to: None };
    let advanced = clock::advance(State(visit.app.clone()), visit.caller(), Body::of(&asked)?).await?;
    Ok(Told::Advanced(advanced.1))
}

/// A count and a unit as a duration.
fn own_step(form: &Parameters) -> Option<String> {
    let count: u32 = form.text("count")?.trim().parse().ok()?;
    let (begin, end, _) = UNITS.into_iter().find(|(.., name)| Some(*name) == form.text("unit"))?;
    Some(format!("{begin}{count}{end}"))
}
