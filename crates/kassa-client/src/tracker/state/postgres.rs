//! The engine for several machines: PostgreSQL, or a database that speaks its wire.
//!
//! A group begins with an advisory lock, which is to PostgreSQL what an immediate transaction is to SQLite: one writer at
//! a time, in however many processes, so that trackers share a database by the very rules by which they share a file. A
//! tracker that sleeps in the middle of a group loses its transaction, and with it the lock.

mod connection;

use std::time::Duration;

use kassa_sql::postgres::{ServerError, Target};
use kassa_sql::{Cause, Row, Schema, Sql, Value, columns, sql};
use tokio::runtime::{Builder, Runtime};
use tokio::time::error::Elapsed;

use super::StateError;
use super::database::{Database, Engine, Step};
use connection::Connection;

pub(in crate::tracker) use connection::target;

/// Pieces of work committed together at most: so many savepoints PostgreSQL keeps at hand.
const LARGEST_GROUP: usize = 64;

/// The schema of a tracker's own tables, where the URL names none by `search_path`.
const OWN_SCHEMA: &str = "kassa_tracker";

/// How long an answer may take. The server gives up sooner, by what [`connection`] asks of it.
const PATIENCE: Duration = Duration::from_secs(12);

/// Begins a group: one at a time among the trackers that keep their tables in this schema. Under any other isolation
/// level the group would not see what was committed while it waited for the lock, whatever the database's default is.
const BEGIN: &str = "begin isolation level read committed read write;
    select pg_advisory_xact_lock(1801679986, coalesce(hashtext(current_schema()), 0))";

/// One connection, made again when it is lost.
struct Server {
    /// Drives the connection while somebody waits for an answer, and only then. It is there until the end.
    runtime: Option<Runtime>,
    target: Target,
    connection: Option<Connection>,
}

/// Connects to a database, and makes a tracker's own tables where they are missing.
pub(super) async fn connect_own(url: &str, schema: Schema) -> Result<Database, StateError> {
    connect(url, Some(OWN_SCHEMA), move |server| server.make_own(&schema)).await
}

/// Connects to a database of somebody else's, and makes a table of ours in it where it is missing.
pub(in crate::tracker) async fn connect_theirs(
    url: &str,
    table: &'static str,
) -> Result<Database, StateError> {
    connect(url, None, |server| server.in_transaction(|server| Ok(server.batch(&read_by_postgres(table))?)))
        .await
}

/// Several processes may begin at once, so what is made is made under the lock.
async fn connect(
    url: &str,
    schema: Option<&str>,
    make: impl FnOnce(&mut Server) -> Result<(), StateError> + Send + 'static,
) -> Result<Database, StateError> {
    let target = target(url, schema)?;
    let connecting = move || {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| StateError::Unavailable(Cause::of(error)))?;
        runtime.block_on(target.check_server())?;
        let mut server = Server { runtime: Some(runtime), target, connection: None };
        make(&mut server)?;
        Ok(Database::on(server))
    };
    tokio::task::spawn_blocking(connecting).await.map_err(|error| StateError::Fault(Cause::of(error)))?
}

/// What PostgreSQL is to read of a text that makes tables: its `integer` has half the size, and each of its tables is
/// strict.
fn read_by_postgres(schema: &str) -> String {
    schema.replace(" integer", " bigint").replace(") strict, without rowid;", ");").replace(") strict;", ");")
}

columns! {
    tables {
        all = "count(*)",
        ours = "count(case when table_name in ('sessions', 'changes', 'events', 'orders', 'notes') then 1 end)",
    }
}

impl Server {
    fn make_own(&mut self, schema: &Schema) -> Result<(), StateError> {
        self.in_transaction(|server| {
            let current = "select current_schema()".into();
            let current = server.query(current, &[])?.first_mut().map(Row::only::<Option<String>>);
            if current.transpose()? == Some(None) {
                server.batch(&format!("create schema if not exists {OWN_SCHEMA}"))?;
            }
            if server.is_anothers()? {
                return Err(StateError::Unusable("the schema holds the tables of another program".into()));
            }
            server.bring_up_to_date(schema)
        })
    }

    /// Whether there are tables, and not all that a tracker has.
    fn is_anothers(&mut self) -> Result<bool, StateError> {
        let tables = sql!(
            "select {tables} from information_schema.tables where table_schema = current_schema()",
            tables
        );
        let mut counts = self.query(tables, &[])?;
        let mut count = |column| counts.first_mut().map_or(Ok(0), |row| row.get::<i64>(column));
        Ok(count(tables::all)? > 0 && count(tables::ours)? < 5)
    }

