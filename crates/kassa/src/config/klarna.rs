//! The settings of Klarna Payments: the addresses of its API, and the sources that the page may load from.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use kassa_engine::{BaseUrl, ScriptSources, picture_source};
use kassa_server::KlarnaRules;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::Url;

use super::safety::is_this_machine;
use super::{Config, PaymentSystemName};

/// The vendor's script for the page.
const SCRIPT_URL: &str = "https://x.klarnacdn.net/kp/lib/v1/api.js";

/// The part of a host name that tells the vendor's playground from its live service.
const PLAYGROUND: &str = "playground";

/// The table `[klarna]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KlarnaSettings {
    /// The APIs that merchants' accounts and payment sessions may be at, one for each region: all live, or all
    /// playground. The host of a playground contains `playground`.
    #[serde(deserialize_with = "base_urls")]
    #[schemars(with = "Vec<String>", length(min = 1))]
    #[schemars(example = ["https://api.klarna.com", "https://api-na.klarna.com"])]
    pub(crate) allowed_base_urls: Vec<BaseUrl>,
    /// The script that the page loads. If it is at another host, the page does not allow the sources that Klarna
    /// documents: list the sources that the script needs in `extra_sources`.
    #[serde(default = "default_script_url")]
    #[schemars(extend("default" = SCRIPT_URL))]
    pub(crate) script_url: ScriptUrl,
    /// Sources to add to the Content-Security-Policy of the page, by directive.
    #[serde(default)]
    pub(crate) extra_sources: ExtraSources,
    /// How long a read of a payment may take. While a consumer or a merchant waits, the limit is 3000 at most (before
    /// Back and Cancel 2000), so a greater value extends only the scheduled reads.
    #[serde(default = "default_read_timeout_ms", deserialize_with = "within::<100, 10_000, _>")]
    #[schemars(range(min = 100, max = 10_000))]
    pub(crate) read_timeout_ms: u32,
    /// How long an attempt to place an order or to release an authorization may take. The engine ends an attempt after
    /// 15 seconds.
    #[serde(default = "default_order_timeout_ms", deserialize_with = "within::<1_000, 15_000, _>")]
    #[schemars(range(min = 1_000, max = 15_000))]
    pub(crate) order_timeout_ms: u32,
    /// How many reads of payments a node may make in a second, for each payment account.
    #[serde(default = "default_reads_per_second", deserialize_with = "within::<1, 1_000, _>")]
    #[schemars(range(min = 1, max = 1_000))]
    pub(crate) reads_per_second: u32,
}

/// Sources to add to the page's Content-Security-Policy, by directive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ExtraSources {
    /// Sources of scripts (`script-src`).
    #[schemars(with = "Vec<String>", example = ["https://js.klarna.com"])]
    pub(crate) script: Vec<HostSource>,
    /// Sources of frames (`frame-src`).
    #[schemars(with = "Vec<String>", example = ["https://*.klarna.com"])]
    pub(crate) frame: Vec<HostSource>,
    /// Hosts that scripts of the page may call (`connect-src`).
    #[schemars(with = "Vec<String>", example = ["https://*.klarna.com"])]
    pub(crate) connect: Vec<HostSource>,
    /// Sources of images (`img-src`).
    #[schemars(with = "Vec<String>", example = ["https://*.klarna.com"])]
    pub(crate) image: Vec<HostSource>,
    /// Sources of style sheets (`style-src`).
    #[schemars(with = "Vec<String>", example = ["https://*.klarna.com"])]
    pub(crate) style: Vec<HostSource>,
    /// Sources of fonts (`font-src`).
    #[schemars(with = "Vec<String>", example = ["https://*.klarna.com"])]
    pub(crate) font: Vec<HostSource>,
}

/// The URL of a script that the page loads: https, or http on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
pub(crate) struct ScriptUrl(String);

/// A host source of a Content-Security-Policy (CSP Level 3, section 2.3.1): `https://*.klarna.com`. It contains nothing
/// that could end the source or begin another.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct HostSource(String);

