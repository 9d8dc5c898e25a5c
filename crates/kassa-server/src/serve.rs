//! Runs the system: the listener, the delivery of callbacks, and an orderly stop.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::response::Response;
use axum_server::Handle;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Version};
use hyper::body::Incoming;
use kassa_domain::time::SECOND_MS;
use kassa_store::{Notice, Store};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::{Service, service_fn};

use crate::advance::follow_completions;
use crate::answer::try_again;
use crate::app::App;
use crate::callbacks::deliver_until;
use crate::certificate::Certificate;
use crate::connections::{LONGEST_SILENCE, Place, Places};
use crate::expiry::expire_until;
use crate::lab::Cut;
use crate::router::{public_router, router};

/// The time to finish what is in flight after a stop was asked for.
pub const GRACE: Duration = Duration::from_secs(10);

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
    start(router(app.clone()), app, listener, None)
}

/// Starts serving merchants and consumers, behind TLS if there is a certificate, and then with HTTP/2 for callers that
/// speak it. The operational paths have a listener of their own: [`crate::Operations`].
pub fn serve_node(app: App, listener: TcpListener, certificate: Option<Certificate>) -> io::Result<Server> {
    start(public_router(app.clone()), app, listener, certificate)
}

fn start(
    router: Router,
    app: App,
    listener: TcpListener,
    certificate: Option<Certificate>,
) -> io::Result<Server> {
    let (stop, leaving, store) = (app.stop.clone(), app.leaving.clone(), app.store.clone());
    let mut tasks = JoinSet::new();
    let handle = Handle::new();
    let serving = listen(router, leaving.clone(), listener, certificate, handle.clone())?;
    tasks.spawn(async move {
        if let Err(error) = serving.await {
            tracing::error!(%error, "the listener failed");
        }
    });
    tasks.spawn(stop_listening(stop.clone(), handle));
    tasks.spawn(deliver_until(app.clone(), stop.clone()));
    tasks.spawn(complete_until(app.clone(), stop.clone()));
    tasks.spawn(exchange_notices_until(app.clone(), stop.clone()));
    tasks.spawn(expire_until(app, stop.clone()));
    Ok(Server { stop, leaving, store, tasks })
}

/// Serves `router` on a bound listener, until `handle` ends it. While `leaving`, each answer is the last of its
/// connection: who comes again comes over a new one, which may lead elsewhere.
pub(crate) fn listen(
    router: Router,
    leaving: CancellationToken,
    listener: TcpListener,
    certificate: Option<Certificate>,
    handle: Handle<SocketAddr>,
) -> io::Result<BoxFuture<'static, io::Result<()>>> {
    listener.set_nonblocking(true)?;
    let places = Places::new();
    let make_service = service_fn(move |caller: SocketAddr| {
        let (place, mut router, leaving) = (places.take(), router.clone(), leaving.clone());
        async move {
            let place = place?;
            Ok::<_, io::Error>(service_fn(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(ConnectInfo(caller));
                answer(&mut router, &place, leaving.is_cancelled(), request)
            }))
        }
    });
    Ok(match certificate {
        None => bounded(axum_server::from_tcp(listener)?).handle(handle).serve(make_service).boxed(),
        Some(Certificate(tls)) => {
            bounded(axum_server::from_tcp_rustls(listener, tls)?).handle(handle).serve(make_service).boxed()
        }
    })
}

/// Ends connections on which nothing is called.
fn bounded<A>(mut server: axum_server::Server<SocketAddr, A>) -> axum_server::Server<SocketAddr, A> {
    let builder = server.http_builder();
    builder.http1().header_read_timeout(LONGEST_SILENCE);
    builder.http2().keep_alive_interval(LONGEST_SILENCE);
    server.first_request_timeout(LONGEST_SILENCE)
}

/// Answers a request of a connection: with its last answer where the system leaves, or where it has no place to stay.
fn answer(
    router: &mut Router,
    place: &Place,
    is_leaving: bool,
    request: Request<Incoming>,
) -> impl Future<Output = io::Result<Response>> + use<> {
    let is_last = (is_leaving || place.is_turned_away()) && request.version() <= Version::HTTP_11;
    let answer = (!place.is_turned_away()).then(|| answer_unless_cut(router.call(request)));
    async move {
        let mut response = match answer {
            Some(answer) => answer.await?,
            None => try_again(),
        };
        if is_last {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response)
    }
}

/// Answers a request; in the place of an answer that the lab's weather cut off, the connection closes without a word.
async fn answer_unless_cut(
    answer: impl Future<Output = Result<Response, Infallible>>,
) -> io::Result<Response> {
    let Ok(response) = answer.await;
    match response.extensions().get::<Cut>() {
        Some(Cut) => Err(io::Error::other("the lab's weather cut the connection")),
        None => Ok(response),
    }
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

async fn stop_listening(stop: CancellationToken, handle: Handle<SocketAddr>) {
    stop.cancelled().await;
    handle.graceful_shutdown(Some(GRACE));
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
