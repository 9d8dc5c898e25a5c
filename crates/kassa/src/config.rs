//! The configuration of `kassa serve`: a file, what the environment overrides of it, and what of it is not safe.

mod app_schemes;
mod database_url;
mod sandbox_accounts;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use kassa_domain::time::DAY_MS;
use kassa_server::outgoing::{AddressPolicy, OutgoingPolicy, Ports};
use kassa_server::{AppSchemes, Configuration, Mode};
use kassa_wire::cross_site::OwnSite;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::{Host, Url};

use crate::Failure;
use database_url::DatabaseUrl;

/// Callbacks are attempted for days after the session's last change and a merchant must see what came of
/// them: the shortest time that history is kept, in days.
const SHORTEST_RETENTION: u16 = 7;

/// `kassa.toml`. Every key of its first level can be overridden by `KASSA_` and its name in capitals.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Where to listen.
    #[serde(default = "default_listen")]
    pub(crate) listen: SocketAddr,
    /// How the outside reaches this system: `https://pay.example`.
    pub(crate) public_url: String,
    /// `postgres://user@host/name`, or the path of a SQLite file.
    pub(crate) database: String,
    /// What authorizes and places orders. `sandbox` is the only one so far: no money moves.
    pub(crate) payment_system: PaymentSystem,
    /// For how many days page sessions are kept after they have expired, with their events and callbacks.
    #[serde(default = "default_retention")]
    pub(crate) retention_days: u16,
    /// Whether the lab is open to every merchant.
    #[serde(default)]
    pub(crate) lab: bool,
    /// How long after the signal to stop calls are still taken, while `/readyz` sends them elsewhere.
    #[serde(default = "default_drain_s", deserialize_with = "drain_s")]
    pub(crate) drain_s: u8,
    /// The proxies in front of this system, at which TLS ends: networks such as `10.0.0.0/8`, or single addresses.
    #[serde(default, deserialize_with = "networks")]
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Schemes of apps that merchants may have consumers sent to: `myshop`, for links such as `myshop://paid`.
    #[serde(default, deserialize_with = "app_schemes::deserialize")]
    pub(crate) app_schemes: Vec<String>,
    /// What is not safe and is wanted all the same, by the names that `kassa config check` tells.
    #[serde(default)]
    pub(crate) accept_unsafe: Vec<String>,
    /// The server's own certificate.
    pub(crate) tls: Option<Tls>,
    /// Where callbacks may go.
    #[serde(default)]
    pub(crate) outgoing: Outgoing,
    /// Whether the file itself holds the database's password; one from the environment is not in it.
    #[serde(skip)]
    file_holds_password: bool,
}

/// What authorizes and places orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PaymentSystem {
    Sandbox,
}

/// PEM files.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// Where callbacks may go; nothing but https to public addresses on port 443, where it says nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Outgoing {
    allow_http: bool,
    allowed_networks: Vec<IpNet>,
    allowed_hosts: Vec<String>,
    /// The port of the scheme, where it says nothing; every port, where the list is empty.
    allowed_ports: Option<Vec<u16>>,
    extra_root: Option<PathBuf>,
}

/// A setting that is not safe.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unsafe {
    /// What `accept_unsafe` calls it.
    pub(crate) name: &'static str,
    /// Why.
    pub(crate) because: String,
}

impl fmt::Display for Unsafe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.because)
    }
}

/// The longest that a node may go on taking calls while it stops.
const LONGEST_DRAIN_S: u8 = 8;

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

fn default_retention() -> u16 {
    90
}

fn default_drain_s() -> u8 {
    3
}

fn drain_s<'de, D: Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
    allowed_drain_s(u8::deserialize(from)?).map_err(D::Error::custom)
}

/// A stop takes ten seconds at most, and two of them are for what is in flight.
fn allowed_drain_s(drain_s: u8) -> Result<u8, &'static str> {
    if drain_s <= LONGEST_DRAIN_S { Ok(drain_s) } else { Err("drain_s is 8 at most") }
}

