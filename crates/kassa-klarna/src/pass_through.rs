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

/// The routes of the pass-through. Some paths have routes of their own, because they have rate limits of their own,
/// because Kassa reads the answer, or because their calls begin no payment. Each other path, also an unknown one, may
/// begin one.
pub fn routes<S: Clone + Send + Sync + 'static>(pass_through: PassThrough) -> Router<S> {
    let beginning = || on(METHODS, forward_beginning);
    let following = || on(METHODS, forward_following);
    Router::new()
        .route("/payments/v1/sessions", beginning())
        .route("/payments/v1/sessions/{session_id}", following())
        .route("/payments/v1/authorizations/{token}", following())
        .route("/payments/v1/authorizations/{token}/customer-token", following())
        .route("/payments/v1/authorizations/{token}/order", order_route())
        .route("/payments/v1/{*path}", beginning())
        .route("/customer-token/v1/tokens/{token}/status", following())
        .route("/customer-token/v1/{*path}", beginning())
        .route("/ordermanagement/v1/{*path}", following())
        .with_state(pass_through)
}

fn order_route() -> MethodRouter<PassThrough> {
    on(METHODS, forward_order)
}

/// A call of a merchant, as it came.
struct MerchantCall {
    caller: Caller,
    call: ToForward,
}

impl MerchantCall {
    /// Refuses a call of a suspended merchant if Klarna could read its path in another way than Kassa's router does: an
    /// encoded slash or dot in an id may lead to another path.
    fn require_known_path(&self) -> Result<(), ApiError> {
        let path = self.call.target.split('?').next().unwrap_or_default();
        match path.contains('%') && !self.call.method.is_safe() {
            true => self.caller.require_takes_payments(),
            false => Ok(()),
        }
    }

    async fn forward(self, to: &PassThrough) -> Result<Response, ApiError> {
        Ok(passed_on(to.forwarder.forward(&self.caller.merchant.id, self.call).await?, &to.links))
    }
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

/// Passes on a call that begins a payment, unless it is a read: it creates a payment session, or charges a customer
/// token.
async fn forward_beginning(State(to): State<PassThrough>, call: MerchantCall) -> Result<Response, ApiError> {
    if !call.call.method.is_safe() {
        call.caller.require_takes_payments()?;
    }
    call.forward(&to).await
}

/// Passes on a call about a payment that began before.
async fn forward_following(State(to): State<PassThrough>, call: MerchantCall) -> Result<Response, ApiError> {
    call.require_known_path()?;
    call.forward(&to).await
}

/// Passes on the order of an authorization. If Klarna placed it, the open page sessions of the payment session are
/// completed before the merchant gets the answer.
async fn forward_order(
    State(to): State<PassThrough>,
    Path(token): Path<String>,
    call: MerchantCall,
) -> Result<Response, ApiError> {
    call.require_known_path()?;
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
