//! The lab's page at `/lab`: the lab in a browser.
//!
//! Each button calls the same function as a path of the lab's API. The page needs no credential, so it exists only if
//! `kassa dev` opened it, and only for that merchant and the merchants that the lab created. The module `cross_site` refuses
//! requests of other sites.

mod actions;
mod clock;
mod error;
mod faults;
mod inbox;
mod journal;
mod live;
mod merchants;
mod page_request;
mod session;
mod sessions;
mod show;

use crate::Lab;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get};
use kassa_http::{ApiError, answer_to_panic};
use kassa_wire::error::ErrorCode;
use tower_http::catch_panic::CatchPanicLayer;

use super::export::LARGEST_FILE;

/// Maximum size of a form, in bytes. It may contain an exported file, and a form encodes a byte in up to three.
const LARGEST_FORM: usize = 3 * LARGEST_FILE;

/// Every path of the page with its handlers. A form is posted to the address of its own page.
fn table() -> Vec<(&'static str, MethodRouter<Lab>)> {
    vec![
        ("/lab", get(show::redirect_to_default_merchant)),
        ("/lab/of/{merchant}", get(show::show).post(show::act)),
        ("/lab/of/{merchant}/sessions/{session}", get(show::show).post(show::act)),
        ("/lab/of/{merchant}/{place}", get(show::show).post(show::act)),
        ("/lab/of/{merchant}/export", get(show::export)),
        ("/lab/assets/{file}", get(show::asset)),
    ]
}

/// The routes of the lab's page.
pub fn routes(lab: &Lab) -> Router<Lab> {
    let pages =
        table().into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    pages
        .method_not_allowed_fallback(|| async { ApiError::without_message(ErrorCode::MethodNotAllowed) })
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(CatchPanicLayer::custom(answer_to_panic))
        .layer(from_fn_with_state(lab.clone(), error::complete))
}

/// The paths of the page, as patterns.
pub(super) fn paths() -> impl Iterator<Item = &'static str> {
    table().into_iter().map(|(path, _)| path)
}
