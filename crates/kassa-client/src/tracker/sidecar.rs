//! The tracker as a separate service: it receives callbacks, registers sessions, and serves metrics and a status page.

mod status_page;

use std::net::TcpListener;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::uri::Authority;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use kassa_incoming::Limits;
use kassa_wire::cross_site::{CrossSiteRefusal, SiteAddresses, Surface};
use kassa_wire::id::is_id;
use kassa_wire::time::Instant;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{CallbackReceiver, Registration, StateError, Tracker};
use crate::incoming;
use crate::receiver::{Receiver, web};
use status_page::STYLE;

/// The maximum number of sessions on the page and in the list.
const SHOWN: usize = 200;

/// The largest body of a registration, in bytes. An order has at most 1000 lines.
const LARGEST_BODY: usize = 1024 * 1024;

/// The format of the metrics page.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The page has no script and loads nothing but its own style.
const POLICY: &str = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The body of `POST /sessions`. The answer to the session's creation is valid, too.
#[derive(Deserialize)]
struct Register {
    session_id: String,
    reference: Option<String>,
    expires_at: Option<Instant>,
    order: Option<Value>,
}

/// The public route: callbacks only.
pub fn public_routes(tracker: &Tracker, receiver: Receiver) -> Router {
    let clock = tracker.dependencies.clock.clone();
    let callbacks = web::route(receiver, Arc::new(tracker.clone()), clock);
    Router::new().route("/callbacks", callbacks.layer(from_fn_with_state(tracker.clone(), watched)))
}

/// Counts the outcome of a callback, and logs the reason for a refusal.
async fn watched(State(tracker): State<Tracker>, callback: Request, next: Next) -> Response {
    let response = next.run(callback).await;
    if let Some(outcome) = response.extensions().get() {
        tracker.note_callback(outcome);
    }
    response
}

/// The routes for the merchant's own systems and people. They show and change the tracked sessions, so they must not be
/// reachable from outside, nor from web pages of other sites in a browser. They answer to IP addresses, to `localhost`,
/// and to the names of `site`.
pub fn private_routes(tracker: Tracker, site: SiteAddresses) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/status.css", get(([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)))
        .route("/sessions", post(register).get(list))
        .route("/sessions/{session_id}", get(one))
        .route("/metrics", get(metrics))
        .route("/healthz", get("ok\n"))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(tracker)
        .layer(from_fn_with_state(Arc::new(site), require_own_site))
}

/// Refuses requests that a browser sends for a web page of another site, and requests to an unknown host name.
async fn require_own_site(State(site): State<Arc<SiteAddresses>>, request: Request, next: Next) -> Response {
    let uri = request.uri();
    let surface = if uri.path() == "/" { Surface::Page } else { Surface::Api };
    let authority = uri.authority().map(Authority::as_str);
    let values = |name| request.headers().get_all(name).iter().map(HeaderValue::as_bytes);
    let refusal = match site.check(surface, request.method().as_str(), authority, values) {
        Ok(()) => return next.run(request).await,
        Err(refusal) => refusal,
    };
    let advice = match &refusal {
        CrossSiteRefusal::UnknownHost(_) => ". To use it, list it under private_hosts in the settings",
        CrossSiteRefusal::ForeignPage => "",
        CrossSiteRefusal::FormContent => ". Send it with the content type application/json",
    };
    refused(StatusCode::FORBIDDEN, &format!("{refusal}{advice}"))
}

/// Serves routes on a bound listener until the tracker is stopped, and finishes the calls in flight.
///
/// # Errors
/// If the listener cannot be used.
pub async fn serve(tracker: Tracker, listener: TcpListener, routes: Router) -> std::io::Result<()> {
    serve_within(tracker, listener, routes, Limits::default()).await
}

/// Serves routes as [`serve`] does, with other limits than the usual ones.
///
/// # Errors
/// If the listener cannot be used.
pub async fn serve_within(
    tracker: Tracker,
    listener: TcpListener,
    routes: Router,
    limits: Limits,
) -> std::io::Result<()> {
    incoming::serve(listener, routes, limits, tracker.until_stopped()).await
}

async fn register(State(tracker): State<Tracker>, wanted: Result<Json<Register>, JsonRejection>) -> Response {
    let Json(Register { session_id, reference, expires_at, order }) = match wanted {
        Ok(wanted) => wanted,
        Err(rejection) => return refused(rejection.status(), &rejection.body_text()),
    };
    if !is_id(&session_id) {
        return refused(StatusCode::BAD_REQUEST, "session_id: 1 to 255 printable characters");
    }
    if order.as_ref().is_some_and(|order| !order.is_object()) {
        return refused(StatusCode::BAD_REQUEST, "order: the body of the order to be placed");
    }
    let id = session_id.clone();
    match tracker.register(Registration { session_id, reference, expires_at, order }).await {
        Ok(true) => (StatusCode::CREATED, Json(json!({"session_id": id}))).into_response(),
        Ok(false) => (StatusCode::OK, Json(json!({"session_id": id}))).into_response(),
        Err(error) => failed(&error),
    }
}

async fn list(State(tracker): State<Tracker>) -> Response {
    match tracker.overview(SHOWN).await {
        Ok(overview) => Json(json!({"sessions": overview.sessions})).into_response(),
        Err(error) => failed(&error),
    }
}

async fn one(State(tracker): State<Tracker>, Path(session_id): Path<String>) -> Response {
    match tracker.session(&session_id).await {
        Ok(Some(session)) => Json(session).into_response(),
        Ok(None) => refused(StatusCode::NOT_FOUND, "the session is not followed"),
        Err(error) => failed(&error),
    }
}

async fn metrics(State(tracker): State<Tracker>) -> Response {
    match tracker.metrics().await {
        Ok(page) => ([(CONTENT_TYPE, METRICS_TYPE)], page).into_response(),
        Err(error) => failed(&error),
    }
}

async fn page(State(tracker): State<Tracker>) -> Response {
    match tracker.overview(SHOWN).await {
        Ok(overview) => {
            let page = status_page::render(&overview, &listens(&tracker), tracker.monitor.last_rejection());
            ([(CONTENT_SECURITY_POLICY, POLICY)], Html(page)).into_response()
        }
        Err(error) => failed(&error),
    }
}

/// The channels that bring changes to the tracker at present.
fn listens(tracker: &Tracker) -> String {
    let callbacks = match tracker.options.callbacks {
        CallbackReceiver::ThisTracker => Some("callbacks"),
        CallbackReceiver::OtherSystem => None,
    };
    let feed = tracker.feed.is_delivering().then_some("the feed");
    let ways: Vec<&str> = callbacks.into_iter().chain(feed).chain(["reads"]).collect();
    ways.join(", ")
}

fn refused(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({"error": why}))).into_response()
}

fn failed(error: &StateError) -> Response {
    refused(StatusCode::SERVICE_UNAVAILABLE, &error.to_string())
}