impl Config {
    /// Reads the file, and what the environment overrides of it.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let unreadable = |reason: &dyn fmt::Display| {
            Failure::Usage(format!("{} cannot be read: {reason}", path.display()))
        };
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(&error))?;
        let mut config: Self = toml::from_str(&text).map_err(|error| unreadable(&error))?;
        config.file_holds_password = holds_password(&config.database);
        config.override_by(|name| std::env::var(name).ok())?;
        let is_http = |url: &Url| matches!(url.scheme(), "https" | "http") && url.path() == "/";
        match Url::parse(&config.public_url).ok().filter(is_http) {
            Some(_) => config.public_url.truncate(config.public_url.trim_end_matches('/').len()),
            None => return Err(unreadable(&"public_url is not like https://pay.example, without a path")),
        }
        if config.retention_days < SHORTEST_RETENTION {
            let reason =
                format!("retention_days is less than {SHORTEST_RETENTION}: callbacks may still be under way");
            return Err(unreadable(&reason));
        }
        Ok(config)
    }

    fn override_by(&mut self, variable: impl Fn(&str) -> Option<String>) -> Result<(), Failure> {
        fn parsed<T: std::str::FromStr>(name: &str, text: &str) -> Result<T, Failure> {
            text.parse().map_err(|_| Failure::Usage(format!("{name} cannot be read: {text}")))
        }
        if let Some(text) = variable("KASSA_LISTEN") {
            self.listen = parsed("KASSA_LISTEN", &text)?;
        }
        if let Some(text) = variable("KASSA_LAB") {
            self.lab = parsed("KASSA_LAB", &text)?;
        }
        if let Some(text) = variable("KASSA_RETENTION_DAYS") {
            self.retention_days = parsed("KASSA_RETENTION_DAYS", &text)?;
        }
        if let Some(text) = variable("KASSA_TRUSTED_PROXIES") {
            let networks: Result<_, _> = listed(&text).map(network).collect();
            self.trusted_proxies =
                networks.map_err(|error| Failure::Usage(format!("KASSA_TRUSTED_PROXIES: {error}")))?;
        }
        if let Some(text) = variable("KASSA_APP_SCHEMES") {
            self.app_schemes = app_schemes::read(listed(&text))
                .map_err(|reason| Failure::Usage(format!("KASSA_APP_SCHEMES: {reason}")))?;
        }
        if let Some(text) = variable("KASSA_DRAIN_S") {
            self.drain_s = allowed_drain_s(parsed("KASSA_DRAIN_S", &text)?)
                .map_err(|reason| Failure::Usage(format!("KASSA_DRAIN_S: {reason}")))?;
        }
        if let Some(text) = variable("KASSA_ACCEPT_UNSAFE") {
            self.accept_unsafe = listed(&text).map(str::to_string).collect();
        }
        self.public_url = variable("KASSA_PUBLIC_URL").unwrap_or_else(|| self.public_url.clone());
        self.database = variable("KASSA_DATABASE").unwrap_or_else(|| self.database.clone());
        Ok(())
    }

    /// How long calls are still taken after the signal to stop.
    pub(crate) fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_s.into())
    }

    /// Whether the database is a PostgreSQL server.
    pub(crate) fn is_on_postgres(&self) -> bool {
        is_postgres(&self.database)
    }

    /// What is not safe, and was not accepted by name.
    pub(crate) fn problems(&self, path: &Path) -> Vec<Unsafe> {
        let mut all = self.unsafe_settings();
        if let Some(because) = readable_by_others(path).filter(|_| self.file_holds_password) {
            all.push(Unsafe { name: "readable-secrets", because });
        }
        all.retain(|one| !self.accept_unsafe.iter().any(|name| name == one.name));
        all
    }

    fn unsafe_settings(&self) -> Vec<Unsafe> {
        let public = Url::parse(&self.public_url).ok();
        let is_local = public.as_ref().is_some_and(|url| is_this_machine(url.host()));
        let is_https = public.as_ref().is_some_and(|url| url.scheme() == "https");
        let listens_outside = !self.listen.ip().is_loopback();
        let networks = &self.outgoing.allowed_networks;
        let rules = [
            ("plain-http", !is_https && !is_local, "public_url is plain http: consumers' data and merchants' passwords would cross the network readable".to_string()),
            ("no-tls", listens_outside && self.tls.is_none() && self.trusted_proxies.is_empty(), format!("{} is reached from outside without TLS: give [tls] a certificate, or name the trusted_proxies at which TLS ends", self.listen)),
            ("lab", self.lab && listens_outside, "the lab is open on an address that is reached from outside: whoever holds a credential moves time and finishes sessions".to_string()),
            ("http-callbacks", self.outgoing.allow_http, "outgoing.allow_http: callbacks would cross the network readable".to_string()),
            ("private-callbacks", !networks.is_empty(), format!("outgoing.allowed_networks: merchants choose URLs, and could have {} called", list(networks))),
            ("database-in-clear", DatabaseUrl::read(&self.database).is_some_and(|url| url.is_in_clear()), "the database is on another machine, and its URL does not say sslmode=require".to_string()),
        ];
        rules
            .into_iter()
            .filter(|(_, applies, _)| *applies)
            .map(|(name, _, because)| Unsafe { name, because })
            .collect()
    }

    /// What the system is told at its start.
    pub(crate) fn configuration(&self) -> Configuration {
        let mode = if self.lab { Mode::Sandbox } else { Mode::Live };
        Configuration {
            app_schemes: AppSchemes::Listed(self.app_schemes.clone()),
            allows_http_callbacks: self.outgoing.allow_http,
            trusted_proxies: self.trusted_proxies.clone(),
            retention_ms: i64::from(self.retention_days) * DAY_MS,
            // Balancers call nodes by names of their own, and no page knows a credential.
            site: OwnSite::at([&self.public_url]).under_any_name(),
            ..Configuration::new(mode, &self.public_url)
        }
    }

    /// Where callbacks may go.
    pub(crate) fn outgoing_policy(&self) -> OutgoingPolicy {
        let outgoing = &self.outgoing;
        let allowed_ports = match &outgoing.allowed_ports {
            None => Ports::Standard,
            Some(ports) if ports.is_empty() => Ports::Any,
            Some(ports) => Ports::Listed(ports.clone()),
        };
        OutgoingPolicy {
            addresses: AddressPolicy {
                allowed_networks: outgoing.allowed_networks.clone(),
                allowed_hosts: outgoing.allowed_hosts.clone(),
                allowed_ports,
            },
            allows_http: outgoing.allow_http,
            extra_root: outgoing.extra_root.clone(),
        }
    }
}

