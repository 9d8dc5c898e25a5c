//! The configuration of `kassa serve`: a file, the environment variables that override it, and its unsafe settings.

mod account_keys;
mod app_schemes;
mod defaults;
mod external;
mod klarna;
mod lists;
mod messages;
mod openid;
mod outgoing;
mod overrides;
mod rate_limit;
#[cfg(test)]
mod reading;
mod retention;
mod safety;
mod sandbox_accounts;
mod traces;

use std::fmt;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use ipnet::IpNet;
use kassa_domain::time::DAY_MS;
use kassa_engine::AccountKeys;
use kassa_server::{AppSchemes, Configuration, ConsoleAccess, Languages, Mode, Rates};
use kassa_wire::cross_site::SiteAddresses;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::database::Database;
use crate::environment::variable;
use crate::failure::Failure;
use crate::output::LogFormat;
use crate::public_url::PublicUrl;
use crate::{listen_address, settings_file, texts_folder};
use defaults::{
    default_console, default_drain_s, default_listen, default_operations_listen, default_trace_ratio,
};
use lists::networks;
use messages::MessageSettings;
use openid::ConsoleOpenId;
use rate_limit::CallLimit;

pub(crate) use external::ExternalSettings;
pub(crate) use klarna::KlarnaSettings;
pub(crate) use safety::{READABLE_DATABASE, is_open_to_others};
pub(crate) use traces::collector_of_environment;

/// `kassa.toml`. Every key of its first level can be overridden by `KASSA_` and its name in capitals.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The address on which Kassa serves merchants and consumers.
    #[serde(default = "default_listen", deserialize_with = "listen_address::deserialize")]
    pub(crate) listen: SocketAddr,
    /// The address of `/healthz`, `/readyz` and `/metrics`. It must not be reachable from outside.
    #[serde(default, deserialize_with = "listen_address::deserialize_option")]
    operations_listen: Option<SocketAddr>,
    /// The URL at which merchants and consumers reach Kassa: `https://pay.example`.
    #[serde(default)]
    pub(crate) public_url: String,
    /// `postgres://user@host/name`, or the path of a SQLite file.
    database: Option<Database>,
    /// The payment system: `sandbox`, with which no money moves, `klarna`, or `external`.
    payment_system: Option<PaymentSystemName>,
    /// The origin of consumer pages, if it is another than that of the APIs: `https://checkout.example`.
    pub(crate) page_url: Option<PublicUrl>,
    /// The file with the key that encrypts merchants' passwords at payment systems; two keys during a rotation.
    account_key_file: Option<PathBuf>,
    /// How many days page sessions are kept after they expire, with their events and callbacks.
    #[serde(default = "retention::default_days")]
    pub(crate) retention_days: u16,
    /// How many days entries of merchants' audit chains are kept. Without it they are kept forever.
    pub(crate) audit_retention_days: Option<u16>,
    /// Days for which messages of the sandbox are kept.
    message_retention_days: Option<u16>,
    /// Days for which recorded requests are kept.
    request_retention_days: Option<u16>,
    /// Days for which merchants' answers to callbacks are kept.
    answer_retention_days: Option<u16>,
    /// Days for which the contact data in orders are kept.
    contact_retention_days: Option<u16>,
    /// Whether the lab is open to every merchant.
    #[serde(default)]
    pub(crate) lab: bool,
    /// Whether operators can use the console.
    #[serde(default = "default_console")]
    console: bool,
    /// How long the node accepts calls after the signal to stop, in seconds. Meanwhile `/readyz` answers that it is not
    /// ready.
    #[serde(default = "default_drain_s", deserialize_with = "drain_s")]
    pub(crate) drain_s: u8,
    /// Whether finished requests are recorded for the timelines of their sessions. Default: yes.
    record_requests: Option<bool>,
    /// The form of the log's lines: `text` or `json`.
    #[serde(default)]
    pub(crate) log_format: LogFormat,
    /// The proxies in front of this system, at which TLS ends: networks such as `10.0.0.0/8`, or single addresses.
    #[serde(default, deserialize_with = "networks")]
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Schemes of apps that merchants may send consumers to: `myshop`, for links such as `myshop://paid`.
    #[serde(default, deserialize_with = "app_schemes::deserialize")]
    pub(crate) app_schemes: Vec<String>,
    /// How many payment sessions, page sessions or customer tokens a merchant may create in a second.
    #[serde(default, deserialize_with = "rate_limit::deserialize")]
    rate_limit_creations: Option<CallLimit>,
    /// How many other calls of the vendor's APIs a merchant may make in a second.
    #[serde(default, deserialize_with = "rate_limit::deserialize")]
    rate_limit_other_calls: Option<CallLimit>,
    /// The collector of traces: `http://127.0.0.1:4318`, without the path `/v1/traces`.
    #[serde(default, deserialize_with = "traces::deserialize_endpoint")]
    otlp_endpoint: Option<String>,
    /// The share of the traces that is recorded, from 0 to 1.
    #[serde(default = "default_trace_ratio", deserialize_with = "traces::deserialize_ratio")]
    pub(crate) trace_ratio: f64,
    /// The folder with corrections of the texts that consumers read, such as `de.ftl`.
    texts_folder: Option<PathBuf>,
    /// The unsafe settings that are accepted, by the names that `kassa config check` prints.
    #[serde(default)]
    pub(crate) accept_unsafe: Vec<String>,
    /// The server's own certificate.
    pub(crate) tls: Option<Tls>,
    /// The rules for the endpoints of callbacks.
    #[serde(default)]
    pub(crate) outgoing: Outgoing,
    /// The settings of Klarna Payments.
    pub(crate) klarna: Option<KlarnaSettings>,
    /// The settings of the external payment system.
    pub(crate) external: Option<ExternalSettings>,
    /// The messages to consumers.
    #[serde(default)]
    pub(crate) messages: MessageSettings,
    /// The sign-in of operators with OpenID Connect.
    pub(crate) console_openid: Option<ConsoleOpenId>,
    /// The keys of `account_key_file`, once they are read.
    #[serde(skip)]
    account_keys: Option<AccountKeys>,
    /// The texts that consumers read, once `texts_folder` is read.
    #[serde(skip)]
    languages: Languages,
    /// Whether the file contains the database's password. A password from the environment does not count.
    #[serde(skip)]
    file_holds_password: bool,
    /// The file, if there is one.
    #[serde(skip)]
    path: Option<PathBuf>,
}

