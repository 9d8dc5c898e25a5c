//! The embedded engine: one SQLite file, one writer that commits in groups, readers beside it.
//!
//! A caller hands a unit to the writer thread and waits. The writer takes whatever has queued up while it
//! committed the previous group, runs each unit, and commits them all with one sync: a lone unit waits for no
//! company, and a crowd shares the sync. Nobody is answered before the commit is durable.

use std::fs::{OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OpenFlags, ToSql, params_from_iter};
use tokio::sync::{mpsc, oneshot};

use crate::StoreError;
use crate::engine::{Answer, Row, Statement, Unit, Value};
use crate::migration;

/// Units committed together at most: bounds how long the first of them waits for the last.
const LARGEST_GROUP: usize = 256;

/// Units that may wait for the writer. A caller beyond waits for a place, so memory stays bounded.
const LONGEST_QUEUE: usize = 4096;

/// How long a statement waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// More than the statements of the program, so that none is prepared twice.
const CACHED_STATEMENTS: usize = 128;

/// How long closing waits for another process that reads an old state of the file.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Only the owner reads and writes a database: it holds secrets that sign, and keys behind links.
const OWNER_ONLY: u32 = 0o600;

enum Job {
    Commit {
        unit: Unit,
        reply: oneshot::Sender<Result<Answer, StoreError>>,
    },
    /// The last job: the writer commits what was queued before it, closes the file and ends. Callers behind it are told
    /// that the database is closed.
    Close(oneshot::Sender<()>),
}

impl Job {
    const fn unit(&self) -> Option<&Unit> {
        match self {
            Self::Commit { unit, .. } => Some(unit),
            Self::Close(_) => None,
        }
    }
}

pub(crate) struct Sqlite {
    path: PathBuf,
    writer: Writer,
    readers: Mutex<Readers>,
}

/// The connections that read.
enum Readers {
    Idle(Vec<Connection>),
    /// The store was closed: a connection that comes back is closed, and no other is opened.
    Closed,
}

enum Writer {
    Thread(mpsc::Sender<Job>),
    #[cfg(feature = "simulation")]
    InPlace(crate::simulation::InPlace),
}

