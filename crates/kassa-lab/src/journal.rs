//! `GET|DELETE /lab/v1/journal`: the received calls and the sent callbacks. A read can wait for entries, so that no
//! test sleeps.

mod contents;
mod entry;
mod filter;
mod header_lines;

use crate::Lab;
use axum::extract::State;
use http::StatusCode;
use kassa_domain::time::SECOND_MS;
use kassa_http::{ApiError, Caller, Json, Parameters};
use kassa_wire::lab::JournalPage;

use kassa_engine::{LONGEST_WAIT_S, WaitOutcome};

pub(super) use contents::Journal;
pub(super) use entry::{Entry, Message, Subject};
pub(super) use filter::{EntryFilter, is_path_of};

pub(super) async fn read(
    State(lab): State<Lab>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<JournalPage>, ApiError> {
    let filter = EntryFilter::read(&parameters)?;
    let wait_s = parameters.number("wait", 0..=LONGEST_WAIT_S)?.unwrap_or(0);
    let count = parameters.number("count", 1..=i64::MAX)?.unwrap_or(1);
    let until = lab.clock.monotonic_now().plus_ms(wait_s * SECOND_MS);
    let merchant_lab = lab.merchant_lab(&caller.merchant.id);
    if filter.after > merchant_lab.journal.last_number() {
        // Another run of the node gave it: entries up to this number would never appear.
        return Err(ApiError::bad_values(["after"]));
    }
    loop {
        let news = merchant_lab.journal.news();
        let (entries, matching) = merchant_lab.journal.select(&filter);
        let is_enough = matching >= usize::try_from(count).unwrap_or(usize::MAX);
        if is_enough || lab.news.wait(news, until, until).await == WaitOutcome::TimeIsOver {
            let entries = entries.iter().map(|entry| entry.as_read()).collect();
            return Ok(Json(StatusCode::OK, JournalPage { entries, matching }));
        }
    }
}

pub(super) async fn clear(State(lab): State<Lab>, caller: Caller) -> Result<StatusCode, ApiError> {
    lab.merchant_lab(&caller.merchant.id).journal.clear();
    Ok(StatusCode::NO_CONTENT)
}
