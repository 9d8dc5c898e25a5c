//! The headers that are passed on. Of a call, those that Klarna reads; of an answer, all but those for the connection
//! and for Klarna's own host.

use http::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, ALT_SVC, CONNECTION, CONTENT_ENCODING, CONTENT_LANGUAGE,
    CONTENT_LENGTH, CONTENT_TYPE, LOCATION, PROXY_AUTHENTICATE, SET_COOKIE, STRICT_TRANSPORT_SECURITY, TE,
    TRAILER, TRANSFER_ENCODING, UPGRADE, USER_AGENT,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::PASSED_ON;

/// The headers of a call that are passed on, beside those of the vendor.
const OF_CALL: [HeaderName; 7] =
    [ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE, USER_AGENT];

/// The beginnings of the vendor's own headers.
const OF_VENDOR: [&str; 2] = ["klarna-", "x-klarna-"];

/// The headers of an answer that are for the connection (RFC 9110, section 7.6.1), or for the host that sent it.
const NOT_OF_ANSWER: [HeaderName; 14] = [
    ALT_SVC,
    CONNECTION,
    // The body is framed anew.
    CONTENT_LENGTH,
    HeaderName::from_static("clear-site-data"),
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("nel"),
    PROXY_AUTHENTICATE,
    HeaderName::from_static("report-to"),
    SET_COOKIE,
    STRICT_TRANSPORT_SECURITY,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// The headers of a merchant's call that Klarna gets.
pub(super) fn of_call(headers: &HeaderMap) -> HeaderMap {
    let is_of_vendor =
        |name: &HeaderName| OF_VENDOR.iter().any(|beginning| name.as_str().starts_with(beginning));
    kept(headers, |name| OF_CALL.contains(name) || is_of_vendor(name))
}

/// The headers of Klarna's answer that the merchant gets. If `Location` is a path that is passed on, it begins with
/// Kassa's own address, because clients follow it with their credentials for Kassa.
pub(super) fn of_answer(headers: &HeaderMap, base_url: &str, own_url: &str) -> HeaderMap {
    let mut kept = kept(headers, |name| !NOT_OF_ANSWER.contains(name));
    if let Some(location) = kept.get_mut(LOCATION)
        && let Some(own) = at_own_address(location, base_url, own_url)
    {
        *location = own;
    }
    kept
}

fn at_own_address(location: &HeaderValue, base_url: &str, own_url: &str) -> Option<HeaderValue> {
    let path = location.to_str().ok()?.strip_prefix(base_url)?;
    let is_passed_on = PASSED_ON.iter().any(|beginning| path.starts_with(beginning));
    is_passed_on.then(|| HeaderValue::try_from(format!("{own_url}{path}")).ok()).flatten()
}

/// The headers for which `is_kept`, without those that `Connection` names.
fn kept(headers: &HeaderMap, is_kept: impl Fn(&HeaderName) -> bool) -> HeaderMap {
    let of_connection: Vec<String> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(|name| name.trim().to_ascii_lowercase()))
        .collect();
    let is_of_connection = |name: &HeaderName| of_connection.iter().any(|one| one == name.as_str());
    let end_to_end = headers.iter().filter(|(name, _)| is_kept(name) && !is_of_connection(name));
    end_to_end.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = lines.iter();
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, HeaderValue::from_static(value));
        }
        map
    }

    #[test]
    fn klarna_gets_the_headers_that_it_reads_and_no_others() {
        let given = [
            ("accept", "application/json"),
            ("content-type", "application/json; charset=utf-8"),
            ("klarna-idempotency-key", "k-1"),
            ("klarna-new-header", "of the future"),
            ("user-agent", "kco_rest_java 4.0"),
            ("x-klarna-anything", "1"),
        ];
        let others = [
            ("authorization", "Basic b3VyOnNlY3JldA=="),
            ("proxy-authorization", "Basic eA=="),
            ("host", "pay.example"),
            ("content-length", "2"),
            ("cookie", "a=b"),
            ("x-forwarded-for", "10.0.0.1"),
            ("x-real-ip", "10.0.0.1"),
            ("forwarded", "for=10.0.0.1"),
            ("via", "1.1 proxy"),
            ("connection", "keep-alive, Klarna-Of-Connection"),
            ("klarna-of-connection", "x"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("expect", "100-continue"),
            ("traceparent", "00-1-2-01"),
            ("origin", "https://shop.example"),
            ("referer", "https://shop.example/admin?token=1"),
        ];
        let all: Vec<_> = given.iter().chain(&others).copied().collect();
        assert_eq!(of_call(&map(&all)), map(&given));
    }

    #[test]
    fn the_merchant_gets_all_headers_but_those_of_the_connection_and_of_klarnas_host() {
        let given = [
            ("content-type", "application/json"),
            ("capture-id", "c-1"),
            ("klarna-correlation-id", "id-1"),
            ("cache-control", "no-store"),
            ("x-ratelimit-limit", "40"),
            ("vary", "a"),
            ("vary", "b"),
            ("www-authenticate", "Basic realm=\"klarna\""),
        ];
        let others = [
            ("set-cookie", "a=b"),
            ("connection", "close, x-hop"),
            ("x-hop", "1"),
            ("content-length", "7"),
            ("transfer-encoding", "chunked"),
            ("strict-transport-security", "max-age=1; includeSubDomains"),
            ("alt-svc", "h3=\":443\""),
        ];
        let all: Vec<_> = given.iter().chain(&others).copied().collect();
        assert_eq!(of_answer(&map(&all), "https://api.klarna.com", "https://pay.example"), map(&given));
    }

    #[test]
    fn a_location_that_is_passed_on_begins_with_the_own_address() {
        let own = |location: &'static str| {
            let headers =
                of_answer(&map(&[("location", location)]), "https://api.klarna.com", "https://pay.example");
            headers["location"].to_str().unwrap().to_string()
        };
        let path = "/ordermanagement/v1/orders/1/captures/2";
        assert_eq!(
            own("https://api.klarna.com/ordermanagement/v1/orders/1/captures/2"),
            format!("https://pay.example{path}")
        );
        for elsewhere in [
            "https://api.klarna.com/instantshopping/v1/x",
            "https://api.klarna.com.example/payments/v1/x",
            "https://portal.klarna.com/payments/v1/x",
            "/payments/v1/x",
        ] {
            assert_eq!(own(elsewhere), elsewhere);
        }
    }
}
