//! The settings of `kassa track`.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context;
use kassa_client::client::{Client, Dependencies, Environment};
use kassa_client::http::ProxyRules;
use kassa_client::tracker::sink::{Sink, Table};
use kassa_client::tracker::{CallbackReceiver, StateError, Tracker, TrackerOptions};
use kassa_wire::signature::check_secret;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::database::Database;
use crate::environment::{http_url, variable};
use crate::failure::Failure;
use crate::{listen_address, settings_file};

/// The settings file of `kassa track`, such as `track.toml`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// The service to follow: a base URL, or the [name of an environment](docs/integrating.md#settings).
    #[schemars(example = "playground-eu")]
    service: String,
    /// The proxy for calls to the service. `none` means no proxy.
    #[schemars(extend("x-default" = "the variables `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`"))]
    #[schemars(example = "http://proxy.internal:3128")]
    proxy: Option<String>,
    /// The username of the API credential.
    #[schemars(example = &"PK12345_1a2b3c4d")]
    username: String,
    /// The password of the API credential.
    #[schemars(extend("x-default" = "required: in the file, or as `KASSA_TRACK_PASSWORD`"), example = &"secret")]
    password: Option<String>,
    /// The state of the tracker: a SQLite file, or the URL of a PostgreSQL database.
    #[schemars(example = "/var/lib/kassa/track.db")]
    state: Database,
    /// The public address, which receives callbacks on the path `/callbacks` and serves nothing else.
    #[serde(default, deserialize_with = "listen_address::deserialize_option")]
    #[schemars(with = "Option<String>", extend("x-default" = "the tracker receives no callbacks"))]
    #[schemars(example = "0.0.0.0:8096")]
    pub(super) callbacks: Option<SocketAddr>,
    /// The private address, which serves registrations, verdicts and metrics to your own programs. The internet must
    /// not reach it.
    #[serde(default, deserialize_with = "listen_address::deserialize_option")]
    #[schemars(with = "Option<String>", extend("x-default" = "no such address"), example = "127.0.0.1:8097")]
    pub(super) private: Option<SocketAddr>,
    /// Host names with which `private` may be called, in addition to `localhost` and IP addresses.
    #[serde(default)]
    #[schemars(example = ["tracker.internal"])]
    pub(super) private_hosts: Vec<String>,
    /// The secrets that sign callbacks, two during a rotation. Without them, the tracker does not check signatures.
    #[serde(default)]
    #[schemars(example = ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="])]
    pub(super) callback_secrets: Vec<String>,
    /// The accepted values of `secret` in the query of a callback's URL. Without them, the URL needs no secret.
    #[serde(default)]
    #[schemars(example = ["a-long-random-text"])]
    pub(super) url_secrets: Vec<String>,
    /// The sink, to which the tracker delivers changes. Give one of `url`, `table` and `json`.
    // `outlet` is the name of earlier versions.
    #[serde(default, alias = "outlet")]
    sink: SinkSettings,
    /// How often the tracker reads, and how long it waits.
    #[serde(default)]
    tracker: TrackerOptions,
}

/// The sink of changes: an endpoint, a table, or standard output.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SinkSettings {
    /// An endpoint. The tracker posts each change to it until it gets a 2xx answer.
    #[schemars(example = "http://localhost:3000/changes")]
    url: Option<String>,
    /// The secrets that sign the requests to `url`. Without them, the requests are not signed.
    #[serde(default)]
    #[schemars(example = ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="])]
    secrets: Vec<String>,
    /// A SQLite file, or the URL of a PostgreSQL database. The tracker inserts a row into `kassa_changes` for each
    /// change.
    #[schemars(example = "postgres://shop@db.internal/shop")]
    table: Option<Database>,
    /// Whether standard output gets one line of JSON for each change, instead of a line for people.
    #[serde(default)]
    json: bool,
}

