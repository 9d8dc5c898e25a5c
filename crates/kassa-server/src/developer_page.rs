//! What the pages for developers share, the demo shop and the lab: how they are answered, and how they show what
//! travelled and what happened.

mod answer;
mod assets;
mod json_text;
mod not_shown;
mod timeline;

pub(crate) use answer::{Frame, add_headers, page};
pub(crate) use assets::asset;
pub(crate) use json_text::{Piece, lay_out, shortened, without_secret};
pub(crate) use not_shown::{NotShown, not_shown};
pub(crate) use timeline::{Moment, in_words, time_of_day, timeline};

/// The mood of a status, of a session or of an order.
pub(crate) fn mood_of(status: &str) -> &'static str {
    match status {
        "COMPLETED" | "AUTHORIZED" | "PART_CAPTURED" | "CAPTURED" => "good",
        "FAILED" | "ERROR" | "REFUSED" => "bad",
        "WAITING" | "IN_PROGRESS" => "wait",
        _ => "plain",
    }
}
