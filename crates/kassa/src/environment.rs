//! Reads environment variables, and the values of options that variables can also set.

use std::convert::Infallible;
use std::fmt;

use url::Url;

/// A variable's value, if it is set.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_string())
}

/// Trims the value of an option that a variable can also set. The white space comes from files: a mounted secret ends
/// in a newline, and each line of a file from Windows ends in a carriage return.
#[expect(clippy::unnecessary_wraps, reason = "clap takes parsers that can fail")]
pub(crate) fn trimmed(text: &str) -> Result<String, Infallible> {
    Ok(text.trim().to_string())
}

/// The error for a text that names no HTTP server. It does not show the text, which may contain a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoHttpUrl;

impl fmt::Display for NoHttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "expected an http or https URL, such as http://localhost:3000/callbacks or \
             localhost:3000/callbacks",
        )
    }
}

/// Reads the URL of an HTTP server. The scheme and `localhost` may be omitted: `shop.test/x`, `localhost:3000/x`,
/// `:3000/x`, `3000/x`.
pub(crate) fn http_url(text: &str) -> Result<String, NoHttpUrl> {
    let text = text.trim();
    let path_starts_at = text.find(['/', '?', '#']).unwrap_or(text.len());
    let authority = &text[..path_starts_at];
    let is_port = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let has_scheme = ["http:/", "https:/"]
        .iter()
        .any(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    let url = match authority {
        _ if has_scheme => text.to_string(),
        "" => return Err(NoHttpUrl),
        port if is_port(port) => format!("http://localhost:{text}"),
        port if port.strip_prefix(':').is_some_and(is_port) => format!("http://localhost{text}"),
        _ => format!("http://{text}"),
    };
    let parsed = Url::parse(&url).map_err(|_| NoHttpUrl)?;
    // Without this check, `ftp://host` would be read as `http://ftp://host`.
    let is_other = !has_scheme && text[path_starts_at..].starts_with("//");
    if is_other || !parsed.has_host() { Err(NoHttpUrl) } else { Ok(url) }
}

/// Reads the URL of an option. An invalid text is kept, and the call fails later. An error of the command line would
/// show the text, which may contain a password.
#[expect(clippy::unnecessary_wraps, reason = "clap takes parsers that can fail")]
pub(crate) fn url_of_option(text: &str) -> Result<String, Infallible> {
    Ok(http_url(text).unwrap_or_else(|NoHttpUrl| text.trim().to_string()))
}

/// Returns the URL for messages, without its user and password.
pub(crate) fn shown(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut url) if url.has_authority() => {
            // A URL with a host always has room for both.
            let _ = url.set_username("").and_then(|()| url.set_password(None));
            url.as_str().trim_end_matches('/').to_string()
        }
        Ok(_) | Err(_) => "what --url names".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_of_a_url_may_be_left_out() {
        for (text, url) in [
            ("http://localhost:3000/x", "http://localhost:3000/x"),
            ("HTTPS://shop.test", "HTTPS://shop.test"),
            (" localhost:3000/x\n", "http://localhost:3000/x"),
            ("localhost", "http://localhost"),
            ("127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("[::1]:3000/x?a=b", "http://[::1]:3000/x?a=b"),
            ("shop.test/a//b", "http://shop.test/a//b"),
            (":3000/x", "http://localhost:3000/x"),
            ("3000", "http://localhost:3000"),
            ("3000/x", "http://localhost:3000/x"),
        ] {
            assert_eq!(http_url(text).as_deref(), Ok(url), "{text}");
        }
    }

    #[test]
    fn a_text_that_names_no_http_server_is_refused() {
        for text in [
            "",
            " ",
            "/callbacks",
            "//shop.test/x",
            "ftp://u:s3cr3t@host/x",
            "mailto:shop",
            "http://",
            ":x",
            "99999",
            "a b",
        ] {
            assert_eq!(http_url(text), Err(NoHttpUrl), "{text}");
        }
    }

    #[test]
    fn a_url_is_shown_without_its_password() {
        assert_eq!(shown("http://kassa:s3cr3t@127.0.0.1:8080"), "http://127.0.0.1:8080");
        assert_eq!(shown("http://127.0.0.1:8080/"), "http://127.0.0.1:8080");
        assert_eq!(shown("kassa:s3cr3t@127.0.0.1"), "what --url names");
    }
}
