//! A connection to PostgreSQL, with the statements that are prepared on it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use futures_util::future::join;
use rustls_platform_verifier::Verifier;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Config, Error, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::tracker::state::StateError;
use crate::tracker::state::value::{Column, Row, Value};

/// The longest that a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// What is asked of the server. A transaction in which nothing happens is of a process that sleeps or is cut off, and holds
/// up the others: it ends, and sooner than they give up waiting for it.
const OPTIONS: &str =
    "-c statement_timeout=10000 -c lock_timeout=8000 -c idle_in_transaction_session_timeout=4000";

/// One connection.
pub(super) struct Connection {
    client: Client,
    prepared: HashMap<(&'static str, Vec<Type>), Statement>,
    /// Steps of the transaction that are sent with the next statement.
    unsent: String,
    /// Whether a step of the transaction failed. Nobody knows then which of the pieces the transaction still holds.
    is_out_of_step: bool,
}

/// What the URL says, and what a tracker asks of the server beyond it. The schema is for URLs that name none.
pub(in crate::tracker) fn configured(url: &str, schema: Option<&str>) -> Result<Config, StateError> {
    let unusable = |error: Error| {
        let cause = std::error::Error::source(&error).map_or_else(String::new, |cause| format!(": {cause}"));
        StateError(format!("the database's URL cannot be used: {error}{cause}"))
    };
    let mut config: Config = url.parse().map_err(unusable)?;
    config.application_name("kassa track").connect_timeout(CONNECT_TIMEOUT).keepalives_idle(CONNECT_TIMEOUT);
    let schema = schema.map_or_else(String::new, |schema| format!(" -c search_path={schema}"));
    let given = config.get_options().unwrap_or_default();
    let options = format!("{OPTIONS}{schema} {given}");
    config.options(options);
    Ok(config)
}

/// Where the URL asks for TLS (`sslmode=require`), the server's certificate is checked against the platform's roots.
pub(in crate::tracker) fn tls() -> Result<MakeRustlsConnect, StateError> {
    let unusable = |error: rustls::Error| StateError(format!("there is no root to trust: {error}"));
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

impl Connection {
    pub(super) async fn make(config: &Config, tls: &MakeRustlsConnect) -> Result<Self, Error> {
        let (client, driver) = config.connect(tls.clone()).await?;
        // How it ends, the next statement will say.
        tokio::spawn(driver);
        Ok(Self { client, prepared: HashMap::new(), unsent: String::new(), is_out_of_step: false })
    }

    /// Whether a step of the transaction failed, so that the connection must not be used any more.
    pub(super) const fn is_out_of_step(&self) -> bool {
        self.is_out_of_step
    }

    pub(super) fn later(&mut self, step: &str) {
        self.unsent.push_str(step);
        self.unsent.push(';');
    }

    /// Runs steps of the transaction, behind those that were to be sent with the next statement.
    pub(super) async fn batch(&mut self, text: &str) -> Result<(), Error> {
        let text = std::mem::take(&mut self.unsent) + text;
        let done = self.client.batch_execute(&text).await;
        self.is_out_of_step |= done.is_err();
        done
    }

    pub(super) async fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, Error> {
        let statement = self.prepare(sql, values).await?;
        let unsent = std::mem::take(&mut self.unsent);
        let parameters = parameters(values);
        let executed = self.client.execute(&statement, &parameters);
        behind(&self.client, &unsent, executed, &mut self.is_out_of_step).await
    }

    pub(super) async fn query(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<tokio_postgres::Row>, Error> {
        let statement = self.prepare(sql, values).await?;
        let unsent = std::mem::take(&mut self.unsent);
        let parameters = parameters(values);
        let queried = self.client.query(&statement, &parameters);
        behind(&self.client, &unsent, queried, &mut self.is_out_of_step).await
    }

    /// The statement as it is prepared, once for the types of its values.
    async fn prepare(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Statement, Error> {
        let key = (sql, values.iter().map(type_of).collect::<Vec<_>>());
        if let Some(prepared) = self.prepared.get(&key) {
            return Ok(prepared.clone());
        }
        if !self.unsent.is_empty() {
            // In a transaction that failed nothing can be prepared, so what undoes the failure goes first.
            self.batch("").await?;
        }
        let prepared = self.client.prepare_typed(sql, &key.1).await?;
        self.prepared.insert(key, prepared.clone());
        Ok(prepared)
    }
}

/// Sends a statement behind steps of its transaction, and waits for both. What is polled first is sent first.
async fn behind<T>(
    client: &Client,
    steps: &str,
    statement: impl Future<Output = Result<T, Error>>,
    is_out_of_step: &mut bool,
) -> Result<T, Error> {
    if steps.is_empty() {
        return statement.await;
    }
    let (sent, answered) = join(client.batch_execute(steps), statement).await;
    *is_out_of_step |= sent.is_err();
    sent.and(answered)
}

/// What is null has the type that the text asks for.
const fn type_of(value: &Value<'_>) -> Type {
    match value {
        Value::Null => Type::UNKNOWN,
        Value::Int(_) => Type::INT8,
        Value::Text(_) => Type::TEXT,
    }
}

fn parameters<'a>(values: &'a [Value<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) => number.to_sql(ty, out),
            // PostgreSQL has no place for a zero byte in a text.
            Self::Text(text) if text.contains('\0') => text.replace('\0', "\u{fffd}").to_sql(ty, out),
            Self::Text(text) => text.to_sql(ty, out),
        }
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

pub(super) fn read_row(row: &tokio_postgres::Row) -> Result<Row, Error> {
    let column = |index: usize| {
        Ok(match *row.columns()[index].type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(index)?.map_or(Column::Null, Column::Int),
            Type::INT4 => row
                .try_get::<_, Option<i32>>(index)?
                .map_or(Column::Null, |number| Column::Int(number.into())),
            _ => row.try_get::<_, Option<String>>(index)?.map_or(Column::Null, Column::Text),
        })
    };
    (0..row.len()).map(column).collect::<Result<_, _>>().map(Row::new)
}
