//! The origin of a callback's URL.

use kassa_domain::Origin;
use url::Url;

/// Scheme, host and port of a URL, such as `https://shop.example:443`. A URL that cannot be read is an origin of its own,
/// without blanks.
pub(super) fn origin_of(url: &str) -> Origin {
    let parsed = Url::parse(url).ok();
    let parts =
        parsed.as_ref().and_then(|url| Some((url.scheme(), url.host_str()?, url.port_or_known_default()?)));
    Origin::new(match parts {
        Some((scheme, host, port)) => format!("{scheme}://{host}:{port}"),
        None => url.replace(' ', "%20"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        assert_eq!(origin_of("https://Shop.example/cb?sid=1").as_str(), "https://shop.example:443");
        assert_eq!(origin_of("http://127.0.0.1:9099/a").as_str(), "http://127.0.0.1:9099");
        assert_eq!(origin_of("not a url").as_str(), "not%20a%20url");
    }
}
