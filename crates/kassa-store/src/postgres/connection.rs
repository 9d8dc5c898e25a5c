//! One connection at a time, made again when it is lost or given up, with the statements that are prepared on it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rustls_platform_verifier::Verifier;
use tokio::sync::Mutex;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};
use tokio_postgres::config::{LoadBalanceHosts, TargetSessionAttrs};
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config, Socket, Statement as Prepared};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::atomicity::Atomicity;
use super::no_answer_in_time;
use super::statement::{Spread, read_rows, text_of, types_of};
use crate::engine::{Row, Statement, Value};
use crate::{StoreError, migration};

/// The longest that one host may take to accept a connection.
const ACCEPT_TIMEOUT: Duration = Duration::from_secs(3);

/// The longest that a connection may take until it can be used: a server that is stopped in its tracks still accepts.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest that a read may take: the server ends it a second earlier, unless it gives no sign at all.
const READ_TIMEOUT: Duration = Duration::from_secs(9);

/// How long what was sent may stay unacknowledged, and how long nothing may come, before a host counts as gone.
const SILENCE: Duration = Duration::from_secs(10);

/// The longest that the next connection waits after one could not be made: whoever asks meanwhile hears the same, and a
/// server that has no connection left is not asked a thousand times a second.
const BREATH: Duration = Duration::from_millis(100);

/// What every connection asks of the server: a statement that runs longer has met something that is broken, and a lock
/// that is held longer too. A commit that waits for a synchronous replica is no statement to PostgreSQL: it waits on.
const OPTIONS: &str =
    "-c statement_timeout=8000 -c lock_timeout=4000 -c idle_in_transaction_session_timeout=15000";

/// Held while the schema is brought up to date, so that nodes that start together do it in turn: "KASSA" in ASCII.
const MIGRATION_LOCK: i64 = 0x4b_4153_5341;

/// What does the work of a connection while it is polled.
pub(super) type Driver =
    tokio_postgres::Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// Makes a connection where there is none.
pub(super) struct Connector {
    config: Config,
    tls: MakeRustlsConnect,
    atomicity: Atomicity,
    current: Mutex<Current>,
}

#[derive(Default)]
enum Current {
    #[default]
    None,
    Good(Arc<Connection>),
    /// None could be made, then and for this reason.
    Failed(Instant, StoreError),
}

/// One connection, and what is prepared on it. It ends with this value, whatever is still on its way.
pub(super) struct Connection {
    pub(super) atomicity: Atomicity,
    client: Client,
    driver: AbortHandle,
    spread: Spread,
    prepared: Mutex<HashMap<(&'static str, Vec<Type>), Prepared>>,
}

impl Connector {
    /// Only what can be written is connected to: a replica would answer with what was. Where there are several hosts
    /// they are tried in an order of chance, so that one that hangs does not stand before the others for ever.
    pub(super) fn new(url: &str, atomicity: Atomicity) -> Result<Self, StoreError> {
        let unusable = |error: tokio_postgres::Error| {
            StoreError::Unusable(format!("the database's URL cannot be used: {error}"))
        };
        let mut config: Config = url.parse().map_err(unusable)?;
        config
            .connect_timeout(ACCEPT_TIMEOUT)
            .keepalives_idle(SILENCE / 3)
            .keepalives_interval(SILENCE / 3)
            .keepalives_retries(2)
            .tcp_user_timeout(SILENCE)
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            .load_balance_hosts(LoadBalanceHosts::Random);
        if config.get_application_name().is_none() {
            config.application_name("kassa");
        }
        let given = config.get_options().unwrap_or_default();
        config.options(format!("{OPTIONS} {given}").trim_end());
        Ok(Self { config, tls: tls()?, atomicity, current: Mutex::default() })
    }

