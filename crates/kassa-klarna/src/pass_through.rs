//! Pass-through: a merchant's calls of Klarna's APIs go to Klarna with the merchant's account there
//! (docs/pass-through.md). The bytes stay the same in both directions, and no call is repeated.

mod failed;
mod forwarder;
mod headers;

use axum::Router;
use axum::extract::{FromRef, FromRequest, FromRequestParts as _, Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use kassa_domain::AuthorizationToken;
use kassa_engine::{Accounts, Engine, Links};
use kassa_http::{ApiError, AsCalled, Body, Caller, Calls, PassedOn};

use crate::answers;

pub use forwarder::Forwarder;

use forwarder::{Answered, ToForward};

/// The beginnings of the paths that are passed on.
const PASSED_ON: [&str; 3] = ["/payments/v1/", "/customer-token/v1/", "/ordermanagement/v1/"];

/// The methods that are passed on. `TRACE` is not: its answer would show the credentials of the merchant's account.
const METHODS: MethodFilter = MethodFilter::GET
    .or(MethodFilter::POST)
    .or(MethodFilter::PUT)
    .or(MethodFilter::PATCH)
    .or(MethodFilter::DELETE);

/// The state of the pass-through.
#[derive(Clone)]
pub struct PassThrough {
    /// Sends the calls.
    pub forwarder: Forwarder,
    /// Completes the page sessions of an order.
    pub engine: Engine,
    /// Kassa's own address, for `Location`.
    pub links: Links,
    /// Checks logins.
    pub accounts: Accounts,
    /// The callers' addresses.
    pub calls: Calls,
}

impl FromRef<PassThrough> for Accounts {
    fn from_ref(state: &PassThrough) -> Self {
        state.accounts.clone()
    }
}

impl FromRef<PassThrough> for Calls {
    fn from_ref(state: &PassThrough) -> Self {
        state.calls.clone()
    }
}

/// The routes of the pass-through. Some paths have routes of their own, because they have rate limits of their own, or
/// because Kassa reads the answer.
pub fn routes<S: Clone + Send + Sync + 'static>(pass_through: PassThrough) -> Router<S> {
    let all = || on(METHODS, forward);
    let routes = Router::new()
        .route("/payments/v1/sessions", all())
        .route("/payments/v1/authorizations/{token}/customer-token", all())
        .route("/payments/v1/authorizations/{token}/order", order_route());
    let routes = PASSED_ON.iter().fold(routes, |routes, beginning| {
        let every_path = format!("{beginning}{{*path}}");
        routes.route(&every_path, all())
    });
    routes.with_state(pass_through)
}

fn order_route() -> MethodRouter<PassThrough> {
    on(METHODS, forward_order)
}

/// A call of a merchant, as it came.
struct MerchantCall {
    caller: Caller,
    call: ToForward,
}

impl FromRequest<PassThrough> for MerchantCall {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &PassThrough) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, state).await?;
        let Body(body) = Body::from_request(Request::from_parts(parts.clone(), body), state).await?;
        let Parts { method, headers, extensions, uri, .. } = parts;
        let target = AsCalled::target(&uri, &extensions).path_and_query();
        let target = target.map_or("/", |target| target.as_str()).to_string();
        Ok(Self { caller, call: ToForward { method, target, headers, body } })
    }
}

async fn forward(State(to): State<PassThrough>, call: MerchantCall) -> Result<Response, ApiError> {
    let MerchantCall { caller, call } = call;
    if begins_payment(&call) {
        caller.require_takes_payments()?;
    }
    Ok(passed_on(to.forwarder.forward(&caller.merchant.id, call).await?, &to.links))
}

/// Whether a call begins a payment: it creates a payment session, or charges a customer token.
fn begins_payment(call: &ToForward) -> bool {
    let path = call.target.split('?').next().unwrap_or_default().trim_end_matches('/');
    let is_token_order = path.starts_with("/customer-token/v1/") && path.ends_with("/order");
    call.method == Method::POST && (path == "/payments/v1/sessions" || is_token_order)
}

/// Passes on the order of an authorization. If Klarna placed it, the open page sessions of the payment session are
/// completed before the merchant gets the answer.
async fn forward_order(
    State(to): State<PassThrough>,
    Path(token): Path<String>,
    call: MerchantCall,
) -> Result<Response, ApiError> {
    let MerchantCall { caller, call } = call;
    let is_creation = call.method == Method::POST;
    let merchant = &caller.merchant.id;
    let answered = to.forwarder.forward(merchant, call).await?;
    let order = if is_creation { answers::order_placed(&answered.answer) } else { None };
    if let Some(order) = order {
        let completed = to.engine.merchant_ordered(merchant, &AuthorizationToken::new(token), &order).await;
        if let Err(error) = completed {
            let order_id = &order.order_id;
            tracing::warn!(%merchant, %order_id, ?error, "the page sessions of a merchant's order could not be \
                                                          completed; the next read of the payment completes them");
        }
    }
    Ok(passed_on(answered, &to.links))
}

/// The answer for the merchant.
fn passed_on(answered: Answered, links: &Links) -> Response {
    let Answered { answer, base_url } = answered;
    let headers: HeaderMap = headers::of_answer(&answer.headers, base_url.as_str(), &links.url(""));
    let mut response = match answer.status {
        status @ (StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) => status.into_response(),
        status => (status, answer.body).into_response(),
    };
    *response.headers_mut() = headers;
    response.extensions_mut().insert(PassedOn);
    response
}
