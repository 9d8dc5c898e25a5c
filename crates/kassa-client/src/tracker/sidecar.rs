//! The tracker as a service of its own: callbacks in, sessions registered, metrics and a page for people.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::{Registration, SessionView, StateError, Tracker};
use crate::receiver::{Receiver, web};

/// Sessions that the page and the list show.
const SHOWN: u32 = 200;

/// What `POST /sessions` takes: the answer to the session's creation will do.
#[derive(Deserialize)]
struct Register {
    session_id: String,
    reference: Option<String>,
    expires_at: Option<Timestamp>,
}

/// The callbacks' route alone: what the outside may reach.
pub fn public_routes(tracker: &Tracker, receiver: Receiver) -> Router {
    let clock = tracker.surroundings.clock.clone();
    Router::new().route("/callbacks", web::route(receiver, Arc::new(tracker.clone()), clock))
}

/// The routes for the merchant's own systems and people: they show and change what is tracked, so the outside must
/// not reach them.
pub fn private_routes(tracker: Tracker) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/sessions", post(register).get(list))
        .route("/metrics", get(metrics))
        .route("/healthz", get(|| async { "ok\n" }))
        .with_state(tracker)
}

/// Serves routes on a bound listener until the process ends.
///
/// # Errors
/// Where the listener fails.
pub async fn serve(listener: TcpListener, routes: Router) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    axum::serve(tokio::net::TcpListener::from_std(listener)?, routes).await
}

async fn register(State(tracker): State<Tracker>, Json(wanted): Json<Register>) -> Response {
    let Register { session_id, reference, expires_at } = wanted;
    let id = session_id.clone();
    match tracker.register(Registration { session_id, reference, expires_at }).await {
        Ok(true) => (StatusCode::CREATED, Json(json!({"session_id": id}))).into_response(),
        Ok(false) => (StatusCode::OK, Json(json!({"session_id": id}))).into_response(),
        Err(error) => failed(&error),
    }
}

async fn list(State(tracker): State<Tracker>) -> Response {
    match tracker.sessions(SHOWN).await {
        Ok(sessions) => Json(json!({"sessions": sessions})).into_response(),
        Err(error) => failed(&error),
    }
}

async fn metrics(State(tracker): State<Tracker>) -> Response {
    match written_metrics(&tracker).await {
        Ok(text) => ([("content-type", "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => failed(&error),
    }
}

async fn written_metrics(tracker: &Tracker) -> Result<String, StateError> {
    let mut text = String::from("# TYPE kassa_track_sessions gauge\n");
    for (verdict, count) in tracker.tally().await? {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "kassa_track_sessions{{verdict=\"{}\"}} {count}", verdict.as_str());
    }
    let waiting = tracker.unacknowledged().await?;
    let _ = writeln!(text, "# TYPE kassa_track_unacknowledged_changes gauge");
    let _ = writeln!(text, "kassa_track_unacknowledged_changes {waiting}");
    Ok(text)
}

async fn page(State(tracker): State<Tracker>) -> Response {
    match tracker.sessions(SHOWN).await {
        Ok(sessions) => Html(written_page(&sessions)).into_response(),
        Err(error) => failed(&error),
    }
}

fn written_page(sessions: &[SessionView]) -> String {
    let rows: String = sessions.iter().map(row).collect();
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"5\">\
         <title>Kassa track</title><style>body{{font:16px system-ui;margin:2rem}}\
         td,th{{text-align:left;padding:.3rem 1rem .3rem 0}}</style><h1>Tracked sessions</h1>\
         <table><thead><tr><th>Session<th>Reference<th>Status<th>Verdict<th>Why<th>Next read</thead>\
         <tbody>{rows}</tbody></table></html>"
    )
}

fn row(view: &SessionView) -> String {
    let or_none = |text: Option<String>| escaped(&text.unwrap_or_else(|| "none".to_string()));
    format!(
        "<tr><td>{}<td>{}<td>{}<td>{}<td>{}<td>{}",
        escaped(&view.session_id),
        or_none(view.reference.clone()),
        or_none(view.status.as_ref().map(ToString::to_string)),
        view.verdict.as_str(),
        escaped(&view.why),
        or_none(view.next_read_at.map(|at| format!("{at:.0}")))
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn failed(error: &StateError) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"error": error.to_string()}))).into_response()
}
