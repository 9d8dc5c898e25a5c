//! The one place where connections are made. It resolves the name, checks every address, and connects only to a checked
//! address.
//!
//! *Invariant*: between the check of an address and the connection to it, no name is resolved. So a name whose address
//! changes in between has no effect.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt, ready};
use futures_util::stream::FuturesUnordered;
use http::Uri;
use hyper_util::client::legacy::connect::proxy::{SocksV4, SocksV5, Tunnel};
use hyper_util::client::proxy::matcher::Intercept;
use tokio::net::TcpStream;
use tower::{Service, service_fn};
use url::Host;

use super::connection::TcpConnection;
use super::error::{CallError, CallErrorKind, in_one_line};
use super::policy::{Destination, OutgoingPolicy, PolicyRefusal};
use super::proxy::{ProxyKind, ProxyRules, is_plain};

/// The time before the next address is tried beside the previous one (RFC 8305, section 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// Maximum number of a host's addresses that are tried.
const MOST_ADDRESSES: usize = 8;

/// Resolves the name of a host into addresses.
pub trait Resolve: Send + Sync {
    /// The addresses of a name, the best first.
    fn resolve(&self, name: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// Asks the operating system, as every other program on the machine does.
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
    proxies: ProxyRules,
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
        async move {
            let destination = Destination::of(&uri, &this.policy)?;
            match this.proxies.proxy_for(&uri) {
                Some(proxy) => this.connect_through(&proxy, &uri).await,
                None => this.connect(destination).await,
            }
        }
        .boxed()
    }
}

impl Connector {
    pub(super) fn new(policy: Arc<OutgoingPolicy>, names: Arc<dyn Resolve>, proxies: ProxyRules) -> Self {
        Self { policy, names, proxies }
    }

    /// Makes a connection through a proxy. An HTTP proxy reads a plain http call itself, and passes on everything else.
    async fn connect_through(&self, proxy: &Intercept, uri: &Uri) -> Result<TcpConnection, CallError> {
        let kind =
            ProxyKind::of(proxy).ok_or_else(|| of_proxy("only http, socks4 and socks5 are supported"))?;
        let made = self.connect(Destination::of_proxy(proxy.uri())?).await;
        let made = made.map_err(|error| of_proxy(&error.detail))?;
        if kind == ProxyKind::Http && is_plain(uri) {
            return Ok(made.read_by_proxy());
        }
        let (at, to) = (proxy.uri().clone(), with_port(uri));
        let mut made = Some(made);
        let once = service_fn(move |_: Uri| {
            ready(made.take().ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected)))
        });
        let passed_on = match kind {
            ProxyKind::Http => {
                let tunnel = Tunnel::new(at, once);
                let mut tunnel = match proxy.basic_auth() {
                    Some(credential) => tunnel.with_auth(credential.clone()),
                    None => tunnel,
                };
                tunnel.call(to).await.map_err(|error| in_one_line(&error))
            }
            ProxyKind::Socks4 => SocksV4::new(at, once).call(to).await.map_err(|error| error.to_string()),
            ProxyKind::Socks5 => {
                let socks = SocksV5::new(at, once);
                let mut socks = match proxy.raw_auth() {
                    Some((user, password)) => socks.with_auth(user.to_string(), password.to_string()),
                    None => socks,
                };
                socks.call(to).await.map_err(|error| error.to_string())
            }
        };
        passed_on.map_err(|reason: String| of_proxy(&reason))
    }

    async fn connect(&self, destination: Destination) -> Result<TcpConnection, CallError> {
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

    /// The error for a name that was not resolved. If every address is allowed, there is no network to protect, so the
    /// error gives the reason.
    fn not_resolved(&self, reason: String) -> CallError {
        match self.policy.addresses.allows_every_address() {
            true => CallError::new(CallErrorKind::NameNotResolved, reason),
            false => CallError::no_public_address(reason),
        }
    }

    /// Removes the addresses that are refused. Refuses the call if none remains.
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
                Err(CallError::no_public_address(PolicyRefusal::Address(network).to_string()))
            }
            (Some(network), Host::Ipv4(_) | Host::Ipv6(_)) => Err(PolicyRefusal::Address(network).into()),
            (Some(_), Host::Domain(_)) | (None, _) => Ok(allowed),
        }
    }
}

/// Connects to the first address that answers. The next address is tried when the previous one has failed, or after its
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

/// A failure at the proxy. Nothing was sent to the destination.
fn of_proxy(reason: &str) -> CallError {
    CallError::new(CallErrorKind::ConnectFailed, format!("the proxy cannot be used: {reason}"))
}

/// The URL with its port, because the library would add that of https.
fn with_port(uri: &Uri) -> Uri {
    let port = if is_plain(uri) { 80 } else { 443 };
    let authority = format!("{}:{}", uri.host().unwrap_or_default(), uri.port_u16().unwrap_or(port));
    let scheme = uri.scheme_str().unwrap_or_default();
    let named = Uri::builder().scheme(scheme).authority(authority).path_and_query("/").build();
    named.unwrap_or_else(|_| uri.clone())
}

fn connect_failed(error: &io::Error) -> CallError {
    CallError::new(CallErrorKind::ConnectFailed, error.to_string())
}
