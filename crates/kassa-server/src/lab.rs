//! The lab: consumers, time and faults under the developer's control, and what happened to assert on. For sandbox
//! merchants alone: in live mode no path of it exists.

mod acts;
mod bench;
mod crossing;
mod inbox;
mod journal;
mod observe;
mod send;
mod weather;

use axum::Router;
use axum::routing::{MethodRouter, get, post};

use crate::app::App;

pub(crate) use bench::Lab;
pub(crate) use crossing::depart;
pub(crate) use observe::{Cut, record};
pub(crate) use send::{Sent, delay_ms, note_attempt, send};
pub(crate) use weather::blow;

/// Every path of the lab, with what answers there. There is no other list: the router is made from it.
fn table() -> Vec<(&'static str, MethodRouter<App>)> {
    vec![
        ("/lab/v1/sessions/{session_id}/{act}", post(acts::act)),
        ("/lab/v1/weather", get(weather::read).put(weather::put).delete(weather::clear)),
        ("/lab/v1/journal", get(journal::read).delete(journal::clear)),
        ("/lab/v1/inbox", get(inbox::read).delete(inbox::clear)),
    ]
}

pub(crate) fn routes() -> Router<App> {
    table().into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods))
}

/// The paths of the lab, as patterns.
#[must_use]
pub fn lab_paths() -> Vec<&'static str> {
    table().into_iter().map(|(path, _)| path).collect()
}
