//! Serves routes of the integrator's half with bounds on connections, time and memory.

use std::io;
use std::net::{SocketAddr, TcpListener};

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use http::Request;
use http::header::RETRY_AFTER;
use kassa_incoming::{Application, HttpListener, Limits, RequestBody, RequestRefusal};
use tower::Service as _;

/// When to try again after a 503, in seconds.
const RETRY_AFTER_S: &str = "2";

struct Routes(Router);

/// Serves routes on a bound listener until `stop` is ready, and finishes the calls in flight.
pub(crate) async fn serve(
    listener: TcpListener,
    routes: Router,
    limits: Limits,
    stop: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    HttpListener::new(listener).with_limits(limits).serve(Routes(routes), stop)?.await;
    Ok(())
}

impl Application for Routes {
    type Body = Body;

    fn answer(
        &self,
        request: Request<RequestBody>,
        _peer: SocketAddr,
    ) -> impl Future<Output = io::Result<Response>> + Send + use<> {
        let answer = self.0.clone().call(request);
        async move {
            let Ok(response) = answer.await;
            Ok(response)
        }
    }

    fn refuse(&self, refusal: RequestRefusal) -> Response {
        let busy = |why: &'static str| {
            (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, RETRY_AFTER_S)], why).into_response()
        };
        match refusal {
            RequestRefusal::NoPlace => busy("too many connections; try again\n"),
            RequestRefusal::TooManyCalls => busy("too many calls in flight; try again\n"),
            RequestRefusal::BadHost(complaint) => {
                (StatusCode::BAD_REQUEST, format!("{complaint}\n")).into_response()
            }
            RequestRefusal::UnreadableHead => {
                (StatusCode::BAD_REQUEST, "the head of the request is not HTTP\n").into_response()
            }
            RequestRefusal::HeadTooLarge => {
                let why = "the head of the request is too large\n";
                (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, why).into_response()
            }
            RequestRefusal::SlowBody => {
                (StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time\n").into_response()
            }
        }
    }

    fn is_probe(&self, request: &Request<RequestBody>) -> bool {
        request.uri().path() == "/healthz"
    }
}