fn default_script_url() -> ScriptUrl {
    ScriptUrl(SCRIPT_URL.to_string())
}

pub(super) fn default_read_timeout_ms() -> u32 {
    3_000
}

pub(super) fn default_order_timeout_ms() -> u32 {
    15_000
}

pub(super) fn default_reads_per_second() -> u32 {
    20
}

/// Reads a whole number in a range.
pub(super) fn within<'de, const MIN: u32, const MAX: u32, D: Deserializer<'de>>(
    source: D,
) -> Result<u32, D::Error> {
    let number = u32::deserialize(source)?;
    let expected = || D::Error::custom(format!("expected a number from {MIN} to {MAX}"));
    if (MIN..=MAX).contains(&number) { Ok(number) } else { Err(expected()) }
}

fn base_urls<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<BaseUrl>, D::Error> {
    let texts = Vec::<String>::deserialize(source)?;
    let urls: Vec<BaseUrl> =
        texts.iter().map(|text| text.parse()).collect::<Result<_, _>>().map_err(D::Error::custom)?;
    let playground = urls.iter().filter(|url| is_playground(url)).count();
    match urls.len() {
        0 => Err(D::Error::custom("expected at least one URL, such as https://api.klarna.com")),
        all if playground == 0 || playground == all => Ok(urls),
        _ => Err(D::Error::custom(
            "live and playground URLs are mixed: list only the one or the other, so that no test moves money",
        )),
    }
}

/// Whether a URL belongs to the vendor's playground, where no money moves.
fn is_playground(url: &BaseUrl) -> bool {
    Url::parse(url.as_str()).is_ok_and(|url| url.host_str().is_some_and(|host| host.contains(PLAYGROUND)))
}

/// Whether a URL is on this machine. Klarna is not.
fn is_local(url: &BaseUrl) -> bool {
    Url::parse(url.as_str()).is_ok_and(|url| is_this_machine(url.host()))
}

impl ScriptUrl {
    /// The URL as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ScriptUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "expected the https URL of a script (http is allowed only for this machine), without a user or a \
                     fragment";
        let url = Url::parse(text).map_err(|_| wrong)?;
        let is_secure = url.scheme() == "https" || (url.scheme() == "http" && is_this_machine(url.host()));
        let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let can_be_named = picture_source(text).is_some();
        // A parser drops blanks and line breaks silently.
        let is_as_written = text.chars().all(|letter| letter.is_ascii_graphic());
        match is_secure && is_plain && can_be_named && is_as_written {
            true => Ok(Self(url.as_str().to_string())),
            false => Err(wrong),
        }
    }
}

impl TryFrom<String> for ScriptUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for HostSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for HostSource {
    type Err = &'static str;

    /// Reads scheme, host and port. The host may begin with `*.`. Without a scheme it needs a dot, so that a keyword
    /// such as `none` is no source. Plain http is allowed only for this machine.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "expected a host source of a Content-Security-Policy, such as https://*.klarna.com, without a \
                     path; http is allowed only for this machine";
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, text),
        };
        let (host, port) = match rest.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (rest, None),
        };
        let is_secure = match scheme {
            None | Some("https" | "wss") => true,
            Some("http" | "ws") => is_this_machine(url::Host::parse(host).ok()),
            Some(_) => false,
        };
        let has_good_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
        let is_whole = scheme.is_some() || host.contains('.');
        if is_secure && has_good_port && is_whole && is_host_part(host) {
            Ok(Self(text.to_string()))
        } else {
            Err(wrong)
        }
    }
}

