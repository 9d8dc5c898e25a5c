//! The application behind a listener.

use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use hyper::body::Body;

use crate::request_body::RequestBody;

/// Answers the requests of a listener, and gives it the facts that only an application knows.
pub trait Application: Send + Sync + 'static {
    /// The body of an answer.
    type Body: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + Unpin + 'static;

    /// Answers a request that came over a connection from `peer`. After an error the connection is closed (HTTP/1.1) or
    /// the stream is reset (HTTP/2), without an answer.
    fn answer(
        &self,
        request: Request<RequestBody>,
        peer: SocketAddr,
    ) -> impl Future<Output = io::Result<Response<Self::Body>>> + Send + use<Self>;

    /// The answer to a request that the listener refuses.
    fn refuse(&self, refusal: RequestRefusal) -> Response<Self::Body>;

    /// Whether a request only asks if the process is alive. Such a request is answered even if no place is left.
    fn is_probe(&self, _request: &Request<RequestBody>) -> bool {
        false
    }

    /// Whether `peer` is a trusted proxy. Its connections do not count as those of one address. Each of its calls
    /// counts for the address that [`Application::caller`] names.
    fn is_proxy(&self, _peer: IpAddr) -> bool {
        false
    }

    /// The address for which a proxy passes on a request with these headers.
    fn caller(&self, proxy: IpAddr, _headers: &HeaderMap) -> IpAddr {
        proxy
    }

    /// Whether the process is about to stop: then each answer over HTTP/1.1 is the last of its connection.
    fn is_draining(&self) -> bool {
        false
    }
}

/// The reason why the listener refuses a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestRefusal {
    /// The listener has as many connections as it may have, or the caller's address has its share of them: 503.
    NoPlace,
    /// The caller's address has its share of calls in flight, over HTTP/2 or through proxies: 503.
    TooManyCalls,
    /// The `Host` of the request is missing, doubled, not valid or contradicted, as the text says: 400.
    BadHost(&'static str),
    /// The head of the request cannot be read: 400.
    UnreadableHead,
    /// The head of the request is larger than the listener reads: 431.
    HeadTooLarge,
    /// The body did not arrive within [`crate::Limits::body`]: 408.
    SlowBody,
}
