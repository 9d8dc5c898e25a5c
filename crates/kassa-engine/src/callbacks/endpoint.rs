//! The endpoint of a URL: what is slow or dead together, and due by one clock.

use kassa_domain::MerchantId;
use url::Url;

/// Scheme, host and port of a URL, such as `https://shop.example:443`, and behind a blank the merchant, if its time is
/// its own: `https://shop.example:443 PK00000`. A URL that cannot be read is an endpoint of its own.
pub(crate) fn endpoint_of(url: &str, own_time_of: Option<&MerchantId>) -> String {
    let endpoint = shared_endpoint_of(url);
    match own_time_of {
        Some(merchant) => format!("{endpoint} {merchant}"),
        None => endpoint,
    }
}

/// The merchant by whose time an endpoint's callbacks are due; `None` where that is the system's.
pub(super) fn own_time_of(endpoint: &str) -> Option<MerchantId> {
    endpoint.split_once(' ').map(|(_, merchant)| MerchantId::new(merchant))
}

fn shared_endpoint_of(url: &str) -> String {
    let parsed = Url::parse(url).ok();
    let parts =
        parsed.as_ref().and_then(|url| Some((url.scheme(), url.host_str()?, url.port_or_known_default()?)));
    match parts {
        Some((scheme, host, port)) => format!("{scheme}://{host}:{port}"),
        None => url.replace(' ', "%20"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_scheme_host_and_port() {
        assert_eq!(endpoint_of("https://Shop.example/cb?sid=1", None), "https://shop.example:443");
        assert_eq!(endpoint_of("http://127.0.0.1:9099/a", None), "http://127.0.0.1:9099");
        assert_eq!(endpoint_of("not a url", None), "not%20a%20url");
    }

    #[test]
    fn a_merchant_with_its_own_time_has_endpoints_of_its_own() {
        let merchant = MerchantId::new("PK00000");
        let endpoint = endpoint_of("https://shop.example/cb", Some(&merchant));
        assert_eq!(endpoint, "https://shop.example:443 PK00000");
        assert_eq!(own_time_of(&endpoint), Some(merchant));
        assert_eq!(own_time_of("https://shop.example:443"), None);
    }
}
