//! The host of a request: exactly one, and a valid one.

use http::header::HOST;
use http::uri::Authority;
use http::{HeaderValue, Request, Version};

/// Returns the fault in the `Host` of a request, if there is one (RFC 9112 3.2, RFC 9113 8.3.1).
pub(crate) fn complaint<B>(request: &Request<B>) -> Option<&'static str> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let (host, another) = (hosts.next(), hosts.next());
    if another.is_some() {
        return Some("The request has more than one Host header");
    }
    let target = request.uri().authority();
    let is_host_required = match request.version() {
        Version::HTTP_11 => true,
        Version::HTTP_2 => target.is_none(),
        _ => false,
    };
    let host = host.map(HeaderValue::as_bytes);
    match (host, target) {
        (None, _) if is_host_required => Some("The request has no Host header"),
        (Some(host), _) if !is_valid(host) => Some("The Host header is not a host with an optional port"),
        (_, Some(target)) if !is_valid(target.as_str().as_bytes()) => {
            Some("The target of the request is not a host with an optional port")
        }
        (Some(host), Some(target)) if !agree(host, target, request.uri().scheme_str()) => {
            Some("The Host header and the target of the request name different hosts")
        }
        (None | Some(_), None | Some(_)) => None,
    }
}

/// Whether a value is `host` or `host:port`. An empty host is not valid for `http` and `https` (RFC 9110 4.2.1).
fn is_valid(value: &[u8]) -> bool {
    let Ok(value) = str::from_utf8(value) else { return false };
    let (is_host, port) = match value.strip_prefix('[') {
        Some(rest) => {
            let Some((address, rest)) = rest.split_once(']') else { return false };
            (address.parse::<std::net::Ipv6Addr>().is_ok(), rest)
        }
        None => {
            let (name, port) = value.split_at(value.find(':').unwrap_or(value.len()));
            (!name.is_empty() && name.bytes().all(is_of_a_name), port)
        }
    };
    is_host && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

/// The characters of a registered name (RFC 3986 3.2.2).
fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=%".contains(&byte)
}

/// The port may be empty (RFC 3986 3.2.3).
fn is_port(port: &str) -> bool {
    port.is_empty() || (port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok())
}

/// Whether both name the same host, in any case, and with the port of the scheme or without it.
fn agree(host: &[u8], target: &Authority, scheme: Option<&str>) -> bool {
    let default: &[u8] = if scheme == Some("https") { b":443" } else { b":80" };
    let without_default_port = |value: &[u8]| {
        value.strip_suffix(default).or_else(|| value.strip_suffix(b":")).unwrap_or(value).to_ascii_lowercase()
    };
    without_default_port(host) == without_default_port(target.as_str().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(version: Version, target: &str, hosts: &[&str]) -> bool {
        let mut request = Request::builder().version(version).uri(target);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        complaint(&request.body(()).unwrap()).is_some()
    }

    #[test]
    fn a_request_names_exactly_one_host() {
        for (version, target, hosts, refused) in [
            (Version::HTTP_10, "/", &[][..], false),
            (Version::HTTP_10, "/", &["pay.example"], false),
            (Version::HTTP_10, "/", &["pay.example", "pay.example"], true),
            (Version::HTTP_11, "/", &[], true),
            (Version::HTTP_11, "http://pay.example/", &[], true),
            (Version::HTTP_11, "/", &["pay.example"], false),
            (Version::HTTP_11, "/", &["pay.example", "pay.example"], true),
            (Version::HTTP_11, "http://pay.example/", &["pay.example:80"], false),
            (Version::HTTP_11, "http://pay.example/", &["other.example"], true),
            (Version::HTTP_2, "/", &[], true),
            (Version::HTTP_2, "https://pay.example/", &[], false),
            (Version::HTTP_2, "/", &["pay.example"], false),
            (Version::HTTP_2, "https://pay.example/", &["PAY.example:443"], false),
            (Version::HTTP_2, "https://pay.example/", &["pay.example:80"], true),
            (Version::HTTP_2, "https://pay.example/", &["other.example"], true),
            (Version::HTTP_2, "https://pay.example/", &["pay.example", "pay.example"], true),
        ] {
            assert_eq!(is_refused(version, target, hosts), refused, "{version:?} {target} {hosts:?}");
        }
    }

    #[test]
    fn a_host_is_a_name_or_an_address_with_an_optional_port() {
        for valid in
            ["x", "pay.example", "kassa_1:8080", "127.0.0.1:80", "[::1]", "[2001:db8::1]:443", "x:", "a%20b"]
        {
            assert!(is_valid(valid.as_bytes()), "{valid}");
        }
        for wrong in [
            "", ":80", "user@x", "x:y", "x:99999", "x:+1", "x/", "x y", "[::1", "[x]", "[::1]x", "::1",
            "a,b:1:2", "é",
        ] {
            assert!(!is_valid(wrong.as_bytes()), "{wrong}");
        }
    }
}
