//! The parts of every answer: the correlation id, the vendor's headers, and the error body.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;

use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, EXPIRES, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use kassa_engine::{Clock, Monotonic, SystemClock, SystemRandom, new_uuid};
use kassa_wire::error::{ErrorBody, ErrorCode};
use kassa_wire::headers::{CORRELATION_ID, TRANSACTION_ID};

use crate::api_error::ApiError;
use crate::body::LARGEST_BODY;
use crate::call_origin::CallId;
use crate::calls::Calls;
use crate::observation::{FinishedRequest, RequestFacts, with_facts};
use crate::proxies;
use crate::route::Route;
use crate::traced::RequestOrigin;

/// The content type of the real service (docs/wire.md#headers).
pub const JSON: HeaderValue = HeaderValue::from_static("application/json;charset=utf-8");

/// The content type of Order Management (docs/wire.md#headers).
const PLAIN_JSON: HeaderValue = HeaderValue::from_static("application/json");

/// `Retry-After` of a 503, and of a 429 that is not from one of our limits, in seconds.
pub const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("2");
/// The longest complaint of a refused extractor that an error body repeats, in bytes.
const MAX_REPEATED_BYTES: usize = 1000;

/// Marks an answer of another system that is passed on unchanged (docs/pass-through.md). An extension of the answer.
#[derive(Clone, Copy, Debug)]
pub struct PassedOn;

impl PassedOn {
    /// Whether an answer is passed on unchanged.
    pub(crate) fn marks(response: &Response) -> bool {
        response.extensions().get::<Self>().is_some()
    }
}

/// Runs a call of an API, counts it, and records its span.
pub async fn run_call(State(calls): State<Calls>, request: Request, next: Next) -> Response {
    answered(&calls, request, |request| next.run(request)).await
}

/// The answer to a call of an API, whose handler is `answer`. The call is counted, and its span is recorded.
pub(crate) async fn answered<F: Future<Output = Response>>(
    calls: &Calls,
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    let measured = calls.measure(&request);
    let span = calls.span(&request, RequestOrigin::Program);
    // In a box, because the future is large, and each function that awaits it would copy it.
    let response = calls.in_span(span, Box::pin(complete(calls, request, answer))).await;
    measured.answered(response.status().as_u16());
    response
}

/// Limits the body of a call, answers for a handler that panics, and completes the answer (docs/wire.md#headers). An
/// answer that is passed on is complete. This is one layer, because each layer costs a call several allocations.
async fn complete<F: Future<Output = Response>>(
    calls: &Calls,
    mut request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    let correlation_id = calls.new_correlation_id();
    let asked = RequestSummary::of(calls, &request);
    let is_of_order_management = request.uri().path().starts_with("/ordermanagement/");
    DefaultBodyLimit::max(LARGEST_BODY).apply(&mut request);
    if let Some(id) = CallId::of(request.uri().path(), &correlation_id) {
        request.extensions_mut().insert(id);
    }
    let (answer, facts) = with_facts(AssertUnwindSafe(answer(request)).catch_unwind()).await;
    let mut response = answer.unwrap_or_else(answer_to_panic);
    let error = response.extensions_mut().remove::<ApiError>();
    asked.finish(calls, response.status(), error.as_ref(), (&correlation_id, &facts));
    if PassedOn::marks(&response) {
        return response;
    }
    if let Some(error) = error {
        asked.log(calls, &error, &correlation_id);
        write_error(&mut response, &error, &correlation_id);
    }
    add_headers(response.headers_mut(), &correlation_id);
    let mut response = with_error_body(response).await;
    if is_of_order_management {
        add_headers_of_order_management(calls, &mut response);
    }
    response
}

/// Adds the headers of Order Management: JSON without a charset, and an id for each call that succeeded
/// (docs/wire.md#headers).
fn add_headers_of_order_management(calls: &Calls, response: &mut Response) {
    let is_success = response.status().is_success();
    let headers = response.headers_mut();
    if headers.contains_key(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, PLAIN_JSON);
    }
    if is_success && let Ok(id) = HeaderValue::from_str(&calls.new_correlation_id()) {
        headers.insert(HeaderName::from_static(TRANSACTION_ID), id);
    }
}

/// Writes the error body into an error of the router itself, such as a path that is not UTF-8 (docs/wire.md#errors).
/// Answers with a body of their own stay as they are.
pub async fn with_error_body(mut response: Response) -> Response {
    if PassedOn::marks(&response) {
        return response;
    }
    let Some(error) = error_of_router(&mut response).await else { return response };
    let given = response.headers().get(CORRELATION_ID).and_then(|id| id.to_str().ok()).map(str::to_string);
    let correlation_id = given.unwrap_or_else(|| new_uuid(&SystemRandom, SystemClock.system_now()));
    write_error(&mut response, &error, &correlation_id);
    response.headers_mut().remove(CONTENT_LENGTH);
    add_headers(response.headers_mut(), &correlation_id);
    response
}