impl TryFrom<String> for HostSource {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// Whether a text is the host of a source. Beside `*.` it needs two labels: `*.com` would allow half of the internet.
fn is_host_part(host: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let is_label = |label: &str| !label.is_empty() && label.chars().all(is_letter);
    match host.strip_prefix("*.") {
        Some(domain) => domain.contains('.') && domain.split('.').all(is_label),
        None => host.split('.').all(is_label),
    }
}

impl Config {
    /// Checks the settings that Klarna needs together.
    pub(super) fn check_klarna(&self) -> Result<(), String> {
        match self.payment_system {
            None | Some(PaymentSystemName::Sandbox | PaymentSystemName::External) => return Ok(()),
            Some(PaymentSystemName::Klarna) => {}
        }
        let missing = |what: &str| Err(format!("payment_system = \"klarna\" needs {what}"));
        if self.klarna.is_none() {
            return missing("the table [klarna] with allowed_base_urls");
        }
        if self.account_key_file.is_none() {
            return missing(
                "account_key_file, the file with the key that encrypts merchants' passwords at Klarna: give it in the \
                 file or as KASSA_ACCOUNT_KEY_FILE",
            );
        }
        let Some(page_url) = &self.page_url else {
            return missing(
                "page_url, the origin of the consumer pages: give it in the file or as KASSA_PAGE_URL",
            );
        };
        if page_url.as_ref() == self.public_url {
            return Err(
                "page_url has the same origin as public_url: the page runs a script of Klarna, which must not be on \
                 the origin of the APIs. Give the pages a host of their own"
                    .to_string(),
            );
        }
        if self.lab {
            return Err(
                "lab = true works only with payment_system = \"sandbox\": the lab finishes sessions without \
                        a payment"
                    .to_string(),
            );
        }
        Ok(())
    }
}

impl KlarnaSettings {
    /// The rules that the payment system follows.
    pub(crate) fn rules(&self) -> KlarnaRules {
        let ExtraSources { script, frame, connect, image, style, font } = &self.extra_sources;
        let list = |sources: &[HostSource]| sources.iter().map(ToString::to_string).collect();
        KlarnaRules {
            allowed_base_urls: self.allowed_base_urls.clone(),
            script_url: self.script_url.as_str().to_string(),
            extra_sources: ScriptSources {
                script: list(script),
                frame: list(frame),
                connect: list(connect),
                image: list(image),
                style: list(style),
                font: list(font),
            },
            read_timeout: Duration::from_millis(self.read_timeout_ms.into()),
            order_timeout: Duration::from_millis(self.order_timeout_ms.into()),
            reads_per_second: self.reads_per_second,
        }
    }
}

/// The settings that are in effect, defaults included.
impl fmt::Display for KlarnaSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let urls: Vec<_> = self.allowed_base_urls.iter().map(BaseUrl::as_str).collect();
        let money = if self.allowed_base_urls.iter().all(is_playground) {
            "the playground: no money moves"
        } else if self.allowed_base_urls.iter().all(is_local) {
            "a double on this machine: no money moves"
        } else {
            "money moves"
        };
        writeln!(f, "Payments go through Klarna at {}: {money}.", urls.join(", "))?;
        writeln!(f, "The page loads {}.", self.script_url.as_str())?;
        for (directive, sources) in self.extra_sources.by_directive() {
            let sources: Vec<_> = sources.iter().map(ToString::to_string).collect();
            writeln!(f, "The page may also use {} ({directive}).", sources.join(" "))?;
        }
        write!(
            f,
            "A read may take {} ms, and an order {} ms. A node makes at most {} reads a second for each account.",
            self.read_timeout_ms, self.order_timeout_ms, self.reads_per_second
        )
    }
}

impl ExtraSources {
    /// The directives that have sources.
    pub(crate) fn by_directive(&self) -> impl Iterator<Item = (&'static str, &[HostSource])> {
        let all = [
            ("script-src", &self.script[..]),
            ("frame-src", &self.frame),
            ("connect-src", &self.connect),
            ("img-src", &self.image),
            ("style-src", &self.style),
            ("font-src", &self.font),
        ];
        all.into_iter().filter(|(_, sources)| !sources.is_empty())
    }
}

#[cfg(test)]
mod tests;
