//! Accepts connections and serves HTTP on them, until it has to stop.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

use crate::application::Application;
use crate::calls::Calls;
use crate::connection::{IncomingConnection, Instruction};
use crate::limits::Limits;
use crate::monitor::ConnectionMonitor;
use crate::places::{ConnectionPlaces, Peer};
use crate::refused_head::RefusedHeads;
use crate::stream::Stream;

/// Maximum size of the head of an HTTP/1.1 request, in bytes. About as much of an answer is buffered.
const LARGEST_HEAD: usize = 32 * 1024;

/// Maximum size of the headers of an HTTP/2 request, in bytes, with 32 bytes for each of them (RFC 9113 6.5.2).
const LARGEST_HEADER_LIST: u32 = 16 * 1024;

/// Maximum of an answer that one HTTP/2 stream buffers before the caller's window opens, in bytes.
const SEND_BUFFER: usize = 64 * 1024;

/// Maximum of unsent answers that the kernel keeps for a connection, in bytes. Without this limit, the kernel takes
/// megabytes for a caller that does not read.
#[cfg(any(target_os = "linux", target_os = "android"))]
const LEFT_TO_KERNEL: u32 = 128 * 1024;

/// Maximum of bodies that an HTTP/2 caller sends before the application reads: per stream, and per connection.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 256 * 1024;

/// Streams that an HTTP/2 caller may have reset before the listener has seen them (rapid reset, CVE-2023-44487).
const PENDING_RESETS: usize = 20;

/// The time between two pings that check whether the caller of an HTTP/2 connection still answers.
const PING: Duration = Limits::IDLE;

/// The pause after a connection could not be accepted, most often because the process can open no more files.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Listens on a bound socket.
pub struct HttpListener {
    socket: TcpListener,
    tls: Option<TlsAcceptor>,
    limits: Limits,
}

/// A listener at work.
struct Serving<A> {
    application: Arc<A>,
    tls: Option<TlsAcceptor>,
    places: Arc<ConnectionPlaces>,
    watch: Arc<ConnectionMonitor>,
    http: auto::Builder<TokioExecutor>,
    tasks: TaskTracker,
}

impl HttpListener {
    /// A listener without TLS, with the limits of production.
    #[must_use]
    pub fn new(socket: TcpListener) -> Self {
        Self { socket, tls: None, limits: Limits::default() }
    }

    /// Serves TLS with this configuration, if there is one.
    #[must_use]
    pub fn with_tls(self, config: Option<Arc<ServerConfig>>) -> Self {
        Self { tls: config.map(TlsAcceptor::from), ..self }
    }

    /// Sets the limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Serves an application until `stop` is ready, then finishes the calls in flight. Requests are accepted when this
    /// returns; the future that it returns has to be polled.
    ///
    /// # Errors
    /// If the socket cannot be used.
    pub fn serve<A: Application>(
        self,
        application: A,
        stop: impl Future<Output = ()> + Send,
    ) -> io::Result<impl Future<Output = ()> + Send> {
        prepare(&self.socket)?;
        let socket = tokio::net::TcpListener::from_std(self.socket)?;
        let serving = Arc::new(Serving {
            application: Arc::new(application),
            tls: self.tls,
            places: Arc::new(ConnectionPlaces::new(self.limits.connections)),
            watch: ConnectionMonitor::new(self.limits),
            http: http(&self.limits),
            tasks: TaskTracker::new(),
        });
        Ok(async move {
            tokio::select! {
                () = serving.watch.look() => {}
                () = serving.accept_until(socket, stop) => {}
            }
        })
    }
}

impl<A: Application> Serving<A> {
    async fn accept_until(self: &Arc<Self>, socket: tokio::net::TcpListener, stop: impl Future<Output = ()>) {
        tokio::select! {
            () = self.accept(&socket) => {}
            () = stop => {}
        }
        // From here on, the kernel refuses connections.
        drop(socket);
        self.tasks.close();
        self.watch.instruct_all(Instruction::Finish);
        if timeout(self.watch.limits.stop, self.tasks.wait()).await.is_err() {
            self.watch.instruct_all(Instruction::Close);
            self.tasks.wait().await;
        }
    }

