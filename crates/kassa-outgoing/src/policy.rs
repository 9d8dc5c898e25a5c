//! The configured policy for calls, and the checks of a URL before any name is resolved.

use std::path::PathBuf;

use http::Uri;
use url::Host;

use super::addresses::{AddressPolicy, RefusedNetwork};
use super::error::{CallError, CallErrorKind};

/// The policy for calls. The default is the strict one.
#[derive(Clone, Debug, Default)]
pub struct OutgoingPolicy {
    /// The allowed addresses, hosts and ports.
    pub addresses: AddressPolicy,
    /// Whether plain http is allowed beside https.
    pub allows_http: bool,
    /// A file of PEM certificates that are trusted beside the platform's.
    pub extra_root: Option<PathBuf>,
}

impl OutgoingPolicy {
    /// Https to public addresses on port 443.
    pub fn strict() -> Self {
        Self::default()
    }

    /// Allows everything: for a development machine, on which receivers listen on loopback.
    pub fn for_this_machine() -> Self {
        Self { addresses: AddressPolicy::everything(), allows_http: true, extra_root: None }
    }
}

/// The rule that refuses a call.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PolicyRefusal {
    /// The URL contains a user name or a password.
    #[error("the URL contains a user name or a password")]
    UserInfo,
    /// Only https is allowed.
    #[error("plain http is not allowed")]
    PlainHttp,
    /// The scheme is neither https nor http.
    #[error("the URL is not one of https")]
    Scheme,
    /// The port is not allowed.
    #[error("port {0} is not allowed")]
    Port(u16),
    /// Every address of the host is in a refused network. The first of these networks is named.
    #[error("the host's address is not a public one but {} ({})", .0.name, .0.network)]
    Address(RefusedNetwork),
}

impl From<PolicyRefusal> for CallError {
    fn from(refusal: PolicyRefusal) -> Self {
        Self::new(CallErrorKind::Refused, refusal.to_string())
    }
}

/// Host and port of a URL that the policy allows, as far as this is known before a name is resolved.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Destination {
    pub(super) host: Host,
    pub(super) port: u16,
}

impl Destination {
    pub(super) fn of(uri: &Uri, policy: &OutgoingPolicy) -> Result<Self, CallError> {
        let standard = match uri.scheme_str() {
            Some("https") => 443,
            Some("http") if policy.allows_http => 80,
            Some("http") => return Err(PolicyRefusal::PlainHttp.into()),
            _ => return Err(PolicyRefusal::Scheme.into()),
        };
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(PolicyRefusal::UserInfo.into());
        }
        let port = uri.port_u16().unwrap_or(standard);
        if !policy.addresses.allows_port(port, standard) {
            return Err(PolicyRefusal::Port(port).into());
        }
        Self::at(uri, port)
    }

    /// The proxy itself. The operator named it, so no policy applies.
    pub(super) fn of_proxy(proxy: &Uri) -> Result<Self, CallError> {
        let is_socks = proxy.scheme_str().is_some_and(|scheme| scheme.starts_with("socks"));
        let standard = if is_socks { 1080 } else { 80 };
        Self::at(proxy, proxy.port_u16().unwrap_or(standard))
    }

    fn at(uri: &Uri, port: u16) -> Result<Self, CallError> {
        // Reads an IPv4 address in each of its spellings: decimal, octal, hexadecimal, shortened.
        let host = Host::parse(uri.host().unwrap_or_default())
            .map_err(|error| CallError::new(CallErrorKind::NotCallable, error.to_string()))?;
        Ok(Self { host, port })
    }
}
