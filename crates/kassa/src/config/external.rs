//! The settings of the external payment system: the address of its adapter, and the secrets of both directions.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kassa_domain::payment_session::{CategoryVisibility, OfferedCategory};
use kassa_engine::picture_source;
use kassa_server::ExternalRules;
use kassa_wire::one_line::breaks_a_line;
use kassa_wire::signature::check_secret;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

use super::klarna::{default_order_timeout_ms, default_read_timeout_ms, default_reads_per_second, within};
use super::safety::is_this_machine;
use super::{Config, PaymentSystemName};
use crate::failure::Failure;

/// The most secrets of a file: two during a rotation.
const MOST_SECRETS: usize = 2;

/// The table `[external]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExternalSettings {
    /// The name of the payment system, for logs and answers: 1 to 50 characters.
    #[schemars(length(min = 1, max = 50), example = &"Acme")]
    #[serde(default = "default_name", deserialize_with = "name")]
    pub(crate) name: String,
    /// The URL of the adapter: https, or http on this machine.
    #[schemars(example = "https://payments.internal/kassa")]
    #[serde(deserialize_with = "url")]
    pub(crate) url: String,
    /// The origins of the pages on which consumers pay. Kassa sends a browser to no other origin.
    #[schemars(length(min = 1), example = ["https://secure.acme.example"])]
    #[serde(deserialize_with = "origins")]
    pub(crate) redirect_origins: Vec<String>,
    /// The file with the secret that signs requests. During a rotation it has two lines.
    #[schemars(example = "/etc/kassa/external-secret")]
    pub(crate) secret_file: PathBuf,
    /// The file with the secret that signs notifications. During a rotation it has two lines.
    #[schemars(example = "/etc/kassa/external-notification-secret")]
    pub(crate) notification_secret_file: PathBuf,
    /// The ways to pay that the page offers, each with an `identifier` and the `name` that the consumer reads.
    #[serde(default = "default_categories", deserialize_with = "categories")]
    #[schemars(length(min = 1))]
    pub(crate) categories: Vec<Category>,
    /// How long a read of a payment may take.
    #[schemars(range(min = 100, max = 10_000))]
    #[serde(default = "default_read_timeout_ms", deserialize_with = "within::<100, 10_000, _>")]
    pub(crate) read_timeout_ms: u32,
    /// How long an attempt to place an order or to release an authorization may take. The engine ends an attempt after
    /// 15 seconds.
    #[schemars(range(min = 1_000, max = 15_000))]
    #[serde(default = "default_order_timeout_ms", deserialize_with = "within::<1_000, 15_000, _>")]
    pub(crate) order_timeout_ms: u32,
    /// How many reads of payments a node may make in a second, for each merchant.
    #[schemars(range(min = 1, max = 1_000))]
    #[serde(default = "default_reads_per_second", deserialize_with = "within::<1, 1_000, _>")]
    pub(crate) reads_per_second: u32,
    /// The secrets of both files, once they are read.
    #[serde(skip)]
    secrets: Secrets,
}

/// A way to pay.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Category {
    /// The identifier of the category in the APIs, such as `pay_now`.
    pub(crate) identifier: String,
    /// The name that the consumer reads.
    pub(crate) name: String,
}

