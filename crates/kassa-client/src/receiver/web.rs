//! The receiver for axum: a route that stores callbacks, and a tower layer that only verifies them.

use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::HeaderMap;
use http::uri::Uri;
use serde_json::json;
use tower::{Layer, Service};

use super::{CallbackRefusal, CallbackRequest, LARGEST_BODY, Outcome, Receiver};
use crate::clock::TimeSource;
use crate::ledger::Ledger;

/// The state of the route.
#[derive(Clone)]
struct RouteState {
    receiver: Arc<Receiver>,
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn TimeSource>,
}

/// A route for `POST`ed callbacks. It verifies each callback and stores it in the ledger before it answers. The answer
/// has the [`Outcome`] among its extensions, for a layer that counts or logs.
///
/// ```
/// use std::sync::Arc;
/// use axum::Router;
/// use kassa_client::clock::SystemTimeSource;
/// use kassa_client::ledger::MemoryLedger;
/// use kassa_client::receiver::{Receiver, SignatureRule, UrlSecret, web};
///
/// let secrets = vec!["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_string()];
/// let receiver = Receiver::new(UrlSecret::Unused, SignatureRule::Required(secrets))?;
/// let route = web::route(receiver, Arc::new(MemoryLedger::default()), Arc::new(SystemTimeSource));
/// let app: Router = Router::new().route("/callbacks", route);
/// # Ok::<(), kassa_client::receiver::ReceiverError>(())
/// ```
pub fn route<S: Clone + Send + Sync + 'static>(
    receiver: Receiver,
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn TimeSource>,
) -> MethodRouter<S> {
    let state = RouteState { receiver: Arc::new(receiver), ledger, clock };
    // One byte more than the receiver reads, so that the receiver itself explains the refusal.
    post(receive).layer(DefaultBodyLimit::max(LARGEST_BODY + 1)).with_state(state)
}

async fn receive(State(state): State<RouteState>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let delivery = CallbackRequest { query: uri.query().unwrap_or_default(), headers: &headers, body: &body };
    let outcome = state.receiver.receive(&delivery, &*state.ledger, state.clock.now()).await;
    let mut response = answer(&outcome);
    response.extensions_mut().insert(outcome);
    response
}

/// The answer to the sender. It contains the reason, because senders keep the beginning of an answer for their people.
#[must_use]
pub fn answer(outcome: &Outcome) -> Response {
    let status = StatusCode::from_u16(outcome.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match outcome {
        Outcome::Recorded(_) | Outcome::Prompted => status.into_response(),
        Outcome::Refused(refusal) => refused(refusal),
        Outcome::NotDurable(_) => {
            let body =
                json!({"refused": outcome.code(), "why": "the callback could not be stored; send it again"});
            (status, [("retry-after", "1")], axum::Json(body)).into_response()
        }
    }
}

fn refused(refusal: &CallbackRefusal) -> Response {
    let status = StatusCode::from_u16(refusal.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
    let body = json!({"refused": refusal.code(), "why": refusal.to_string()});
    (status, axum::Json(body)).into_response()
}

/// A layer that verifies each request and passes it on with a [`super::VerifiedCallback`] among its extensions. Forged requests
/// never reach the inner service. The inner service must store the change before it answers 2xx.
#[derive(Clone)]
pub struct VerifyLayer {
    receiver: Arc<Receiver>,
    clock: Arc<dyn TimeSource>,
}

impl VerifyLayer {
    /// Creates the layer.
    #[must_use]
    pub fn new(receiver: Receiver, clock: Arc<dyn TimeSource>) -> Self {
        Self { receiver: Arc::new(receiver), clock }
    }

    /// Returns the request with its verified content, or the answer that refuses it.
    async fn verified(&self, request: Request) -> Result<Request, Response> {
        let (mut head, body) = request.into_parts();
        let too_large = |_| refused(&CallbackRefusal::TooLarge);
        let body = axum::body::to_bytes(body, LARGEST_BODY).await.map_err(too_large)?;
        let query = head.uri.query().unwrap_or_default();
        let delivery = CallbackRequest { query, headers: &head.headers, body: &body };
        let verified =
            self.receiver.verify(&delivery, self.clock.now()).map_err(|refusal| refused(&refusal))?;
        head.extensions.insert(verified);
        Ok(Request::from_parts(head, Body::from(body)))
    }
}

impl<S> Layer<S> for VerifyLayer {
    type Service = VerifyService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        VerifyService { layer: self.clone(), inner }
    }
}

/// The service that [`VerifyLayer`] makes.
#[derive(Clone)]
pub struct VerifyService<S> {
    layer: VerifyLayer,
    inner: S,
}

impl<S> Service<Request> for VerifyService<S>
where
    S: Service<Request, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let layer = self.layer.clone();
        // Call the service that was polled ready; its clone serves the next request.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        Box::pin(async move {
            match layer.verified(request).await {
                Ok(request) => inner.call(request).await,
                Err(answer) => Ok(answer),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::Extension;
    use axum::Router;
    use tower::ServiceExt as _;

    use super::*;
    use crate::clock::SystemTimeSource;
    use crate::ledger::MemoryLedger;
    use crate::receiver::{SignatureRule, UrlSecret, VerifiedCallback};

    const BODY: &str = r#"{"event_id":"e","session":{"session_id":"s","status":"BACK","updated_at":"2019-05-13T14:51:46.288Z"}}"#;

    fn receiver() -> Receiver {
        Receiver::new(UrlSecret::Shared(vec!["right".into()]), SignatureRule::Unused).unwrap()
    }

    async fn status(routes: Router, secret: &str, body: String) -> u16 {
        let uri = format!("/callbacks?secret={secret}");
        let request = Request::post(uri).body(Body::from(body)).unwrap();
        routes.oneshot(request).await.unwrap().status().as_u16()
    }

    #[tokio::test]
    async fn the_route_stores_authentic_callbacks_and_refuses_others() {
        let ledger = Arc::new(MemoryLedger::default());
        let route = route(receiver(), ledger.clone(), Arc::new(SystemTimeSource));
        let routes = Router::new().route("/callbacks", route);
        assert_eq!(status(routes.clone(), "right", BODY.to_string()).await, 204);
        assert_eq!(status(routes.clone(), "wrong", BODY.to_string()).await, 401);
        assert_eq!(status(routes.clone(), "right", "[]".to_string()).await, 400);
        assert_eq!(status(routes, "right", " ".repeat(LARGEST_BODY + 1)).await, 413);
        assert_eq!(ledger.changes().len(), 1);
    }

    #[tokio::test]
    async fn the_layer_passes_on_only_authentic_callbacks_with_their_content() {
        let inner = post(|Extension(verified): Extension<VerifiedCallback>, body: String| async move {
            let is_whole = matches!(verified, VerifiedCallback::Update(_)) && body == BODY;
            StatusCode::from_u16(if is_whole { 202 } else { 500 }).unwrap()
        });
        let layer = VerifyLayer::new(receiver(), Arc::new(SystemTimeSource));
        let routes = Router::new().route("/callbacks", inner.layer(layer));
        assert_eq!(status(routes.clone(), "right", BODY.to_string()).await, 202);
        assert_eq!(status(routes.clone(), "wrong", BODY.to_string()).await, 401);
        assert_eq!(status(routes, "right", " ".repeat(LARGEST_BODY + 1)).await, 413);
    }
}
