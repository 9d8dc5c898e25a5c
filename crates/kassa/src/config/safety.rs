//! Unsafe settings of a configuration. `accept_unsafe` takes their names.

use std::fmt;
use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use url::{Host, Url};

use super::Config;
use crate::database::Database;

/// A setting that is not safe.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unsafe {
    /// The name in `accept_unsafe`.
    pub(crate) name: &'static str,
    /// Why.
    pub(crate) because: String,
}

impl fmt::Display for Unsafe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.because)
    }
}

/// The name of the setting that accepts a database file that users other than its owner can read.
pub(crate) const READABLE_DATABASE: &str = "readable-database";

impl Config {
    /// The unsafe settings that were not accepted by name.
    pub(crate) fn problems(&self) -> Vec<Unsafe> {
        let mut all = self.unsafe_settings();
        all.extend(self.readable_messages());
        all.extend(self.unsafe_files());
        all.retain(|one| !self.accepts(one.name));
        all
    }

    /// Whether the operator accepts this unsafe setting.
    pub(crate) fn accepts(&self, name: &str) -> bool {
        self.accept_unsafe.iter().any(|accepted| accepted == name)
    }

    /// Whether the database URL contains a password.
    pub(super) fn holds_password(&self) -> bool {
        match &self.database {
            Some(Database::Postgres(url)) => url.holds_password(),
            Some(Database::File(_)) | None => false,
        }
    }

    /// Whether the public URL names this machine, so that nobody else can use it.
    pub(super) fn is_local(&self) -> bool {
        Url::parse(&self.public_url).is_ok_and(|url| is_this_machine(url.host()))
    }

    fn unsafe_settings(&self) -> Vec<Unsafe> {
        let is_local = self.is_local();
        let is_https = self.public_url.starts_with("https://");
        let has_plain_page = self.page_url.as_ref().is_some_and(|url| is_plain_and_elsewhere(url.as_ref()));
        let listens_outside = !self.listen.ip().is_loopback();
        let networks = &self.outgoing.allowed_networks;
        let is_in_clear = match &self.database {
            Some(Database::Postgres(url)) => url.is_in_clear(),
            Some(Database::File(_)) | None => false,
        };
        let rules = [
            (
                "plain-http",
                !is_https && !is_local,
                "public_url is plain http: consumers' data and merchants' passwords would cross the network \
                 readable"
                    .to_string(),
            ),
            (
                "plain-http",
                has_plain_page,
                "page_url is plain http: consumers' data would cross the network readable".to_string(),
            ),
            (
                "no-tls",
                listens_outside && self.tls.is_none() && self.trusted_proxies.is_empty(),
                format!(
                    "{} is reached from outside without TLS: give [tls] a certificate, or name the \
                     trusted_proxies at which TLS ends",
                    self.listen
                ),
            ),
            (
                "lab",
                self.lab && listens_outside,
                "the lab is open on an address that is reached from outside: anyone with a credential moves \
                 time and finishes sessions"
                    .to_string(),
            ),
            (
                "http-callbacks",
                self.outgoing.allow_http,
                "outgoing.allow_http: callbacks would cross the network readable".to_string(),
            ),
            (
                "private-callbacks",
                !networks.is_empty(),
                format!(
                    "outgoing.allowed_networks: merchants choose URLs, and could have {} called",
                    list(networks)
                ),
            ),
            (
                "database-in-clear",
                is_in_clear,
                "the database is on another machine, and its URL does not say sslmode=verify-full"
                    .to_string(),
            ),
        ];
        rules
            .into_iter()
            .filter(|(_, applies, _)| *applies)
            .map(|(name, _, because)| Unsafe { name, because })
            .collect()
    }

    /// The problem that users other than the owner can read the keys of payment accounts.
    pub(super) fn account_key_problem(&self) -> Option<Unsafe> {
        let path = self.account_key_file.as_ref()?;
        let is_open = path.metadata().is_ok_and(|file| is_open_beyond_its_group(&file));
        let because = format!("{} contains keys and is open to others: chmod 600 it", path.display());
        is_open.then_some(Unsafe { name: "readable-account-key", because })
    }

    fn unsafe_files(&self) -> Vec<Unsafe> {
        let is_open =
            |path: &Path, is_open: fn(&Metadata) -> bool| path.metadata().is_ok_and(|file| is_open(&file));
        let mut unsafe_files = Vec::new();
        if let Some(path) = &self.path
            && self.file_holds_password
            && is_open(path, is_open_to_others)
        {
            let because = format!(
                "{} contains the database's password and is open to others: chmod 600 it",
                path.display()
            );
            unsafe_files.push(Unsafe { name: "readable-secrets", because });
        }
        if let Some(tls) = &self.tls
            && is_open(&tls.key, is_open_beyond_its_group)
        {
            let because = format!(
                "{} is the private key of the certificate and is open to others: chmod 600 it",
                tls.key.display()
            );
            unsafe_files.push(Unsafe { name: "readable-tls-key", because });
        }
        unsafe_files.extend(self.account_key_problem());
        for path in self.external_secret_files() {
            if is_open(path, is_open_beyond_its_group) {
                let because = format!(
                    "{} contains a secret of the external payment system and is open to others: chmod 600 it",
                    path.display()
                );
                unsafe_files.push(Unsafe { name: "readable-payment-secret", because });
            }
        }
        if let Some(path) = self.openid_secret_file()
            && is_open(path, is_open_beyond_its_group)
        {
            let because = format!(
                "{} contains the client secret of the OpenID provider and is open to others: chmod 600 it",
                path.display()
            );
            unsafe_files.push(Unsafe { name: "readable-openid-secret", because });
        }
        for path in self.message_secret_files() {
            if is_open(path, is_open_beyond_its_group) {
                let because = format!(
                    "{} contains a secret for messages and is open to others: chmod 600 it",
                    path.display()
                );
                unsafe_files.push(Unsafe { name: "readable-message-secret", because });
            }
        }
        unsafe_files
    }
}

