//! The real network, over HTTP/1.1 or HTTP/2. Connections are reused.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use http::response::Parts;
use http::{HeaderMap, HeaderValue, Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use url::Url;

use super::answer_head::{AnswerStart, MalformedHead};
use super::connection::ConnectedAt;
use super::connector::{Connector, Resolve, SystemNames};
use super::dial::Dialer;
use super::error::{CallError, CallErrorKind, HeadFailure};
use super::policy::{OutgoingPolicy, PolicyRefusal};
use super::proxy::ProxyRules;
use super::tls::{UnusableRoots, client_config};
use super::{Call, CallAnswer, Outgoing};

/// How long an idle connection remains open: a shorter time than on most servers.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// Maximum number of idle connections to one host.
const MOST_IDLE: usize = 32;

/// The largest head of an answer, in bytes.
const LARGEST_HEAD: usize = 64 * 1024;

/// Maximum number of bytes that an HTTP/2 server may send ahead of its reader: on a stream, and on a connection.
const WINDOWS: (u32, u32) = (64 * 1024, 1024 * 1024);

/// If a timeout is noticed this late, the process had not been running. For instance, it was stopped.
const OVERSLEPT: Duration = Duration::from_millis(250);

/// How long such a process looks for an answer that arrived meanwhile, and is still unread in the socket.
const SECOND_LOOK: Duration = Duration::from_secs(1);
/// The time from the start of a call until the error that a name has no allowed address. An internal name is resolved
/// at once, and an unknown one takes longer. Without this delay, the time would reveal which of the two it is.
const NO_ADDRESS_AFTER: Duration = Duration::from_secs(1);

/// The real network.
pub struct Network {
    client: Client<Dialer, Full<Bytes>>,
    proxies: ProxyRules,
}

impl Network {
    /// Creates a client that follows a policy.
    pub fn new(policy: OutgoingPolicy) -> Result<Self, UnusableRoots> {
        Self::with_names(policy, Arc::new(SystemNames))
    }

    /// Creates a client that resolves names with `names`, and not with the operating system.
    pub fn with_names(policy: OutgoingPolicy, names: Arc<dyn Resolve>) -> Result<Self, UnusableRoots> {
        Self::with(policy, names, ProxyRules::direct())
    }

    /// Creates a client whose calls may go through a proxy. The addresses behind the proxy are not checked, so this is
    /// not for URLs that strangers choose.
    pub fn with_proxies(policy: OutgoingPolicy, proxies: ProxyRules) -> Result<Self, UnusableRoots> {
        Self::with(policy, Arc::new(SystemNames), proxies)
    }

    fn with(
        policy: OutgoingPolicy,
        names: Arc<dyn Resolve>,
        proxies: ProxyRules,
    ) -> Result<Self, UnusableRoots> {
        let tls = client_config(policy.extra_root.as_deref())?;
        let dial = Dialer::new(Connector::new(Arc::new(policy), names, proxies.clone()), tls);
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(MOST_IDLE)
            .http1_max_buf_size(LARGEST_HEAD)
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http2_initial_stream_window_size(WINDOWS.0)
            .http2_initial_connection_window_size(WINDOWS.1)
            .build(dial);
        Ok(Self { client, proxies })
    }

    async fn exchange(&self, call: Call, headers: &HeaderMap) -> Result<CallAnswer, CallError> {
        let started_at = Instant::now();
        let head = self.head(&call, headers, started_at).await;
        let Head { parts, body, connected_after_ms } = match head {
            Ok(head) => head,
            Err(error) => {
                if error.kind == CallErrorKind::NoPublicAddress {
                    sleep_until(started_at + NO_ADDRESS_AFTER.min(call.timeout)).await;
                }
                return Err(error);
            }
        };
        let head_after_ms = ms(started_at.elapsed());
        let (body, is_whole) = body.read(call.answer_limit, Instant::now() + call.timeout).await;
        let (status, headers) = (parts.status, parts.headers);
        Ok(CallAnswer { status, headers, body, is_whole, connected_after_ms, head_after_ms })
    }

    /// The head of the answer, and when the connection was made. A reused connection may have ended unnoticed. If a
    /// repeatable call fails because of that, it is made once more.
    async fn head(&self, call: &Call, headers: &HeaderMap, started_at: Instant) -> Result<Head, CallError> {
        let first = self.try_once(call, headers, started_at).await;
        match first {
            Err(Lost { error, was_kept: true })
                if call.is_repeatable && error.kind == CallErrorKind::ConnectionLost =>
            {
                self.try_once(call, headers, started_at).await
            }
            first => first,
        }
        .map_err(|lost| lost.error)
    }

    async fn try_once(&self, call: &Call, headers: &HeaderMap, started_at: Instant) -> Result<Head, Lost> {
        let mut request = request(call).map_err(|error| Lost { error, was_kept: false })?;
        request.headers_mut().extend(headers.clone());
        self.proxies.authorize(&mut request);
        let connection = capture_connection(&mut request);
        let is_connected = || connected_at(&connection).is_some();
        let outcome = within(started_at + call.timeout, self.client.request(request), is_connected).await;
        let connected_at = connected_at(&connection);
        let connected_after_ms = connected_at.and_then(|at| at.checked_duration_since(started_at)).map(ms);
        let was_kept = connected_at.is_some() && connected_after_ms.is_none();
        match outcome {
            Some(Ok(response)) => {
                if let Some(start) = extra::<AnswerStart>(&connection) {
                    start.forget();
                }
                Ok(Head::of(response, connected_after_ms))
            }
            Some(Err(error)) => {
                let head = HeadFailure::of(&error).and_then(|failure| malformed_head(&connection, failure));
                match head {
                    Some(head) => Ok(Head::of_malformed(head, connected_after_ms)),
                    None => Err(Lost { error: CallError::of(&error), was_kept }),
                }
            }
            None if connected_at.is_none() => {
                Err(Lost { error: CallError::no_connection_within(call.timeout), was_kept })
            }
            None => {
                retire(&connection);
                Err(Lost { error: CallError::no_answer_within(call.timeout), was_kept })
            }
        }
    }
}

impl Outgoing for Network {
    fn call_with_headers(&self, call: Call, more: HeaderMap) -> BoxFuture<'_, Result<CallAnswer, CallError>> {
        Box::pin(async move { self.exchange(call, &more).await })
    }
}

