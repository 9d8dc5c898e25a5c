//! A layer around the vendor's APIs that limits the calls of each merchant (docs/wire.md#rate-limits).

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use kassa_domain::time::SECOND_MS;
use kassa_engine::{Accounts, CountedCall, LimitPause, RateCategory, RateLimits};
use kassa_wire::headers::{RATE_LIMIT, RATE_LIMIT_REMAINING, RATE_LIMIT_RESET};

use crate::answer::PassedOn;
use crate::api_error::ApiError;
use crate::authentication::Caller;
use crate::calls::Calls;
use crate::route::Route;

/// The message of a refused call (docs/wire.md#rate-limits).
const TOO_MANY_REQUESTS: &str = "Too many requests";

/// The state of the layer.
#[derive(Clone)]
pub struct RateLimitLayer {
    /// Counts the calls.
    pub limits: RateLimits,
    /// Checks logins.
    pub accounts: Accounts,
    /// The callers' addresses.
    pub calls: Calls,
}

/// Limits the calls of each merchant.
pub async fn limit_rate(State(layer): State<RateLimitLayer>, request: Request, next: Next) -> Response {
    limited(&layer, request, |request| next.run(request)).await
}

/// Counts the call of a merchant, refuses it if the limit is used up, and adds the headers to its answer. The handler
/// gets the caller, so that the login is checked once. A call with a wrong login is not counted: the handler refuses
/// it.
pub(crate) async fn limited<F: Future<Output = Response>>(
    layer: &RateLimitLayer,
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let caller = layer.caller(&mut parts).await;
    let counted =
        caller.as_ref().and_then(|caller| layer.limits.count(&caller.merchant.id, category_of(&parts)));
    if let Some(caller) = caller {
        parts.extensions.insert(caller);
    }
    let Some(counted) = counted else { return answer(Request::from_parts(parts, body)).await };
    let mut response = match counted.is_refused {
        true => ApiError::too_many(TOO_MANY_REQUESTS, LimitPause { for_ms: counted.resets_after_ms })
            .into_response(),
        false => answer(Request::from_parts(parts, body)).await,
    };
    // An answer that is passed on has the headers of the system that it comes from.
    if !PassedOn::marks(&response) {
        add_headers(response.headers_mut(), counted);
    }
    response
}

impl RateLimitLayer {
    /// The merchant that calls. A layer around this one may have checked the login.
    async fn caller(&self, parts: &mut Parts) -> Option<Caller> {
        match parts.extensions.remove::<Caller>() {
            Some(known) => Some(known),
            None => Caller::if_logged_in(&self.accounts, &self.calls, parts).await,
        }
    }
}

/// The category of a call: the vendor limits each kind of creation by itself.
fn category_of(parts: &Parts) -> RateCategory {
    match (&parts.method, Route::of(&parts.extensions).as_str()) {
        (&Method::POST, "/payments/v1/sessions") => RateCategory::PaymentSessions,
        (&Method::POST, "/payments/v1/authorizations/{token}/customer-token") => RateCategory::CustomerTokens,
        (&Method::POST, "/hpp/v1/sessions") => RateCategory::PageSessions,
        _ => RateCategory::OtherCalls,
    }
}

/// Adds the vendor's headers: `X-RateLimit-Limit: 40, 40;w=1` means 40 calls in a window of one second.
fn add_headers(headers: &mut HeaderMap, counted: CountedCall) {
    let CountedCall { limit, remaining, resets_after_ms, is_refused: _ } = counted;
    let policy = HeaderValue::try_from(format!("{limit}, {limit};w=1"));
    headers.insert(HeaderName::from_static(RATE_LIMIT), policy.expect("numbers are ASCII"));
    headers.insert(HeaderName::from_static(RATE_LIMIT_REMAINING), HeaderValue::from(remaining));
    let reset_s = (resets_after_ms + SECOND_MS - 1) / SECOND_MS;
    headers.insert(HeaderName::from_static(RATE_LIMIT_RESET), HeaderValue::from(reset_s));
}