/// The option that names the configuration file.
#[derive(Args)]
pub(crate) struct ConfigFile {
    /// The configuration file (default: kassa.toml; if `KASSA_DATABASE` is set, it may be missing).
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// The file that is read if no other is named.
const DEFAULT_FILE: &str = "kassa.toml";

/// The name of a payment system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PaymentSystemName {
    Sandbox,
    Klarna,
    External,
}

/// The payment system, which authorizes payments and places orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PaymentSystem<'a> {
    Sandbox,
    Klarna(&'a KlarnaSettings),
    External(&'a ExternalSettings),
}

/// The paths of PEM files.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// The rules for the endpoints of callbacks. Default: only https to public addresses on port 443.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Outgoing {
    allow_http: bool,
    allowed_networks: Vec<IpNet>,
    allowed_hosts: Vec<String>,
    /// Default: the port of the scheme. An empty list allows every port.
    allowed_ports: Option<Vec<u16>>,
    extra_root: Option<PathBuf>,
}

/// The address of the operational paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OperationsAddress {
    /// The configuration names the address.
    Given(SocketAddr),
    /// The configuration names none. Another node on this machine may already use the default address.
    Default(SocketAddr),
}

/// The longest time for which a stopping node accepts calls, in seconds.
const LONGEST_DRAIN_S: u8 = 8;

fn drain_s<'de, D: Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
    allowed_drain_s(u8::deserialize(from)?).map_err(D::Error::custom)
}

/// A stop takes at most ten seconds. Two of them are reserved for the calls in flight.
fn allowed_drain_s(drain_s: u8) -> Result<u8, &'static str> {
    if drain_s <= LONGEST_DRAIN_S { Ok(drain_s) } else { Err("drain_s is 8 at most") }
}

