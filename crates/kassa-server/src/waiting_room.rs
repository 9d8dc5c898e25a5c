//! A listener before there is a system behind it: alive, not ready, and every call is told to try again.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum_server::Handle;
use http::StatusCode;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use kassa_wire::error::{ErrorBody, ErrorCode};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::answer::{JSON, RETRY_AFTER_S, add_headers};
use crate::certificate::Certificate;
use crate::clock::{Clock, SystemClock};
use crate::ids::new_uuid;
use crate::random::SystemRandom;
use crate::serve::listen;

/// The time to finish the last answers.
const GRACE: Duration = Duration::from_secs(1);

/// Answers in the place of a system that waits for its database.
pub struct WaitingRoom {
    handle: Handle<std::net::SocketAddr>,
    serving: JoinHandle<io::Result<()>>,
}

impl WaitingRoom {
    /// Opens it. Requests are accepted when this returns.
    pub fn open(listener: TcpListener, certificate: Option<Certificate>) -> io::Result<Self> {
        let handle = Handle::new();
        let router = Router::new()
            .route("/healthz", get(|| async { "ok\n" }))
            .route("/readyz", get(not_ready))
            .fallback(|| async { try_again() });
        // Each answer ends its connection, so that the next call finds whoever serves by then.
        let leaving = CancellationToken::new();
        leaving.cancel();
        let serving = tokio::spawn(listen(router, leaving, listener, certificate, handle.clone())?);
        Ok(Self { handle, serving })
    }

    /// Closes it. Connections that were not accepted yet stay for the next who listens on the same socket.
    pub async fn close(self) {
        self.handle.graceful_shutdown(Some(GRACE));
        // How it ended is nobody's concern any more.
        let _ = self.serving.await;
    }
}

async fn not_ready() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, "waiting for the database\n").into_response()
}

/// What a call is answered that cannot be taken now.
pub(crate) fn try_again() -> Response {
    let code = ErrorCode::TemporarilyUnavailable;
    let correlation_id = new_uuid(&SystemRandom, SystemClock.system_now());
    let body = ErrorBody {
        error_code: code.as_str().to_string(),
        error_messages: vec!["Temporarily unavailable; try again.".to_string()],
        correlation_id: correlation_id.clone(),
    };
    let body = serde_json::to_vec(&body).expect("an error body is plain text");
    let headers = [(CONTENT_TYPE, JSON), (RETRY_AFTER, RETRY_AFTER_S)];
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, headers, body).into_response();
    add_headers(response.headers_mut(), &correlation_id);
    response
}
