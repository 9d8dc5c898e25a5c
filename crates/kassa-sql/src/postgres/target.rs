//! The place of a database, and the settings of a connection to it.

use std::error::Error as _;
use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::config::{LoadBalanceHosts, TargetSessionAttrs};
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::server_error::{ConnectError, ServerError};
use super::session::{Driver, Listening, Session};
use super::tls::Encryption;
use crate::error::{Cause, SqlError};

/// The place of a database by its URL (`postgres://user@host/name`, hosts separated by commas), and the settings of a
/// connection to it.
#[derive(Clone)]
pub struct Target {
    config: Config,
    tls: MakeRustlsConnect,
    ready_within: Duration,
    when_lost: fn(&ServerError),
}

/// The settings of [`Target::by_index`].
const BY_INDEX: &str = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off";

impl Target {
    /// Reads a URL. If it demands TLS (`sslmode=require` or `verify-full`), the server's certificate has to be trusted
    /// by the platform, or by the file that `sslrootcert` names, and to name the host.
    ///
    /// A connection is to be ready within `ready_within`: a server that is stopped still accepts connections, and does
    /// not answer. One host may take `accepted_within` to accept it.
    ///
    /// # Errors
    /// If the URL cannot be read. The error does not show it, because it may contain a password.
    pub fn of(url: &str, accepted_within: Duration, ready_within: Duration) -> Result<Self, SqlError> {
        let unusable = |error: SqlError| {
            let what = format!("the database's URL cannot be used: {error}");
            SqlError::Unusable(Cause::by(error, what))
        };
        let (mut config, tls) = parse(url).map_err(unusable)?;
        config.connect_timeout(accepted_within);
        Ok(Self { config, tls, ready_within, when_lost: |_| {} })
    }

    /// Gives connections a name that the server shows, unless the URL gives one.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        if self.config.get_application_name().is_none() {
            self.config.application_name(name);
        }
        self
    }

    /// Sets options of the server's session (`-c name=value`). Those of the URL come after them, and override them.
    #[must_use]
    pub fn with_options(mut self, options: &str) -> Self {
        let given = self.config.get_options().unwrap_or_default();
        let options = format!("{options} {given}");
        self.config.options(options.trim_end());
        self
    }

    /// Finds rows by an index wherever there is one, and plans each statement once. A plan that was made while a table
    /// was small would otherwise read the whole table after it grew.
    #[must_use]
    pub fn by_index(self) -> Self {
        self.with_options(BY_INDEX)
    }

    /// Counts a host as unreachable if it does not acknowledge or send anything for this long.
    #[must_use]
    pub fn silent_for_at_most(mut self, silence: Duration) -> Self {
        self.config
            .keepalives_idle(silence / 3)
            .keepalives_interval(silence / 3)
            .keepalives_retries(2)
            .tcp_user_timeout(silence);
        self
    }

    /// Connects only to a server that can be written, because a replica may answer with old rows. If there are several
    /// hosts, they are tried in a random order, so that a host that hangs does not delay every connection.
    #[must_use]
    pub fn writable_only(mut self) -> Self {
        self.config
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            .load_balance_hosts(LoadBalanceHosts::Random);
        self
    }

    /// Sets a function that is called when a connection is lost.
    #[must_use]
    pub fn when_lost(mut self, call: fn(&ServerError)) -> Self {
        self.when_lost = call;
        self
    }

    /// Reads a URL and the file of its `sslrootcert` as [`Target::of`] does, without connecting.
    ///
    /// # Errors
    /// If they cannot be read, or the URL names no host.
    pub fn check(url: &str) -> Result<(), SqlError> {
        let (config, _) = parse(url)?;
        match config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            true => Err(SqlError::Unusable("the URL names no host".into())),
            false => Ok(()),
        }
    }

    /// Makes a connection.
    ///
    /// # Errors
    /// If it cannot be made in time.
    pub async fn connect(&self) -> Result<Session, ConnectError> {
        let (client, driver) = self.reach().await?;
        let when_lost = self.when_lost;
        let driving = tokio::spawn(async move {
            if let Err(error) = driver.await {
                when_lost(&error.into());
            }
        });
        Ok(Session::new(client, Some(driving.abort_handle()), self.tls.clone()))
    }

    /// Makes a connection that also receives the notifications of other sessions. Its work is done while
    /// [`Listening::next`] is polled.
    ///
    /// # Errors
    /// If it cannot be made in time.
    pub async fn connect_listening(&self) -> Result<(Session, Listening), ConnectError> {
        let (client, driver) = self.reach().await?;
        Ok((Session::new(client, None, self.tls.clone()), Listening::new(driver)))
    }

    async fn reach(&self) -> Result<(Client, Driver), ConnectError> {
        let connected = timeout(self.ready_within, self.config.connect(self.tls.clone())).await;
        connected.map_err(|_| ConnectError::Late)?.map_err(|error| ConnectError::Failed(error.into()))
    }
}

fn parse(url: &str) -> Result<(Config, MakeRustlsConnect), SqlError> {
    let (rest, encryption) = Encryption::take(url)?;
    let config: Result<Config, SqlError> = rest.parse().map_err(|error: tokio_postgres::Error| {
        let cause = error.source().map_or_else(String::new, |cause| format!(": {cause}"));
        let what = format!("{error}{cause}");
        SqlError::Unusable(Cause::by(error, what))
    });
    let mut config = config?;
    config.ssl_mode(encryption.ssl_mode());
    Ok((config, encryption.connector()?))
}
