//! The weather over the calls of the APIs: one layer around all of them.

use std::sync::Arc;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use kassa_wire::lab::Moment;

use super::CallFault;
use crate::api_error::ApiError;
use crate::body::LARGEST_BODY;
use crate::lab::bench::Bench;
use crate::lab::observe::Cut;

/// In an answer's extensions: what the weather did, for the journal.
#[derive(Clone, Debug)]
pub(in crate::lab) struct Blown(pub(in crate::lab) Vec<String>);

/// Lets a call go through the weather of its merchant.
pub(crate) async fn blow(request: Request, next: Next) -> Response {
    let weather = request.extensions().get::<Arc<Bench>>().and_then(|bench| bench.weather());
    let faults = weather.map(|weather| weather.of_call(request.method(), request.uri().path()));
    let Some(faults) = faults.filter(|faults| !faults.is_empty()) else { return next.run(request).await };
    let before = faults.iter().find_map(|fault| instead(*fault, Moment::Before));
    let after = faults.iter().find_map(|fault| instead(*fault, Moment::After));
    let answered = match before {
        Some(answer) => {
            // What was sent is read all the same, so that it stands in the journal.
            let _ = to_bytes(request.into_body(), LARGEST_BODY).await;
            answer
        }
        None => next.run(request).await,
    };
    let mut answer = after.unwrap_or(answered);
    for fault in &faults {
        if let CallFault::Slow { by_ms } = fault {
            tokio::time::sleep(Duration::from_millis(by_ms.unsigned_abs())).await;
        }
    }
    answer.extensions_mut().insert(Blown(faults.iter().map(|fault| fault.as_str().to_string()).collect()));
    answer
}

/// What the caller gets in the place of the answer, if the fault falls at this moment.
fn instead(fault: CallFault, moment: Moment) -> Option<Response> {
    match fault {
        CallFault::Fail { code, message, when } if when == moment => {
            Some(ApiError::refused(code, message).into_response())
        }
        CallFault::Cut { when } if when == moment => {
            let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
            response.extensions_mut().insert(Cut);
            Some(response)
        }
        CallFault::Slow { .. } | CallFault::Fail { .. } | CallFault::Cut { .. } => None,
    }
}
