//! Addresses that a merchant gives for the consumer's browser: where the browser may be sent, which pictures the page
//! shows, and how each address is written in the page's content security policy.
//!
//! Both rules name what is allowed. The node applies them when a session is created, and again when it writes the
//! session's page, because a stored session may be older than the rules.

use std::fmt::Write as _;

use kassa_domain::merchant_urls::{MerchantUrl, PlaceholderValues, fill};
use kassa_domain::{AuthorizationToken, OrderId, PageSessionId};
use url::{Host, Url};

/// The form of every value that replaces a placeholder.
const SAMPLE: &str = "00000000-0000-0000-0000-000000000000";

/// Schemes of one word that are not an app's: browsers run or show their content.
const BROWSERS: [&str; 16] = [
    "about",
    "blob",
    "chrome",
    "data",
    "edge",
    "file",
    "filesystem",
    "ftp",
    "intent",
    "jar",
    "javascript",
    "resource",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

/// Beginnings of schemes that operating systems and their programs use.
const SYSTEMS: [&str; 16] = [
    "android",
    "apple",
    "itms",
    "ldap",
    "microsoft",
    "ms-",
    "nfs",
    "rdp",
    "search",
    "shell",
    "smb",
    "ssh",
    "telnet",
    "vnc",
    "windows",
    "x-apple",
];

/// Which app links of the form `myshop://paid` are allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppSchemes {
    /// Any scheme that no browser and no operating system uses: for a development machine.
    Any,
    /// Those that the operator listed.
    Listed(Vec<String>),
}

impl AppSchemes {
    /// Whether the browser may be sent to an address: to the web, or to an app. A scheme of the form `com.example.app`
    /// belongs to the owner of the domain (RFC 8252, section 7.1); one of a single word must be allowed.
    #[must_use]
    pub fn lead_somewhere(&self, address: &str) -> bool {
        let Ok(url) = Url::parse(decisive_part(address)) else { return false };
        let rest = url.as_str().strip_prefix(url.scheme()).unwrap_or_default();
        match url.scheme() {
            "http" | "https" => url.host().is_some_and(|host| has_plain_name(&host)),
            scheme if scheme.contains('.') => is_reverse_domain(scheme),
            scheme => rest.starts_with("://") && self.allow(scheme),
        }
    }

    /// Whether the browser may be sent to a merchant URL after its placeholders are replaced. A placeholder may be a
    /// part of the host.
    pub fn lead_somewhere_once_filled(&self, url: &str, which: MerchantUrl) -> bool {
        let url = decisive_part(url);
        if !url.contains(['{', '%']) {
            return self.lead_somewhere(url);
        }
        let values = PlaceholderValues {
            session_id: &PageSessionId::new(SAMPLE),
            authorization_token: Some(&AuthorizationToken::new(SAMPLE)),
            order_id: Some(&OrderId::new(SAMPLE)),
        };
        self.lead_somewhere(&fill(url, which, &values))
    }

    fn allow(&self, scheme: &str) -> bool {
        match self {
            Self::Any => is_app_scheme(scheme),
            Self::Listed(listed) => listed.iter().any(|one| one == scheme),
        }
    }
}

/// The part of an address that decides where it leads. Of a web address this is the text up to the first sign after its
/// host. A path, a query and a fragment follow it, and parsers accept any text there. Of other addresses it is all.
fn decisive_part(address: &str) -> &str {
    let Some((scheme, rest)) = address.split_once(':') else { return address };
    let is_web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
    let Some(host) = rest.strip_prefix("//").filter(|_| is_web) else { return address };
    match host.find(['/', '\\', '?', '#']) {
        Some(end @ 1..) => &address[..=scheme.len() + "://".len() + end],
        Some(0) | None => address,
    }
}

/// Whether this can be the scheme of an app: one word in lower case that no browser and no operating system uses.
#[must_use]
pub fn is_app_scheme(word: &str) -> bool {
    let is_word = word.starts_with(|first: char| first.is_ascii_lowercase())
        && word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-');
    let is_taken = BROWSERS.contains(&word) || SYSTEMS.iter().any(|beginning| word.starts_with(beginning));
    is_word && !is_taken
}

