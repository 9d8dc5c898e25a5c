//! The lab's page at `/lab`: everything of the lab by mouse.
//!
//! It has no road of its own: each button does what a path of the lab's API does, by the same function. It stands
//! outside the merchant's HTTP Basic, so it is there only where it was opened, for the merchant that it was opened for
//! and for those that the lab made; what keeps foreign sites out is in `cross_site`.

mod acts;
mod clock;
mod error;
mod inbox;
mod journal;
mod live;
mod merchants;
mod session;
mod sessions;
mod show;
mod visit;
mod weather;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get};
use kassa_wire::error::ErrorCode;
use tower_http::catch_panic::CatchPanicLayer;

use super::export::LARGEST_FILE;
use crate::answer;
use crate::api_error::ApiError;
use crate::app::App;

/// The largest form accepted, in bytes: it may hold an exported file, whose marks a form writes as three.
const LARGEST_FORM: usize = 3 * LARGEST_FILE;

/// Every path of the page, with what answers there. A form is sent to the address of the page that it stands on.
fn table() -> Vec<(&'static str, MethodRouter<App>)> {
    vec![
        ("/lab", get(show::to_own)),
        ("/lab/of/{merchant}", get(show::show).post(show::act)),
        ("/lab/of/{merchant}/sessions/{session}", get(show::show).post(show::act)),
        ("/lab/of/{merchant}/{place}", get(show::show).post(show::act)),
        ("/lab/of/{merchant}/export", get(show::export)),
        ("/lab/assets/{file}", get(show::asset)),
    ]
}

pub(crate) fn routes(app: &App) -> Router<App> {
    let pages =
        table().into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    pages
        .method_not_allowed_fallback(|| async { ApiError::bare(ErrorCode::MethodNotAllowed) })
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(CatchPanicLayer::custom(answer::panicked))
        .layer(from_fn_with_state(app.clone(), error::complete))
}

/// The paths of the page, as patterns.
pub(super) fn paths() -> impl Iterator<Item = &'static str> {
    table().into_iter().map(|(path, _)| path)
}
