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
use schemars::JsonSchema;
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

/// The configuration file of a node, `kassa.toml`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The address on which the node serves merchants and consumers. `localhost:8080` means 127.0.0.1, and `:8080`
    /// every IPv4 address of the machine.
    #[serde(default = "default_listen", deserialize_with = "listen_address::deserialize")]
    #[schemars(with = "String")]
    pub(crate) listen: SocketAddr,
    /// The address of [`/healthz`, `/readyz` and `/metrics`](docs/serving.md#operational-paths). The internet must not
    /// reach it. If the default port is in use, the node logs a warning and starts without this listener. If a
    /// configured address is in use, the node does not start.
    #[serde(default, deserialize_with = "listen_address::deserialize_option")]
    #[schemars(with = "Option<String>", extend("default" = default_operations_listen()))]
    operations_listen: Option<SocketAddr>,
    /// The URL at which merchants and consumers reach Kassa: a scheme, a host and a port.
    #[serde(default)]
    #[schemars(extend("x-default" = REQUIRED), example = "https://pay.example")]
    pub(crate) public_url: String,
    /// The [database](docs/serving.md#the-database): the URL of a PostgreSQL database, or the path of a SQLite file in
    /// an existing folder.
    #[schemars(with = "Option<String>", extend("x-default" = REQUIRED))]
    #[schemars(example = "postgres://kassa@db.internal/kassa?sslmode=verify-full")]
    database: Option<Database>,
    /// The payment system. No money moves with the sandbox.
    #[schemars(extend("x-default" = REQUIRED), example = &"sandbox")]
    payment_system: Option<PaymentSystemName>,
    /// The origin of consumer pages, if it is not that of `public_url`. [Klarna](docs/serving.md#klarna) needs it.
    #[schemars(example = "https://checkout.example")]
    pub(crate) page_url: Option<PublicUrl>,
    /// The file with the key that encrypts [payment accounts](docs/payment-systems.md#payment-accounts), authorization
    /// tokens, callback secrets and [data of consumers](docs/personal-data.md#encryption). During a rotation it has two
    /// keys. Without the file, no payment account can be set or used, and the other data are stored in clear text.
    #[schemars(example = "/etc/kassa/account-keys")]
    account_key_file: Option<PathBuf>,
    /// How long a page session is [kept](docs/serving.md#retention) after it expires, with its events and callbacks.
    #[serde(default = "retention::default_days")]
    #[schemars(range(min = retention::SHORTEST_DAYS))]
    pub(crate) retention_days: u16,
    /// How long entries of the [audit trail](docs/audit.md#retention) are kept. It must be more than `retention_days`.
    #[schemars(extend("x-default" = "forever"), example = 400)]
    pub(crate) audit_retention_days: Option<u16>,
    /// How long messages of the sandbox are kept. It must not be more than `retention_days`.
    #[schemars(range(min = 1), extend("x-default" = retention::default_of_class()), example = 14)]
    message_retention_days: Option<u16>,
    /// How long recorded requests are kept after their last repetition. It must not be more than `retention_days`.
    #[schemars(range(min = 1), extend("x-default" = retention::default_of_class()), example = 14)]
    request_retention_days: Option<u16>,
    /// How long merchants' answers to callbacks are kept after the last attempt of a page session. It must not be more
    /// than `retention_days`.
    #[schemars(range(min = retention::SHORTEST_DAYS), extend("x-default" = retention::default_of_class()))]
    #[schemars(example = 14)]
    answer_retention_days: Option<u16>,
    /// How long names, addresses and numbers in orders of the sandbox are kept. It must not be less than
    /// `retention_days`.
    #[schemars(extend("x-default" = "as long as the orders"), example = 400)]
    contact_retention_days: Option<u16>,
    /// Whether every merchant can use the [lab](docs/lab.md#the-lab). If not, Kassa answers 404 on every path of it.
    #[serde(default)]
    pub(crate) lab: bool,
    /// Whether operators can sign in to the [console](docs/console.md#the-console) at `/console`.
    #[serde(default = "default_console")]
    console: bool,
    /// How long the node accepts calls after SIGTERM. Meanwhile `/readyz` answers 503, so that a balancer notices.
    #[serde(default = "default_drain_s", deserialize_with = "drain_s")]
    #[schemars(range(max = LONGEST_DRAIN_S))]
    pub(crate) drain_s: u8,
    /// Whether requests and page views are recorded for [timelines](docs/timeline.md#missing-requests).
    #[schemars(extend("default" = true))]
    record_requests: Option<bool>,
    /// The form of the lines of the [log](docs/operations.md#monitoring).
    #[serde(default)]
    pub(crate) log_format: LogFormat,
    /// The [proxies in front of the node](docs/serving.md#behind-a-proxy), at which TLS ends: networks, or single
    /// addresses. The node then refuses calls that do not come from one of them.
    #[serde(default, deserialize_with = "networks")]
    #[schemars(with = "Vec<String>", example = ["10.0.0.0/8"])]
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Schemes of one word that merchants may redirect consumers to, such as `myshop` for links into an app
    /// ([merchant URLs](docs/http.md#merchant-urls)).
    #[serde(default, deserialize_with = "app_schemes::deserialize")]
    #[schemars(with = "Vec<String>", example = ["myshop"])]
    pub(crate) app_schemes: Vec<String>,
    /// Creations of each kind that a merchant may make in a second ([rate limits](docs/serving.md#rate-limits)). 0 or
    /// `"off"` means no limit.
    #[serde(default, deserialize_with = "rate_limit::deserialize")]
    #[schemars(schema_with = "rate_limit::schema", extend("x-default" = rate_limit::default(Rates::LIVE.creations)))]
    #[schemars(example = 40)]
    rate_limit_creations: Option<CallLimit>,
    /// All other calls of the vendor's APIs that a merchant may make in a second. 0 or `"off"` means no limit.
    #[serde(default, deserialize_with = "rate_limit::deserialize")]
    #[schemars(schema_with = "rate_limit::schema", extend("x-default" = rate_limit::default(Rates::LIVE.other_calls)))]
    #[schemars(example = 200)]
    rate_limit_other_calls: Option<CallLimit>,
    /// The collector of [traces](docs/traces.md#traces): its URL without the path `/v1/traces`.
    #[serde(default, deserialize_with = "traces::deserialize_endpoint")]
    #[schemars(extend("x-default" = "the collector that OpenTelemetry's own variables name, or none"))]
    #[schemars(example = "http://127.0.0.1:4318")]
    otlp_endpoint: Option<String>,
    /// The share of the traces that is recorded. `1` records every trace, and 0.1 a tenth.
    #[serde(default = "default_trace_ratio", deserialize_with = "traces::deserialize_ratio")]
    #[schemars(range(min = 0.0, max = 1.0), example = 0.1)]
    pub(crate) trace_ratio: f64,
    /// The folder with [corrections](docs/languages.md#correct-a-text) of the texts that consumers read, such as
    /// `de.ftl`.
    #[schemars(example = "/etc/kassa/texts")]
    texts_folder: Option<PathBuf>,
    /// The [unsafe settings](docs/serving.md#unsafe-settings) that you accept, by their names. `kassa config check`
    /// prints the names.
    #[serde(default)]
    #[schemars(example = ["private-callbacks"])]
    pub(crate) accept_unsafe: Vec<String>,
    /// The certificate of the node, if TLS ends at the node.
    pub(crate) tls: Option<Tls>,
    /// The rules for [callbacks and other URLs that merchants choose](docs/outgoing.md#outgoing-calls). By default
    /// Kassa calls only https URLs at public addresses, on port 443.
    #[serde(default)]
    pub(crate) outgoing: Outgoing,
    /// [Klarna Payments](docs/serving.md#klarna) as the payment system.
    pub(crate) klarna: Option<KlarnaSettings>,
    /// A [payment system of your own](docs/serving.md#external-payment-system).
    pub(crate) external: Option<ExternalSettings>,
    /// [Messages to consumers](docs/messages.md#messages-to-consumers).
    #[serde(default)]
    pub(crate) messages: MessageSettings,
    /// The [sign-in of operators with OpenID Connect](docs/console.md#sign-in-with-openid-connect).
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

