//! A connection to a SQLite file.

use std::fs::{OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::Duration;

use rusqlite::ErrorCode::DatabaseBusy;
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, OpenFlags, params_from_iter};

use crate::error::{Cause, SqlError};
use crate::row::Row;
use crate::value::Value;

/// Maximum number of prepared statements. A program has fewer, so that none is prepared twice.
const CACHED_STATEMENTS: usize = 128;

/// Maximum size of a log whose content is in the file, in bytes. SQLite moves the log into the file when it has 4 MB.
const LARGEST_EMPTY_LOG: i64 = 8 * 1024 * 1024;

/// Attempts to switch a file to its log while other processes open it.
const SWITCHES: usize = 200;

/// Only the owner reads and writes a file, because it contains signing secrets, keys of links and authorization tokens.
const OWNER_ONLY: u32 = 0o600;

/// A connection to a SQLite file, with the statements that are prepared on it.
pub struct SqliteFile(Connection);

impl SqliteFile {
    /// Opens a file for reading and writing. A missing file is created for its owner only, under every umask; SQLite
    /// gives the log beside it the same mode. A statement waits for another process for `busy_timeout` at most.
    ///
    /// # Errors
    /// If the file cannot be created or opened.
    pub fn open(path: &Path, busy_timeout: Duration) -> Result<Self, SqlError> {
        create(path).map_err(|error| {
            let what = format!("{}: {error}", path.display());
            SqlError::Unavailable(Cause::by(error, what))
        })?;
        connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE, busy_timeout)
    }

    /// Opens a file that this connection cannot change.
    ///
    /// # Errors
    /// If the file cannot be opened.
    pub fn open_read_only(path: &Path, busy_timeout: Duration) -> Result<Self, SqlError> {
        connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, busy_timeout)
    }

    /// Switches the file permanently to a log (WAL), so that readers do not wait for a writer. The switch itself does
    /// not wait for processes that have just opened the file. So a transaction, which does wait, runs between two
    /// attempts. A large log shrinks again.
    ///
    /// # Errors
    /// If another process locks the file for too long, or the file cannot be written.
    pub fn write_ahead(&self) -> Result<(), SqlError> {
        let mut attempts = 1..SWITCHES;
        loop {
            match self.0.pragma_update(None, "journal_mode", "WAL") {
                Err(error)
                    if error.sqlite_error_code() == Some(DatabaseBusy) && attempts.next().is_some() =>
                {
                    // The next attempt shows whether the transaction could wait for them.
                    let _ = self.0.execute_batch("begin immediate; commit");
                }
                switched => {
                    switched?;
                    // Without a limit, a log that grew during a long read would never shrink.
                    return Ok(self.0.pragma_update(None, "journal_size_limit", LARGEST_EMPTY_LOG)?);
                }
            }
        }
    }

    /// Makes each commit wait for the disk, so that it survives a loss of power.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn sync_commits(&self) -> Result<(), SqlError> {
        Ok(self.0.pragma_update(None, "synchronous", "FULL")?)
    }

    /// Overwrites deleted content with zeros from now on, so that the file does not keep what was deleted.
    ///
    /// # Errors
    /// If SQLite refuses.
    pub fn overwrite_deleted(&self) -> Result<(), SqlError> {
        Ok(self.0.pragma_update(None, "secure_delete", "ON")?)
    }

    /// Sets how long a statement waits for another process.
    ///
    /// # Errors
    /// If SQLite refuses.
    pub fn wait_for(&self, busy_timeout: Duration) -> Result<(), SqlError> {
        Ok(self.0.busy_timeout(busy_timeout)?)
    }

    /// Runs statements without values, separated by semicolons.
    ///
    /// # Errors
    /// If one of them fails.
    pub fn batch(&self, text: &str) -> Result<(), SqlError> {
        Ok(self.0.execute_batch(text)?)
    }

    /// Runs a statement. Adds the rows of its answer to `rows`, and returns how many rows it changed or answered with.
    ///
    /// # Errors
    /// If the statement fails.
    pub fn run(&self, sql: &str, values: &[Value<'_>], rows: &mut Vec<Row>) -> Result<usize, SqlError> {
        let mut statement = self.prepare(sql)?;
        if statement.column_count() == 0 {
            return Ok(statement.execute(params_from_iter(values))?);
        }
        let before = rows.len();
        read_all(&mut statement, values, rows)?;
        Ok(rows.len() - before)
    }

    /// Runs a statement that answers with no rows, and returns how many rows it changed.
    ///
    /// # Errors
    /// If the statement fails.
    pub fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<usize, SqlError> {
        Ok(self.prepare(sql)?.execute(params_from_iter(values))?)
    }

    /// Runs a statement that answers with rows.
    ///
    /// # Errors
    /// If the statement fails.
    pub fn query(&self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, SqlError> {
        let mut rows = Vec::new();
        read_all(&mut self.prepare(sql)?, values, &mut rows)?;
        Ok(rows)
    }

    /// The names of the columns that a query answers with.
    ///
    /// # Errors
    /// If the query cannot be prepared.
    pub fn columns_of(&self, sql: &str) -> Result<Vec<String>, SqlError> {
        let statement = self.0.prepare(sql)?;
        Ok(statement.column_names().map(str::to_string).collect())
    }

    /// Begins a transaction in which nobody else writes.
    ///
    /// # Errors
    /// If another process locks the file for too long.
    pub fn begin_immediate(&self) -> Result<SqliteTransaction<'_>, SqlError> {
        self.execute("begin immediate", &[])?;
        Ok(SqliteTransaction(self))
    }

    /// Whether a transaction is under way. An error may have ended it.
    #[must_use]
    pub fn is_in_transaction(&self) -> bool {
        !self.0.is_autocommit()
    }

    /// Closes the file.
    ///
    /// # Errors
    /// If SQLite refuses.
    pub fn close(self) -> Result<(), SqlError> {
        self.0.flush_prepared_statement_cache();
        self.0.close().map_err(|(_, error)| error.into())
    }

    fn prepare(&self, sql: &str) -> rusqlite::Result<CachedStatement<'_>> {
        let statement = self.0.prepare_cached(sql)?;
        // SQLite treats `$2` as a name. It numbers names in the order in which they first appear.
        let is_in_place = |place: usize| statement.parameter_name(place) == Some(&format!("${place}"));
        debug_assert!((1..=statement.parameter_count()).all(is_in_place), "placeholders out of order: {sql}");
        Ok(statement)
    }
}

