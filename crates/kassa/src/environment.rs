//! Variables of the environment, and what they override.

use std::convert::Infallible;

use url::Url;

/// A variable's value, if it is set.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_string())
}

/// For an option that a variable can give, too. White space at the ends of a value belongs to the file that it came from: a
/// mounted secret ends in a newline, and a file of variables from Windows has a carriage return in each line.
#[expect(clippy::unnecessary_wraps, reason = "clap takes parsers that can fail")]
pub(crate) fn trimmed(text: &str) -> Result<String, Infallible> {
    Ok(text.trim().to_string())
}

/// A URL as it may be shown: without the user and the password that it may name.
pub(crate) fn shown(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut url) if url.has_authority() => {
            // A URL with a host takes both.
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
    fn a_url_is_shown_without_its_password() {
        assert_eq!(shown("http://kassa:s3cr3t@127.0.0.1:8080"), "http://127.0.0.1:8080");
        assert_eq!(shown("http://127.0.0.1:8080/"), "http://127.0.0.1:8080");
        assert_eq!(shown("kassa:s3cr3t@127.0.0.1"), "what --url names");
    }
}