/// Whether users other than the owner have any permission on a file.
pub(crate) fn is_open_to_others(file: &Metadata) -> bool {
    file.permissions().mode() & 0o077 != 0
}

/// The same for a private key. Root may share one with a group that reads it, as distributions do (`ssl-cert`).
fn is_open_beyond_its_group(key: &Metadata) -> bool {
    let is_shared_by_root = key.uid() == 0 && key.permissions().mode() & 0o037 == 0;
    is_open_to_others(key) && !is_shared_by_root
}

/// Whether a URL is plain http and names another machine.
fn is_plain_and_elsewhere(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.scheme() == "http" && !is_this_machine(url.host()))
}

pub(super) fn is_this_machine<S: AsRef<str>>(host: Option<Host<S>>) -> bool {
    match host {
        Some(Host::Domain(name)) => name.as_ref() == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn list(items: &[impl fmt::Display]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use tempfile::TempDir;

    use super::*;
    use crate::config::{ConfigFile, Tls};
    use crate::settings_file;

    pub(in crate::config) const SAFE: &str = r#"
        public_url = "https://pay.example"
        database = "/var/lib/kassa/kassa.db"
        payment_system = "sandbox"
    "#;

    /// A safe configuration, and more.
    pub(in crate::config) fn config(more: &str) -> Config {
        settings_file::read(&format!("{SAFE}\n{more}")).unwrap()
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
        let on = |database: &str| names(&Config { database: Database::read(database).ok(), ..config("") });
        assert_eq!(on("postgres://kassa@db.example/kassa"), ["database-in-clear"]);
        assert_eq!(on("postgres://kassa@db.example/kassa?sslmode=require"), [""; 0]);
        assert_eq!(on("postgres://kassa@localhost/kassa"), [""; 0]);
        assert_eq!(on("postgres://kassa@%2Frun%2Fpostgresql/kassa"), [""; 0]);
        let plain = Config { public_url: "http://pay.example".to_string(), ..config("") };
        assert_eq!(names(&plain), ["plain-http"]);
        assert_eq!(names(&config("page_url = \"http://checkout.example\"")), ["plain-http"]);
        assert_eq!(names(&config("page_url = \"http://localhost:8081\"")), [""; 0]);
    }

    #[test]
    fn an_unsafe_setting_that_is_accepted_by_name_is_no_problem() {
        let accepted = config("listen = \"0.0.0.0:80\"\naccept_unsafe = [\"no-tls\"]");
        assert_eq!(accepted.problems(), []);
    }

    #[test]
    fn a_file_with_the_databases_password_must_be_readable_only_by_its_owner() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("kassa.toml");
        let problems = |database: &str, mode: u32| {
            std::fs::write(&file, SAFE.replace("/var/lib/kassa/kassa.db", database)).unwrap();
            std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
            let read = Config::read(&ConfigFile { config: Some(file.clone()) });
            let config = read.unwrap_or_else(|_| panic!("{database} cannot be read"));
            config.problems().into_iter().map(|one| one.name).collect::<Vec<_>>()
        };
        assert_eq!(problems("postgres://kassa:secret@localhost/kassa", 0o644), ["readable-secrets"]);
        assert_eq!(problems("postgres://kassa:sec/ret@localhost/kassa", 0o644), ["readable-secrets"]);
        assert_eq!(problems("postgres://kassa:secret@localhost/kassa", 0o600), [""; 0]);
        assert_eq!(problems("postgres://kassa@localhost/kassa", 0o644), [""; 0]);
    }

    #[test]
    fn a_private_key_that_others_can_read_is_not_safe() {
        let folder = TempDir::new().unwrap();
        let key = folder.path().join("key.pem");
        std::fs::write(&key, "a key").unwrap();
        let config = Config { tls: Some(Tls { certificate: key.clone(), key: key.clone() }), ..config("") };
        let problems = |mode: u32| {
            std::fs::set_permissions(&key, Permissions::from_mode(mode)).unwrap();
            let problems = config.problems();
            problems.into_iter().map(|one| one.name).collect::<Vec<_>>()
        };
        for mode in [0o644, 0o604, 0o660, 0o606] {
            assert_eq!(problems(mode), ["readable-tls-key"], "{mode:o}");
        }
        for mode in [0o600, 0o400] {
            assert_eq!(problems(mode), [""; 0], "{mode:o}");
        }
        let is_roots = key.metadata().unwrap().uid() == 0;
        assert_eq!(problems(0o640).is_empty(), is_roots, "root may share a key with a group");
    }
}
