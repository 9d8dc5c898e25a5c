//! The application behind a listener: a router, and the proxies in front of it.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use http::HeaderMap;
use ipnet::IpNet;
use kassa_engine::{HttpMetrics, RefusalReason};
use kassa_incoming::{Application, Certificate, HttpListener, Limits, RequestBody, RequestRefusal};
use kassa_wire::error::ErrorCode;
use tokio_util::sync::CancellationToken;
use tower::Service;

use crate::{
    ApiError, body_timed_out, is_among, nearest_untrusted_address, refuse_before_routing,
    refuse_while_starting,
};

/// The path that says that the process is alive. It is answered even if no place is left.
const PROBE: &str = "/healthz";

/// The routes of a listener, with what the listener has to know of them.
pub struct ServedRoutes<S> {
    /// The routes.
    pub router: S,
    /// While it is cancelled, each answer over HTTP/1.1 is the last of its connection: the caller comes again over a
    /// new one, which may lead to another node.
    pub draining: CancellationToken,
    /// The proxies in front of this listener.
    pub trusted_proxies: Vec<IpNet>,
    /// Counts the requests that the listener refuses.
    pub http_metrics: HttpMetrics,
}

/// Has the connection cut instead of the answer: an extension of the answer.
#[derive(Clone, Copy, Debug)]
pub struct CutConnection;

/// Serves routes on a bound listener until `stop` is cancelled, and finishes the calls in flight. Requests are
/// accepted when this returns; the future that it returns has to be polled.
pub fn listen<S: AnsweringService>(
    routes: ServedRoutes<S>,
    listener: TcpListener,
    certificate: Option<Certificate>,
    limits: Limits,
    stop: CancellationToken,
) -> io::Result<impl Future<Output = ()> + Send> {
    let listener = HttpListener::new(listener).with_limits(limits);
    listener.with_tls(certificate.map(Certificate::into_tls)).serve(routes, stop.cancelled_owned())
}

/// A service that answers every request.
pub trait AnsweringService:
    Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static
{
}

impl<S> AnsweringService for S where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static
{
}

impl<S: AnsweringService> Application for ServedRoutes<S> {
    type Body = Body;

    fn answer(
        &self,
        mut request: http::Request<RequestBody>,
        peer: SocketAddr,
    ) -> impl Future<Output = io::Result<Response>> + Send + use<S> {
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = self.router.clone().call(request.map(Body::new));
        async move {
            let Ok(response) = answer.await;
            match response.extensions().get::<CutConnection>() {
                Some(CutConnection) => Err(io::Error::other("the lab cut the connection")),
                None => Ok(response),
            }
        }
    }

    fn refuse(&self, refusal: RequestRefusal) -> Response {
        self.http_metrics.refused(reason(&refusal));
        match refusal {
            RequestRefusal::NoPlace | RequestRefusal::TooManyCalls => refuse_while_starting(),
            RequestRefusal::BadHost(complaint) => {
                refuse_before_routing(&ApiError::refused(ErrorCode::BadRequest, complaint))
            }
            RequestRefusal::UnreadableHead => refuse_before_routing(&ApiError::refused(
                ErrorCode::BadRequest,
                "The head of the request is not HTTP",
            )),
            RequestRefusal::HeadTooLarge => {
                let message = "The target and the headers of the request are larger than 32 KiB";
                refuse_before_routing(&ApiError::refused(ErrorCode::HeadTooLarge, message))
            }
            RequestRefusal::SlowBody => refuse_before_routing(&body_timed_out()),
        }
    }

    fn is_probe(&self, request: &http::Request<RequestBody>) -> bool {
        request.uri().path() == PROBE
    }

    fn is_proxy(&self, peer: IpAddr) -> bool {
        is_among(&self.trusted_proxies, peer)
    }

    fn caller(&self, proxy: IpAddr, headers: &HeaderMap) -> IpAddr {
        nearest_untrusted_address(&self.trusted_proxies, proxy, headers)
    }

    fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }
}

/// The reason of a refusal, for the metrics.
const fn reason(refusal: &RequestRefusal) -> RefusalReason {
    match refusal {
        RequestRefusal::NoPlace => RefusalReason::NoPlace,
        RequestRefusal::TooManyCalls => RefusalReason::TooManyCalls,
        RequestRefusal::SlowBody => RefusalReason::SlowBody,
        RequestRefusal::BadHost(_) | RequestRefusal::UnreadableHead | RequestRefusal::HeadTooLarge => {
            RefusalReason::BadHead
        }
    }
}
