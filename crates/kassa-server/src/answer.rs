//! What every answer of the API carries: the correlation id, the vendor's headers, and the error body.

use std::net::IpAddr;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, EXPIRES, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use kassa_wire::error::{ErrorBody, ErrorCode};
use kassa_wire::headers::{CORRELATION_ID, TRANSACTION_ID};

use crate::api_error::ApiError;
use crate::app::App;
use crate::clock::{Clock, SystemClock};
use crate::ids::new_uuid;
use crate::proxies;
use crate::random::SystemRandom;

/// The content type of the real service (docs/wire.md#headers).
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json;charset=utf-8");

/// The content type of Order Management (docs/wire.md#headers).
const PLAIN_JSON: HeaderValue = HeaderValue::from_static("application/json");

/// When to try again after a 503, or after a 429 that no limit of ours gave, in seconds.
pub(crate) const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("2");

/// Runs a call of the API and completes its answer (docs/wire.md#headers).
pub(crate) async fn complete(State(app): State<App>, request: Request, next: Next) -> Response {
    let correlation_id = app.new_correlation_id();
    let asked = Asked::by(&app, &request);
    let is_of_order_management = request.uri().path().starts_with("/ordermanagement/");
    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        asked.log(&app, &error, &correlation_id);
        write_error(&mut response, &error, &correlation_id);
    }
    add_headers(response.headers_mut(), &correlation_id);
    if is_of_order_management {
        add_headers_of_order_management(&app, &mut response);
    }
    response
}

/// Order Management answers JSON without a charset, and names each call that succeeded (docs/wire.md#headers).
fn add_headers_of_order_management(app: &App, response: &mut Response) {
    let is_success = response.status().is_success();
    let headers = response.headers_mut();
    if headers.contains_key(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, PLAIN_JSON);
    }
    if is_success && let Ok(id) = HeaderValue::from_str(&app.new_correlation_id()) {
        headers.insert(HeaderName::from_static(TRANSACTION_ID), id);
    }
}

/// The whole answer to a request that no API is asked to answer.
pub(crate) fn refuse(app: &App, request: &Request, error: &ApiError) -> Response {
    let correlation_id = app.new_correlation_id();
    Asked::by(app, request).log(app, error, &correlation_id);
    whole(error, &correlation_id)
}

/// The whole answer to a call that cannot be taken now, where no system stands behind the listener to take it.
pub(crate) fn try_again() -> Response {
    early(&ApiError::Unavailable("nobody is there to take it".to_string()))
}

/// The whole answer to a request that is refused before it reaches a router.
pub(crate) fn early(error: &ApiError) -> Response {
    whole(error, &new_uuid(&SystemRandom, SystemClock.system_now()))
}

fn whole(error: &ApiError, correlation_id: &str) -> Response {
    let mut response = error.clone().into_response();
    write_error(&mut response, error, correlation_id);
    add_headers(response.headers_mut(), correlation_id);
    response
}

/// What was asked and by whom, for the log.
///
/// It names the route and not the path: tokens of pages and authorizations stand in paths, and never in a log.
pub(crate) struct Asked {
    method: Method,
    route: Option<MatchedPath>,
    client: Option<IpAddr>,
}

impl Asked {
    pub(crate) fn by(app: &App, request: &Request) -> Self {
        let client = proxies::client(app, request.headers(), request.extensions());
        let route = request.extensions().get::<MatchedPath>().cloned();
        Self { method: request.method().clone(), route, client }
    }

    /// Who guesses passwords is to be seen; what else is refused concerns the caller alone.
    pub(crate) fn log(&self, app: &App, error: &ApiError, correlation_id: &str) {
        let (method, client) = (&self.method, proxies::shown(self.client));
        let route = self.route.as_ref().map_or("none", MatchedPath::as_str);
        match error {
            ApiError::Refused(code @ ErrorCode::Unauthorized, _) => {
                tracing::info!(%method, route, client, correlation_id, code = code.as_str(), "refused");
            }
            // The limit says so itself, once a second at most.
            ApiError::TooMany { .. } => {}
            ApiError::Refused(code, messages) => {
                tracing::debug!(%method, route, client, correlation_id, code = code.as_str(), ?messages, "refused");
            }
            ApiError::Unavailable(reason) => {
                if let Some(left_out) = app.outage.may_say(app.clock.monotonic_now()) {
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

/// The headers of every answer, of API and page alike: the correlation id, and nothing is to be kept or framed.
pub(crate) fn add_headers(headers: &mut HeaderMap, correlation_id: &str) {
    if let Ok(value) = HeaderValue::from_str(correlation_id) {
        headers.insert(HeaderName::from_static(CORRELATION_ID), value);
    }
    let fixed = [
        (CACHE_CONTROL, "no-cache, no-store, max-age=0, must-revalidate"),
        (PRAGMA, "no-cache"),
        (EXPIRES, "0"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// What a handler that panicked answers: a fault like any other.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over")]
pub(crate) fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic");
    ApiError::Fault(format!("a handler panicked: {text}")).into_response()
}