fn connect(path: &Path, flags: OpenFlags, busy_timeout: Duration) -> Result<SqliteFile, SqlError> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(busy_timeout)?;
    // Otherwise SQLite may plan a statement by the values bound to it, and prepare it again for each of them.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    Ok(SqliteFile(connection))
}

/// Does not touch an existing file. Opening and closing it here would release the locks that this process has on it.
fn create(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(path) {
        Ok(created) => created.set_permissions(Permissions::from_mode(OWNER_ONLY)),
        // The path may be a link to a missing file, which SQLite would create for everybody to read.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => path.metadata().map(drop),
        Err(error) => Err(error),
    }
}

fn read_all(
    statement: &mut CachedStatement<'_>,
    values: &[Value<'_>],
    into: &mut Vec<Row>,
) -> rusqlite::Result<()> {
    let columns = statement.column_count();
    let mut rows = statement.query(params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        let values = (0..columns).map(|column| read(row, column)).collect::<rusqlite::Result<_>>()?;
        into.push(Row::new(values));
    }
    Ok(())
}

fn read(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Value<'static>> {
    let value = row.get_ref(column)?;
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(_) => value.as_str()?.to_string().into(),
        // A value of any other type cannot be read as text, which is an error.
        ValueRef::Real(_) | ValueRef::Blob(_) => row.get::<_, String>(column)?.into(),
    })
}

/// A transaction. It rolls back if it is dropped before its commit.
pub struct SqliteTransaction<'a>(&'a SqliteFile);

impl SqliteTransaction<'_> {
    /// Commits the changes.
    ///
    /// # Errors
    /// If the disk is full or fails. Then nothing was changed.
    pub fn commit(self) -> Result<(), SqlError> {
        self.0.execute("commit", &[]).map(drop)
    }
}

impl Drop for SqliteTransaction<'_> {
    fn drop(&mut self) {
        if self.0.is_in_transaction()
            && let Err(error) = self.0.batch("rollback")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }
}