/// Writes an address in ASCII, for `Location` (RFC 9110, section 10.2.2) and for links: the host in punycode, other
/// characters percent-encoded. An address that is a URI already is returned unchanged. `None` if it is no URL.
pub fn as_uri(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let is_uri = address.bytes().all(is_uri_byte) && has_plain_beginning(&url, address);
    let mut uri = String::with_capacity(address.len());
    for byte in if is_uri { address } else { url.as_str() }.bytes() {
        match is_uri_byte(byte) {
            true => uri.push(char::from(byte)),
            false => write!(uri, "%{byte:02X}").expect("writing to a string does not fail"),
        }
    }
    Some(uri)
}

/// The start page of the website that a merchant URL belongs to; `None` for an app link.
pub fn start_page(address: &str) -> Option<String> {
    let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some(format!("{}/", url.origin().ascii_serialization()))
}

/// Whether a byte is not encoded: the bytes of a URI (RFC 3986, appendix A), and those that browsers do not encode in a
/// query. The latter include the braces of an unknown placeholder.
fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%{}|^`".contains(&byte)
}

/// Whether a web address begins with its scheme, two slashes and a host. Parsers of URLs also accept
/// `https:shop.example` and `https:///shop.example`, which a browser resolves against the address of the page.
fn has_plain_beginning(url: &Url, address: &str) -> bool {
    if !matches!(url.scheme(), "http" | "https") {
        return true;
    }
    let rest = address.get(url.scheme().len()..).and_then(|rest| rest.strip_prefix("://"));
    rest.is_some_and(|rest| !rest.starts_with('/'))
}

/// Whether the page can show a picture: it comes from the web, and the policy can name its host.
pub fn is_picture(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| host_source(&url).is_some())
}

/// The source of a picture in a policy; `None` if no policy can name it.
pub fn picture_source(address: &str) -> Option<String> {
    host_source(&Url::parse(address).ok()?)
}

/// The source of an address that a form may lead to. No policy can name some hosts, such as IPv6 addresses. Their
/// scheme is the source, so that the consumer gets there.
pub fn link_source(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    host_source(&url).or_else(|| Some(format!("{}:", url.scheme())))
}

/// Scheme, host and port of a web address as a policy writes them (CSP Level 3, section 2.3.1): the host consists of
/// letters, digits and `-` between dots, so nothing in it can end the source or begin another.
fn host_source(url: &Url) -> Option<String> {
    let host = match (url.scheme(), url.host()?) {
        ("http" | "https", Host::Domain(name)) if name.split('.').all(is_host_label) => name.to_string(),
        ("http" | "https", Host::Ipv4(address)) => address.to_string(),
        (_, Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_)) => return None,
    };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}://{host}{port}", url.scheme()))
}

fn is_host_label(label: &str) -> bool {
    !label.is_empty() && label.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
}

/// Whether a host is an address or an ordinary name. Underscores are allowed.
fn has_plain_name(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
            let name = name.strip_suffix('.').unwrap_or(name);
            name.split('.').all(|label| !label.is_empty() && label.chars().all(is_plain))
        }
        Host::Ipv4(_) | Host::Ipv6(_) => true,
    }
}