#[derive(Clone, Default, PartialEq, Eq)]
struct Secrets {
    requests: Vec<String>,
    notifications: Vec<String>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

fn default_name() -> String {
    "external".to_string()
}

fn default_categories() -> Vec<Category> {
    vec![Category { identifier: "pay_now".to_string(), name: "Pay now".to_string() }]
}

fn name<'de, D: Deserializer<'de>>(source: D) -> Result<String, D::Error> {
    let name = String::deserialize(source)?;
    match (1..=50).contains(&name.chars().count()) && !name.contains(breaks_a_line) {
        true => Ok(name),
        false => Err(D::Error::custom("expected a name of 1 to 50 characters")),
    }
}

fn url<'de, D: Deserializer<'de>>(source: D) -> Result<String, D::Error> {
    let text = String::deserialize(source)?;
    let wrong = "expected an https URL (http is allowed only for this machine), without a user or a fragment";
    let url = secure(&text).ok_or_else(|| D::Error::custom(wrong))?;
    match url.fragment() {
        None => Ok(url.to_string()),
        Some(_) => Err(D::Error::custom(wrong)),
    }
}

fn origins<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<String>, D::Error> {
    let texts = Vec::<String>::deserialize(source)?;
    let wrong = "expected the origins of the pages on which consumers pay, such as https://secure.acme.example, \
                 without a path";
    let read = |text: &String| {
        let url = secure(text)?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        // The origin becomes a source of the page's policy.
        is_bare.then(|| picture_source(url.as_str())).flatten().map(|_| url.origin().ascii_serialization())
    };
    let origins: Option<Vec<String>> = texts.iter().map(read).collect();
    origins.filter(|origins| !origins.is_empty()).ok_or_else(|| D::Error::custom(wrong))
}

/// Reads a URL that is https, or http on this machine, and has no user.
fn secure(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_secure = url.scheme() == "https" || (url.scheme() == "http" && is_this_machine(url.host()));
    let has_user = !url.username().is_empty() || url.password().is_some();
    // A parser drops blanks and line breaks silently.
    let is_as_written = text.chars().all(|letter| letter.is_ascii_graphic());
    (is_secure && !has_user && is_as_written).then_some(url)
}

fn categories<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<Category>, D::Error> {
    let categories = Vec::<Category>::deserialize(source)?;
    let is_identifier = |text: &str| {
        (1..=50).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    let is_good = |category: &Category| {
        is_identifier(&category.identifier)
            && (1..=100).contains(&category.name.chars().count())
            && !category.name.contains(breaks_a_line)
    };
    match !categories.is_empty() && categories.iter().all(is_good) {
        true => Ok(categories),
        false => Err(D::Error::custom(
            "expected ways to pay, such as [{identifier = \"pay_now\", name = \"Pay now\"}], with identifiers of \
             lower-case letters and _",
        )),
    }
}

impl Config {
    /// Checks the settings that the external payment system needs together.
    pub(super) fn check_external(&self) -> Result<(), String> {
        match self.payment_system {
            None | Some(PaymentSystemName::Sandbox | PaymentSystemName::Klarna) => return Ok(()),
            Some(PaymentSystemName::External) => {}
        }
        let missing = |what: &str| Err(format!("payment_system = \"external\" needs {what}"));
        if self.external.is_none() {
            return missing(
                "the table [external] with url, redirect_origins, secret_file and notification_secret_file",
            );
        }
        if self.account_key_file.is_none() {
            return missing(
                "account_key_file, the file with the key that encrypts authorization tokens: give it in the file or as \
                 KASSA_ACCOUNT_KEY_FILE",
            );
        }
        if self.lab {
            return Err(
                "lab = true works only with payment_system = \"sandbox\": the lab finishes sessions without a payment"
                    .to_string(),
            );
        }
        Ok(())
    }

    /// Reads the secrets of the external payment system, if it is configured.
    pub(super) fn with_external_secrets(mut self) -> Result<Self, Failure> {
        if self.payment_system != Some(PaymentSystemName::External) {
            return Ok(self);
        }
        let Some(external) = &self.external else { return Ok(self) };
        let secrets = Secrets {
            requests: self.secrets_of("external.secret_file", &external.secret_file)?,
            notifications: self
                .secrets_of("external.notification_secret_file", &external.notification_secret_file)?,
        };
        if let Some(external) = &mut self.external {
            external.secrets = secrets;
        }
        Ok(self)
    }

    /// The files of the secrets, if they are in use.
    pub(super) fn external_secret_files(&self) -> Vec<&Path> {
        match (&self.external, self.payment_system) {
            (Some(external), Some(PaymentSystemName::External)) => {
                vec![&external.secret_file, &external.notification_secret_file]
            }
            (_, None | Some(_)) => Vec::new(),
        }
    }

    /// Reads a file with one or two secrets, each on a line of its own.
    fn secrets_of(&self, setting: &str, path: &Path) -> Result<Vec<String>, Failure> {
        let wrong =
            |reason: &dyn fmt::Display| Failure::Usage(format!("{setting}: {}: {reason}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| {
            wrong(&format!("{error}: write the line that `kassa payment-system new-secret` prints into it"))
        })?;
        let secrets: Vec<String> =
            text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_string).collect();
        if !(1..=MOST_SECRETS).contains(&secrets.len()) {
            return Err(wrong(&"expected one secret, or two lines during a rotation"));
        }
        for secret in &secrets {
            check_secret(secret).map_err(|error| wrong(&error))?;
        }
        Ok(secrets)
    }
}

impl ExternalSettings {
    /// The rules that the payment system follows.
    pub(crate) fn rules(&self) -> ExternalRules {
        let offered = |category: &Category| OfferedCategory {
            identifier: category.identifier.clone(),
            name: category.name.clone(),
            visibility: CategoryVisibility::ByDefault,
        };
        ExternalRules {
            name: self.name.clone(),
            url: self.url.clone(),
            redirect_origins: self.redirect_origins.clone(),
            categories: self.categories.iter().map(offered).collect(),
            secrets: self.secrets.requests.clone(),
            notification_secrets: self.secrets.notifications.clone(),
            read_timeout: Duration::from_millis(self.read_timeout_ms.into()),
            order_timeout: Duration::from_millis(self.order_timeout_ms.into()),
            reads_per_second: self.reads_per_second,
        }
    }
}

/// The settings that are in effect, defaults included.
impl fmt::Display for ExternalSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Payments go through {} at {}: money moves.", self.name, self.url)?;
        writeln!(f, "Consumers pay at {}.", self.redirect_origins.join(", "))?;
        let categories: Vec<_> =
            self.categories.iter().map(|category| category.identifier.as_str()).collect();
        writeln!(f, "The page offers {}.", categories.join(", "))?;
        write!(
            f,
            "A read may take {} ms, and an order {} ms. A node makes at most {} reads a second.",
            self.read_timeout_ms, self.order_timeout_ms, self.reads_per_second
        )
    }
}

#[cfg(test)]
mod tests;
