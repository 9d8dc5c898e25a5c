//! Parses addresses to listen on, from settings and options.

use std::net::{Ipv4Addr, SocketAddr};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// The error for any other text.
const EXPECTED: &str = "expected an address with a port, such as 127.0.0.1:8080, localhost:8080, or :8080 for every \
                        IPv4 \
                        address of this machine";

/// Parses `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` (127.0.0.1) or `:8080` (0.0.0.0). Other names are refused,
/// because they could name another machine.
pub(crate) fn parse(text: &str) -> Result<SocketAddr, &'static str> {
    let text = text.trim();
    let (host, port) = text.rsplit_once(':').ok_or(EXPECTED)?;
    let address = match host {
        "" => Ipv4Addr::UNSPECIFIED,
        host if host.eq_ignore_ascii_case("localhost") => Ipv4Addr::LOCALHOST,
        _ => return text.parse().map_err(|_| EXPECTED),
    };
    Ok((address, port.parse().map_err(|_| EXPECTED)?).into())
}

/// Parses a setting.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(source: D) -> Result<SocketAddr, D::Error> {
    parse(&String::deserialize(source)?).map_err(D::Error::custom)
}

/// Parses an optional setting.
pub(crate) fn deserialize_option<'de, D: Deserializer<'de>>(
    source: D,
) -> Result<Option<SocketAddr>, D::Error> {
    deserialize(source).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_name_localhost_or_every_address() {
        for (text, expected) in [
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("[::1]:8080", "[::1]:8080"),
            ("[::]:0", "[::]:0"),
            ("localhost:8080", "127.0.0.1:8080"),
            ("LOCALHOST:0", "127.0.0.1:0"),
            (":8080", "0.0.0.0:8080"),
            (" :8080\n", "0.0.0.0:8080"),
        ] {
            assert_eq!(parse(text), Ok(expected.parse().unwrap()), "{text}");
        }
        for text in [
            "",
            ":",
            "8080",
            "localhost",
            "localhost:",
            "localhost:99999",
            "kassa.test:8080",
            ":x",
            "::1:8080:",
        ] {
            assert_eq!(parse(text), Err(EXPECTED), "{text}");
        }
    }
}