    /// The connection, made anew where it was lost.
    pub(super) async fn connection(&self) -> Result<Arc<Connection>, StoreError> {
        let mut current = self.current.lock().await;
        match &*current {
            Current::Good(connection) if !connection.client.is_closed() => return Ok(connection.clone()),
            Current::Failed(at, error) if at.elapsed() < BREATH => return Err(error.clone()),
            Current::Good(_) | Current::Failed(..) | Current::None => {}
        }
        let connected = self.keep_one().await.map_err(StoreError::from);
        *current = match &connected {
            Ok(connection) => Current::Good(connection.clone()),
            Err(error) => Current::Failed(Instant::now(), error.clone()),
        };
        connected
    }

    async fn keep_one(&self) -> Result<Arc<Connection>, NoConnection> {
        let (client, driver) = self.connect().await?;
        let (driver, prepared) = (drive(driver), Mutex::default());
        let mut connection =
            Connection { atomicity: self.atomicity, client, driver, spread: Spread::OneServer, prepared };
        let prepare = async {
            connection.client.batch_execute(self.atomicity.session()).await?;
            spread_of(&connection.client).await
        };
        let spread = timeout(CONNECT_TIMEOUT, prepare).await;
        connection.spread = spread.map_err(|_| NoConnection::Late)?.map_err(NoConnection::Failed)?;
        Ok(Arc::new(connection))
    }

    /// A connection beside the kept one, with what is to drive it.
    pub(super) async fn connect(&self) -> Result<(Client, Driver), NoConnection> {
        let connected = timeout(CONNECT_TIMEOUT, self.config.connect(self.tls.clone())).await;
        connected.map_err(|_| NoConnection::Late)?.map_err(NoConnection::Failed)
    }

    /// Closes a connection, unless another caller has done so: the next caller gets a new one. The server is asked to
    /// cancel what still runs on it.
    pub(super) async fn give_up(&self, connection: &Arc<Connection>) {
        let mut current = self.current.lock().await;
        if !matches!(&*current, Current::Good(good) if Arc::ptr_eq(good, connection)) {
            return;
        }
        *current = Current::None;
        let (cancel, tls) = (connection.client.cancel_token(), self.tls.clone());
        tokio::spawn(async move {
            // If the server cannot be reached, it ends the statement by its own timeouts.
            let _ = timeout(CONNECT_TIMEOUT, cancel.cancel_query(tls)).await;
        });
    }

