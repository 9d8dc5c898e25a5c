//! The engine for one machine: an SQLite file. A group is one immediate transaction.

use std::fs::{OpenOptions, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::Duration;

use rusqlite::ErrorCode::DatabaseBusy;
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

/// Attempts to switch a file that others are opening, too.
const SWITCHES: usize = 200;

/// The mode of a file that is made.
const OWNER_ONLY: u32 = 0o600;

/// Marks the file as a tracker's: "kstr".
const APPLICATION_ID: i32 = 0x6b73_7472;

/// A file.
struct File(Connection);

/// Opens a file that is the tracker's own, or makes it.
pub(super) fn open_own(path: &Path, schema: &str) -> Result<Database, StateError> {
    make(path).map_err(|error| StateError(error.to_string()))?;
    let connection = opened(Connection::open(path)?)?;
    if is_anothers(&connection)? {
        return Err(StateError(format!("{} is the database of another program", path.display())));
    }
    log_ahead(&connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let mark = format!("pragma application_id = {APPLICATION_ID}");
    connection.execute_batch(&format!("begin immediate; {schema} {mark}; commit"))?;
    Ok(Database::on(File(connection)))
}

/// Whether there are tables that are no tracker's. It looks at one moment: another tracker may be making its tables.
fn is_anothers(connection: &Connection) -> Result<bool, StateError> {
    let moment = connection.unchecked_transaction()?;
    let whose: i32 = moment.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = moment.query_row("select count(*) from sqlite_schema", [], |row| row.get(0))?;
    Ok(whose != APPLICATION_ID && tables > 0)
}

/// Opens a file of somebody else's, or makes it, and makes a table of ours in it where it is missing.
pub(in crate::tracker) fn open_theirs(path: &Path, table: &str) -> Result<Database, StateError> {
    make(path).map_err(|error| StateError(error.to_string()))?;
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

/// Switches the file to its log, for good. This alone does not wait for others who have just opened it, so what does wait
/// goes between two attempts.
fn log_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let mut attempts = 1..SWITCHES;
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error) if error.sqlite_error_code() == Some(DatabaseBusy) && attempts.next().is_some() => {
                // Whether it could wait for them shows in the next attempt.
                let _ = connection.execute_batch("begin immediate; commit");
            }
            switched => return switched,
        }
    }
}

/// Makes the file where it is missing, for its owner alone, whatever the umask says: it holds authorization tokens. One
/// that is there is not touched: to close it would end the locks that this process has on it.
fn make(path: &Path) -> std::io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(path) {
        // A link to a file that is missing exists, too: SQLite would make that file, for everybody.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => path.metadata().map(drop),
        made => made?.set_permissions(Permissions::from_mode(OWNER_ONLY)),
    }
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
