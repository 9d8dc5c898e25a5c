//! One connection at a time, made again when it is lost, with the statements that are prepared on it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rustls_platform_verifier::Verifier;
use tokio::sync::Mutex;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config, Socket, Statement as Prepared};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::statement::{read_rows, text_of, types_of};
use crate::engine::{Row, Statement, Value};
use crate::{StoreError, migration};

/// The longest that a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// What every connection asks of the server: a statement that runs longer has met something that is broken, and a
/// lock that is held longer too.
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
    current: Mutex<Option<Arc<Connection>>>,
}

/// One connection, and what is prepared on it.
pub(super) struct Connection {
    client: Client,
    prepared: Mutex<HashMap<(&'static str, Vec<Type>), Prepared>>,
}

impl Connector {
    pub(super) fn new(url: &str) -> Result<Self, StoreError> {
        let unusable = |error: tokio_postgres::Error| {
            StoreError::Unusable(format!("the database's URL cannot be used: {error}"))
        };
        let mut config: Config = url.parse().map_err(unusable)?;
        config.connect_timeout(CONNECT_TIMEOUT).keepalives_idle(CONNECT_TIMEOUT);
        if config.get_application_name().is_none() {
            config.application_name("kassa");
        }
        let given = config.get_options().map(|given| format!("{OPTIONS} {given}"));
        config.options(given.as_deref().unwrap_or(OPTIONS));
        Ok(Self { config, tls: tls()?, current: Mutex::default() })
    }

    /// The connection, made anew where it was lost.
    pub(super) async fn connection(&self) -> Result<Arc<Connection>, StoreError> {
        let mut current = self.current.lock().await;
        if let Some(connection) = current.as_ref().filter(|connection| !connection.client.is_closed()) {
            return Ok(connection.clone());
        }
        let (client, driver) = self.connect().await?;
        tokio::spawn(async move {
            if let Err(error) = driver.await {
                tracing::warn!(%error, "a connection to the database was lost");
            }
        });
        let connection = Arc::new(Connection { client, prepared: Mutex::default() });
        *current = Some(connection.clone());
        Ok(connection)
    }

    /// A connection beside the kept one, with what is to drive it.
    pub(super) async fn connect(&self) -> Result<(Client, Driver), StoreError> {
        Ok(self.config.connect(self.tls.clone()).await?)
    }

    /// Runs a statement that changes nothing.
    pub(super) async fn query(&self, statement: &Statement) -> Result<Vec<Row>, StoreError> {
        let connection = self.connection().await?;
        let prepared = connection.prepare(statement).await?;
        read_rows(&connection.query(&prepared, &statement.values).await?)
    }
}

impl Connection {
    pub(super) async fn prepare(&self, statement: &Statement) -> Result<Prepared, tokio_postgres::Error> {
        let key = (statement.sql, types_of(&statement.values));
        if let Some(prepared) = self.prepared.lock().await.get(&key) {
            return Ok(prepared.clone());
        }
        let prepared = self.client.prepare_typed(&text_of(statement), &key.1).await?;
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
    let connection = connector.connection().await?;
    let client = &connection.client;
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