impl Sqlite {
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = open_for_writing(path)?;
        let (writer, jobs) = mpsc::channel(LONGEST_QUEUE);
        std::thread::Builder::new()
            .name("kassa-writer".to_string())
            .spawn(move || write_until_closed(connection, jobs))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self::with(path, Writer::Thread(writer)))
    }

    /// Opens with a writer that works in the caller's place, for simulations: no thread, no waiting for the disk.
    #[cfg(feature = "simulation")]
    pub(crate) fn open_in_place(
        path: &Path,
        sabotage: Option<crate::simulation::Sabotage>,
    ) -> Result<Self, StoreError> {
        let connection = open_for_writing(path)?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        let in_place = crate::simulation::InPlace::new(connection, sabotage);
        Ok(Self::with(path, Writer::InPlace(in_place)))
    }

    fn with(path: &Path, writer: Writer) -> Self {
        Self { path: path.to_path_buf(), writer, readers: Mutex::new(Readers::Idle(Vec::new())) }
    }

    /// Runs a unit and answers when it is durable.
    pub(crate) async fn run(&self, unit: Unit) -> Result<Answer, StoreError> {
        let writer = match &self.writer {
            Writer::Thread(writer) => writer,
            #[cfg(feature = "simulation")]
            Writer::InPlace(in_place) => return in_place.run(unit).await,
        };
        let (reply, answer) = oneshot::channel();
        writer.send(Job::Commit { unit, reply }).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Commits what is queued, moves the log into the file, and closes every connection. The last process that closes the
    /// file removes its log, so that the file alone is the whole database.
    pub(crate) async fn close(&self) {
        *self.readers.lock().unwrap_or_else(PoisonError::into_inner) = Readers::Closed;
        match &self.writer {
            Writer::Thread(writer) => {
                let (reply, is_closed) = oneshot::channel();
                if writer.send(Job::Close(reply)).await.is_ok() {
                    // A writer that is gone has closed the file already.
                    let _ = is_closed.await;
                }
            }
            #[cfg(feature = "simulation")]
            Writer::InPlace(_) => {}
        }
    }

    /// Reads in place: a point read takes microseconds, less than a change of thread.
    pub(crate) fn query<T>(
        &self,
        statement: &Statement,
        read: impl Fn(&mut Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let reader = self.take_reader()?;
        let result = query(&reader, statement)
            .map_err(StoreError::from)
            .and_then(|rows| rows.into_iter().map(|mut row| read(&mut row)).collect());
        if let Readers::Idle(idle) = &mut *self.readers.lock().unwrap_or_else(PoisonError::into_inner) {
            idle.push(reader);
        }
        result
    }

    fn take_reader(&self) -> Result<Connection, StoreError> {
        let idle = match &mut *self.readers.lock().unwrap_or_else(PoisonError::into_inner) {
            Readers::Idle(idle) => idle.pop(),
            Readers::Closed => return Err(closed()),
        };
        match idle {
            Some(reader) => Ok(reader),
            None => Ok(connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?),
        }
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the database is closed".to_string())
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Else SQLite may plan a statement by the values bound to it, and prepare it anew for each of them.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    Ok(connection)
}

/// Creates the file for its owner alone, whatever the umask says; SQLite gives the log beside it the same mode. An existing
/// file is left as it is.
fn create(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(path) {
        Ok(created) => created.set_permissions(Permissions::from_mode(OWNER_ONLY)),
        // A link to a file that is missing exists, too: SQLite would create that file, for everybody.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => path.metadata().map(drop),
        Err(error) => Err(error),
    }
}

fn open_for_writing(path: &Path) -> Result<Connection, StoreError> {
    create(path).map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    migration::bring_up_to_date(&mut connection)?;
    Ok(connection)
}

fn write_until_closed(connection: Connection, mut jobs: mpsc::Receiver<Job>) {
    let mut group = Vec::with_capacity(LARGEST_GROUP);
    while jobs.blocking_recv_many(&mut group, LARGEST_GROUP) > 0 {
        let units: Vec<&Unit> = group.iter().map_while(Job::unit).collect();
        let mut answers = commit_group(&connection, &units).into_iter();
        for job in group.drain(..) {
            match job {
                Job::Commit { reply, .. } => {
                    // A caller that has gone away no longer wants its answer; the change stands all the same.
                    let _ = answers.next().map(|answer| reply.send(answer));
                }
                Job::Close(reply) => {
                    close_file(connection);
                    // A caller that no longer waits does not need to know.
                    let _ = reply.send(());
                    return;
                }
            }
        }
    }
}

/// Moves the log into the file. While another process uses the file, the rest of the log stays for that process.
fn close_file(connection: Connection) {
    let moved = connection.busy_timeout(CLOSE_TIMEOUT).and_then(|()| {
        connection.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get::<_, bool>(0))
    });
    match moved {
        Ok(false) => {}
        Ok(true) => tracing::info!("another process uses the database file: its log stays beside it"),
        Err(error) => {
            tracing::warn!(%error, "could not move the log into the database file; the next start reads it")
        }
    }
    connection.flush_prepared_statement_cache();
    if let Err((_, error)) = connection.close() {
        tracing::warn!(%error, "could not close the database file");
    }
}

/// Commits the units together. Where one of them breaks the transaction, each is tried on its own, so that a
/// unit never fails for its neighbour's sake.
pub(crate) fn commit_group(connection: &Connection, units: &[&Unit]) -> Vec<Result<Answer, StoreError>> {
    match try_commit(connection, units) {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        Err(error) if units.len() == 1 => vec![Err(error.into())],
        Err(_) => units.iter().flat_map(|unit| commit_group(connection, &[unit])).collect(),
    }
}

fn try_commit(connection: &Connection, units: &[&Unit]) -> rusqlite::Result<Vec<Answer>> {
    // Dropped without a commit, the transaction rolls back.
    let transaction = Begun::immediate(connection)?;
    let answers = units.iter().map(|unit| run_unit(connection, unit)).collect::<Result<_, _>>()?;
    transaction.commit()?;
    Ok(answers)
}

fn run_unit(connection: &Connection, unit: &Unit) -> rusqlite::Result<Answer> {
    if !unit.can_be_refused_late() {
        return run_statements(connection, unit);
    }
    connection.prepare_cached("savepoint unit")?.execute([])?;
    let answer = run_statements(connection, unit)?;
    if matches!(answer, Answer::Refused(_)) {
        connection.prepare_cached("rollback to unit")?.execute([])?;
    }
    connection.prepare_cached("release unit")?.execute([])?;
    Ok(answer)
}

fn run_statements(connection: &Connection, unit: &Unit) -> rusqlite::Result<Answer> {
    let mut rows = Vec::new();
    for statement in &unit.statements {
        let mut prepared = prepare(connection, statement)?;
        if prepared.column_count() > 0 {
            rows.extend(read_all(&mut prepared, &statement.values)?);
            continue;
        }
        let changed = prepared.execute(params_from_iter(&statement.values))?;
        if let Some(guard) = statement.guard
            && changed != 1
        {
            return Ok(Answer::Refused(guard));
        }
    }
    Ok(Answer::Committed(rows))
}

fn query(connection: &Connection, statement: &Statement) -> rusqlite::Result<Vec<Row>> {
    read_all(&mut prepare(connection, statement)?, &statement.values)
}

fn prepare<'a>(connection: &'a Connection, statement: &Statement) -> rusqlite::Result<CachedStatement<'a>> {
    let prepared = connection.prepare_cached(statement.sql)?;
    debug_assert!(
        (1..=statement.values.len()).all(|n| prepared.parameter_name(n) == Some(&format!("${n}"))),
        "placeholders must first appear in order: {}",
        statement.sql
    );
    Ok(prepared)
}

fn read_all(prepared: &mut CachedStatement<'_>, values: &[Value]) -> rusqlite::Result<Vec<Row>> {
    let columns = prepared.column_count();
    let mut rows = prepared.query(params_from_iter(values))?;
    let mut read = Vec::new();
    while let Some(row) = rows.next()? {
        let values = (0..columns).map(|column| owned(row.get_ref(column)?)).collect::<Result<_, _>>()?;
        read.push(Row::new(values));
    }
    Ok(read)
}

fn owned(value: ValueRef<'_>) -> rusqlite::Result<Value> {
    Ok(match value {
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(_) => Value::Text(value.as_str()?.to_string()),
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Value::Null,
    })
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// A transaction that has begun, on a connection borrowed but once.
struct Begun<'a> {
    connection: &'a Connection,
}

impl<'a> Begun<'a> {
    fn immediate(connection: &'a Connection) -> rusqlite::Result<Self> {
        connection.prepare_cached("begin immediate")?.execute([])?;
        Ok(Self { connection })
    }

    fn commit(self) -> rusqlite::Result<()> {
        self.connection.prepare_cached("commit")?.execute([])?;
        Ok(())
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("rollback")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }
}