    /// Runs a statement that changes nothing. Over a connection that turns out to be cut it is run once more, over a
    /// new one.
    pub(super) async fn query(&self, statement: &Statement) -> Result<Vec<Row>, StoreError> {
        let connection = self.connection().await?;
        let rows = match timeout(READ_TIMEOUT, connection.read(statement)).await {
            Ok(Err(error)) if is_cut(&error) => {
                self.give_up(&connection).await;
                self.connection().await?.read(statement).await?
            }
            Ok(rows) => rows?,
            Err(_) => {
                self.give_up(&connection).await;
                return Err(no_answer_in_time());
            }
        };
        read_rows(&rows)
    }
}

/// Does the work of a connection in the background.
fn drive(driver: Driver) -> AbortHandle {
    let driving = tokio::spawn(async move {
        if let Err(error) = driver.await {
            tracing::warn!(%error, "a connection to the database was lost");
        }
    });
    driving.abort_handle()
}

/// Whether the tables are spread over servers: Citus is there, or the URL says so (`options=-c kassa.spread=servers`).
const IS_SPREAD: &str = "select exists (select 1 from pg_extension where extname = 'citus')
    or coalesce(current_setting('kassa.spread', true), '') = 'servers'";

async fn spread_of(client: &Client) -> Result<Spread, tokio_postgres::Error> {
    let is_spread: bool = client.query_one(IS_SPREAD, &[]).await?.get(0);
    Ok(if is_spread { Spread::Servers } else { Spread::OneServer })
}

/// Why a connection did not come about.
pub(super) enum NoConnection {
    Late,
    Failed(tokio_postgres::Error),
}

impl NoConnection {
    /// Whether the server refuses who asks (class 28) or has no such database (3D): what a start need not wait for.
    fn is_refusal(&self) -> bool {
        match self {
            Self::Late => false,
            Self::Failed(error) => error
                .code()
                .is_some_and(|code| ["28", "3D"].iter().any(|class| code.code().starts_with(class))),
        }
    }
}

impl From<NoConnection> for StoreError {
    fn from(why: NoConnection) -> Self {
        match why {
            NoConnection::Late => {
                Self::Unavailable("the database accepts connections, and does not answer".to_string())
            }
            NoConnection::Failed(error) => error.into(),
        }
    }
}

/// Whether the connection ended, or is about to: the server said so, or said nothing more.
fn is_cut(error: &tokio_postgres::Error) -> bool {
    let ends = [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN];
    error.code().is_none_or(|code| ends.contains(code))
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Connection {
    async fn read(&self, statement: &Statement) -> Result<Vec<tokio_postgres::Row>, tokio_postgres::Error> {
        let prepared = self.prepare(statement).await?;
        self.query(&prepared, &statement.values).await
    }

    pub(super) async fn prepare(&self, statement: &Statement) -> Result<Prepared, tokio_postgres::Error> {
        let key = (statement.sql, types_of(&statement.values));
        if let Some(prepared) = self.prepared.lock().await.get(&key) {
            return Ok(prepared.clone());
        }
        let prepared = self.client.prepare_typed(&text_of(statement, self.spread), &key.1).await?;
        self.prepared.lock().await.insert(key, prepared.clone());
        Ok(prepared)
    }

    pub(super) async fn query(
        &self,
        prepared: &Prepared,
        values: &[Value],
    ) -> Result<Vec<tokio_postgres::Row>, tokio_postgres::Error> {
        let parameters: Vec<_> =
            values.iter().map(|value| value as &(dyn tokio_postgres::types::ToSql + Sync)).collect();
        self.client.query(prepared, &parameters).await
    }

    pub(super) async fn execute(&self, text: &str) -> Result<(), tokio_postgres::Error> {
        self.client.batch_execute(text).await
    }
}

/// Where the URL asks for TLS (`sslmode=require`), the server's certificate is checked against the platform's roots.
fn tls() -> Result<MakeRustlsConnect, StoreError> {
    let unusable = |error: rustls::Error| StoreError::Unusable(format!("there is no root to trust: {error}"));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = Verifier::new_with_extra_roots([], provider.clone()).map_err(unusable)?;
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// Brings the schema up to date, as the first of the nodes that start together.
pub(super) async fn bring_up_to_date(connector: &Connector) -> Result<(), StoreError> {
    let (client, driver) = connector.connect().await.map_err(|why| match why.is_refusal() {
        true => StoreError::Unusable(StoreError::from(why).to_string()),
        false => why.into(),
    })?;
    // The connection ends with the client.
    drive(driver);
    client.execute("select pg_advisory_lock($1)", &[&MIGRATION_LOCK]).await?;
    client.batch_execute(migration::HISTORY).await?;
    let applied = client.query(migration::APPLIED, &[]).await?;
    let applied: Vec<String> = applied.iter().map(|row| row.get(0)).collect();
    if migration::is_newer(&applied) {
        let oldest = client.query_opt(migration::OLDEST_SCHEMA, &[]).await?;
        migration::check_newer(oldest.map(|row| row.get::<_, String>(0)).as_deref())?;
    }
    for (version, text) in migration::missing(&applied)? {
        let fingerprint = migration::fingerprint(text);
        client
            .batch_execute(&format!(
                "begin; {text}; insert into schema_migration (version, fingerprint) values ({version}, '{fingerprint}'); commit"
            ))
            .await?;
    }
    client.execute("select pg_advisory_unlock($1)", &[&MIGRATION_LOCK]).await?;
    Ok(())
}
