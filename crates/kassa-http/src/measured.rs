//! Counts and times the calls of a node by their route.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use kassa_engine::{CallPace, MeasuredCall};

use crate::calls::Calls;
use crate::route::Route;

/// The header with which a caller asks the node to wait for news.
const PREFER: &str = "prefer";

impl Calls {
    /// A call begins. It is counted when the value is dropped, or answered.
    #[must_use]
    pub fn measure(&self, request: &Request) -> MeasuredCall {
        let route = Route::of(request.extensions());
        self.http_metrics().begin(route.known(), request.method(), pace(request))
    }
}

/// Runs a call of routes that have no other middleware of ours, and counts it.
pub async fn measure_call(State(calls): State<Calls>, request: Request, next: Next) -> Response {
    let measured = calls.measure(&request);
    let response = next.run(request).await;
    measured.answered(response.status().as_u16());
    response
}

/// Long polls take as long as the caller likes, so they say nothing about the node.
fn pace(request: &Request) -> CallPace {
    let waits = request.uri().query().is_some_and(|query| query.contains("wait="));
    if waits || request.headers().contains_key(PREFER) { CallPace::LongPoll } else { CallPace::Immediate }
}
