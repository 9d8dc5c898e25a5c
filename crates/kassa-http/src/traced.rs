//! The span of a call that a node answers (docs/traces.md#spans).

use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use kassa_engine::{OpenSpan, TraceParent, within};
use kassa_wire::headers::CORRELATION_ID;

use crate::calls::Calls;
use crate::route::Route;

/// The header that names the span of a caller.
const TRACEPARENT: &str = "traceparent";

/// The caller of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestOrigin {
    /// A program of a merchant or an operator. It may have a trace of its own.
    Program,
    /// A browser.
    Browser,
}

impl Calls {
    /// Answers a call, in a span of its own if tracing is on.
    pub async fn in_span<F: Future<Output = Response>>(
        &self,
        span: Option<Arc<OpenSpan>>,
        answer: F,
    ) -> Response {
        let response = within(span.as_ref(), answer).await;
        if let Some(span) = span {
            describe(&span, &response);
        }
        response
    }

    /// The span of a call that begins.
    #[must_use]
    pub fn span(&self, request: &Request, origin: RequestOrigin) -> Option<Arc<OpenSpan>> {
        let route = || Route::of(request.extensions());
        let caller = || match origin {
            RequestOrigin::Program => TraceParent::parse(request.headers().get(TRACEPARENT)?.to_str().ok()?),
            RequestOrigin::Browser => None,
        };
        let span =
            self.traces().begin_request(|| format!("{} {}", label(request), route().as_str()), caller)?;
        span.note("http.request.method", label(request));
        span.note("http.route", route().as_str().to_string());
        Some(span)
    }
}

/// The method. A method that HTTP does not know is `_OTHER`, as the conventions of OpenTelemetry say.
fn label(request: &Request) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.into_iter().find(|method| *method == request.method().as_str()).unwrap_or("_OTHER")
}

fn describe(span: &OpenSpan, response: &Response) {
    span.note("http.response.status_code", i64::from(response.status().as_u16()));
    if let Some(id) = response.headers().get(CORRELATION_ID).and_then(|id| id.to_str().ok()) {
        span.note("kassa.correlation_id", id.to_string());
    }
    if response.status().is_server_error() {
        span.fail();
    }
}
