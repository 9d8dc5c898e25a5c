//! A listener with short limits, and an application whose answers the tests control.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, SizeHint};
use kassa_incoming::{Application, HttpListener, Limits, RequestBody, RequestRefusal};
use rustls::ServerConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// An address of this machine that the application treats as a proxy.
pub const PROXY: &str = "127.0.0.9";

/// More bytes than the kernel buffers of an answer.
pub const LARGE: usize = 16 * 1024 * 1024;

pub const GET: &str = "GET /small HTTP/1.1\r\nHost: x\r\n\r\n";

/// Short times, for tests that wait for them.
pub fn short() -> Limits {
    let short = Duration::from_millis(450);
    Limits { idle: short, handshake: short, body: short, answer: short, ..Limits::default() }
}

/// Times so long that no test reaches them.
pub fn long() -> Limits {
    let long = Duration::from_secs(3600);
    Limits { idle: long, handshake: long, body: long, answer: long, ..Limits::default() }
}

/// The signals between the tests and the application.
#[derive(Default)]
pub struct Control {
    /// Lets the application answer the calls that wait: `/wait`, and the rest of `/stream`.
    pub go_on: watch::Sender<bool>,
    /// A body of `/large` was dropped.
    pub dropped: Notify,
    pub is_draining: AtomicBool,
    /// Frames of `/endless` that the listener has received.
    pub frames: AtomicUsize,
}

/// A running listener.
pub struct World {
    pub address: SocketAddr,
    pub control: Arc<Control>,
    stop: Arc<Notify>,
    serving: JoinHandle<()>,
}

impl World {
    pub fn start(limits: Limits) -> Self {
        Self::start_with(limits, None)
    }

    pub fn start_with(limits: Limits, tls: Option<Arc<ServerConfig>>) -> Self {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let (control, stop) = (Arc::new(Control::default()), Arc::new(Notify::new()));
        let listener = HttpListener::new(socket).with_limits(limits).with_tls(tls);
        let stopped = stop.clone();
        let serving = listener.serve(Paths(control.clone()), async move { stopped.notified().await });
        Self { address, control, stop, serving: tokio::spawn(serving.unwrap()) }
    }

    /// Stops the listener, and waits until it has ended.
    pub async fn stop(self) {
        self.stop.notify_one();
        in_time(self.serving).await.unwrap();
    }

    pub async fn connect(&self) -> TcpStream {
        self.connect_from("127.0.0.1").await
    }

    pub async fn connect_from(&self, address: &str) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("{address}:0").parse().unwrap()).unwrap();
        let connection = in_time(socket.connect(self.address)).await.unwrap();
        connection.set_nodelay(true).unwrap();
        connection
    }

    /// Sends a text over a new connection, and reads until the connection ends.
    pub async fn exchange(&self, sent: &str) -> String {
        let mut connection = self.connect().await;
        connection.write_all(sent.as_bytes()).await.unwrap();
        read_to_end(connection).await
    }
}

pub async fn in_time<T>(future: impl Future<Output = T>) -> T {
    kassa_testkit::in_time("an end", future).await
}

/// Reads until the connection ends, in any way.
pub async fn read_to_end(mut connection: TcpStream) -> String {
    let mut read = Vec::new();
    let _ = in_time(connection.read_to_end(&mut read)).await;
    String::from_utf8_lossy(&read).into_owned()
}

/// Sends a text, and reads until the expected text comes.
pub async fn ask(connection: &mut TcpStream, sent: &str, expected: &str) -> String {
    connection.write_all(sent.as_bytes()).await.unwrap();
    let mut read = String::new();
    let mut buffer = [0; 4096];
    while !read.contains(expected) {
        let count = in_time(connection.read(&mut buffer)).await.unwrap();
        assert!(count > 0, "{sent:?} is answered {read:?}, without {expected:?}");
        read += &String::from_utf8_lossy(&buffer[..count]);
    }
    read
}

struct Paths(Arc<Control>);

