//! The database that a setting names: the path of a SQLite file, or a PostgreSQL server.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use kassa_server::Store;
use schemars::JsonSchema;
use serde::Deserialize;
use url::form_urlencoded;

/// The beginnings of the URL of a PostgreSQL server.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// The values of `sslmode` that encrypt the connection.
const ENCRYPTED: [&str; 3] = ["require", "verify-ca", "verify-full"];

/// Keys that begin a connection string of libpq or of another driver, which is not a URL: `host=... password=...`.
const DRIVER_KEYS: [&str; 15] = [
    "data source",
    "database",
    "dbname",
    "driver",
    "host",
    "hostaddr",
    "options",
    "passfile",
    "password",
    "port",
    "server",
    "service",
    "sslmode",
    "user",
    "user id",
];

/// A database, as a setting names it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub(crate) enum Database {
    /// The path of a SQLite file.
    File(PathBuf),
    /// A PostgreSQL server.
    Postgres(PostgresUrl),
}

/// The URL of a PostgreSQL server. It may name several hosts, each with a port, which other URLs cannot.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PostgresUrl(String);

/// The reason why a text names no database. It does not show the text, because even a mistyped database URL may contain
/// a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoDatabase {
    Empty,
    Quoted,
    Padded,
    ControlCharacter,
    KeysAndValues,
    AnotherUrl,
    AtSignInHost,
    Unusable(String),
}

impl fmt::Display for NoDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self {
            Self::Empty => "it is empty",
            Self::Quoted => "it begins or ends with a quotation mark, which does not belong to the value",
            Self::Padded => "it begins or ends with white space, which does not belong to the value",
            Self::ControlCharacter => "it contains a control character, such as a line break",
            Self::KeysAndValues => "it is a list of keys and values, as libpq and other drivers take it",
            Self::AnotherUrl => "it looks like a URL, but not like one of PostgreSQL",
            Self::AtSignInHost => "@ : / and ? in a password have to be percent-encoded",
            Self::Unusable(reason) => reason,
        };
        write!(f, "{reason}; expected postgres://user@host/name, or the path of a SQLite file")
    }
}

impl std::error::Error for NoDatabase {}

impl TryFrom<String> for Database {
    type Error = NoDatabase;

    fn try_from(text: String) -> Result<Self, NoDatabase> {
        Self::read(&text)
    }
}

impl Database {
    /// Reads a setting. A mistyped URL is refused, because as a path it would create a new, empty database.
    pub(crate) fn read(text: &str) -> Result<Self, NoDatabase> {
        let quotation_marks = ['"', '\''];
        match () {
            () if text.trim().is_empty() => Err(NoDatabase::Empty),
            () if text.trim() != text => Err(NoDatabase::Padded),
            () if text.contains(char::is_control) => Err(NoDatabase::ControlCharacter),
            () if text.starts_with(quotation_marks) || text.ends_with(quotation_marks) => {
                Err(NoDatabase::Quoted)
            }
            () if SCHEMES.iter().any(|scheme| text.starts_with(scheme)) => {
                PostgresUrl::read(text).map(Self::Postgres)
            }
            () if is_url(text) => Err(NoDatabase::AnotherUrl),
            () if is_keys_and_values(text) => Err(NoDatabase::KeysAndValues),
            () => Ok(Self::File(text.into())),
        }
    }
}

/// Whether a text looks like a URL: it begins with a scheme of any length, or with `user:password@`. A path such as
/// `./a:b` does not.
fn is_url(text: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "+-.".contains(letter);
    let has_password = text.split_once('@').is_some_and(|(user, _)| user.contains(':'));
    text.contains("://")
        || has_password
        || text.split_once(':').is_some_and(|(scheme, _)| scheme.chars().all(is_part))
}

fn is_keys_and_values(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let is_key = |key: &str| DRIVER_KEYS.contains(&key.trim());
    text.split_once('=').is_some_and(|(key, _)| is_key(key))
        || text.contains("password=")
        || text.contains("pwd=")
}

