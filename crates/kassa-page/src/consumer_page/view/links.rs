//! Checks a merchant's addresses before they are put into a page.

/// Returns whether this is a web address that `<img>` can load. Blanks are refused, because `srcset` splits at them.
pub(super) fn is_image_address(url: &str) -> bool {
    let is_web =
        scheme(url).is_some_and(|own| ["https", "http"].iter().any(|web| own.eq_ignore_ascii_case(web)));
    is_web && !url.contains(|c: char| c.is_whitespace() || c.is_control()) && !url.ends_with(',')
}

/// Returns the scheme of an absolute address. It accepts no blanks or control characters, which browsers ignore.
fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    let is_scheme_char = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let is_wellformed =
        scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(is_scheme_char);
    is_wellformed.then_some(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_accepted_for_pictures() {
        assert!(is_image_address("https://shop.example/a,b.png?x=1"));
        assert!(is_image_address("HTTP://127.0.0.1:8080/logo.svg"));
        for url in
            ["data:image/png;base64,AA", "javascript:alert(1)", "/logo.png", "https://x.example/a b.png", ""]
        {
            assert!(!is_image_address(url), "{url}");
        }
    }
}
