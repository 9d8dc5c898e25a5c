//! TCP, and TLS if the URL wants it, within a bounded time.

use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use rustls::ClientConfig;
use tower::Service;

use super::answer_head::{RecordedConnection, record_answers};
use super::connection::TcpConnection;
use super::connector::Connector;
use super::error::{CallError, CallErrorKind, in_one_line};

/// The longest time to resolve a name, connect and set up TLS, independent of the call's own timeout. It also ends
/// these steps if their call no longer waits.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Makes connections, ready for HTTP.
#[derive(Clone)]
pub(super) struct Dialer(HttpsConnector<Connector>);

impl Dialer {
    pub(super) fn new(connector: Connector, tls: ClientConfig) -> Self {
        let builder = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
        Self(builder.enable_http1().enable_http2().wrap_connector(connector))
    }
}

impl Service<Uri> for Dialer {
    type Response = RecordedConnection<MaybeHttpsStream<TcpConnection>>;
    type Error = CallError;
    type Future = BoxFuture<'static, Result<Self::Response, CallError>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), CallError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.0.call(uri);
        async move {
            match tokio::time::timeout(CONNECT_TIMEOUT, connecting).await {
                Ok(connected) => connected.map(record_answers).map_err(name_failure),
                Err(_) => Err(CallError::no_connection_within(CONNECT_TIMEOUT)),
            }
        }
        .boxed()
    }
}

/// The connector's failures are errors of their own. Any other failure here is one of TLS.
fn name_failure(error: Box<dyn std::error::Error + Send + Sync>) -> CallError {
    match error.downcast::<CallError>() {
        Ok(ours) => *ours,
        Err(theirs) => CallError::new(CallErrorKind::TlsFailed, in_one_line(&*theirs)),
    }
}
