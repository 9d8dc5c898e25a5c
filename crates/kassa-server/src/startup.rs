//! The listener of merchants and consumers while the node waits for its database: every call is answered 503.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use kassa_engine::HttpMetrics;
use kassa_http::{HealthSlot, OperationalPaths, ServedRoutes, listen, refuse_while_starting};
use kassa_incoming::{Certificate, Limits};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The time to finish the last answers.
const GRACE: Duration = Duration::from_secs(1);

/// Answers in the place of a system that waits for its database.
pub struct StartupServer {
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl StartupServer {
    /// Opens it. Requests are accepted when this returns.
    pub fn open(listener: TcpListener, certificate: Option<Certificate>) -> io::Result<Self> {
        let probes = Arc::new(OperationalPaths::local_probes(HealthSlot::default()));
        let router = Router::new().fallback(async move |request: Request| match probes.include(&request) {
            true => probes.answer(request).await,
            false => refuse_while_starting(),
        });
        // Each answer ends its connection, so that the next call finds whoever serves by then.
        let draining = CancellationToken::new();
        draining.cancel();
        let surface = ServedRoutes {
            router,
            draining,
            trusted_proxies: Vec::new(),
            http_metrics: HttpMetrics::default(),
        };
        let stop = CancellationToken::new();
        let limits = Limits { stop: GRACE, ..Limits::default() };
        let serving = tokio::spawn(listen(surface, listener, certificate, limits, stop.clone())?);
        Ok(Self { stop, serving })
    }

    /// Closes it. Connections that were not accepted yet stay for the next who listens on the same socket.
    pub async fn close(self) {
        self.stop.cancel();
        // The node stops either way.
        let _ = self.serving.await;
    }
}