/// The result of the work by the deadline. If the process slept past the deadline, an answer that arrived meanwhile
/// counts, too, if a connection had been made.
async fn within<T>(
    deadline: Instant,
    work: impl Future<Output = T>,
    can_have_arrived: impl Fn() -> bool,
) -> Option<T> {
    tokio::pin!(work);
    match timeout_at(deadline, &mut work).await {
        Ok(done) => Some(done),
        Err(_) if deadline.elapsed() > OVERSLEPT && can_have_arrived() => {
            timeout(SECOND_LOOK, work).await.ok()
        }
        Err(_) => None,
    }
}

/// The head of an answer with its body, and when the connection was made.
struct Head {
    parts: Parts,
    body: AnswerBody,
    connected_after_ms: Option<i64>,
}

enum AnswerBody {
    Coming(Incoming),
    /// The connection is lost; these bytes arrived before.
    CutOff(Bytes),
}

impl Head {
    fn of(response: Response<Incoming>, connected_after_ms: Option<i64>) -> Self {
        let (parts, body) = response.into_parts();
        Self { parts, body: AnswerBody::Coming(body), connected_after_ms }
    }

    fn of_malformed(head: MalformedHead, connected_after_ms: Option<i64>) -> Self {
        let (mut parts, ()) = Response::new(()).into_parts();
        parts.status = head.status;
        parts.headers = head.headers;
        Self { parts, body: AnswerBody::CutOff(head.body.into()), connected_after_ms }
    }
}

impl AnswerBody {
    /// The body up to a limit and until a deadline, and whether that is all of it.
    async fn read(self, limit: usize, deadline: Instant) -> (Bytes, bool) {
        match self {
            Self::Coming(body) => read(body, limit, deadline).await,
            Self::CutOff(mut kept) => {
                kept.truncate(limit);
                (kept, false)
            }
        }
    }
}

/// An attempt without an answer, and whether it reused a connection.
struct Lost {
    error: CallError,
    was_kept: bool,
}

/// When the connection was made; `None` if there is none yet.
fn connected_at(connection: &CaptureConnection) -> Option<Instant> {
    extra::<ConnectedAt>(connection).map(|connected_at| connected_at.0)
}

/// A value that the connection carries.
fn extra<T: Clone + Send + Sync + 'static>(connection: &CaptureConnection) -> Option<T> {
    let mut extensions = http::Extensions::new();
    connection.connection_metadata().as_ref()?.get_extras(&mut extensions);
    extensions.remove::<T>()
}

/// The readable parts of a head that the library could not read. If the connection ended within the head, its lines
/// must be complete. Only the empty line at the end may be missing.
fn malformed_head(connection: &CaptureConnection, failure: HeadFailure) -> Option<MalformedHead> {
    let bytes = extra::<AnswerStart>(connection)?.take();
    match failure {
        HeadFailure::CutOff if !bytes.ends_with(b"\n") => None,
        HeadFailure::CutOff | HeadFailure::Unreadable => MalformedHead::read(&bytes),
    }
}

/// Excludes a connection from later calls. Over HTTP/2 they would all share one that may be dead.
fn retire(connection: &CaptureConnection) {
    if let Some(connected) = connection.connection_metadata().as_ref() {
        connected.poison();
    }
}

fn request(call: &Call) -> Result<Request<Full<Bytes>>, CallError> {
    let mut request = Request::new(Full::new(call.body.clone()));
    *request.method_mut() = call.method.clone();
    *request.uri_mut() = uri(&call.url)?;
    for (name, value) in &call.headers {
        let value = HeaderValue::from_str(value).map_err(|_| {
            CallError::new(CallErrorKind::NotCallable, format!("the header {name} cannot be sent"))
        })?;
        request.headers_mut().insert(*name, value);
    }
    Ok(request)
}

/// The URL as every browser reads it, so that its host is unambiguous.
fn uri(url: &str) -> Result<Uri, CallError> {
    let not_callable = |reason: &dyn std::fmt::Display| {
        CallError::new(CallErrorKind::NotCallable, format!("the URL cannot be called: {reason}"))
    };
    let mut url = Url::parse(url).map_err(|error| not_callable(&error))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(PolicyRefusal::Scheme.into());
    }
    url.set_fragment(None);
    url.as_str().parse().map_err(|error: http::uri::InvalidUri| not_callable(&error))
}

/// Reads a body while it arrives.
async fn read(mut body: Incoming, limit: usize, deadline: Instant) -> (Bytes, bool) {
    let mut kept = BytesMut::new();
    while kept.len() < limit {
        match within(deadline, body.frame(), || true).await {
            Some(Some(Ok(frame))) => kept.extend_from_slice(frame.data_ref().map_or(&[], |data| &data[..])),
            Some(None) => return (kept.freeze(), true),
            Some(Some(Err(_))) | None => return (kept.freeze(), false),
        }
    }
    let is_whole = kept.len() == limit && body.is_end_stream();
    kept.truncate(limit);
    (kept.freeze(), is_whole)
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
