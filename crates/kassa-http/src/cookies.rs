//! The cookies that a browser sends.

use http::HeaderMap;
use http::header::COOKIE;

/// The value of the first cookie with this name. An empty value counts as none.
#[must_use]
pub fn cookie_in<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let value = pairs.find_map(|(given, value)| (given == name).then_some(value));
    value.filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        assert_eq!(cookie_in(&headers, "a"), None);
        headers.append(COOKIE, HeaderValue::from_static("ab=0; a=1; b=; a=2; c"));
        headers.append(COOKIE, HeaderValue::from_static("d=x=y"));
        for (name, value) in [("a", Some("1")), ("b", None), ("c", None), ("d", Some("x=y")), ("e", None)] {
            assert_eq!(cookie_in(&headers, name), value, "{name}");
        }
    }
}