type Answer = http_body_util::combinators::UnsyncBoxBody<Bytes, Infallible>;

fn text(text: impl Into<Bytes>) -> Answer {
    http_body_util::Full::new(text.into()).boxed_unsync()
}

impl Application for Paths {
    type Body = Answer;

    fn answer(
        &self,
        request: Request<RequestBody>,
        peer: SocketAddr,
    ) -> impl Future<Output = io::Result<Response<Answer>>> + Send + use<> {
        answer(self.0.clone(), request, peer)
    }

    fn refuse(&self, refusal: RequestRefusal) -> Response<Answer> {
        let status = match refusal {
            RequestRefusal::NoPlace | RequestRefusal::TooManyCalls => StatusCode::SERVICE_UNAVAILABLE,
            RequestRefusal::BadHost(_) | RequestRefusal::UnreadableHead => StatusCode::BAD_REQUEST,
            RequestRefusal::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            RequestRefusal::SlowBody => StatusCode::REQUEST_TIMEOUT,
        };
        Response::builder().status(status).body(text(format!("{refusal:?}"))).unwrap()
    }

    fn is_probe(&self, request: &Request<RequestBody>) -> bool {
        request.uri().path() == "/healthz"
    }

    fn is_proxy(&self, peer: IpAddr) -> bool {
        peer.to_string() == PROXY
    }

    fn caller(&self, proxy: IpAddr, headers: &HeaderMap) -> IpAddr {
        let named = headers.get("x-forwarded-for");
        named.map_or(proxy, |named| named.to_str().unwrap().parse().unwrap())
    }

    fn is_draining(&self) -> bool {
        self.0.is_draining.load(Ordering::Relaxed)
    }
}

async fn answer(
    control: Arc<Control>,
    request: Request<RequestBody>,
    peer: SocketAddr,
) -> io::Result<Response<Answer>> {
    let mut told = control.go_on.subscribe();
    let path = request.uri().path().to_string();
    let body = match path.as_str() {
        "/cut" => return Err(io::Error::other("cut")),
        "/large" => Large { left: LARGE, control }.boxed_unsync(),
        "/wait" => {
            let _ = told.wait_for(|go_on| *go_on).await;
            text("waited")
        }
        "/endless" => Endless(control).boxed_unsync(),
        "/stream" => Stream { control, told: false }.boxed_unsync(),
        "/length" => match request.into_body().collect().await {
            Ok(body) => text(body.to_bytes().len().to_string()),
            Err(_) => text("no body"),
        },
        _ => text(format!("{peer}")),
    };
    Ok(Response::builder().header("x-some-header", "1").body(body).unwrap())
}

/// A large body, in one chunk.
struct Large {
    left: usize,
    control: Arc<Control>,
}

impl Body for Large {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let chunk = (0..std::mem::take(&mut self.left)).map(large_byte).collect::<Vec<_>>();
        Poll::Ready((!chunk.is_empty()).then(|| Ok(Frame::data(chunk.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left as u64)
    }
}

impl Drop for Large {
    fn drop(&mut self) {
        self.control.dropped.notify_one();
    }
}

/// A body without an end, in frames of a kibibyte.
struct Endless(Arc<Control>);

impl Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.frames.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[0; 1024])))))
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        self.0.dropped.notify_one();
    }
}

/// The byte of the large body at an index. The pattern repeats with no power of two.
pub fn large_byte(index: usize) -> u8 {
    u8::try_from(index % 251).unwrap()
}

/// A body of two frames. The test releases the second.
struct Stream {
    control: Arc<Control>,
    told: bool,
}

impl Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !std::mem::replace(&mut self.told, true) {
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"first")))));
        }
        let mut go_on = self.control.go_on.subscribe();
        if *go_on.borrow_and_update() {
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"second")))));
        }
        let waker = context.waker().clone();
        tokio::spawn(async move {
            let _ = go_on.changed().await;
            waker.wake();
        });
        Poll::Pending
    }
}
