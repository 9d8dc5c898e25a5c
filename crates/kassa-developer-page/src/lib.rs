//! The shared parts of the developer pages, which are the demo shop and the lab: response headers, assets, formatted
//! JSON and timelines.

mod answer;
mod assets;
mod json_text;
mod not_shown;
mod timeline;

pub use answer::{Frame, add_headers, page};
pub use assets::asset;
pub use json_text::{Piece, lay_out, shortened, without_secret};
pub use not_shown::{NotShown, not_shown};
pub use timeline::{TimelineEntry, in_words, time_of_day, timeline};

/// Returns the style class of a session's or order's status: `good`, `bad`, `wait` or `plain`.
pub fn mood_of(status: &str) -> &'static str {
    match status {
        "COMPLETED" | "AUTHORIZED" | "PART_CAPTURED" | "CAPTURED" => "good",
        "FAILED" | "ERROR" | "REFUSED" => "bad",
        "WAITING" | "IN_PROGRESS" => "wait",
        _ => "plain",
    }
}
