//! The tracker's memory: one SQLite file, one thread that commits in groups. The table of an outlet is written so, too.
//!
//! A caller hands a piece of work to the thread and waits. The thread takes what has queued up, runs each piece
//! in a savepoint of its own, and commits them with one sync. Nobody is answered before the commit is durable.
//! Two trackers may share a file: each group is one immediate transaction.

use std::fmt;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::{mpsc, oneshot};

/// Pieces of work committed together at most.
const LARGEST_GROUP: usize = 256;

/// Pieces that may wait. A caller beyond waits for a place, so memory stays bounded.
const LONGEST_QUEUE: usize = 4096;

/// How long another process may hold the file.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// More than the statements of the program.
const CACHED_STATEMENTS: usize = 64;

const SCHEMA: &str = include_str!("schema.sql");

/// Marks the file as a tracker's: "kstr".
const APPLICATION_ID: i32 = 0x6b73_7472;

/// Why something could not be remembered, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateError(pub(super) String);

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StateError {}

impl From<rusqlite::Error> for StateError {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.to_string())
    }
}

/// Answers the caller once it is known whether the group was committed.
type Finish = Box<dyn FnOnce(Result<(), StateError>) + Send>;

/// Runs in a savepoint; says whether it stands. Where the group could not begin, it is told why and does nothing.
type Work = Box<dyn FnOnce(Result<&Connection, StateError>) -> (bool, Finish) + Send>;

/// The file.
#[derive(Clone)]
pub(super) struct State {
    work: mpsc::Sender<Work>,
    path: Arc<Path>,
}

impl State {
    /// Opens the tracker's file, or makes it.
    pub(super) fn open(path: &Path) -> Result<Self, StateError> {
        Self::over(connect(path)?, path)
    }

    /// Starts the thread that writes to a file.
    pub(super) fn over(connection: Connection, path: &Path) -> Result<Self, StateError> {
        let (work, queue) = mpsc::channel(LONGEST_QUEUE);
        std::thread::Builder::new()
            .name("kassa-tracker".to_string())
            .spawn(move || work_until_closed(&connection, queue))
            .map_err(|error| StateError(error.to_string()))?;
        Ok(Self { work, path: path.into() })
    }

    /// Runs one piece of work; what it answers is durable.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        piece: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StateError> {
        let (reply, answer) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            let result = connection.and_then(|connection| Ok(piece(connection)?));
            let stands = result.is_ok();
            let finish: Finish = Box::new(move |committed| {
                // A caller that has gone away no longer wants its answer; the work stands all the same.
                let _ = reply.send(committed.and(result));
            });
            (stands, finish)
        });
        let stopped = || StateError("the tracker's memory has stopped".to_string());
        self.work.send(work).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl State {
    /// Looks at what is there, beside the thread: however much there is to look at, it holds nobody up.
    pub(super) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StateError> {
        let path = self.path.clone();
        let looking = move || {
            let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            connection.busy_timeout(BUSY_TIMEOUT)?;
            look(&connection)
        };
        let looked = tokio::task::spawn_blocking(looking).await;
        Ok(looked.map_err(|error| StateError(error.to_string()))??)
    }
}

fn connect(path: &Path) -> Result<Connection, StateError> {
    make(path).map_err(|error| StateError(error.to_string()))?;
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    let whose: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = connection.query_row("select count(*) from sqlite_schema", [], |row| row.get(0))?;
    if whose != APPLICATION_ID && tables > 0 {
        return Err(StateError(format!("{} is the database of another program", path.display())));
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(&format!("begin immediate; {SCHEMA} commit"))?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(connection)
}

/// Makes the file where it is missing, for its owner alone: it holds authorization tokens.
fn make(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o600).open(path).map(drop)
}

fn work_until_closed(connection: &Connection, mut queue: mpsc::Receiver<Work>) {
    let mut group = Vec::with_capacity(LARGEST_GROUP);
    while queue.blocking_recv_many(&mut group, LARGEST_GROUP) > 0 {
        let (finishes, committed) = commit(connection, group.drain(..));
        for finish in finishes {
            finish(committed.clone());
        }
    }
}

fn commit(
    connection: &Connection,
    group: impl Iterator<Item = Work>,
) -> (Vec<Finish>, Result<(), StateError>) {
    let mut outcome = execute(connection, "begin immediate");
    let mut finishes = Vec::new();
    for work in group {
        outcome = outcome.and_then(|()| execute(connection, "savepoint piece"));
        let (stands, finish) = work(outcome.clone().map(|()| connection));
        finishes.push(finish);
        let undo = if stands { "release piece" } else { "rollback to piece" };
        outcome = outcome.and_then(|()| execute(connection, undo));
    }
    outcome = outcome.and_then(|()| execute(connection, "commit"));
    if outcome.is_err() && !connection.is_autocommit() {
        // Each caller is told that the group is lost; whether this succeeds changes nothing for them.
        let _ = execute(connection, "rollback");
    }
    (finishes, outcome)
}

fn execute(connection: &Connection, sql: &str) -> Result<(), StateError> {
    Ok(connection.prepare_cached(sql)?.execute([]).map(drop)?)
}