/// The default of a setting that the reference shows as required.
const REQUIRED: &str = "required: in the file, or as its variable";

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    /// The file with the certificate and those of its authorities (PEM).
    #[schemars(example = "/etc/kassa/chain.pem")]
    pub(crate) certificate: PathBuf,
    /// The file with the private key (PEM).
    #[schemars(example = "/etc/kassa/key.pem")]
    pub(crate) key: PathBuf,
}

/// The rules for the endpoints of callbacks. Default: only https to public addresses on port 443.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Outgoing {
    /// Whether callbacks may go over plain http, unencrypted. This is the unsafe setting `http-callbacks`.
    allow_http: bool,
    /// Networks of your own that callbacks may go to. Every merchant can then call any address in them. This is the
    /// unsafe setting `private-callbacks`.
    #[schemars(with = "Vec<String>", example = ["10.1.0.0/16"])]
    allowed_networks: Vec<IpNet>,
    /// Hosts of your own that callbacks may go to, at any address. Wildcards are not possible.
    #[schemars(example = ["receiver.internal"])]
    allowed_hosts: Vec<String>,
    /// The ports that callbacks may go to, instead of the port of the scheme. An empty list allows every port.
    #[schemars(extend("x-default" = "`[443]`; with `allow_http` also 80"), example = [443, 8443])]
    allowed_ports: Option<Vec<u16>>,
    /// The file with the certificate of your own authority (PEM), in addition to the authorities of the platform. It
    /// applies to every outgoing call.
    #[schemars(example = "/etc/kassa/root.pem")]
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
mod tests;
