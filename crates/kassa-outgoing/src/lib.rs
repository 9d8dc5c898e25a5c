//! Outgoing HTTP behind a trait: the real network, or a receiver inside a test.

mod addresses;
mod answer_head;
mod connection;
mod connector;
mod dial;
mod error;
mod network;
mod policy;
mod proxy;
mod retry_after;
mod tls;

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, StatusCode};

pub use addresses::{AddressPolicy, Ports, RefusedNetwork};
pub use connector::Resolve;
pub use error::{CallError, CallErrorKind};
pub use network::Network;
pub use policy::{OutgoingPolicy, PolicyRefusal};
pub use proxy::{ProxyRules, UnusableProxy};
pub use retry_after::retry_after_ms;
pub use tls::UnusableRoots;

/// Maximum size of an answer's body for callers that need the whole body, in bytes.
pub const LARGEST_ANSWER: usize = 1_000_000;

/// One call to another system.
#[derive(Clone, Debug)]
pub struct Call {
    /// The URL, which is absolute.
    pub method: Method,
    /// An absolute URL.
    pub url: String,
    /// The headers, including the content type.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
    /// The time for connecting, sending and receiving the head of the answer; as much again for its body.
    pub timeout: Duration,
    /// Maximum number of bytes of the answer's body that are read.
    pub answer_limit: usize,
    /// Whether the other system may receive the call twice. Then a call that fails because a reused connection has
    /// ended is made once more, at once, over another connection.
    pub is_repeatable: bool,
}

/// The answer to a call.
#[derive(Clone, Debug)]
pub struct CallAnswer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, or the part of it that came in time and within the limit.
    pub body: Bytes,
    /// Whether `body` is the whole body.
    pub is_whole: bool,
    /// The time until the connection was made, before TLS, from the start of the call. `None` if a connection was
    /// reused.
    pub connected_after_ms: Option<i64>,
    /// The time until the head of the answer was complete, from the start of the call.
    pub head_after_ms: i64,
}

/// The way for outgoing calls.
pub trait Outgoing: Send + Sync {
    /// Makes one call; no redirect is followed. `more` are headers of any name, such as those of a call that is passed
    /// on. An answer counts by its status line, even if a header is malformed, or if the body does not come or is too
    /// large. An `Err` says why no answer came.
    fn call_with_headers(&self, call: Call, more: HeaderMap) -> BoxFuture<'_, Result<CallAnswer, CallError>>;

    /// Makes one call with its own headers only.
    fn call(&self, call: Call) -> BoxFuture<'_, Result<CallAnswer, CallError>> {
        self.call_with_headers(call, HeaderMap::new())
    }
}
