//! Runs the system: the listener, the delivery of callbacks, and an orderly stop.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use axum::Router;
use kassa_domain::time::SECOND_MS;
use kassa_incoming::Limits;
use kassa_store::{Notice, Store};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::advance::follow_completions;
use crate::app::App;
use crate::callbacks::deliver_until;
use crate::certificate::Certificate;
use crate::expiry::expire_until;
use crate::incoming::{Surface, listen};
use crate::router::{public_router, router};

/// The time to finish what is in flight after a stop was asked for.
pub const GRACE: Duration = Limits::STOP;

/// How often interrupted completions are looked for.
const LOOK_FOR_COMPLETIONS_MS: i64 = 5 * SECOND_MS;

/// How long closing the database may take.
const TIME_TO_CLOSE: Duration = Duration::from_secs(2);

/// A running system.
pub struct Server {
    stop: CancellationToken,
    leaving: CancellationToken,
    store: Store,
    tasks: JoinSet<()>,
}

/// Starts serving everything in plain HTTP on one bound listener, operational paths included. Requests are accepted when
/// this returns.
pub fn serve(app: App, listener: TcpListener) -> io::Result<Server> {
    serve_within(app, listener, None, Limits::default())
}

/// Starts serving as [`serve`] does, behind TLS if there is a certificate, and with other limits than those of production.
pub fn serve_within(
    app: App,
    listener: TcpListener,
    certificate: Option<Certificate>,
    limits: Limits,
) -> io::Result<Server> {
    start(router(app.clone()), app, listener, certificate, limits)
}

/// Starts serving merchants and consumers, behind TLS if there is a certificate, and then with HTTP/2 for callers that
/// speak it. The operational paths have a listener of their own: [`crate::Operations`].
pub fn serve_node(app: App, listener: TcpListener, certificate: Option<Certificate>) -> io::Result<Server> {
    start(public_router(app.clone()), app, listener, certificate, Limits::default())
}

fn start(
    router: Router,
    app: App,
    listener: TcpListener,
    certificate: Option<Certificate>,
    limits: Limits,
) -> io::Result<Server> {
    let (stop, leaving, store) = (app.stop.clone(), app.leaving.clone(), app.store.clone());
    let mut tasks = JoinSet::new();
    let trusted_proxies = app.configuration.trusted_proxies.clone();
    let surface = Surface { router, leaving: leaving.clone(), trusted_proxies };
    tasks.spawn(listen(surface, listener, certificate, limits, stop.clone())?);
    tasks.spawn(deliver_until(app.clone(), stop.clone()));
    tasks.spawn(complete_until(app.clone(), stop.clone()));
    tasks.spawn(exchange_notices_until(app.clone(), stop.clone()));
    tasks.spawn(expire_until(app, stop.clone()));
    Ok(Server { stop, leaving, store, tasks })
}

impl Server {
    /// Says on `/readyz` that calls are to go elsewhere, and takes them for this long all the same: whatever shares
    /// them out among the nodes sees it before the listener closes.
    pub async fn drain(&self, drain: Duration) {
        self.leaving.cancel();
        tokio::time::sleep(drain).await;
    }

    /// Stops accepting, finishes what is in flight, within ten seconds, and closes the database.
    pub async fn stop(self) {
        self.stop_within(GRACE).await;
    }

    /// Stops accepting, finishes what is in flight, within this time, and closes the database.
    pub async fn stop_within(mut self, grace: Duration) {
        self.leaving.cancel();
        self.stop.cancel();
        let finished = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(grace, finished).await.is_err() {
            tracing::warn!("stopped with work in flight; it is taken up at the next start");
        }
        close(&self.store).await;
    }
}

/// Closes the database in time, or leaves it to the end of the process: the next start finds everything either way.
pub(crate) async fn close(store: &Store) {
    if tokio::time::timeout(TIME_TO_CLOSE, store.close()).await.is_err() {
        tracing::warn!(
            "the database file was not closed in time: its log stays beside it, and the next start reads it"
        );
    }
}

/// Tells other nodes what was committed here, and wakes whoever waits here for what was committed there.
pub async fn exchange_notices_until(app: App, stop: CancellationToken) {
    let hear = |notice| match notice {
        Notice::Changed { page_session_id, merchant_id } => app.waiting.tell(&page_session_id, &merchant_id),
        Notice::Due { endpoint, due_at } => {
            app.callbacks.tell(&endpoint, due_at);
        }
        Notice::Missed => app.waiting.tell_all(),
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = app.store.exchange_notices(hear) => {}
    }
}

/// Makes up for completions that were interrupted, at the start and from time to time.
pub async fn complete_until(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = follow_completions(&app).await {
            tracing::warn!(?error, "interrupted completions wait");
        }
        let next = app.clock.monotonic_now().plus_ms(LOOK_FOR_COMPLETIONS_MS);
        tokio::select! {
            () = stop.cancelled() => {}
            () = app.clock.sleep_until(next) => {}
        }
    }
}
