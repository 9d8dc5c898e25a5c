//! The lab: the consumer's acts by an API call, and the inbox of messages. For sandbox merchants alone.

mod acts;
mod inbox;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/lab/v1/sessions/{session_id}/{act}", post(acts::act))
        .route("/lab/v1/inbox", get(inbox::read).delete(inbox::clear))
}