    async fn accept(self: &Arc<Self>, socket: &tokio::net::TcpListener) {
        let mut is_failing = false;
        loop {
            match socket.accept().await {
                Ok((stream, address)) => {
                    is_failing = false;
                    self.begin(stream, address);
                }
                Err(error) => {
                    if !is_failing {
                        tracing::warn!(%error, "connections cannot be accepted; trying again");
                    }
                    is_failing = true;
                    tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
                }
            }
        }
    }

    fn begin(self: &Arc<Self>, stream: TcpStream, address: SocketAddr) {
        let ip = address.ip().to_canonical();
        let peer = if self.application.is_proxy(ip) { Peer::Proxy } else { Peer::Caller };
        let place = self.places.take(ip, peer);
        if place.as_ref().is_none_or(|place| place.is_rejected) {
            self.watch.note_rejected();
        }
        let Some(place) = place else { return };
        let connection = IncomingConnection::new(address, peer, place, self.watch.clone());
        self.watch.add(&connection);
        self.tasks.spawn(self.clone().serve(Stream::new(stream, connection.clone()), connection));
    }

    async fn serve(self: Arc<Self>, stream: Stream, connection: Arc<IncomingConnection>) {
        let Some(tls) = &self.tls else { return self.serve_http(stream, connection).await };
        let handshake = timeout(self.watch.limits.handshake, tls.accept(stream));
        match connection.until_instructed(handshake).await {
            Some(Ok(Ok(stream))) => self.serve_http(stream, connection).await,
            Some(Ok(Err(error))) => tracing::debug!(peer = %connection.address, %error, "no TLS handshake"),
            Some(Err(_)) | None => {}
        }
    }

    async fn serve_http(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
        connection: Arc<IncomingConnection>,
    ) {
        let calls = Calls {
            application: self.application.clone(),
            connection: connection.clone(),
            places: self.places.clone(),
        };
        let stream = TokioIo::new(RefusedHeads::new(stream, self.application.clone()));
        let http = self.http.serve_connection(stream, service_fn(move |call| calls.answer(call)));
        tokio::pin!(http);
        let mut is_finishing = false;
        let ended = std::future::poll_fn(|context| {
            match connection.poll_instruction(context) {
                Instruction::GoOn => {}
                Instruction::Finish if is_finishing => {}
                Instruction::Finish => {
                    is_finishing = true;
                    http.as_mut().graceful_shutdown();
                }
                Instruction::Close | Instruction::Abort => return Poll::Ready(Ok(())),
            }
            http.as_mut().poll(context)
        });
        if let Err(error) = ended.await {
            tracing::debug!(peer = %connection.address, error, "a connection failed");
        }
    }
}

/// Sets the options that accepted connections inherit.
fn prepare(socket: &TcpListener) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    let options = SockRef::from(socket);
    // A small answer does not wait for an acknowledgement of the one before.
    options.set_tcp_nodelay(true)?;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    options.set_tcp_notsent_lowat(LEFT_TO_KERNEL)?;
    Ok(())
}

/// HTTP/1.1 and HTTP/2, with bounds. The listener itself limits the time for heads and for idle connections.
fn http(limits: &Limits) -> auto::Builder<TokioExecutor> {
    // The vendor's own SDKs look header names up in title case.
    let mut http = auto::Builder::new(TokioExecutor::new()).title_case_headers(true);
    http.http1().header_read_timeout(None).max_buf_size(LARGEST_HEAD);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(LARGEST_HEADER_LIST)
        .max_send_buf_size(SEND_BUFFER)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_pending_accept_reset_streams(PENDING_RESETS);
    http
}
