//! A connection to PostgreSQL, with the steps of the transaction that are sent with the next statement.

use std::time::Duration;

use futures_util::future::join;
use kassa_sql::postgres::{ConnectError, ManyStep, ManySteps, Prepared, ServerError, Session, Target};
use kassa_sql::{Row, Sql, SqlError, Value};

use super::PATIENCE;
use crate::tracker::state::StateError;

/// The time limit for making a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The longest time without an answer of a host, before the connection counts as lost.
const SILENCE: Duration = Duration::from_secs(9);

/// The time limits that the server applies. An idle transaction belongs to a process that sleeps or is cut off, and
/// blocks the others. So the server ends it before the others give up.
const OPTIONS: &str =
    "-c statement_timeout=10000 -c lock_timeout=8000 -c idle_in_transaction_session_timeout=4000";

/// A connection.
pub(super) struct Connection {
    session: Session,
    /// The steps of the transaction that are sent with the next statement.
    unsent: String,
    /// Whether a step of the transaction failed. Then it is unknown which pieces the transaction contains.
    is_out_of_step: bool,
}

/// The target of a URL, with the tracker's options. `schema` applies to URLs that name none.
pub(in crate::tracker) fn target(url: &str, schema: Option<&str>) -> Result<Target, StateError> {
    let schema = schema.map_or_else(String::new, |schema| format!(" -c search_path={schema}"));
    let target = Target::of(url, CONNECT_TIMEOUT, PATIENCE)?;
    // If the connection fails, the next statement reports it.
    Ok(target.named("kassa track").with_options(&format!("{OPTIONS}{schema}")).silent_for_at_most(SILENCE))
}

impl From<ConnectError> for StateError {
    fn from(why: ConnectError) -> Self {
        SqlError::from(why).into()
    }
}

impl From<ServerError> for StateError {
    fn from(error: ServerError) -> Self {
        SqlError::from(error).into()
    }
}

impl Connection {
    pub(super) async fn make(target: &Target) -> Result<Self, StateError> {
        let session = target.connect().await?;
        Ok(Self { session, unsent: String::new(), is_out_of_step: false })
    }

    pub(super) const fn session(&self) -> &Session {
        &self.session
    }

    /// Whether a step of the transaction failed. Then the connection must not be used any more.
    pub(super) const fn is_out_of_step(&self) -> bool {
        self.is_out_of_step
    }

    pub(super) fn later(&mut self, step: &str) {
        self.unsent.push_str(step);
        self.unsent.push(';');
    }

    /// Runs steps of the transaction, after the unsent ones.
    pub(super) async fn batch(&mut self, text: &str) -> Result<(), ServerError> {
        let text = std::mem::take(&mut self.unsent) + text;
        let done = self.session.batch(&text).await;
        self.is_out_of_step |= done.is_err();
        done
    }

    /// Sends the unsent steps, before a statement is prepared: a failed transaction prepares nothing, and the steps may
    /// undo the failure.
    async fn flush(&mut self) -> Result<(), ServerError> {
        if self.unsent.is_empty() { Ok(()) } else { self.batch("").await }
    }

    pub(super) async fn execute(&mut self, sql: Sql, values: &[Value<'_>]) -> Result<u64, ServerError> {
        let statement = self.prepare(sql, values).await?;
        let unsent = std::mem::take(&mut self.unsent);
        let executed = self.session.execute(&statement, values);
        behind(&self.session, &unsent, executed, &mut self.is_out_of_step).await
    }

    pub(super) async fn query(&mut self, sql: Sql, values: &[Value<'_>]) -> Result<Vec<Row>, ServerError> {
        let statement = self.prepare(sql, values).await?;
        let unsent = std::mem::take(&mut self.unsent);
        let queried = self.session.query(&statement, values);
        behind(&self.session, &unsent, queried, &mut self.is_out_of_step).await
    }

    /// Runs a statement once for all rows of values.
    pub(super) async fn each(&mut self, sql: Sql, rows: &[Vec<Value<'_>>]) -> Result<Vec<Row>, ServerError> {
        let step = ManyStep { sql, is_guard: false, rows: rows.iter().map(Vec::as_slice).collect() };
        let steps = ManySteps::of(vec![step]).expect("a statement for each row has a text for many rows");
        let prepared = match self.session.prepared_many(&steps) {
            Some(prepared) => prepared,
            None => {
                self.flush().await?;
                self.session.prepare_many(&steps).await?
            }
        };
        let unsent = std::mem::take(&mut self.unsent);
        let executed = self.session.run_many(&prepared);
        behind(&self.session, &unsent, executed, &mut self.is_out_of_step).await
    }

    /// Prepares the statement, once for the types of its values.
    async fn prepare(&mut self, sql: Sql, values: &[Value<'_>]) -> Result<Prepared, ServerError> {
        if let Some(prepared) = self.session.prepared(sql.postgres(), values) {
            return Ok(prepared);
        }
        self.flush().await?;
        self.session.prepare(sql.postgres(), values, || sql.postgres().into()).await
    }
}

/// Sends a statement after steps of its transaction, and waits for both. The steps are polled first, so they are sent
/// first.
async fn behind<T>(
    session: &Session,
    steps: &str,
    statement: impl Future<Output = Result<T, ServerError>>,
    is_out_of_step: &mut bool,
) -> Result<T, ServerError> {
    if steps.is_empty() {
        return statement.await;
    }
    let (sent, answered) = join(session.batch(steps), statement).await;
    *is_out_of_step |= sent.is_err();
    sent.and(answered)
}