impl Config {
    /// Reads the file, and the environment variables that override it. Without a file, `KASSA_DATABASE` is enough.
    pub(crate) fn read(file: &ConfigFile) -> Result<Self, Failure> {
        let path = file.config.as_deref().unwrap_or(Path::new(DEFAULT_FILE));
        let unreadable = |reason: &dyn fmt::Display| {
            Failure::Usage(format!("{} cannot be read: {reason}", path.display()))
        };
        let may_be_missing = file.config.is_none() && variable("KASSA_DATABASE").is_some();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == ErrorKind::NotFound && may_be_missing => None,
            Err(error) => return Err(unreadable(&error)),
        };
        let mut config: Self =
            settings_file::read(text.as_deref().unwrap_or_default()).map_err(|error| unreadable(&error))?;
        config.path = text.map(|_| path.to_path_buf());
        config.file_holds_password = config.holds_password();
        config.override_by(variable)?;
        config.complete().map_err(|reason| Failure::Usage(format!("{}: {reason}", config.origin())))?;
        Ok(config)
    }

    /// The source of the configuration, for messages.
    pub(crate) fn origin(&self) -> String {
        self.path.as_deref().map_or("the environment".to_string(), |path| path.display().to_string())
    }

    /// Checks the file and the environment together. Fills in the defaults of a system that only this machine can
    /// reach.
    fn complete(&mut self) -> Result<(), String> {
        if self.database.is_none() {
            return Err("database is missing: give it in the file or as KASSA_DATABASE".to_string());
        }
        let serves_this_machine = self.path.is_none() && self.listen.ip().is_loopback();
        if self.public_url.is_empty() && serves_this_machine && self.listen.port() != 0 {
            self.public_url = format!("http://{}", self.listen);
        }
        if self.public_url.is_empty() {
            return Err("public_url is missing: give it in the file or as KASSA_PUBLIC_URL".to_string());
        }
        let url: PublicUrl = self.public_url.parse().map_err(|reason| format!("public_url: {reason}"))?;
        self.public_url = url.as_ref().to_string();
        if self.payment_system.is_none() && !(serves_this_machine && self.is_local()) {
            return Err(
                "payment_system is missing: give it in the file or as KASSA_PAYMENT_SYSTEM".to_string()
            );
        }
        self.check_retention()?;
        self.check_klarna()?;
        self.check_external()?;
        self.check_openid()
    }

    /// Reads the corrections of texts, if a folder has some.
    pub(crate) fn with_texts(mut self) -> Result<Self, Failure> {
        if let Some(folder) = &self.texts_folder {
            let wrong = |reason| Failure::Usage(format!("texts_folder: {reason}"));
            self.languages = texts_folder::read(folder).map_err(wrong)?;
        }
        Ok(self)
    }

    /// The database.
    pub(crate) fn database(&self) -> &Database {
        self.database.as_ref().expect("`complete` refuses a configuration without a database")
    }

    /// The payment system. Without a file it is the sandbox, because `complete` then restricts Kassa to this machine.
    pub(crate) fn payment_system(&self) -> PaymentSystem<'_> {
        match self.payment_system {
            None | Some(PaymentSystemName::Sandbox) => PaymentSystem::Sandbox,
            Some(PaymentSystemName::Klarna) => {
                let settings = self.klarna.as_ref();
                PaymentSystem::Klarna(settings.expect("`complete` refuses klarna without its table"))
            }
            Some(PaymentSystemName::External) => {
                let settings = self.external.as_ref();
                PaymentSystem::External(settings.expect("`complete` refuses external without its table"))
            }
        }
    }

    /// The address of the operational paths.
    pub(crate) fn operations_address(&self) -> OperationsAddress {
        let default = || OperationsAddress::Default(default_operations_listen());
        self.operations_listen.map_or_else(default, OperationsAddress::Given)
    }

    /// How long the node accepts calls after the signal to stop.
    pub(crate) fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_s.into())
    }

    /// The rate limits: as set, or those of the vendor's live service. A node whose lab is open is a test system and
    /// limits nothing that is not set.
    fn rates(&self) -> Rates {
        let default = if self.lab { Rates::NONE } else { Rates::LIVE };
        Rates {
            creations: self.rate_limit_creations.unwrap_or(default.creations),
            other_calls: self.rate_limit_other_calls.unwrap_or(default.other_calls),
        }
    }

    /// The configuration that the system starts with.
    pub(crate) fn configuration(&self) -> Configuration {
        let mode = if self.lab { Mode::Sandbox } else { Mode::Live };
        Configuration {
            app_schemes: AppSchemes::Listed(self.app_schemes.clone()),
            allows_http_callbacks: self.outgoing.allow_http,
            rates: self.rates(),
            trusted_proxies: self.trusted_proxies.clone(),
            account_keys: self.account_keys.clone(),
            languages: self.languages.clone(),
            page_url: self.page_url.as_ref().map(|url| url.as_ref().to_string()),
            retention_ms: i64::from(self.retention_days) * DAY_MS,
            class_retention: self.class_retention(),
            records_requests: self.record_requests.unwrap_or(true),
            audit_retention_ms: self.audit_retention_days.map(|days| i64::from(days) * DAY_MS),
            is_https_only: self.public_url.starts_with("https://"),
            console: if self.console { ConsoleAccess::SignIn } else { ConsoleAccess::Off },
            // Balancers call nodes by other names, and no page of another site knows a credential.
            site: SiteAddresses::at([&self.public_url]).with_any_host(),
            ..Configuration::new(mode, &self.public_url)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::safety::tests::{SAFE, config};
    use super::*;

    #[test]
    fn an_unknown_key_is_refused() {
        let error = settings_file::read::<Config>(&format!("{SAFE}\nlistne = \"x\"")).unwrap_err();
        assert!(error.to_string().contains("listne"), "{error}");
    }

    #[test]
    fn a_node_drains_for_eight_seconds_at_most() {
        assert_eq!(config("").drain_s, 3);
        assert_eq!(config("drain_s = 0").drain(), Duration::ZERO);
        let error = settings_file::read::<Config>(&format!("{SAFE}\ndrain_s = 9")).unwrap_err();
        assert!(error.to_string().contains("8 at most"), "{error}");
        let mut overridden = config("");
        let of =
            |drain_s: &'static str| move |name: &str| (name == "KASSA_DRAIN_S").then(|| drain_s.to_string());
        assert!(overridden.override_by(of("9")).is_err());
        assert!(overridden.override_by(of("8")).is_ok());
        assert_eq!(overridden.drain_s, 8);
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let mut overridden = config("");
        assert_eq!(overridden.operations_address(), OperationsAddress::Default(default_operations_listen()));
        let variable = |name: &str| match name {
            "KASSA_LISTEN" => Some("127.0.0.1:9000".to_string()),
            "KASSA_OPERATIONS_LISTEN" => Some("0.0.0.0:9001".to_string()),
            "KASSA_ACCEPT_UNSAFE" => Some("lab, no-tls".to_string()),
            "KASSA_DATABASE" => Some("postgres://localhost/kassa".to_string()),
            "KASSA_TRUSTED_PROXIES" => Some("10.0.0.1, fd00::/8".to_string()),
            "KASSA_PAYMENT_SYSTEM" => Some("klarna".to_string()),
            "KASSA_PAGE_URL" => Some("https://checkout.example".to_string()),
            "KASSA_ACCOUNT_KEY_FILE" => Some("/etc/kassa/account-keys".to_string()),
            _ => None,
        };
        assert!(overridden.override_by(variable).is_ok());
        assert_eq!(overridden.listen.port(), 9000);
        let operations = OperationsAddress::Given(SocketAddr::from(([0, 0, 0, 0], 9001)));
        assert_eq!(overridden.operations_address(), operations);
        assert_eq!(overridden.accept_unsafe, ["lab", "no-tls"]);
        assert!(matches!(overridden.database(), Database::Postgres(_)));
        assert_eq!(overridden.payment_system, Some(PaymentSystemName::Klarna));
        assert_eq!(overridden.page_url.as_ref().unwrap().as_ref(), "https://checkout.example");
        assert_eq!(overridden.account_key_file.as_deref(), Some(Path::new("/etc/kassa/account-keys")));
        assert_eq!(
            overridden.trusted_proxies,
            [lists::network("10.0.0.1/32").unwrap(), lists::network("fd00::/8").unwrap()]
        );
    }

    #[test]
    fn a_variable_that_cannot_be_read_is_named_and_its_value_is_not_shown() {
        for variable in [
            "KASSA_LISTEN",
            "KASSA_OPERATIONS_LISTEN",
            "KASSA_LAB",
            "KASSA_RETENTION_DAYS",
            "KASSA_AUDIT_RETENTION_DAYS",
            "KASSA_TRUSTED_PROXIES",
            "KASSA_DRAIN_S",
            "KASSA_RECORD_REQUESTS",
            "KASSA_LOG_FORMAT",
            "KASSA_RATE_LIMIT_CREATIONS",
            "KASSA_RATE_LIMIT_OTHER_CALLS",
            "KASSA_DATABASE",
            "KASSA_PAYMENT_SYSTEM",
            "KASSA_PAGE_URL",
            "KASSA_OTLP_ENDPOINT",
            "KASSA_TRACE_RATIO",
        ] {
            let mistyped =
                |name: &str| (name == variable).then(|| "Postgres://kassa:s3cr3t@host/kassa".to_string());
            let Err(Failure::Usage(said)) = config("").override_by(mistyped) else { panic!("{variable}") };
            assert!(said.starts_with(variable) && !said.contains("s3cr3t"), "{said}");
        }
    }

    #[test]
    fn browsers_are_told_to_use_https_if_the_public_url_does() {
        assert!(config("").configuration().is_https_only);
        let plain = Config { public_url: "http://127.0.0.1:8080".to_string(), ..config("") };
        assert!(!plain.configuration().is_https_only);
    }
}
