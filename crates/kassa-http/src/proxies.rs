//! The caller's address behind trusted proxies, which report it. Requests that bypass the proxies are refused.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use http::header::FORWARDED;
use http::{Extensions, HeaderMap, HeaderName};
use ipnet::IpNet;
use kassa_wire::error::ErrorCode;

use crate::answer;
use crate::api_error::ApiError;
use crate::calls::Calls;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The answer to a request that did not come through a trusted proxy, if there are any: it may have crossed the network
/// in plain text.
#[must_use]
pub fn refusal_without_proxy(calls: &Calls, request: &Request) -> Option<Response> {
    let peer = peer(request.extensions());
    let proxies = calls.trusted_proxies();
    if proxies.is_empty() || peer.is_some_and(|address| is_among(proxies, address)) {
        return None;
    }
    let message = format!("{} is not among the trusted proxies", shown(peer));
    Some(answer::refuse(calls, request, &ApiError::refused(ErrorCode::NotThroughProxy, message)))
}

/// The address of the caller: the other end of the connection, or the address that a trusted proxy reports.
pub(crate) fn client(proxies: &[IpNet], headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
    Some(nearest_untrusted_address(proxies, peer(extensions)?, headers))
}

/// Whether the caller is on this machine, and no proxy says that it calls for somebody else.
#[must_use]
pub fn is_local_and_direct(request: &Request) -> bool {
    let is_local = peer(request.extensions()).is_some_and(|address| address.is_loopback());
    is_local && ![X_FORWARDED_FOR, FORWARDED].iter().any(|name| request.headers().contains_key(name))
}

/// The address of the caller. Each proxy appends to the header the address that called it, so the last address that is
/// no trusted proxy is the caller's. Everything before it may be forged.
#[must_use]
pub fn nearest_untrusted_address(proxies: &[IpNet], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let mut client = peer;
    let heard = headers.get_all(X_FORWARDED_FOR).iter().rev().filter_map(|value| value.to_str().ok());
    for address in heard.flat_map(|value| value.rsplit(',')) {
        if !is_among(proxies, client) {
            break;
        }
        let Ok(address) = address.trim().parse::<IpAddr>() else { break };
        client = address.to_canonical();
    }
    client
}

/// An address for the log. A call within the process has none.
#[must_use]
pub fn shown(address: Option<IpAddr>) -> String {
    address.map_or_else(|| "nobody".to_string(), |address| address.to_string())
}

fn peer(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip().to_canonical())
}

/// Whether one of the networks contains the address.
#[must_use]
pub fn is_among(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two proxies: 10.0.0.0/8, and one by IPv6.
    fn check(peer: &str, forwarded_for: &[&'static str], client: &str) {
        let proxies: Vec<IpNet> =
            ["10.0.0.0/8", "fd00::1/128"].map(|network| network.parse().unwrap()).into();
        let mut headers = HeaderMap::new();
        for value in forwarded_for {
            headers.append(X_FORWARDED_FOR, http::HeaderValue::from_static(value));
        }
        let found = nearest_untrusted_address(&proxies, peer.parse().unwrap(), &headers);
        assert_eq!(found.to_string(), client, "{peer} {forwarded_for:?}");
    }

    #[test]
    fn only_a_trusted_proxy_reports_the_address_of_a_caller() {
        check("192.0.2.1", &[], "192.0.2.1");
        check("192.0.2.1", &["198.51.100.7"], "192.0.2.1");
        check("10.0.0.1", &["198.51.100.7"], "198.51.100.7");
        check("10.0.0.1", &[], "10.0.0.1");
        check("fd00::1", &["2001:db8::7"], "2001:db8::7");
        check("10.0.0.1", &["::ffff:198.51.100.7"], "198.51.100.7");
    }

    #[test]
    fn the_addresses_that_a_caller_invents_stand_before_those_that_proxies_add() {
        check("10.0.0.1", &["127.0.0.1, 198.51.100.7"], "198.51.100.7");
        check("10.0.0.1", &["127.0.0.1", "198.51.100.7,10.2.0.1"], "198.51.100.7");
        check("10.0.0.1", &["127.0.0.1, unknown, 10.2.0.1"], "10.2.0.1");
    }
}
