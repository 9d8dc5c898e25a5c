//! The shared parts of the developer pages, which are the demo shop and the lab: response headers, assets, formatted
//! JSON and timelines.

mod answer;
mod assets;
mod json_text;
mod not_shown;
mod timeline;

pub(crate) use answer::{Frame, add_headers, page};
pub(crate) use assets::asset;
pub(crate) use json_text::{Piece, lay_out, shortened, without_secret};
pub(crate) use not_shown::{NotShown, not_shown};
pub(crate) use timeline::{TimelineEntry, in_words, time_of_day, timeline};

/// Returns the style class of a session's or order's status: `good`, `bad`, `wait` or `plain`.
pub(crate) fn mood_of(status: &str) -> &'static str {
    match status {
        "COMPLETED" | "AUTHORIZED" | "PART_CAPTURED" | "CAPTURED" => "good",
        "FAILED" | "ERROR" | "REFUSED" => "bad",
        "WAITING" | "IN_PROGRESS" => "wait",
        _ => "plain",
    }
}
