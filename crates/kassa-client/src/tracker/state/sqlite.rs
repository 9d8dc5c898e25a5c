//! The engine for one machine: an SQLite file. A group is one immediate transaction.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OpenFlags, ToSql, params_from_iter};

use super::StateError;
use super::database::{Database, Engine, Step};
use super::value::{Column, Row, Value};

/// Pieces of work committed together at most.
const LARGEST_GROUP: usize = 256;

/// How long another process may hold the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// More than the statements of the program.
const CACHED_STATEMENTS: usize = 64;

/// Marks the file as a tracker's: "kstr".
const APPLICATION_ID: i32 = 0x6b73_7472;

/// A file.
struct File(Connection);

/// Opens a file that is the tracker's own, or makes it.
pub(super) fn open_own(path: &Path, schema: &str) -> Result<Database, StateError> {
    make(path).map_err(|error| StateError(error.to_string()))?;
    let connection = opened(Connection::open(path)?)?;
    let whose: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = connection.query_row("select count(*) from sqlite_schema", [], |row| row.get(0))?;
    if whose != APPLICATION_ID && tables > 0 {
        return Err(StateError(format!("{} is the database of another program", path.display())));
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(&format!("begin immediate; {schema} commit"))?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(Database::on(File(connection)))
}

/// Opens a file of somebody else's, and makes a table of ours in it where it is missing.
pub(in crate::tracker) fn open_theirs(path: &Path, table: &str) -> Result<Database, StateError> {
    let connection = opened(Connection::open(path)?)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(table)?;
    Ok(Database::on(File(connection)))
}

/// Opens a file to be looked at.
pub(super) fn look_at(path: &Path) -> Result<Database, StateError> {
    Ok(Database::on(File(open_read_only(path)?)))
}

/// A connection that cannot write to the file.
pub(in crate::tracker) fn open_read_only(path: &Path) -> Result<Connection, StateError> {
    opened(Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?)
}

fn opened(connection: Connection) -> Result<Connection, StateError> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    Ok(connection)
}

/// Makes the file where it is missing, for its owner alone: it holds authorization tokens.
fn make(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o600).open(path).map(drop)
}

impl File {
    fn prepare(&self, sql: &'static str) -> Result<CachedStatement<'_>, StateError> {
        let statement = self.0.prepare_cached(sql)?;
        // To SQLite `$2` is a name, whose place is where it appears first.
        let is_in_place = |place: usize| statement.parameter_name(place) == Some(&format!("${place}"));
        debug_assert!((1..=statement.parameter_count()).all(is_in_place), "placeholders out of order: {sql}");
        Ok(statement)
    }
}

impl Engine for File {
    fn step(&mut self, step: Step) -> Result<(), StateError> {
        let sql = match step {
            Step::Begin => "begin immediate",
            Step::BeginLooking => "begin",
            Step::BeginPiece => "savepoint piece",
            Step::KeepPiece => "release piece",
            Step::UndoPiece => "rollback to piece",
            Step::Commit => "commit",
            // What failed may have ended the transaction.
            Step::GiveUp if self.0.is_autocommit() => return Ok(()),
            Step::GiveUp => "rollback",
        };
        Ok(self.0.prepare_cached(sql)?.execute([]).map(drop)?)
    }

    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StateError> {
        Ok(self.prepare(sql)?.execute(params_from_iter(values))? as u64)
    }

    fn query(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Row>, StateError> {
        let mut statement = self.prepare(sql)?;
        let rows = statement.query_map(params_from_iter(values), read_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn largest_group(&self) -> usize {
        LARGEST_GROUP
    }
}

fn read_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let column = |index| {
        Ok(match row.get_ref(index)? {
            ValueRef::Null => Column::Null,
            ValueRef::Integer(number) => Column::Int(number),
            ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_) => Column::Text(row.get(index)?),
        })
    };
    let columns = (0..row.as_ref().column_count()).map(column);
    columns.collect::<rusqlite::Result<_>>().map(Row::new)
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Int(number) => ToSqlOutput::Borrowed(ValueRef::Integer(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

impl From<rusqlite::Error> for StateError {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.to_string())
    }
}