/// The error of an answer that has no error body: its body is empty, or the text of a refused extractor.
async fn error_of_router(response: &mut Response) -> Option<ApiError> {
    let code = match response.status() {
        StatusCode::NOT_FOUND => ErrorCode::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ErrorCode::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::RequestTooLarge,
        status if status.is_client_error() => ErrorCode::BadRequest,
        _ => return None,
    };
    let content_type = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    if content_type.is_some_and(|content_type| !content_type.starts_with(b"text/plain")) {
        return None;
    }
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        return Some(error);
    }
    let body = std::mem::take(response.body_mut());
    let text = to_bytes(body, MAX_REPEATED_BYTES).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text).trim().to_string();
    Some(ApiError::Refused(code, if text.is_empty() { Vec::new() } else { vec![text] }))
}

/// The whole answer to a request that is refused before a handler runs.
#[must_use]
pub fn refuse(calls: &Calls, request: &Request, error: &ApiError) -> Response {
    let measured = calls.measure(request);
    let correlation_id = calls.new_correlation_id();
    RequestSummary::of(calls, request).log(calls, error, &correlation_id);
    measured.answered(error.code().http_status());
    complete_answer(error, &correlation_id)
}

/// The whole answer to a call while there is no system behind the listener: 503.
#[must_use]
pub fn refuse_while_starting() -> Response {
    refuse_before_routing(&ApiError::Unavailable("the node is starting".to_string()))
}

/// The whole answer to a request that is refused before it reaches a router.
#[must_use]
pub fn refuse_before_routing(error: &ApiError) -> Response {
    complete_answer(error, &new_uuid(&SystemRandom, SystemClock.system_now()))
}

fn complete_answer(error: &ApiError, correlation_id: &str) -> Response {
    let mut response = error.clone().into_response();
    write_error(&mut response, error, correlation_id);
    add_headers(response.headers_mut(), correlation_id);
    response
}

/// The request and its caller, for the log. It names the route and not the path, because paths contain tokens.
pub struct RequestSummary {
    method: Method,
    route: Route,
    client: Option<IpAddr>,
    began_at: Monotonic,
}

impl RequestSummary {
    /// Describes a request.
    #[must_use]
    pub fn of(calls: &Calls, request: &Request) -> Self {
        let client = calls.client(request.headers(), request.extensions());
        let route = Route::of(request.extensions());
        Self { method: request.method().clone(), route, client, began_at: calls.monotonic_now() }
    }

    /// Tells the observers that the request has its answer.
    pub fn finish(
        &self,
        calls: &Calls,
        status: StatusCode,
        error: Option<&ApiError>,
        (correlation_id, facts): (&str, &RequestFacts),
    ) {
        calls.finished(&FinishedRequest {
            method: &self.method,
            route: self.route.as_str(),
            status,
            duration_ms: calls.monotonic_now().ms_since(self.began_at),
            correlation_id,
            error,
            facts,
        });
    }

    /// Logs an error. Failed logins are logged at info level, other refusals at debug level.
    pub fn log(&self, calls: &Calls, error: &ApiError, correlation_id: &str) {
        let (method, client) = (&self.method, proxies::shown(self.client));
        let route = self.route.as_str();
        match error {
            ApiError::Refused(code @ ErrorCode::Unauthorized, _) => {
                tracing::info!(%method, route, client, correlation_id, code = code.as_str(), "refused");
            }
            // The limit logs this itself, at most once a second.
            ApiError::TooMany { .. } => {}
            ApiError::Refused(code, messages) => {
                tracing::debug!(%method, route, client, correlation_id, code = code.as_str(), ?messages, "refused");
            }
            ApiError::Unavailable(reason) => {
                if let Some(left_out) = calls.may_log_outage() {
                    tracing::warn!(%method, route, correlation_id, reason, left_out, "the database is unavailable");
                }
            }
            ApiError::Fault(reason) => {
                tracing::error!(%method, route, client, correlation_id, reason, "a call failed");
            }
        }
    }
}

fn write_error(response: &mut Response, error: &ApiError, correlation_id: &str) {
    let body = ErrorBody {
        error_code: error.code().as_str().to_string(),
        error_messages: error.messages(),
        correlation_id: correlation_id.to_string(),
    };
    *response.body_mut() = Body::from(serde_json::to_vec(&body).expect("an error body is plain text"));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, JSON);
    if let ApiError::TooMany { retry_after_s, .. } = error {
        headers.insert(RETRY_AFTER, HeaderValue::from(*retry_after_s));
    } else if matches!(error.code(), ErrorCode::TemporarilyUnavailable | ErrorCode::TooManyRequests) {
        headers.insert(RETRY_AFTER, RETRY_AFTER_S);
    }
    if error.code() == ErrorCode::Unauthorized {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"kassa\""));
    }
}

/// Adds the headers of every answer of the APIs and the page: the correlation id, no caching, no framing.
pub fn add_headers(headers: &mut HeaderMap, correlation_id: &str) {
    const ID: HeaderName = HeaderName::from_static(CORRELATION_ID);
    const FIXED: [(HeaderName, &str); 5] = [
        (CACHE_CONTROL, "no-cache, no-store, max-age=0, must-revalidate"),
        (PRAGMA, "no-cache"),
        (EXPIRES, "0"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
    ];
    headers.reserve(FIXED.len() + 1);
    if let Ok(value) = HeaderValue::from_str(correlation_id) {
        headers.insert(ID, value);
    }
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// The answer of a handler that panicked: a fault like any other.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over")]
#[must_use]
pub fn answer_to_panic(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic");
    ApiError::Fault(format!("a handler panicked: {text}")).into_response()
}
