//! The browser SDK, with which a merchant's own page lets the consumer authorize a payment session (docs/double.md):
//! its script, the frames that the script shows, and the calls that the frames make. A frame calls with the client
//! token of the payment session. The server decides and gives the authorization token, and never the script.

mod authorize;
mod files;
mod outcome;
mod session;
mod start;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::{get, post};
use kassa_engine::Payments;

use crate::payments_api::client_token::FRAMES_VERSION;

/// The calls that the frames make.
pub(crate) fn calls<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Payments: FromRef<S>,
{
    Router::new()
        .route("/kp/v1/sessions/{session_id}/load", post(start::load))
        .route("/kp/v1/sessions/{session_id}/start", post(start::start))
        .route("/kp/v1/sessions/{session_id}/authorize", post(authorize::authorize))
}

/// The script, and the frames with their files. Pages of every site may use them, so they have headers of their own.
pub fn sdk_files() -> Router {
    Router::new()
        .route("/kp/lib/v1/api.js", get(files::script))
        .route(&format!("/kp/{FRAMES_VERSION}/{{file}}"), get(files::of_frames))
}
