//! The one place where a connection is made: resolves the name, checks every address, and connects to none but
//! those checked.
//!
//! *Invariant*: between the check of an address and the connection to it no name is resolved, so a name that is
//! made to lead elsewhere in between changes nothing.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::FuturesUnordered;
use http::Uri;
use tokio::net::TcpStream;
use tower::Service;
use url::Host;

use super::connection::TcpConnection;
use super::error::{CallError, CallErrorKind};
use super::policy::{Destination, OutgoingPolicy, Refusal};

/// How long one address is tried alone before the next is tried beside it (RFC 8305, section 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// How many of a host's addresses are tried.
const MOST_ADDRESSES: usize = 8;

/// Turns a host's name into addresses.
pub trait Resolve: Send + Sync {
    /// The addresses of a name, the best first.
    fn resolve(&self, name: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// Asks the system, as every other program on the machine does.
pub(super) struct SystemNames;

impl Resolve for SystemNames {
    fn resolve(&self, name: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let name = name.to_string();
        async move { Ok(tokio::net::lookup_host((name, 0)).await?.map(|found| found.ip()).collect()) }.boxed()
    }
}

/// Makes connections that the policy allows.
#[derive(Clone)]
pub(super) struct Connector {
    policy: Arc<OutgoingPolicy>,
    names: Arc<dyn Resolve>,
}

impl Service<Uri> for Connector {
    type Response = TcpConnection;
    type Error = CallError;
    type Future = BoxFuture<'static, Result<TcpConnection, CallError>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), CallError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let this = self.clone();
        async move { this.connect(&uri).await }.boxed()
    }
}

impl Connector {
    pub(super) fn new(policy: Arc<OutgoingPolicy>, names: Arc<dyn Resolve>) -> Self {
        Self { policy, names }
    }

    async fn connect(&self, uri: &Uri) -> Result<TcpConnection, CallError> {
        let destination = Destination::of(uri, &self.policy)?;
        let found = self.addresses(&destination.host).await?;
        let allowed = self.allowed(&destination.host, &found)?;
        let at_port =
            allowed.into_iter().take(MOST_ADDRESSES).map(|ip| SocketAddr::new(ip, destination.port));
        let stream = first_to_connect(at_port).await.map_err(|error| connect_failed(&error))?;
        stream.set_nodelay(true).map_err(|error| connect_failed(&error))?;
        Ok(TcpConnection::new(stream))
    }

    async fn addresses(&self, host: &Host) -> Result<Vec<IpAddr>, CallError> {
        let name = match host {
            Host::Ipv4(address) => return Ok(vec![(*address).into()]),
            Host::Ipv6(address) => return Ok(vec![(*address).into()]),
            Host::Domain(name) => name,
        };
        match self.names.resolve(name).await {
            Ok(found) if found.is_empty() => Err(self.not_resolved("the name has no address".to_string())),
            Ok(found) => Ok(found),
            Err(error) => Err(self.not_resolved(error.to_string())),
        }
    }

    /// Where every address may be called, there is nothing inside to be kept from the caller.
    fn not_resolved(&self, reason: String) -> CallError {
        match self.policy.addresses.allows_every_address() {
            true => CallError::new(CallErrorKind::NameNotResolved, reason),
            false => CallError::no_public_address(reason),
        }
    }

    /// Leaves out the addresses that are refused. Refuses the call where none is left.
    fn allowed(&self, host: &Host, found: &[IpAddr]) -> Result<Vec<IpAddr>, CallError> {
        let addresses = &self.policy.addresses;
        if matches!(host, Host::Domain(name) if addresses.allows_host(name)) {
            return Ok(found.to_vec());
        }
        let allowed: Vec<_> =
            found.iter().copied().filter(|ip| addresses.check_address(*ip).is_ok()).collect();
        let refused = found.iter().find_map(|ip| addresses.check_address(*ip).err());
        match (refused, host) {
            (Some(network), Host::Domain(_)) if allowed.is_empty() => {
                Err(CallError::no_public_address(Refusal::Address(network).to_string()))
            }
            (Some(network), Host::Ipv4(_) | Host::Ipv6(_)) => Err(Refusal::Address(network).into()),
            (Some(_), Host::Domain(_)) | (None, _) => Ok(allowed),
        }
    }
}

/// Connects to the first address that answers. Each next one is tried as soon as one has failed, or has had its
/// head start.
async fn first_to_connect(addresses: impl Iterator<Item = SocketAddr>) -> io::Result<TcpStream> {
    let mut untried = addresses.fuse();
    let mut attempts = FuturesUnordered::new();
    let mut failed = io::Error::other("no address was tried");
    loop {
        let next = untried.next();
        let has_next = next.is_some();
        attempts.extend(next.map(TcpStream::connect));
        tokio::select! {
            outcome = attempts.next() => match outcome {
                Some(Ok(stream)) => return Ok(stream),
                Some(Err(error)) => failed = error,
                None => return Err(failed),
            },
            () = tokio::time::sleep(HEAD_START), if has_next => {}
        }
    }
}

fn connect_failed(error: &io::Error) -> CallError {
    CallError::new(CallErrorKind::ConnectFailed, error.to_string())
}