    /// Runs the missing migrations in the current transaction.
    fn bring_up_to_date(&mut self, schema: &Schema) -> Result<(), StateError> {
        let (Some(runtime), Some(connection)) = (&self.runtime, &self.connection) else { return Err(lost()) };
        let making = schema.bring_server_up_to_date(connection.session(), read_by_postgres);
        let made = runtime.block_on(async { tokio::time::timeout(PATIENCE, making).await });
        Ok(made.map_err(late)??)
    }

    fn in_transaction(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<(), StateError>,
    ) -> Result<(), StateError> {
        self.step(Step::Begin)?;
        work(self)?;
        self.step(Step::Commit)
    }

    /// Waits for an answer. A connection that was lost, or on which a step of the transaction failed, is closed: whatever
    /// was begun on it is undone.
    fn wait<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Connection) -> Result<T, ServerError>,
    ) -> Result<T, Failed> {
        let (Some(runtime), Some(connection)) = (&self.runtime, &mut self.connection) else {
            return Err(Failed::Lost(lost()));
        };
        let answered = runtime.block_on(async { tokio::time::timeout(PATIENCE, work(connection)).await });
        let is_out_of_step = connection.is_out_of_step();
        let answer = answered.map_err(|elapsed| Failed::Lost(late(elapsed))).and_then(|answer| Ok(answer?));
        if is_out_of_step || matches!(answer, Err(Failed::Lost(_))) {
            self.connection = None;
        }
        answer
    }

    fn batch(&mut self, text: &str) -> Result<(), Failed> {
        self.wait(async |connection| connection.batch(text).await)
    }

    fn reconnect(&mut self) -> Result<(), StateError> {
        let Some(runtime) = &self.runtime else { return Ok(()) };
        self.connection = Some(runtime.block_on(Connection::make(&self.target))?);
        Ok(())
    }

    /// Begins a transaction. That a connection was lost shows only when it is used: nothing has begun then, so another
    /// one is as good.
    fn begin(&mut self, text: &str) -> Result<(), StateError> {
        if self.connection.is_some() {
            match self.batch(text) {
                Err(Failed::Lost(_)) => {}
                begun => return Ok(begun?),
            }
        }
        self.reconnect()?;
        Ok(self.batch(text)?)
    }
}

/// Why something was not done.
enum Failed {
    /// The connection was lost.
    Lost(StateError),
    /// The server refused it.
    Refused(StateError),
}

impl From<ServerError> for Failed {
    fn from(error: ServerError) -> Self {
        match error.is_loss() {
            true => Self::Lost(error.into()),
            false => Self::Refused(error.into()),
        }
    }
}

impl From<Failed> for StateError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Lost(error) | Failed::Refused(error) => error,
        }
    }
}

fn lost() -> StateError {
    StateError::Unavailable("the connection was lost".into())
}

fn late(_: Elapsed) -> StateError {
    StateError::Unavailable("no answer in time".into())
}

impl Engine for Server {
    fn step(&mut self, step: Step) -> Result<(), StateError> {
        match step {
            Step::Begin => self.begin(BEGIN),
            Step::BeginLooking => self.begin("begin isolation level repeatable read read only"),
            Step::BeginPiece => self.later("savepoint piece"),
            Step::KeepPiece => self.later("release piece"),
            Step::UndoPiece => self.later("rollback to piece; release piece"),
            Step::Commit => Ok(self.batch("commit")?),
            // A rollback could fail, too, and leave the group's changes to the next one. A connection that is closed
            // cannot.
            Step::GiveUp => {
                self.connection = None;
                Ok(())
            }
        }
    }

    fn execute(&mut self, sql: Sql, values: &[Value<'_>]) -> Result<u64, StateError> {
        Ok(self.wait(async |connection| connection.execute(sql, values).await)?)
    }

    fn query(&mut self, sql: Sql, values: &[Value<'_>]) -> Result<Vec<Row>, StateError> {
        Ok(self.wait(async |connection| connection.query(sql, values).await)?)
    }

    fn largest_group(&self) -> usize {
        LARGEST_GROUP
    }
}

impl Server {
    /// Has a step travel with the next statement, so that it costs no round trip of its own.
    fn later(&mut self, text: &str) -> Result<(), StateError> {
        self.connection.as_mut().ok_or_else(lost)?.later(text);
        Ok(())
    }
}

/// A runtime must not be waited for where others are: the last handle of a tracker may go in the middle of one.
impl Drop for Server {
    fn drop(&mut self) {
        self.connection = None;
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
