//! Which requests a web page of another site may have had a browser send, and which names a system answers to.
//!
//! A browser sends requests to this machine for every page that it shows: forms, images, scripts. A page may even have
//! its own name lead here (DNS rebinding), so that the browser takes the system for a part of that page's site. Three
//! headers tell, because a browser writes them itself: `Host`, `Origin` and `Sec-Fetch-Site`. Programs send neither of
//! the last two, so the rules about pages do not concern them.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// Content types that a form can send to another site without asking it first.
const FORM_TYPES: [&str; 3] = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

/// The longest part of an unknown host that a message repeats, in characters.
const SHOWN_HOST: usize = 100;

/// The kind of a path, which decides which sites may have a request sent to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// For programs. A page of another site has no business here, not even to read.
    Api,
    /// A page for people. Other sites may lead to it, and only its own forms change something.
    Page,
    /// The consumer's page. As [`Self::Page`], but its forms work also where the browser names no origin: the token in
    /// its address is the authority.
    ConsumerPage,
    /// For every site: images, the script and the frames that shops show, and reports without an effect.
    Open,
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrossSiteRefusal {
    /// It was sent to a name that could have been made to lead here. Contains the name with its port.
    UnknownHost(String),
    /// A browser sent it for a page of another site.
    ForeignPage,
    /// A browser sent a change to an API with the content type of a form.
    FormContent,
}

impl fmt::Display for CrossSiteRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownHost(host) => write!(f, "The host {host} is not one that this system answers to"),
            Self::ForeignPage => f.write_str("A browser sent this request for a web page of another site"),
            Self::FormContent => f.write_str(
                "A browser sent this change with a content type that forms of other sites can send",
            ),
        }
    }
}

/// Which names a system answers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    /// IP addresses, `localhost`, and its own.
    Own,
    Any,
}

/// The names of a system: what is sent to them, by its own pages or by programs, is no other site's doing.
#[derive(Clone, Debug)]
pub struct SiteAddresses {
    names: Names,
    /// Host and port as in a URL: `kassa.test:8080`.
    authorities: Vec<String>,
}

impl SiteAddresses {
    /// Answers to IP addresses, to `localhost` and names below it, and to the hosts of these addresses, which are URLs
    /// or hosts: `https://kassa.test:8080`, `kassa.test`. The port of a host is not looked at.
    #[must_use]
    pub fn at<T: AsRef<str>>(addresses: impl IntoIterator<Item = T>) -> Self {
        let authorities = addresses.into_iter().map(|address| authority_of(address.as_ref()).to_string());
        Self { names: Names::Own, authorities: authorities.collect() }
    }

    /// Answers to every name: for a system whose every path needs a secret that no page knows.
    #[must_use]
    pub fn with_any_host(self) -> Self {
        Self { names: Names::Any, ..self }
    }

    /// Checks a request. `authority` is the one of its target, which HTTP/2 sends in place of `Host`; `values` gives
    /// the values of a header, named in lower case.
    ///
    /// # Errors
    /// If the request is refused, with the reason.
    pub fn check<'h, V: Iterator<Item = &'h [u8]>>(
        &self,
        surface: Surface,
        method: &str,
        authority: Option<&'h str>,
        values: impl Fn(&'static str) -> V,
    ) -> Result<(), CrossSiteRefusal> {
        let hosts = || authority.into_iter().chain(values("host").map(text));
        if let Some(unknown) = hosts().find(|host| !self.answers_to(host)) {
            return Err(CrossSiteRefusal::UnknownHost(unknown.chars().take(SHOWN_HOST).collect()));
        }
        let is_own = |origin: &str| self.is_own_origin(origin, hosts());
        let is_read = matches!(method, "GET" | "HEAD");
        match (surface, sender(&values, is_own)) {
            (Surface::Open, _) | (_, Sender::Program) => Ok(()),
            (Surface::Api, Sender::OwnPage) if !is_read && has_form_type(&values) => {
                Err(CrossSiteRefusal::FormContent)
            }
            (Surface::Api | Surface::Page | Surface::ConsumerPage, Sender::OwnPage)
            | (Surface::ConsumerPage, Sender::NamelessPage) => Ok(()),
            (Surface::Page | Surface::ConsumerPage, Sender::ForeignPage | Sender::NamelessPage)
                if is_read && is_navigation(&values) =>
            {
                Ok(())
            }
            (
                Surface::Api | Surface::Page | Surface::ConsumerPage,
                Sender::ForeignPage | Sender::NamelessPage,
            ) => Err(CrossSiteRefusal::ForeignPage),
        }
    }

    fn answers_to(&self, authority: &str) -> bool {
        if self.names == Names::Any {
            return true;
        }
        let Some(host) = host_of(authority) else { return false };
        let is_own = |own: &String| host_of(own).is_some_and(|own| own.eq_ignore_ascii_case(host));
        host.parse::<IpAddr>().is_ok() || is_localhost(host) || self.authorities.iter().any(is_own)
    }

    /// Whether a page of this origin is the system's own: of the host that the request was sent to, or of a listed one,
    /// where something in between sends it on under another name.
    fn is_own_origin<'h>(&self, origin: &str, mut hosts: impl Iterator<Item = &'h str>) -> bool {
        let Some((_, authority)) = origin.split_once("://") else { return false };
        hosts.any(|host| host.eq_ignore_ascii_case(authority))
            || self.authorities.iter().any(|own| own.eq_ignore_ascii_case(authority))
    }
}

