//! The shared parts of the developer pages, which are the demo shop and the lab: response headers, assets, formatted
//! JSON and timelines.

mod answer;
mod assets;
mod error_page;
mod json_text;
mod timeline;

pub use answer::{Frame, add_headers, page};
pub use assets::asset;
pub use error_page::{ErrorPage, render_error_page};
pub use json_text::{JsonToken, format_json, shortened, without_secret};
pub use timeline::{EntryView, time_of_day, timeline};

/// Returns the style class of a session's or order's status: `good`, `bad`, `wait` or `plain`.
pub fn status_class(status: &str) -> &'static str {
    match status {
        "COMPLETED" | "AUTHORIZED" | "PART_CAPTURED" | "CAPTURED" => "good",
        "FAILED" | "ERROR" | "REFUSED" => "bad",
        "WAITING" | "IN_PROGRESS" => "wait",
        _ => "plain",
    }
}