/// The parts of a list with commas.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

/// A network, or an address, which is a network of its own.
fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse()
        .or_else(|_| address())
        .map_err(|_| format!("{text} is no address, and no network like 10.0.0.0/8"))
}

fn networks<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(source)?;
    texts.iter().map(|text| network(text)).collect::<Result<_, _>>().map_err(D::Error::custom)
}

/// Whether it names a PostgreSQL database, and not a file.
pub(crate) fn is_postgres(database: &str) -> bool {
    DatabaseUrl::read(database).is_some()
}

fn is_this_machine<S: AsRef<str>>(host: Option<Host<S>>) -> bool {
    match host {
        Some(Host::Domain(name)) => name.as_ref() == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn holds_password(database: &str) -> bool {
    DatabaseUrl::read(database).is_some_and(|url| url.holds_password())
}

/// A file with the database's password in it is its owner's alone.
fn readable_by_others(path: &Path) -> Option<String> {
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| {
        format!("{} holds the database's password and is open to others: chmod 600 it", path.display())
    })
}

fn list(items: &[impl fmt::Display]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAFE: &str = r#"
        public_url = "https://pay.example"
        database = "/var/lib/kassa/kassa.db"
        payment_system = "sandbox"
    "#;

    fn config(more: &str) -> Config {
        toml::from_str(&format!("{SAFE}\n{more}")).unwrap()
    }

    fn names(config: &Config) -> Vec<&'static str> {
        config.unsafe_settings().into_iter().map(|one| one.name).collect()
    }

    #[test]
    fn a_safe_configuration_has_no_problems() {
        assert_eq!(names(&config("")), [""; 0]);
        assert_eq!(names(&config("listen = \"0.0.0.0:80\"\ntrusted_proxies = [\"10.0.0.1\"]")), [""; 0]);
        assert_eq!(
            names(&config("listen = \"0.0.0.0:443\"\n[tls]\ncertificate = \"a\"\nkey = \"b\"")),
            [""; 0]
        );
    }

    #[test]
    fn every_unsafe_setting_is_named() {
        assert_eq!(names(&config("listen = \"0.0.0.0:80\"\nlab = true")), ["no-tls", "lab"]);
        assert_eq!(
            names(&config("[outgoing]\nallow_http = true\nallowed_networks = [\"10.0.0.0/8\"]")),
            ["http-callbacks", "private-callbacks"]
        );
        let on = |database: &str| names(&Config { database: database.to_string(), ..config("") });
        assert_eq!(on("postgres://kassa@db.example/kassa"), ["database-in-clear"]);
        assert_eq!(on("postgres://kassa@db.example/kassa?sslmode=require"), [""; 0]);
        assert_eq!(on("postgres://kassa@localhost/kassa"), [""; 0]);
        assert_eq!(on("postgres://kassa@%2Frun%2Fpostgresql/kassa"), [""; 0]);
        let plain = Config { public_url: "http://pay.example".to_string(), ..config("") };
        assert_eq!(names(&plain), ["plain-http"]);
    }

    #[test]
    fn what_is_accepted_by_name_is_no_problem() {
        let accepted = config("listen = \"0.0.0.0:80\"\naccept_unsafe = [\"no-tls\"]");
        assert_eq!(accepted.problems(Path::new("/absent")), []);
    }

    #[test]
    fn a_file_with_the_databases_password_is_its_owners_alone() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("kassa.toml");
        let problems = |database: &str, mode: u32| {
            std::fs::write(&file, SAFE.replace("/var/lib/kassa/kassa.db", database)).unwrap();
            std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
            let config = Config::read(&file).unwrap_or_else(|_| panic!("{database} cannot be read"));
            config.problems(&file).into_iter().map(|one| one.name).collect::<Vec<_>>()
        };
        assert_eq!(problems("postgres://kassa:secret@localhost/kassa", 0o644), ["readable-secrets"]);
        assert_eq!(problems("postgres://kassa:secret@localhost/kassa", 0o600), [""; 0]);
        assert_eq!(problems("postgres://kassa@localhost/kassa", 0o644), [""; 0]);
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let error = toml::from_str::<Config>(&format!("{SAFE}\nlistne = \"x\"")).unwrap_err();
        assert!(error.to_string().contains("listne"), "{error}");
    }

    #[test]
    fn a_node_drains_for_eight_seconds_at_most() {
        assert_eq!(config("").drain_s, 3);
        assert_eq!(config("drain_s = 0").drain(), Duration::ZERO);
        let error = toml::from_str::<Config>(&format!("{SAFE}\ndrain_s = 9")).unwrap_err();
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
        let variable = |name: &str| match name {
            "KASSA_LISTEN" => Some("127.0.0.1:9000".to_string()),
            "KASSA_ACCEPT_UNSAFE" => Some("lab, no-tls".to_string()),
            "KASSA_DATABASE" => Some("postgres://localhost/kassa".to_string()),
            "KASSA_TRUSTED_PROXIES" => Some("10.0.0.1, fd00::/8".to_string()),
            _ => None,
        };
        assert!(overridden.override_by(variable).is_ok());
        assert_eq!(overridden.listen.port(), 9000);
        assert_eq!(overridden.accept_unsafe, ["lab", "no-tls"]);
        assert!(overridden.is_on_postgres());
        assert_eq!(
            overridden.trusted_proxies,
            [network("10.0.0.1/32").unwrap(), network("fd00::/8").unwrap()]
        );
        let bad = |name: &str| (name == "KASSA_LAB").then(|| "perhaps".to_string());
        assert!(overridden.override_by(bad).is_err());
        let bad = |name: &str| (name == "KASSA_TRUSTED_PROXIES").then(|| "proxy.internal".to_string());
        assert!(overridden.override_by(bad).is_err());
    }
}