/// Whether a scheme is a domain in reverse: `com.example.app`.
fn is_reverse_domain(scheme: &str) -> bool {
    let mut labels = scheme.split('.');
    let is_top_level =
        |label: &str| label.len() >= 2 && label.chars().all(|letter| letter.is_ascii_lowercase());
    labels.next().is_some_and(is_top_level) && labels.all(is_host_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_sent_to_the_web_and_to_apps() {
        let strict = AppSchemes::Listed(vec!["myshop".to_string()]);
        for address in [
            "https://shop.example/thanks?sid={{session_id}}",
            "http://localhost:3000/back",
            "HTTPS://Shop.Example",
            "http://127.0.0.1:1",
            "http://[::1]:3000/",
            "https://my_shop.example/",
            "https://xn--bcher-kva.example/",
            "https://bücher.example/",
            "https://someone@shop.example/",
            "com.example.app:/paid",
            "com.example.my-app://paid",
            "myshop://paid/{{session_id}}",
            "MyShop://paid",
        ] {
            assert!(strict.lead_somewhere(address), "{address}");
            assert!(AppSchemes::Any.lead_somewhere(address), "{address}");
        }
        assert!(AppSchemes::Any.lead_somewhere("my-shop://paid"));
        for address in ["my-shop://paid", "myshop2://paid", "shop://"] {
            assert!(!strict.lead_somewhere(address), "{address}");
        }
    }

    #[test]
    fn only_the_text_up_to_the_first_sign_after_the_host_decides() {
        for (address, decisive) in [
            ("https://shop.example/thanks?sid={{session_id}}", "https://shop.example/"),
            ("HTTP://shop.example:8080?a", "HTTP://shop.example:8080?"),
            ("https://shop.example\\@evil", "https://shop.example\\"),
            ("https://shop.example#a", "https://shop.example#"),
            ("https://shop.example", "https://shop.example"),
            ("https:///shop.example/a", "https:///shop.example/a"),
            ("https:/shop.example/a", "https:/shop.example/a"),
            ("myshop://paid/a", "myshop://paid/a"),
            (" https://shop.example/a", " https://shop.example/a"),
        ] {
            assert_eq!(decisive_part(address), decisive, "{address}");
        }
        // The space belongs to the host, and is not trimmed like one at the end of an address.
        assert!(!AppSchemes::Any.lead_somewhere("https://shop.example /x"));
    }

    #[test]
    fn a_placeholder_in_the_host_is_replaced_before_the_rule() {
        let leads = |url| AppSchemes::Any.lead_somewhere_once_filled(url, MerchantUrl::Success);
        assert!(leads("https://{{session_id}}.shop.example/"));
        assert!(leads("https://%7b%7Bsession_id%7d%7D.shop.example/"));
        assert!(leads("https://shop.example/{{unknown}}"));
        assert!(!leads("https://{{unknown}}.shop.example/"));
        assert!(!leads("https://{{session_id}}..shop.example/"));
    }

    #[test]
    fn browsers_are_not_sent_to_schemes_of_browsers_and_operating_systems() {
        let listed = ["search-ms", "ms-msdt", "javascript", "myshop"].map(str::to_string).to_vec();
        for schemes in [AppSchemes::Any, AppSchemes::Listed(Vec::new())] {
            for address in [
                "search-ms:query=x&crumb=location:\\\\evil",
                "search-ms://query=x",
                "search://x",
                "ms-msdt:/id PCWDiagnostic",
                "ms-msdt://id",
                "ms-officecmd://x",
                "ms-settings:",
                "jar:https://evil.example/x!/",
                "jar://evil.example",
                "file:///etc/passwd",
                "file://evil/share",
                "javascript:alert(1)",
                "javascript://%0aalert(1)",
                "JavaScript://x",
                " javascript:x",
                "java\nscript:x",
                "data:text/html,x",
                "data://text/html,x",
                "vbscript:x",
                "vbscript://x",
                "intent://x#Intent;end",
                "intent:x",
                "blob:https://m/x",
                "about:blank",
                "view-source:https://m",
                "filesystem:https://m/x",
                "x-apple.systempreferences:x",
                "x-apple-helpbasic://x",
                "shell:startup",
                "smb://evil/share",
                "ssh://evil",
                "ftp://evil/x",
                "microsoft-edge:https://evil",
                "windowsdefender://x",
                "mailto:someone@m",
                "tel:1",
                "myshop:paid",
                "myshop:/paid",
                ".example:/x",
                "a.example:/x",
                "com..app:/x",
                "/back",
                "back",
                "",
                "https://",
                "https://.shop.example/",
                "https://shop..example/",
            ] {
                assert!(!schemes.lead_somewhere(address), "{schemes:?} {address}");
            }
        }
        // Schemes that no app can own cannot be listed.
        assert_eq!(listed.iter().filter(|word| is_app_scheme(word)).collect::<Vec<_>>(), ["myshop"]);
        for word in ["", "My", "1a", "a.b", "a b", "a:b", "a+b"] {
            assert!(!is_app_scheme(word), "{word}");
        }
    }

    #[test]
    fn an_address_becomes_a_uri_and_a_uri_stays_as_it_is() {
        for (address, uri) in [
            ("https://shop.example/?a={b}&c=%7B", "https://shop.example/?a={b}&c=%7B"),
            ("https://b\u{fc}cher.example", "https://xn--bcher-kva.example/"),
            ("https://shop.example", "https://shop.example"),
            ("HTTPS://Shop.example:443/a/../b", "HTTPS://Shop.example:443/a/../b"),
            ("https:/shop.example/", "https://shop.example/"),
            ("https:///shop.example/", "https://shop.example/"),
            ("https://shop.example/a\nb", "https://shop.example/ab"),
            ("myshop://paid?name=\u{e5}", "myshop://paid?name=%C3%A5"),
        ] {
            assert_eq!(as_uri(address).as_deref(), Some(uri), "{address}");
        }
        assert_eq!(as_uri("/back"), None);
    }

    #[test]
    fn the_start_page_is_the_root_of_the_website() {
        for (address, page) in [
            ("https://shop.example/a/b?c#d", Some("https://shop.example/")),
            ("http://user@localhost:3000/back", Some("http://localhost:3000/")),
            ("http://[::1]:3000/back", Some("http://[::1]:3000/")),
            ("https://bl\u{e5}b\u{e4}r.example/x", Some("https://xn--blbr-noae.example/")),
            ("myshop://paid", None),
            ("com.example.app:/paid", None),
        ] {
            assert_eq!(start_page(address).as_deref(), page, "{address}");
        }
    }

    /// Hosts with which a merchant could write a policy of its own, or that no policy can name.
    const HOSTS: [&str; 18] = [
        "evil;script-src",
        "evil;script-src%20*",
        "evil%3Bscript-src",
        "a,b",
        "a'b",
        "'unsafe-inline'",
        "*.evil",
        "*",
        "a$b",
        "a&b",
        "a(b)",
        "a=b",
        "a!b",
        "a~b",
        "a`b",
        "a\"b",
        "a{b}",
        "a+b",
    ];

    #[test]
    fn a_host_that_could_write_a_policy_is_no_host_of_pictures_or_links() {
        for host in HOSTS {
            for address in [
                format!("https://{host}/x.png"),
                format!("http://{host}:8080/x.png"),
                format!("https://u@{host}/"),
            ] {
                assert!(!is_picture(&address), "{address}");
                assert_eq!(picture_source(&address), None, "{address}");
                assert!(!AppSchemes::Any.lead_somewhere(&address), "{address}");
                let source = link_source(&address);
                assert!(
                    source.is_none_or(|source| matches!(source.as_str(), "https:" | "http:")),
                    "{address}"
                );
            }
        }
    }

    #[test]
    fn a_source_has_scheme_host_and_port_and_nothing_else_of_an_address() {
        for (address, source) in [
            ("https://shop.example/logo.png?a;b#c;d", Some("https://shop.example")),
            ("HTTPS://SHOP.example:443/logo.png", Some("https://shop.example")),
            ("http://shop.example:8080/", Some("http://shop.example:8080")),
            ("https://a;b:c;d@shop.example/", Some("https://shop.example")),
            ("https:\\\\shop.example\\logo.png", Some("https://shop.example")),
            ("https://b\u{fc}cher.example/", Some("https://xn--bcher-kva.example")),
            ("http://2130706433/", Some("http://127.0.0.1")),
            ("https://[::1]/", None),
            ("https://my_shop.example/", None),
            ("https://shop.example./", None),
            ("https://shop..example/", None),
            ("myshop://shop.example/", None),
            ("shop.example", None),
        ] {
            assert_eq!(picture_source(address).as_deref(), source, "{address}");
        }
        assert_eq!(link_source("http://[::1]:3000/back").as_deref(), Some("http:"));
        assert_eq!(link_source("com.example.app:/paid").as_deref(), Some("com.example.app:"));
        assert_eq!(link_source("/back"), None);
    }
}
