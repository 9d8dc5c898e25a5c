//! A layer around all APIs that applies a merchant's faults to its calls.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_LENGTH;
use kassa_http::{ApiError, CutConnection, LARGEST_BODY};
use kassa_wire::lab::Moment;

use super::CallFault;
use crate::merchant_lab::MerchantLab;

/// The faults that were applied to a call, in the answer's extensions, for the journal.
#[derive(Clone, Debug)]
pub(crate) struct AppliedFaults(pub(crate) Vec<String>);

/// Applies the merchant's faults to a call.
pub async fn apply_faults(request: Request, next: Next) -> Response {
    let rules = request.extensions().get::<Arc<MerchantLab>>().and_then(|merchant_lab| merchant_lab.faults());
    let faults = rules.map(|rules| rules.of_call(request.method(), request.uri().path()));
    let Some(faults) = faults.filter(|faults| !faults.is_empty()) else { return next.run(request).await };
    let before = faults.iter().find_map(|fault| replacement(*fault, Moment::Before));
    let after = faults.iter().find_map(|fault| replacement(*fault, Moment::After));
    let answered = match before {
        Some(answer) => {
            // The body is read all the same, so that the journal has it.
            let _ = to_bytes(request.into_body(), LARGEST_BODY).await;
            answer
        }
        None => next.run(request).await,
    };
    let mut answer = after.unwrap_or(answered);
    if faults.contains(&CallFault::Truncate) {
        answer = truncated(answer).await;
    }
    for fault in &faults {
        if let CallFault::Slow { by_ms } = fault {
            tokio::time::sleep(Duration::from_millis(by_ms.unsigned_abs())).await;
        }
    }
    answer
        .extensions_mut()
        .insert(AppliedFaults(faults.iter().map(|fault| fault.as_str().to_string()).collect()));
    answer
}

/// Returns the answer without the second half of its body.
async fn truncated(answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body.slice(..body.len() / 2)))
}

/// Returns the answer that replaces the real one, if the fault applies at this moment.
fn replacement(fault: CallFault, moment: Moment) -> Option<Response> {
    match fault {
        CallFault::Fail { code, message, when } if when == moment => {
            Some(ApiError::refused(code, message).into_response())
        }
        CallFault::Cut { when } if when == moment => {
            let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
            response.extensions_mut().insert(CutConnection);
            Some(response)
        }
        CallFault::Slow { .. } | CallFault::Fail { .. } | CallFault::Cut { .. } | CallFault::Truncate => None,
    }
}
