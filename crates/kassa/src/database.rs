//! What the database's URL says of the way there. It may name several hosts, each with a port, which is no URL to others.

use std::net::IpAddr;

use url::form_urlencoded;

/// A PostgreSQL URL, as far as its safety goes.
pub(crate) struct DatabaseUrl<'a> {
    user_and_password: &'a str,
    hosts: Vec<String>,
    parameters: Vec<(String, String)>,
}

impl<'a> DatabaseUrl<'a> {
    /// Reads a URL; nothing where it is the path of a file.
    pub(crate) fn read(database: &'a str) -> Option<Self> {
        let rest = database.strip_prefix("postgres://").or_else(|| database.strip_prefix("postgresql://"))?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let authority = rest.split('/').next().unwrap_or_default();
        let (user_and_password, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let parameters: Vec<(String, String)> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let named = parameters.iter().filter(|(name, _)| name == "host" || name == "hostaddr");
        let named = named.flat_map(|(_, hosts)| hosts.split(','));
        let hosts = hosts.split(',').chain(named).map(without_port).collect();
        Some(Self { user_and_password, hosts, parameters })
    }

    /// Whether what travels may be read on the way: one of the hosts is another machine, and nothing asks for TLS.
    pub(crate) fn is_in_clear(&self) -> bool {
        let is_encrypted =
            self.parameters.iter().any(|(name, value)| name == "sslmode" && value == "require");
        !is_encrypted && !self.hosts.iter().all(|host| is_this_machine(host))
    }

    /// Whether the password stands in it.
    pub(crate) fn holds_password(&self) -> bool {
        self.user_and_password.contains(':') || self.parameters.iter().any(|(name, _)| name == "password")
    }
}

fn without_port(host: &str) -> String {
    match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((address, _)) => address.to_string(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name).to_string(),
    }
}

/// A socket is; so is a host that is not named.
fn is_this_machine(host: &str) -> bool {
    let is_socket = host.is_empty() || host.starts_with('/') || host.to_ascii_lowercase().starts_with("%2f");
    is_socket || host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, is_in_clear: bool, holds_password: bool) {
        let read = DatabaseUrl::read(url).unwrap();
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
        check("postgres://kassa@localhost:5432,two:5432/kassa", true, false);
        check("postgres://kassa@127.0.0.1:5432,127.0.0.1:5433/kassa", false, false);
    }

    #[test]
    fn a_path_is_no_url() {
        assert!(DatabaseUrl::read("/var/lib/kassa/kassa.db").is_none());
    }
}