impl PostgresUrl {
    fn read(text: &str) -> Result<Self, NoDatabase> {
        Store::check_url(text).map_err(|error| NoDatabase::Unusable(error.to_string()))?;
        let url = Self(text.to_string());
        match url.parts().hosts.contains('@') {
            true => Err(NoDatabase::AtSignInHost),
            false => Ok(url),
        }
    }

    /// The URL with its password, to connect with.
    pub(crate) fn secret(&self) -> &str {
        &self.0
    }

    /// Whether the network can read the traffic: one of the hosts is another machine, and the URL does not require TLS.
    pub(crate) fn is_in_clear(&self) -> bool {
        let Parts { hosts, parameters, .. } = self.parts();
        let is_encrypted =
            parameters.iter().any(|(name, value)| name == "sslmode" && ENCRYPTED.contains(&value.as_str()));
        let named = parameters.iter().filter(|(name, _)| name == "host" || name == "hostaddr");
        let named = named.flat_map(|(_, hosts)| hosts.split(','));
        !is_encrypted && !hosts.split(',').chain(named).all(|host| is_this_machine(&without_port(host)))
    }

    /// Whether the URL contains a password.
    pub(crate) fn holds_password(&self) -> bool {
        let Parts { user_and_password, parameters, .. } = self.parts();
        user_and_password.contains(':') || parameters.iter().any(|(name, _)| name == "password")
    }

    /// Splits the URL as the driver does: the user and the password end at the first `@`.
    fn parts(&self) -> Parts<'_> {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let (user_and_password, rest) = rest.split_once('@').unwrap_or(("", rest));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let parameters = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Parts { user_and_password, hosts: rest.split('/').next().unwrap_or_default(), parameters }
    }
}

struct Parts<'a> {
    user_and_password: &'a str,
    hosts: &'a str,
    parameters: Vec<(String, String)>,
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostgresUrl(..)")
    }
}

impl fmt::Display for Database {
    /// For people and the log. It shows a path, and nothing of a URL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the SQLite file {}", path.display()),
            Self::Postgres(_) => f.write_str("the PostgreSQL database"),
        }
    }
}

fn without_port(host: &str) -> String {
    match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((address, _)) => address.to_string(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name).to_string(),
    }
}

