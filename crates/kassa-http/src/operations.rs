//! The operational paths: `/healthz`, `/readyz` and `/metrics`, and the listener that they have in `kassa serve`.
//!
//! The listener is there before the system, while the node waits for its database, and longer than the system, until
//! the node has stopped. On the listener of merchants and consumers only callers on the same machine find the two
//! probes.

use std::io;
use std::net::TcpListener;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use kassa_engine::{Health, HttpMetrics};
use kassa_incoming::Limits;
use kassa_wire::error::ErrorCode;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::answer::{refuse_before_routing, with_error_body};
use crate::api_error::ApiError;
use crate::cross_site::CrossSiteCheck;
use crate::proxies::is_local_and_direct;
use crate::served_routes::{ServedRoutes, listen};

/// The format of the metrics page.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The time to finish the last answers.
const GRACE: Duration = Duration::from_secs(1);

/// The system that the operational paths tell of, once there is one.
#[derive(Clone, Default)]
pub struct HealthSlot(Arc<OnceLock<Health>>);

impl HealthSlot {
    /// A slot with this system.
    #[must_use]
    pub fn of(health: Health) -> Self {
        let watched = Self::default();
        watched.0.get_or_init(|| health);
        watched
    }
}

/// The listener of the operational paths.
pub struct Operations {
    watched: HealthSlot,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Operations {
    /// Opens it, in plain HTTP. Until [`Operations::set_health`] the node is alive and not ready.
    pub fn open(listener: TcpListener) -> io::Result<Self> {
        let (watched, stop) = (HealthSlot::default(), CancellationToken::new());
        let router = routes(watched.clone()).fallback(unknown_path).layer(map_response(with_error_body));
        let surface = ServedRoutes {
            router,
            draining: CancellationToken::new(),
            trusted_proxies: Vec::new(),
            http_metrics: HttpMetrics::default(),
        };
        let limits = Limits { stop: GRACE, ..Limits::for_operators() };
        let serving = tokio::spawn(listen(surface, listener, None, limits, stop.clone())?);
        Ok(Self { watched, stop, serving })
    }

    /// From now on it tells of this system.
    pub fn set_health(&self, health: Health) {
        self.watched.0.get_or_init(|| health);
    }

    /// Closes it, once the last answers are finished.
    pub async fn close(self) {
        self.stop.cancel();
        // The node stops either way.
        let _ = self.serving.await;
    }
}

/// All operational paths.
fn routes(watched: HealthSlot) -> Router {
    probes(watched.clone()).merge(Router::new().route("/metrics", get(metrics)).with_state(watched))
}

/// Alive, and ready for calls.
fn probes(watched: HealthSlot) -> Router {
    Router::new().route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(ready)).with_state(watched)
}

/// The operational paths of a listener that has other paths, too.
pub struct OperationalPaths {
    paths: &'static [&'static str],
    admission: Admission,
    router: Router,
}

/// The callers for whom the operational paths of a listener exist.
enum Admission {
    /// Every caller that passes this check.
    Checked(CrossSiteCheck),
    /// Callers on this machine that come through no proxy. To all others they are unknown paths.
    Local,
}

impl OperationalPaths {
    /// All paths.
    pub fn all(watched: HealthSlot, check: CrossSiteCheck) -> Self {
        let paths = &["/healthz", "/readyz", "/metrics"];
        Self { paths, admission: Admission::Checked(check), router: routes(watched) }
    }

    /// The probes for callers on this machine. This is for supervisors that were set up before the operational paths
    /// had a listener, and goes after one version.
    pub fn local_probes(watched: HealthSlot) -> Self {
        Self { paths: &["/healthz", "/readyz"], admission: Admission::Local, router: probes(watched) }
    }

    /// Whether a request is for one of these paths.
    pub fn include(&self, request: &Request) -> bool {
        let is_for_caller = match self.admission {
            Admission::Checked(_) => true,
            Admission::Local => is_local_and_direct(request),
        };
        self.paths.contains(&request.uri().path()) && is_for_caller
    }

    /// Answers a request for one of these paths.
    pub async fn answer(&self, request: Request) -> Response {
        let refusal = match &self.admission {
            Admission::Checked(check) => check.refusal(&request),
            Admission::Local => None,
        };
        if let Some(refusal) = refusal {
            return refusal;
        }
        let Ok(response) = self.router.clone().oneshot(request).await;
        response
    }
}

async fn unknown_path() -> Response {
    refuse_before_routing(&ApiError::refused(
        ErrorCode::NotFound,
        "Only /healthz, /readyz and /metrics are here",
    ))
}

/// Whether load balancers should send requests to this node.
async fn ready(State(watched): State<HealthSlot>) -> Response {
    let Some(health) = watched.0.get() else { return not_ready() };
    match health.ready().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => unavailable(error),
    }
}

async fn metrics(State(watched): State<HealthSlot>) -> Response {
    let Some(health) = watched.0.get() else { return not_ready() };
    match health.metrics_page().await {
        Ok(page) => ([(CONTENT_TYPE, METRICS_TYPE)], page).into_response(),
        Err(error) => unavailable(error),
    }
}

fn not_ready() -> Response {
    unavailable("waiting for the database")
}

fn unavailable(why: impl std::fmt::Display) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response()
}
