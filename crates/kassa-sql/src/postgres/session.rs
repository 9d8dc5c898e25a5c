//! A connection to PostgreSQL, with the statements that are prepared on it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use parking_lot::Mutex;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{AsyncMessage, CancelToken, Client, Connection, SimpleQueryMessage, Socket, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::server_error::ServerError;
use super::wire::{read_row, types_of};
use crate::row::Row;
use crate::value::Value;

/// Does the work of a connection while it is polled.
pub(super) type Driver = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// A statement that is prepared on a session.
#[derive(Clone)]
pub struct Prepared(Statement);

impl Prepared {
    /// The types of the placeholders.
    pub(super) fn parameter_types(&self) -> &[Type] {
        self.0.params()
    }
}

/// The answer to a statement without values.
pub struct SimpleQueryResult {
    /// The rows, each value as text.
    pub rows: Vec<Row>,
    /// The number that the server reported with the last statement, such as that of the rows it moved over.
    pub count: u64,
}

/// The name of a prepared statement on its connection: the text of its source, and the form in which it is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StatementName {
    /// The text of the source.
    pub sql: &'static str,
    /// The form. One text can be run in several forms, which are statements of their own.
    pub form: &'static str,
}

/// A text that is run as it is.
impl From<&'static str> for StatementName {
    fn from(sql: &'static str) -> Self {
        Self { sql, form: "" }
    }
}

/// One connection. It is closed when this value is dropped, even if statements are still under way.
pub struct Session {
    client: Client,
    driver: Option<AbortHandle>,
    tls: MakeRustlsConnect,
    /// By name and types of the values. A null has the type that the text requires.
    prepared: Mutex<HashMap<(Name, Vec<Type>), Prepared>>,
}

/// The parts of a prepared statement.
#[derive(PartialEq, Eq, Hash)]
enum Name {
    /// One statement.
    Of(StatementName),
    /// Statements that run together for many rows.
    OfMany(Vec<&'static str>),
}

impl Session {
    pub(super) fn new(client: Client, driver: Option<AbortHandle>, tls: MakeRustlsConnect) -> Self {
        Self { client, driver, tls, prepared: Mutex::default() }
    }

    /// Whether the connection has ended.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Runs statements without values, separated by semicolons. Outside a transaction they are one transaction.
    ///
    /// # Errors
    /// If one of them fails.
    pub async fn batch(&self, text: &str) -> Result<(), ServerError> {
        Ok(self.client.batch_execute(text).await?)
    }

    /// Runs statements without values, and returns all their rows.
    ///
    /// # Errors
    /// If one of them fails.
    pub async fn simple_query(&self, text: &str) -> Result<SimpleQueryResult, ServerError> {
        let mut result = SimpleQueryResult { rows: Vec::new(), count: 0 };
        for message in self.client.simple_query(text).await? {
            match message {
                SimpleQueryMessage::Row(row) => {
                    let value = |column| row.get(column).map(str::to_string).into();
                    result.rows.push(Row::new((0..row.len()).map(value).collect()));
                }
                SimpleQueryMessage::CommandComplete(count) => result.count = count,
                SimpleQueryMessage::RowDescription(_) | _ => {}
            }
        }
        Ok(result)
    }

    /// The names of the columns that a query answers with.
    ///
    /// # Errors
    /// If the query cannot be prepared.
    pub async fn columns_of(&self, sql: &str) -> Result<Vec<String>, ServerError> {
        let prepared = self.client.prepare(sql).await?;
        Ok(prepared.columns().iter().map(|column| column.name().to_string()).collect())
    }

