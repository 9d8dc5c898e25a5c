//! The operational paths: `/healthz`, `/readyz` and `/metrics`, and the listener that they have in `kassa serve`.
//!
//! The listener is there before the system, while the node waits for its database, and longer than the system, until the
//! node has stopped. On the listener of merchants and consumers only callers on the same machine find the two probes.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use kassa_http::{ApiError, is_local_and_direct, refuse_before_routing, with_error_body};
use kassa_incoming::Limits;
use kassa_wire::error::ErrorCode;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt as _};

use crate::app::App;
use crate::incoming::{Surface, listen};

/// The format of the metrics page.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The time to finish the last answers.
const GRACE: Duration = Duration::from_secs(1);

/// The system that the operational paths tell of, once there is one.
#[derive(Clone, Default)]
pub(crate) struct Watched(Arc<OnceLock<App>>);

impl Watched {
    pub(crate) fn of(app: App) -> Self {
        let watched = Self::default();
        watched.0.get_or_init(|| app);
        watched
    }
}

/// The listener of the operational paths.
pub struct Operations {
    watched: Watched,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Operations {
    /// Opens it, in plain HTTP. Until [`Operations::tell_of`] the node is alive and not ready.
    pub fn open(listener: TcpListener) -> io::Result<Self> {
        let (watched, stop) = (Watched::default(), CancellationToken::new());
        let router = routes(watched.clone()).fallback(nothing_else).layer(map_response(with_error_body));
        let surface = Surface { router, leaving: CancellationToken::new(), trusted_proxies: Vec::new() };
        let limits = Limits { stop: GRACE, ..Limits::for_operators() };
        let serving = tokio::spawn(listen(surface, listener, None, limits, stop.clone())?);
        Ok(Self { watched, stop, serving })
    }

    /// From now on it tells of this system.
    pub fn tell_of(&self, app: App) {
        self.watched.0.get_or_init(|| app);
    }

    /// Closes it, once the last answers are finished.
    pub async fn close(self) {
        self.stop.cancel();
        // The node stops either way.
        let _ = self.serving.await;
    }
}

/// All operational paths.
pub(crate) fn routes(watched: Watched) -> Router {
    probes(watched.clone()).merge(Router::new().route("/metrics", get(metrics)).with_state(watched))
}

/// Alive, and ready for calls.
pub(crate) fn probes(watched: Watched) -> Router {
    Router::new().route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(ready)).with_state(watched)
}

/// The probes for callers on this machine that come through no proxy; for all others `otherwise` answers, to which they are
/// unknown paths. This is for supervisors that were set up before the operational paths had a listener, and goes after one
/// version.
pub(crate) fn local_probes<S: Otherwise>(watched: Watched, otherwise: S) -> Router {
    probes(watched).layer(from_fn_with_state(otherwise, only_local_callers::<S>))
}

/// Answers in place of the probes.
pub(crate) trait Otherwise:
    Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static
{
}

impl<S> Otherwise for S where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static
{
}

async fn only_local_callers<S: Otherwise>(
    State(otherwise): State<S>,
    request: Request,
    next: Next,
) -> Response {
    if is_local_and_direct(&request) {
        return next.run(request).await;
    }
    let Ok(response) = otherwise.oneshot(request).await;
    response
}

async fn nothing_else() -> Response {
    refuse_before_routing(&ApiError::refused(
        ErrorCode::NotFound,
        "Only /healthz, /readyz and /metrics are here",
    ))
}

/// Whether load balancers should send requests to this node.
async fn ready(State(watched): State<Watched>) -> Response {
    let Some(app) = watched.0.get() else { return not_yet() };
    match app.health().ready().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => unavailable(error),
    }
}

async fn metrics(State(watched): State<Watched>) -> Response {
    let Some(app) = watched.0.get() else { return not_yet() };
    match app.health().metrics_page().await {
        Ok(page) => ([(CONTENT_TYPE, METRICS_TYPE)], page).into_response(),
        Err(error) => unavailable(error),
    }
}

fn not_yet() -> Response {
    unavailable("waiting for the database")
}

fn unavailable(why: impl std::fmt::Display) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response()
}
