//! The addresses of `kassa dev`, for callers on this machine and on others.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use kassa_server::LinkBase;

use crate::public_url::PublicUrl;

/// The URL at which this machine reaches a listener. Not every client can call 0.0.0.0 or [::]. They mean every address
/// of the machine, so the loopback address is used instead.
pub(super) fn local_url(listener: SocketAddr, is_tls: bool) -> String {
    let ip: IpAddr = match listener.ip() {
        IpAddr::V4(ip) => if ip.is_unspecified() { Ipv4Addr::LOCALHOST } else { ip }.into(),
        IpAddr::V6(ip) => if ip.is_unspecified() { Ipv6Addr::LOCALHOST } else { ip }.into(),
    };
    format!("{}://{}", scheme(is_tls), SocketAddr::new(ip, listener.port()))
}

const fn scheme(is_tls: bool) -> &'static str {
    if is_tls { "https" } else { "http" }
}

/// The rule for the first part of links. If other machines can call, no fixed address suits all callers: a phone, a
/// container and this machine call different ones.
pub(super) fn link_base(listener: SocketAddr, is_tls: bool, public_urls: &[PublicUrl]) -> LinkBase {
    match public_urls {
        [] if listener.ip().is_loopback() => LinkBase::Fixed,
        [] => LinkBase::Caller(scheme(is_tls)),
        urls => LinkBase::OneOf(urls.iter().map(|url| url.as_ref().to_string()).collect()),
    }
}

/// The warning about a listener that other machines can call; `None` for a loopback address.
pub(super) fn warning(listener: SocketAddr, public_urls: &[PublicUrl]) -> Option<String> {
    if listener.ip().is_loopback() {
        return None;
    }
    let risk = format!(
        "Kassa listens on {listener}. Everyone on this network can use the credential, which is published: read and \
         erase \
         the data, move the clock, and have Kassa call addresses in your network."
    );
    let advice = "Links begin with the address by which the caller came, if it is an IP address or localhost. For \
                  another \
                  name, start it with --public-url http://NAME:PORT.";
    Some(if public_urls.is_empty() { format!("{risk}\n{advice}") } else { risk })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_have_an_address_that_can_be_called() {
        for (listener, expected) in [
            ("0.0.0.0:8080", "http://127.0.0.1:8080"),
            ("[::]:8080", "http://[::1]:8080"),
            ("127.0.0.1:1", "http://127.0.0.1:1"),
            ("192.168.1.7:8080", "http://192.168.1.7:8080"),
        ] {
            assert_eq!(local_url(listener.parse().unwrap(), false), expected);
        }
    }

    #[test]
    fn a_listener_that_others_reach_comes_with_a_warning() {
        let warned = |listener: &str, urls: &[PublicUrl]| warning(listener.parse().unwrap(), urls);
        assert_eq!(warned("127.0.0.1:8080", &[]), None);
        assert_eq!(warned("[::1]:8080", &[]), None);
        let named = ["http://kassa.test:8080".parse().unwrap()];
        assert!(warned("0.0.0.0:8080", &[]).unwrap().contains("--public-url"));
        assert!(!warned("192.168.1.7:8080", &named).unwrap().contains("--public-url"));
    }
}
