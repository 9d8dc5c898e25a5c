//! Runs the system: the listener, the delivery of callbacks, and an orderly stop.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use kassa_http::{ServedRoutes, listen};
use kassa_incoming::{Certificate, Limits};
use kassa_store::Store;
use tokio::task::JoinSet;

use crate::app::App;
use crate::router::{Routing, public_router, router};

/// The time to finish what is in flight after a stop was asked for.
pub const GRACE: Duration = Limits::STOP;

/// How long closing the database may take.
const TIME_TO_CLOSE: Duration = Duration::from_secs(2);

/// A running system.
pub struct Server {
    app: App,
    tasks: JoinSet<()>,
}

/// Starts serving everything in plain HTTP on one bound listener, operational paths included. Requests are accepted
/// when this returns.
pub fn serve(app: App, listener: TcpListener) -> io::Result<Server> {
    serve_within(app, listener, None, Limits::default())
}

/// Starts serving as [`serve`] does, behind TLS if there is a certificate, and with other limits than those of
/// production.
pub fn serve_within(
    app: App,
    listener: TcpListener,
    certificate: Option<Certificate>,
    limits: Limits,
) -> io::Result<Server> {
    start(router(&app), app, listener, certificate, limits)
}

/// Starts serving merchants and consumers, behind TLS if there is a certificate, and then with HTTP/2 for callers that
/// speak it. The operational paths have a listener of their own: [`kassa_http::Operations`].
pub fn serve_node(app: App, listener: TcpListener, certificate: Option<Certificate>) -> io::Result<Server> {
    start(public_router(&app), app, listener, certificate, Limits::default())
}

fn start(
    router: Routing,
    app: App,
    listener: TcpListener,
    certificate: Option<Certificate>,
    limits: Limits,
) -> io::Result<Server> {
    let (stop, draining) = (app.stop().clone(), app.draining().clone());
    let mut tasks = JoinSet::new();
    let trusted_proxies = app.configuration().trusted_proxies.clone();
    let surface =
        ServedRoutes { router, draining, trusted_proxies, http_metrics: app.http_metrics().clone() };
    tasks.spawn(listen(surface, listener, certificate, limits, stop.clone())?);
    for job in app.engine().background_work(&stop) {
        tasks.spawn(job);
    }
    Ok(Server { app, tasks })
}

impl Server {
    /// Reports on `/readyz` that the node is stopping, and still accepts requests for this long, so that load balancers
    /// see it before the listener closes.
    pub async fn drain(&self, drain: Duration) {
        self.app.draining().cancel();
        tokio::time::sleep(drain).await;
    }

    /// Stops accepting, finishes what is in flight, within ten seconds, and closes the database.
    pub async fn stop(self) {
        self.stop_within(GRACE).await;
    }

    /// Stops accepting, finishes what is in flight, within this time, and closes the database.
    pub async fn stop_within(mut self, grace: Duration) {
        self.app.draining().cancel();
        self.app.stop().cancel();
        let finished = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(grace, finished).await.is_err() {
            tracing::warn!("stopped with work in flight; the next start continues it");
        }
        if tokio::time::timeout(TIME_TO_CLOSE, self.app.engine().write_requests()).await.is_err() {
            tracing::warn!("the last finished requests were not recorded in time; their timelines lack them");
        }
        close(self.app.store()).await;
    }
}

/// Closes the database, if there is time for it. Otherwise the end of the process closes it, and the next start finds
/// everything too.
pub(crate) async fn close(store: &Store) {
    if tokio::time::timeout(TIME_TO_CLOSE, store.close()).await.is_err() {
        tracing::warn!(
            "the database file was not closed in time: its log stays beside it, and the next start reads it"
        );
    }
}
