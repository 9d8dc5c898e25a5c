//! Outgoing HTTP, handed in: the real network, or a receiver inside a test.

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
pub use policy::{OutgoingPolicy, Refusal};
pub use proxy::{ProxyRules, UnusableProxy};
pub use retry_after::retry_after_ms;
pub use tls::UnusableRoots;

/// As much of an answer's body as anyone needs who reads the whole of it, in bytes.
pub const LARGEST_ANSWER: usize = 1_000_000;

/// One call to another system.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// An absolute URL.
    pub url: String,
    /// Headers, content type included.
    pub headers: Vec<(&'static str, String)>,
    /// The body's bytes.
    pub body: Bytes,
    /// The time for connecting, sending and receiving the head of the answer; as much again for its body.
    pub timeout: Duration,
    /// How much of the answer's body is read, in bytes.
    pub answer_limit: usize,
    /// Whether the other system may receive it twice. Then a call that meets the end of a kept connection is made
    /// again, at once, over another.
    pub is_repeatable: bool,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct CallAnswer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, or as much of it as came in time and within the limit.
    pub body: Bytes,
    /// Whether that is all of the body.
    pub is_whole: bool,
    /// When the connection stood, before TLS, counted from the start; nothing where a kept one was used.
    pub connected_after_ms: Option<i64>,
    /// When the head of the answer was in, counted from the start.
    pub head_after_ms: i64,
}

/// Where outgoing calls go.
pub trait Outgoing: Send + Sync {
    /// Makes one call; no redirect is followed. An answer counts by its status line: neither a malformed header nor a body
    /// that does not come, or comes too large, takes anything from it. An `Err` says why no answer came.
    fn call(&self, call: Call) -> BoxFuture<'_, Result<CallAnswer, CallError>>;
}