impl Settings {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let wrong = |reason: String| Failure::Usage(format!("--config {}: {reason}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        settings_file::read(&text).map_err(|error| wrong(error.to_string()))
    }

    pub(super) async fn tracker(&self) -> Result<Tracker, Failure> {
        let environment = self.environment()?;
        let password = self.password.clone().or_else(|| variable("KASSA_TRACK_PASSWORD"));
        let password = password.ok_or_else(|| {
            Failure::Usage("password: give it in the file or as KASSA_TRACK_PASSWORD".to_string())
        })?;
        let dependencies = Dependencies::system().context("the platform's TLS roots cannot be used")?;
        let to_service =
            Dependencies::with_proxies(self.proxies()?).context("the platform's TLS roots cannot be used")?;
        let client = Client::with(to_service, &environment, &self.username, &password);
        let callbacks = if self.callbacks.is_some() {
            CallbackReceiver::ThisTracker
        } else {
            CallbackReceiver::OtherSystem
        };
        let options = TrackerOptions { callbacks, ..self.tracker.clone() };
        match &self.state {
            Database::Postgres(url) => {
                let connected = Tracker::connect(url.secret(), client, dependencies, options).await;
                connected.map_err(|error| cannot_be_used("state", &error))
            }
            Database::File(path) => Tracker::open(path, client, dependencies, options)
                .map_err(|error| Failure::Usage(format!("state: {}: {error}", path.display()))),
        }
    }

    /// A name without a dot or a port is a mistyped environment, not a host.
    fn environment(&self) -> Result<Environment, Failure> {
        let service = self.service.trim();
        let as_url = || http_url(service).ok().filter(|_| service.contains(['.', ':'])).map(Environment::At);
        Environment::from_name(service).or_else(as_url).ok_or_else(|| {
            Failure::Usage("service: expected an environment such as playground-eu, or a URL".to_string())
        })
    }

    fn proxies(&self) -> Result<ProxyRules, Failure> {
        match self.proxy.as_deref().map(str::trim) {
            None => Ok(ProxyRules::of_environment()),
            Some("none") => Ok(ProxyRules::direct()),
            Some(proxy) => ProxyRules::through(proxy)
                .map_err(|error| Failure::Usage(format!("proxy: {error}; or `none`"))),
        }
    }

    pub(super) async fn sink(&self) -> Result<Sink, Failure> {
        let SinkSettings { url, secrets, table, json } = &self.sink;
        secrets
            .iter()
            .try_for_each(|secret| check_secret(secret))
            .map_err(|error| Failure::Usage(format!("sink: secrets: {error}")))?;
        match (url, table, json) {
            (Some(url), None, false) => {
                let url = http_url(url).map_err(|error| Failure::Usage(format!("sink: url: {error}")))?;
                Ok(Sink::Endpoint { url, secrets: secrets.clone() })
            }
            (None, Some(Database::Postgres(url)), false) => {
                let connected = Table::connect(url.secret()).await.map(Sink::Table);
                connected.map_err(|error| cannot_be_used("sink", &error))
            }
            (None, Some(Database::File(path)), false) => Table::open(path)
                .map(Sink::Table)
                .map_err(|error| Failure::Usage(format!("sink: {}: {error}", path.display()))),
            (None, None, true) => Ok(Sink::JsonLines),
            (None, None, false) => Ok(Sink::Lines),
            _ => Err(Failure::Usage("sink: one of url, table and json".to_string())),
        }
    }
}

/// The error does not show the URL, which may contain a password.
fn cannot_be_used(key: &str, error: &StateError) -> Failure {
    Failure::Fault(anyhow::anyhow!("{key}: the PostgreSQL database cannot be used: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings_schema;

    #[test]
    fn the_sink_has_its_name_of_earlier_versions_too() {
        for name in ["sink", "outlet"] {
            let text = format!(
                "service = \"playground-eu\"\nusername = \"u\"\nstate = \"s.db\"\n[{name}]\nurl = \"http://shop/\""
            );
            let settings: Settings = settings_file::read(&text).unwrap();
            assert_eq!(settings.sink.url.as_deref(), Some("http://shop/"), "{name}");
        }
    }

    #[test]
    fn the_reference_page_and_the_tracker_agree_on_every_key() {
        settings_schema::tests::check("settings-track.md", |_: Settings| true);
    }
}
