//! The engine for several machines: PostgreSQL, or a database with the same wire protocol.
//!
//! A group begins with an advisory lock, which corresponds to SQLite's immediate transaction: only one writer works at
//! a time, across all processes. So trackers share a database by the same rules as a file. If a tracker sleeps in the
//! middle of a group, the server ends its transaction and releases the lock.

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

/// The maximum number of pieces in a group: PostgreSQL caches this many savepoints.
const LARGEST_GROUP: usize = 64;

/// The schema of a tracker's own tables, unless the URL names one by `search_path`.
const OWN_SCHEMA: &str = "kassa_tracker";

/// The time limit of an answer. The server's own limits, which [`connection`] sets, are shorter.
const PATIENCE: Duration = Duration::from_secs(12);

/// Begins a group. The lock serializes the trackers whose tables are in this schema. The isolation level is explicit:
/// under any other, the group would not see the commits that happened while it waited for the lock.
const BEGIN: &str = "begin isolation level read committed read write;
    select pg_advisory_xact_lock(1801679986, coalesce(hashtext(current_schema()), 0))";

/// A connection that is renewed when it is lost.
struct Server {
    /// Drives the connection while a call waits for an answer. `None` only while this value is dropped.
    runtime: Option<Runtime>,
    target: Target,
    connection: Option<Connection>,
}

/// Connects to a database, and creates a tracker's own tables if they are missing.
pub(super) async fn connect_tracker(url: &str, schema: Schema) -> Result<Database, StateError> {
    let target = target(url, Some(OWN_SCHEMA))?.by_index();
    connect(target, move |server| server.make_tables(&schema)).await
}

/// Connects to a tracker's database for reads.
pub(super) async fn connect_reader(url: &str) -> Result<Database, StateError> {
    connect(target(url, Some(OWN_SCHEMA))?, |_| Ok(())).await
}

/// Connects to a database of another owner, and creates our table in it if it is missing.
pub(in crate::tracker) async fn connect_merchants(
    url: &str,
    table: &'static str,
) -> Result<Database, StateError> {
    let make = |server: &mut Server| Ok(server.batch(&read_by_postgres(table))?);
    connect(target(url, None)?, move |server| server.in_transaction(make)).await
}

/// Connects, and creates tables under the lock, because several processes may start at once.
async fn connect(
    target: Target,
    make: impl FnOnce(&mut Server) -> Result<(), StateError> + Send + 'static,
) -> Result<Database, StateError> {
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

/// Adapts the SQL that creates tables to PostgreSQL: its `integer` has half the size, and its tables are always strict.
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
    fn make_tables(&mut self, schema: &Schema) -> Result<(), StateError> {
        self.in_transaction(|server| {
            let current = "select current_schema()".into();
            let current = server.query(current, &[])?.first_mut().map(Row::only::<Option<String>>);
            if current.transpose()? == Some(None) {
                server.batch(&format!("create schema if not exists {OWN_SCHEMA}"))?;
            }
            if server.belongs_to_another_program()? {
                return Err(StateError::Unusable("the schema contains the tables of another program".into()));
            }
            server.bring_up_to_date(schema)
        })
    }

    /// Whether the schema has tables, but not all tables of a tracker.
    fn belongs_to_another_program(&mut self) -> Result<bool, StateError> {
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

    /// Waits for an answer. If the connection was lost, or a step of the transaction failed on it, the connection is
    /// closed. That undoes its transaction.
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

    /// Begins a transaction. A lost connection is noticed only when it is used. Nothing has begun at that point, so the
    /// transaction begins on a new connection.
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

/// The reason for a failed call.
enum Failed {
    /// The connection was lost.
    Lost(StateError),
    /// The server refused the call.
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
            Step::BeginRead => self.begin("begin isolation level repeatable read read only"),
            Step::BeginPiece => self.later("savepoint piece"),
            Step::KeepPiece => self.later("release piece"),
            Step::UndoPiece => self.later("rollback to piece; release piece"),
            Step::Commit => Ok(self.batch("commit")?),
            // A rollback could fail, too, and leave the group's changes to the next group. Closing the connection
            // always undoes them.
            Step::Rollback => {
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

    fn each(&mut self, sql: Sql, rows: &[Vec<Value<'_>>]) -> Result<Vec<Option<Row>>, StateError> {
        let found = self.wait(async |connection| connection.each(sql, rows).await)?;
        let mut answers: Vec<Option<Row>> = rows.iter().map(|_| None).collect();
        for row in found {
            let (place, answer) = row.split_place()?;
            let unknown = || StateError::Fault(format!("no values have the place {place}").into());
            *answers.get_mut(place).ok_or_else(unknown)? = answer;
        }
        Ok(answers)
    }

    fn largest_group(&self) -> usize {
        LARGEST_GROUP
    }
}

impl Server {
    /// Sends a step together with the next statement, which saves a round trip.
    fn later(&mut self, text: &str) -> Result<(), StateError> {
        self.connection.as_mut().ok_or_else(lost)?.later(text);
        Ok(())
    }
}

/// Shuts the runtime down without waiting, because the last handle of a tracker may be dropped inside another runtime.
impl Drop for Server {
    fn drop(&mut self) {
        self.connection = None;
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
