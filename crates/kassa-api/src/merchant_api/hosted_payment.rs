//! The payment that a page session hosts, as its creation names it (docs/wire.md#create-a-page-session).

use std::net::IpAddr;

use kassa_domain::PaymentSessionId;
use kassa_engine::{Links, caller_address};
use kassa_http::CalledHost;
use url::{Host, Url};

/// The rule about the host of `payment_session_url`.
pub(super) const HOST_RULE: &str = "The payment session must be at the address of this Kassa, because no other payment \
                                    system is configured for the merchant";

/// The payment that a `payment_session_url` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HostedPayment {
    /// A payment session of this system.
    Session(PaymentSessionId),
    /// A payment session at another address.
    Remote {
        /// The scheme, the host and the port of the address.
        base_url: String,
        /// The payment session there.
        id: PaymentSessionId,
    },
    /// An order of Klarna Checkout (today Kustom), which Kassa does not host.
    CheckoutOrder,
}

/// The reason why a `payment_session_url` names no payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoPayment {
    /// The text is no URL of a payment session.
    Unreadable,
    /// The payment session is at another address, and this system calls no other.
    Elsewhere,
}

impl HostedPayment {
    /// Reads a URL. Its host must be one of this system: of an address that is configured, of the links that the caller
    /// gets, or the one that the caller called. If a remote payment system is configured, the host may be another.
    pub(super) fn of(
        url: &str,
        links: &Links,
        CalledHost(called): &CalledHost,
        reach: Reach,
    ) -> Result<Self, NoPayment> {
        match (Self::at(url, links.own_urls(), called.as_deref())?, reach) {
            (Self::Remote { .. }, Reach::ThisSystem) => Err(NoPayment::Elsewhere),
            (payment, _) => Ok(payment),
        }
    }

    fn at(url: &str, own: &[Url], called: Option<&str>) -> Result<Self, NoPayment> {
        let url = Url::parse(url).map_err(|_| NoPayment::Unreadable)?;
        let path: Vec<&str> =
            url.path_segments().ok_or(NoPayment::Unreadable)?.filter(|segment| !segment.is_empty()).collect();
        let called = || called.map(|host| format!("{}://{host}", url.scheme()));
        let is_called = || caller_address().into_iter().chain(called()).any(|address| is_at(&url, &address));
        let is_own = || own.iter().any(|own| is_same_place(own, &url)) || is_called();
        match path[..] {
            [.., "payments", "v1", "sessions", id] if is_own() => {
                Ok(Self::Session(PaymentSessionId::new(id)))
            }
            ["payments", "v1", "sessions", id] => Ok(Self::Remote {
                base_url: url.origin().ascii_serialization(),
                id: PaymentSessionId::new(id),
            }),
            [.., "payments", "v1", "sessions", _] => Err(NoPayment::Elsewhere),
            [.., "checkout", "v3", "orders", _] => Ok(Self::CheckoutOrder),
            _ => Err(NoPayment::Unreadable),
        }
    }
}

/// The payment systems that a page session can be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// This system only.
    ThisSystem,
    /// Remote ones, too.
    RemoteSystems,
}

/// Whether a URL is at an address.
fn is_at(url: &Url, address: &str) -> bool {
    Url::parse(address).is_ok_and(|address| is_same_place(&address, url))
}

/// Whether two URLs have the same host and port. All names of this machine are the same.
fn is_same_place(one: &Url, other: &Url) -> bool {
    let is_same_host = one.host() == other.host() || (is_this_machine(one) && is_this_machine(other));
    is_same_host && one.port_or_known_default() == other.port_or_known_default()
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_session_is_at_the_base_url_or_at_the_host_that_was_called() {
        let own = [Url::parse("https://pay.example").unwrap()];
        let read = |host: &str| {
            HostedPayment::at(&format!("{host}/payments/v1/sessions/7"), &own, Some("kassa.internal:8080"))
        };
        let session = Ok(HostedPayment::Session(PaymentSessionId::new("7")));
        assert_eq!(read("https://pay.example"), session);
        assert_eq!(read("http://kassa.internal:8080"), session);
        let remote = |base_url: &str| {
            Ok(HostedPayment::Remote { base_url: base_url.to_string(), id: PaymentSessionId::new("7") })
        };
        assert_eq!(read("https://api.klarna.com"), remote("https://api.klarna.com"));
        assert_eq!(read("http://kassa.internal"), remote("http://kassa.internal"));
        assert_eq!(read("https://api.klarna.com/hpp"), Err(NoPayment::Elsewhere));
        assert_eq!(HostedPayment::at("https://pay.example/x", &own, None), Err(NoPayment::Unreadable));
    }

    #[test]
    fn the_names_of_this_machine_are_the_same_place_on_one_port() {
        let is_same = |one, other| is_same_place(&Url::parse(one).unwrap(), &Url::parse(other).unwrap());
        for (one, other, expected) in [
            ("http://localhost:8080", "http://127.0.0.1:8080/payments", true),
            ("http://[::1]:8080", "http://dev.localhost:8080", true),
            ("http://localhost:8080", "http://localhost:8081", false),
            ("https://Pay.Example", "https://pay.example:443/x", true),
            ("https://pay.example", "http://pay.example/x", false),
            ("https://pay.example", "https://pay.example.org/x", false),
            ("http://localhost", "http://localhost.example", false),
        ] {
            assert_eq!(is_same(one, other), expected, "{one} {other}");
        }
    }
}
