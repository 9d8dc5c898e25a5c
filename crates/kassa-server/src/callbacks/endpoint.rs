//! The endpoint of a URL: what is slow or dead together.

use url::Url;

/// Scheme, host and port of a URL, such as `https://shop.example:443`. What cannot be read is an endpoint of its own.
pub(crate) fn endpoint_of(url: &str) -> String {
    let parsed = Url::parse(url).ok();
    let parts =
        parsed.as_ref().and_then(|url| Some((url.scheme(), url.host_str()?, url.port_or_known_default()?)));
    match parts {
        Some((scheme, host, port)) => format!("{scheme}://{host}:{port}"),
        None => url.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_scheme_host_and_port() {
        assert_eq!(endpoint_of("https://Shop.example/cb?sid=1"), "https://shop.example:443");
        assert_eq!(endpoint_of("http://127.0.0.1:9099/a"), "http://127.0.0.1:9099");
        assert_eq!(endpoint_of("not a url"), "not a url");
    }
}