    /// The statement of this name, if it is prepared for values of these types.
    #[must_use]
    pub fn prepared(&self, name: impl Into<StatementName>, values: &[Value<'_>]) -> Option<Prepared> {
        self.find(&(Name::Of(name.into()), types_of(values)))
    }

    /// The statement of this name for values of these types. If it is not prepared yet, `text` returns the text that
    /// the server runs for it. It has to return the same each time for one name.
    ///
    /// # Errors
    /// If the server does not understand the statement.
    pub async fn prepare(
        &self,
        name: impl Into<StatementName>,
        values: &[Value<'_>],
        text: impl FnOnce() -> Cow<'static, str>,
    ) -> Result<Prepared, ServerError> {
        self.prepare_as(Name::Of(name.into()), types_of(values), text).await
    }

    /// The statement that is made of these texts, if it is prepared for values of these types.
    pub(super) fn prepared_of(&self, texts: Vec<&'static str>, types: Vec<Type>) -> Option<Prepared> {
        self.find(&(Name::OfMany(texts), types))
    }

    /// Prepares the statement that is made of these texts, for values of these types.
    pub(super) async fn prepare_made_of(
        &self,
        texts: Vec<&'static str>,
        types: Vec<Type>,
        text: impl FnOnce() -> Cow<'static, str>,
    ) -> Result<Prepared, ServerError> {
        self.prepare_as(Name::OfMany(texts), types, text).await
    }

    async fn prepare_as(
        &self,
        name: Name,
        types: Vec<Type>,
        text: impl FnOnce() -> Cow<'static, str>,
    ) -> Result<Prepared, ServerError> {
        let key = (name, types);
        if let Some(prepared) = self.find(&key) {
            return Ok(prepared);
        }
        let prepared = Prepared(self.client.prepare_typed(&text(), &key.1).await?);
        self.prepared.lock().insert(key, prepared.clone());
        Ok(prepared)
    }

    fn find(&self, key: &(Name, Vec<Type>)) -> Option<Prepared> {
        self.prepared.lock().get(key).cloned()
    }

    /// Runs a statement that answers with rows. It is sent when this is first polled.
    ///
    /// # Errors
    /// If it fails, or the connection breaks.
    pub async fn query(&self, statement: &Prepared, values: &[Value<'_>]) -> Result<Vec<Row>, ServerError> {
        self.query_with(statement, values).await
    }

    /// Runs a statement whose values are of any kind that the driver can send.
    pub(super) async fn query_with<V: ToSql + Sync>(
        &self,
        statement: &Prepared,
        values: &[V],
    ) -> Result<Vec<Row>, ServerError> {
        let mut found = pin!(self.client.query_raw(&statement.0, values).await?);
        let mut rows = Vec::new();
        while let Some(row) = found.try_next().await? {
            rows.push(read_row(&row)?);
        }
        Ok(rows)
    }

    /// Runs a statement, and says how many rows it changed or answered. It is sent when this is first polled.
    ///
    /// # Errors
    /// If it fails, or the connection breaks.
    pub async fn execute(&self, statement: &Prepared, values: &[Value<'_>]) -> Result<u64, ServerError> {
        Ok(self.client.execute_raw(&statement.0, values).await?)
    }

    /// The server's process of this session, as notifications name it.
    ///
    /// # Errors
    /// If the connection breaks.
    pub async fn process_id(&self) -> Result<i32, ServerError> {
        Ok(self.client.query_one("select pg_backend_pid()", &[]).await?.get(0))
    }

    /// Asks the server to cancel what still runs on this connection.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        Canceller { token: self.client.cancel_token(), tls: self.tls.clone() }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(driver) = &self.driver {
            driver.abort();
        }
    }
}

/// Cancels what runs on a connection, also after the connection was given up.
pub struct Canceller {
    token: CancelToken,
    tls: MakeRustlsConnect,
}

impl Canceller {
    /// Asks the server, for this long. If the server cannot be reached, it ends the statement by its own timeouts.
    pub async fn cancel_within(self, patience: Duration) {
        let _ = timeout(patience, self.token.cancel_query(self.tls)).await;
    }
}

/// The notifications of other sessions, on a connection that listens.
pub struct Listening(Driver);

/// A notification of another session, or of this one.
pub struct ServerNotification {
    /// The server's process of the session that notified.
    pub process_id: i32,
    /// The payload.
    pub payload: String,
}

impl Listening {
    pub(super) const fn new(driver: Driver) -> Self {
        Self(driver)
    }

    /// Waits for the next notification, and does the connection's other work meanwhile; `None` once it has ended.
    ///
    /// # Errors
    /// If the connection breaks.
    pub async fn next(&mut self) -> Result<Option<ServerNotification>, ServerError> {
        while let Some(message) = poll_fn(|context| self.0.poll_message(context)).await {
            if let AsyncMessage::Notification(notification) = message? {
                let (process_id, payload) = (notification.process_id(), notification.payload().to_string());
                return Ok(Some(ServerNotification { process_id, payload }));
            }
        }
        Ok(None)
    }
}
