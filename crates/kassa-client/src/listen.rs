//! A receiver for development: it verifies, shows and forwards callbacks, and can fail on purpose.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, Method, Uri};
use kassa_incoming::Limits;

use crate::client::Dependencies;
use crate::error_source::ErrorSource;
use crate::http::{HttpCall, TransportError};
use crate::incoming;
use crate::ledger::{Ledger, LedgerError, MemoryLedger};
use crate::receiver::{CallbackRefusal, CallbackRequest, Outcome, Receiver, VerifiedCallback, web};

/// The time limit of a forwarded call: the sender waits for as long (docs/wire.md#callback-delivery).
const TIMEOUT: Duration = Duration::from_secs(3);

/// The behaviour of the listener.
#[derive(Clone, Debug, Default)]
pub struct ListenOptions {
    /// The URL that authentic callbacks are forwarded to. Its answer becomes the listener's answer.
    pub forward_to: Option<String>,
    /// The status to answer instead of accepting callbacks.
    pub fail_with: Option<u16>,
    /// The number of calls to fail; `None` for all calls.
    pub fail_first: Option<u32>,
    /// The limits on callers.
    pub limits: Limits,
}

/// One received call.
#[derive(Clone, Debug)]
pub struct ReceivedCall {
    /// The content of an authentic call, or the reason for its refusal.
    pub verdict: Result<VerifiedCallback, CallbackRefusal>,
    /// The outcome.
    pub outcome: Outcome,
    /// The answered status.
    pub answered: u16,
    /// The error, if the call could not be forwarded.
    pub forwarding_failed: Option<TransportError>,
}

/// Shows a call.
pub type ShowCall = Arc<dyn Fn(&ReceivedCall) + Send + Sync>;

#[derive(Clone)]
struct Listener {
    receiver: Arc<Receiver>,
    ledger: Arc<MemoryLedger>,
    dependencies: Dependencies,
    listening: Arc<ListenOptions>,
    calls: Arc<AtomicU32>,
    show: ShowCall,
}

/// Receives callbacks on every path of a bound listener, and shows each.
///
/// # Errors
/// If the listener fails.
pub async fn listen(
    socket: TcpListener,
    receiver: Receiver,
    dependencies: Dependencies,
    listening: ListenOptions,
    show: ShowCall,
) -> std::io::Result<()> {
    let listener = Listener {
        receiver: Arc::new(receiver),
        ledger: Arc::default(),
        dependencies,
        listening: Arc::new(listening),
        calls: Arc::default(),
        show,
    };
    let limits = listener.listening.limits;
    let routes = Router::new().fallback(receive).with_state(listener);
    incoming::serve(socket, routes, limits, std::future::pending()).await
}

async fn receive(State(listener): State<Listener>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let now = listener.dependencies.clock.now();
    let delivery = CallbackRequest { query: uri.query().unwrap_or_default(), headers: &headers, body: &body };
    let verdict = listener.receiver.verify(&delivery, now);
    if let Some(status) = listener.failure() {
        let outcome = Outcome::NotDurable(LedgerError(ErrorSource::new("failed on purpose")));
        return listener.shown(verdict, outcome, status, None);
    }
    let outcome = match &verdict {
        Ok(VerifiedCallback::Update(callback)) => {
            let recorded = listener.ledger.record((**callback).clone(), now).await;
            recorded.map_or_else(Outcome::NotDurable, Outcome::Recorded)
        }
        Ok(VerifiedCallback::Prompt { .. }) => Outcome::Prompted,
        Err(refusal) => Outcome::Refused(refusal.clone()),
    };
    let answer = web::answer(&outcome);
    let Some(url) = listener.listening.forward_to.clone().filter(|_| verdict.is_ok()) else {
        let _ = listener.shown(verdict, outcome, answer.status(), None);
        return answer;
    };
    match listener.forward(&url, uri.query(), headers, body).await {
        Ok(status) => listener.shown(verdict, outcome, status, None),
        Err(reason) => listener.shown(verdict, outcome, StatusCode::BAD_GATEWAY, Some(reason)),
    }
}

impl Listener {
    /// The status to fail with, if this call is to fail.
    fn failure(&self) -> Option<StatusCode> {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed);
        let fails = self.listening.fail_first.is_none_or(|first| calls < first);
        let status = self.listening.fail_with.filter(|_| fails)?;
        StatusCode::from_u16(status).ok()
    }

    /// Forwards the same bytes and headers, so that the signature stays valid.
    async fn forward(
        &self,
        url: &str,
        query: Option<&str>,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<StatusCode, TransportError> {
        for of_this_connection in [HOST, CONTENT_LENGTH, CONNECTION, TRANSFER_ENCODING] {
            headers.remove(of_this_connection);
        }
        let url = url.split('#').next().unwrap_or_default();
        let separator = if url.contains('?') { '&' } else { '?' };
        let url = query.map_or_else(|| url.to_string(), |query| format!("{url}{separator}{query}"));
        let call = HttpCall { method: Method::POST, url, headers, body, timeout: TIMEOUT };
        let answer = self.dependencies.transport.call(call).await;
        answer.map(|answer| answer.status)
    }

    fn shown(
        &self,
        verdict: Result<VerifiedCallback, CallbackRefusal>,
        outcome: Outcome,
        status: StatusCode,
        forwarding_failed: Option<TransportError>,
    ) -> Response {
        (self.show)(&ReceivedCall { verdict, outcome, answered: status.as_u16(), forwarding_failed });
        status.into_response()
    }
}