/// Whether a host is this machine. A socket is, and so is an empty name.
fn is_this_machine(host: &str) -> bool {
    let is_socket = host.is_empty() || host.starts_with('/') || host.to_ascii_lowercase().starts_with("%2f");
    is_socket || host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, is_in_clear: bool, holds_password: bool) {
        let Ok(Database::Postgres(read)) = Database::read(url) else { panic!("{url}") };
        assert_eq!((read.is_in_clear(), read.holds_password()), (is_in_clear, holds_password), "{url}");
    }

    #[test]
    fn each_of_several_hosts_counts() {
        check("postgres://kassa@localhost/kassa", false, false);
        check("postgres://kassa@127.0.0.1:5432/kassa", false, false);
        check("postgres://kassa@[::1]:5432/kassa", false, false);
        check("postgres://kassa@%2Frun%2Fpostgresql/kassa", false, false);
        check("postgresql:///kassa?host=/run/postgresql", false, false);
        check("postgres://kassa@db.example/kassa", true, false);
        check("postgresql:///kassa?host=db.example&password=x", true, true);
        check("postgres://kassa:x@one:5432,two:5432/kassa", true, true);
        check("postgres://kassa:x@one:5432,two:5432/kassa?sslmode=require", false, true);
        check("postgres://kassa:x@one/kassa?sslmode=verify-full", false, true);
        check("postgres://kassa:x@one/kassa?sslmode=prefer", true, true);
        check("postgres://kassa@localhost:5432,two:5432/kassa", true, false);
        check("postgres://kassa@127.0.0.1:5432,127.0.0.1:5433/kassa", false, false);
    }

    /// The driver reads everything before the first `@` as the user and the password.
    #[test]
    fn a_password_that_is_not_encoded_is_a_password_all_the_same() {
        check("postgres://kassa:a/b@db.example/kassa", true, true);
        check("postgres://kassa:a?b@localhost/kassa", false, true);
    }

    #[test]
    fn a_path_is_a_file() {
        for path in ["/var/lib/kassa/kassa.db", "kassa.db", "./a:b", "data/a:b", "from KASSA_DATABASE", "a=b"]
        {
            assert_eq!(Database::read(path), Ok(Database::File(path.into())), "{path}");
        }
    }

    #[test]
    fn a_url_that_is_not_postgresqls_is_refused_and_not_shown() {
        use NoDatabase::{AnotherUrl, AtSignInHost, ControlCharacter, Empty, KeysAndValues, Padded, Quoted};
        for (text, why) in [
            ("", Empty),
            (" ", Empty),
            ("\"postgres://kassa:s3cr3t@host/kassa\"", Quoted),
            ("'/var/lib/kassa.db'", Quoted),
            ("postgres://kassa:s3cr3t@host/kassa\"", Quoted),
            ("postgres://kassa:s3cr3t@host/kassa ", Padded),
            (" postgres://kassa:s3cr3t@host/kassa", Padded),
            ("/var/lib/kassa.db\n", Padded),
            ("postgres://kassa:s3cr3t@host\n/kassa", ControlCharacter),
            ("/var/lib/kassa\u{7}.db", ControlCharacter),
            ("HOST=db PASSWORD=s3cr3t", KeysAndValues),
            ("Server=db;Database=kassa;User Id=kassa;Password=s3cr3t", KeysAndValues),
            ("kassa;Pwd=s3cr3t", KeysAndValues),
            ("//kassa:s3cr3t@host/kassa", AnotherUrl),
            ("kassa:s3cr3t@tcp(host:3306)/kassa", AnotherUrl),
            ("postgres//kassa:s3cr3t@host/kassa", AnotherUrl),
            ("host=db.internal port=5432 user=kassa password=s3cr3t", KeysAndValues),
            ("password = s3cr3t host=db", KeysAndValues),
            ("Postgres://kassa:s3cr3t@host/kassa", AnotherUrl),
            ("postgresql:/host/kassa", AnotherUrl),
            ("postgres:kassa:s3cr3t@host", AnotherUrl),
            ("postgres:/kassa:s3cr3t@host/kassa", AnotherUrl),
            ("jdbc:postgresql://127.0.0.1/kassa?user=kassa&password=s3cr3t", AnotherUrl),
            ("mysql://kassa:s3cr3t@host/kassa", AnotherUrl),
            ("sqlite:kassa.db", AnotherUrl),
            (":memory:", AnotherUrl),
            ("url = postgres://kassa:s3cr3t@host/kassa", AnotherUrl),
            ("postgres://kassa:s3cr3t@s3cr3t@host/kassa", AtSignInHost),
        ] {
            assert_eq!(Database::read(text), Err(why.clone()), "{text}");
            assert!(!why.to_string().contains("s3cr3t"), "{why}");
        }
    }

    #[test]
    fn a_url_that_the_driver_cannot_use_is_refused_and_not_shown() {
        for (url, reason) in [
            ("postgres://", "names no host"),
            ("postgres:///kassa", "names no host"),
            ("postgres://kassa:s3cr3t@host:port/kassa", "port"),
            ("postgres://kassa:s3cr3t@host/kassa?sslrootcert=x", "sslmode=verify-full"),
            ("postgres://kassa:s3cr3t@host/kassa?sslmode=verify-full&sslrootcert=/absent.pem", "/absent.pem"),
            ("postgres://kassa:s3cr3t@host/kassa?sslmode=perhaps", "sslmode"),
        ] {
            let why = Database::read(url).unwrap_err().to_string();
            assert!(why.contains(reason) && !why.contains("s3cr3t"), "{url}: {why}");
        }
    }

    #[test]
    fn debug_output_and_messages_do_not_show_a_url() {
        let database = Database::read("postgres://kassa:s3cr3t@host/kassa").unwrap();
        let shown = format!("{database} {database:?}");
        assert!(!shown.contains("s3cr3t") && !shown.contains("host"), "{shown}");
    }
}