/// The origin of a request.
enum Sender {
    /// It bears no mark of a page: a program, somebody at the address bar of an old browser, or a link in one.
    Program,
    OwnPage,
    ForeignPage,
    /// A page whose origin the browser keeps to itself: one in a sandbox, or one that sends no referrer.
    NamelessPage,
}

/// The origin of a request by its headers. `Sec-Fetch-Site` decides if there is one: a browser that sends it
/// follows redirects with it, too, and `Origin` is `null` for pages that send no referrer. `Sec-Fetch-Mode` alone
/// does not make a browser: Node's `fetch` sends it.
fn sender<'h, V: Iterator<Item = &'h [u8]>>(
    values: impl Fn(&'static str) -> V,
    is_own: impl Fn(&str) -> bool,
) -> Sender {
    let mut sites = values("sec-fetch-site").peekable();
    if sites.peek().is_some() {
        let is_own = sites.all(|site| matches!(site, b"same-origin" | b"none"));
        return if is_own { Sender::OwnPage } else { Sender::ForeignPage };
    }
    match values("origin").next() {
        None => Sender::Program,
        Some(b"null") => Sender::NamelessPage,
        Some(_) if values("origin").all(|origin| is_own(text(origin))) => Sender::OwnPage,
        Some(_) => Sender::ForeignPage,
    }
}

/// Whether a person goes to the page, and no other page shows or reads it. An old browser does not say.
fn is_navigation<'h, V: Iterator<Item = &'h [u8]>>(values: impl Fn(&'static str) -> V) -> bool {
    let all = |header, word: &[u8]| values(header).all(|value| value == word);
    all("sec-fetch-mode", b"navigate") && all("sec-fetch-dest", b"document")
}

fn has_form_type<'h, V: Iterator<Item = &'h [u8]>>(values: impl Fn(&'static str) -> V) -> bool {
    values("content-type").any(|value| {
        let essence = text(value).split(';').next().unwrap_or_default().trim();
        FORM_TYPES.iter().any(|form_type| form_type.eq_ignore_ascii_case(essence))
    })
}

/// A value that is not text is not one of our names.
fn text(value: &[u8]) -> &str {
    std::str::from_utf8(value).unwrap_or("?")
}

/// `kassa.test:8080` of `https://kassa.test:8080/`, and of itself.
fn authority_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// The host of `host:port`, without the brackets of IPv6 and without a final dot; `None` where there is none.
fn host_of(authority: &str) -> Option<&str> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let is_good = is_port(port) && address.parse::<Ipv6Addr>().is_ok();
        return is_good.then_some(address);
    }
    let (host, port) = authority.find(':').map_or((authority, ""), |colon| authority.split_at(colon));
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let is_good = is_port(port) && !host.is_empty() && host.bytes().all(is_letter);
    is_good.then_some(host)
}

/// Whether this is what may follow a host: nothing, or a colon and digits.
fn is_port(text: &str) -> bool {
    text.is_empty()
        || text.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Browsers resolve `localhost` and the names below it to this machine themselves (RFC 6761).
fn is_localhost(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    last.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests;
