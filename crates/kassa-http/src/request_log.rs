//! The observer that logs finished requests.

use crate::observation::{FinishedRequest, RequestObserver};

/// The target of the log line of each request.
pub const REQUEST_LOG: &str = "kassa::requests";

/// Logs each finished request at info level: the route and not the path, because paths contain tokens.
#[derive(Clone, Copy, Debug, Default)]
pub struct RequestLog;

impl RequestObserver for RequestLog {
    fn finished(&self, request: &FinishedRequest<'_>) {
        if !tracing::enabled!(target: REQUEST_LOG, tracing::Level::INFO) {
            return;
        }
        let FinishedRequest { method, route, status, duration_ms, correlation_id, error, facts } = request;
        let subject = facts.subject.as_ref();
        tracing::info!(
            target: REQUEST_LOG,
            %method,
            route,
            status = status.as_u16(),
            duration_ms,
            correlation_id,
            actor = facts.actor.as_ref().map(tracing::field::display),
            session_id = subject.map(|subject| subject.owner_id.as_str()),
            code = error.map(|error| error.code().as_str()),
            "request"
        );
    }
}
