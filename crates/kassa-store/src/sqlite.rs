//! The embedded engine: one SQLite file, one writer that commits in groups, and readers beside it.
//!
//! A caller queues a unit for the writer thread and waits. The writer takes the units that were queued during its last
//! commit, runs each of them, and commits all with one sync. A single unit waits for no others, and many units share
//! one sync. No caller gets an answer before the commit is durable.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kassa_sql::{Cause, Column, Row, SqlError, SqliteFile};
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};

use crate::StoreError;
use crate::engine::{Answer, Effect, Statement, Unit};
use crate::migration;
use crate::timings::{QueuedChange, StoreTimings};

/// Maximum number of units that are committed together. It bounds how long the first of them waits for the last.
const LARGEST_GROUP: usize = 256;

/// Maximum number of units that wait for the writer. Any further caller waits for room in the queue, so memory is
/// bounded.
const LONGEST_QUEUE: usize = 4096;

/// How long a statement waits for another process that locks the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long closing waits for another process that reads an old state of the file.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

enum Job {
    Commit {
        unit: Unit,
        reply: oneshot::Sender<Result<Answer, StoreError>>,
        queued: QueuedChange,
    },
    /// The last job. The writer commits the earlier jobs, closes the file and ends. Later callers get an error that the
    /// database is closed.
    Close(oneshot::Sender<()>),
}

impl Job {
    const fn unit(&self) -> Option<&Unit> {
        match self {
            Self::Commit { unit, .. } => Some(unit),
            Self::Close(_) => None,
        }
    }

    const fn queued(&self) -> Option<&QueuedChange> {
        match self {
            Self::Commit { queued, .. } => Some(queued),
            Self::Close(_) => None,
        }
    }
}

pub(crate) struct Sqlite {
    path: PathBuf,
    writer: Writer,
    readers: Mutex<Readers>,
    timings: StoreTimings,
}

/// The connections that read.
enum Readers {
    Idle(Vec<SqliteFile>),
    /// The store was closed. A connection that is given back is closed, and no other is opened.
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
        let timings = StoreTimings::default();
        std::thread::Builder::new()
            .name("kassa-writer".to_string())
            .spawn({
                let timings = timings.clone();
                move || write_until_closed(connection, jobs, &timings)
            })
            .map_err(|error| StoreError::Unavailable(Cause::of(error)))?;
        Ok(Self::with(path, Writer::Thread(writer), timings))
    }

    /// Opens with a writer that runs in the caller's place, for simulations: no thread, no waiting for the disk.
    #[cfg(feature = "simulation")]
    pub(crate) fn open_in_place(
        path: &Path,
        sabotage: Option<crate::simulation::Sabotage>,
    ) -> Result<Self, StoreError> {
        let connection = open_for_writing(path)?;
        connection.batch("pragma synchronous = off")?;
        let in_place = crate::simulation::InPlace::new(connection, sabotage);
        Ok(Self::with(path, Writer::InPlace(in_place), StoreTimings::default()))
    }

    fn with(path: &Path, writer: Writer, timings: StoreTimings) -> Self {
        Self { path: path.to_path_buf(), writer, readers: Mutex::new(Readers::Idle(Vec::new())), timings }
    }

    pub(crate) fn timings(&self) -> &StoreTimings {
        &self.timings
    }

    /// Runs a unit, and answers when it is durable.
    pub(crate) async fn run(&self, unit: Unit) -> Result<Answer, StoreError> {
        #[cfg_attr(
            not(feature = "simulation"),
            expect(clippy::infallible_destructuring_match, reason = "a simulation has a second variant")
        )]
        let writer = match &self.writer {
            Writer::Thread(writer) => writer,
            #[cfg(feature = "simulation")]
            Writer::InPlace(in_place) => return in_place.run(unit).await,
        };
        let (reply, answer) = oneshot::channel();
        let queued = self.timings.queued();
        writer.send(Job::Commit { unit, reply, queued }).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Commits what is queued, moves the log into the file, and closes every connection. The last process that closes
    /// the file removes its log, so that the file alone is the whole database.
    pub(crate) async fn close(&self) {
        *self.readers.lock() = Readers::Closed;
        match &self.writer {
            Writer::Thread(writer) => {
                let (reply, is_closed) = oneshot::channel();
                if writer.send(Job::Close(reply)).await.is_ok() {
                    // If the writer has ended, it has closed the file already.
                    let _ = is_closed.await;
                }
            }
            #[cfg(feature = "simulation")]
            Writer::InPlace(_) => {}
        }
    }

    /// Reads in the caller's thread: a point read takes microseconds, less than a change of thread.
    pub(crate) fn query<T>(
        &self,
        statement: &Statement,
        read: impl Fn(&mut Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let reader = self.take_reader()?;
        let result = reader
            .query(statement.sql.sqlite(), &statement.values)
            .map_err(StoreError::from)
            .and_then(|rows| rows.into_iter().map(|mut row| read(&mut row)).collect());
        if let Readers::Idle(idle) = &mut *self.readers.lock() {
            idle.push(reader);
        }
        result
    }

    /// Moves the log into the file and empties it, because it has earlier versions of rows.
    pub(crate) fn empty_log(&self) -> Result<(), StoreError> {
        let file = SqliteFile::open(&self.path, BUSY_TIMEOUT)?;
        if is_still_used(&file)? {
            tracing::warn!(
                "the write-ahead log of the SQLite file still has erased data, because another connection reads \
                 it: repeat the erasure later"
            );
        }
        Ok(file.close()?)
    }

    /// Rewrites the file without unused space, which may have copies of earlier versions of rows. Writers wait.
    pub(crate) fn compact(&self) -> Result<(), StoreError> {
        let file = SqliteFile::open(&self.path, BUSY_TIMEOUT)?;
        file.batch("vacuum")?;
        Ok(file.close()?)
    }

    fn take_reader(&self) -> Result<SqliteFile, StoreError> {
        let idle = match &mut *self.readers.lock() {
            Readers::Idle(idle) => idle.pop(),
            Readers::Closed => return Err(closed()),
        };
        match idle {
            Some(reader) => Ok(reader),
            None => Ok(SqliteFile::open_read_only(&self.path, BUSY_TIMEOUT)?),
        }
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the database is closed".into())
}

fn open_for_writing(path: &Path) -> Result<SqliteFile, StoreError> {
    let file = SqliteFile::open(path, BUSY_TIMEOUT)?;
    file.write_ahead()?;
    file.sync_commits()?;
    file.overwrite_deleted()?;
    migration::bring_up_to_date(&file)?;
    Ok(file)
}

fn write_until_closed(file: SqliteFile, mut jobs: mpsc::Receiver<Job>, timings: &StoreTimings) {
    let mut group = Vec::with_capacity(LARGEST_GROUP);
    while jobs.blocking_recv_many(&mut group, LARGEST_GROUP) > 0 {
        let units: Vec<&Unit> = group.iter().map_while(Job::unit).collect();
        let timer = timings.commit_begins(group.iter().filter_map(Job::queued));
        let mut answers = commit_group(&file, &units).into_iter();
        timer.ended();
        for job in group.drain(..) {
            match job {
                Job::Commit { reply, queued, .. } => {
                    drop(queued);
                    // The caller may have stopped waiting. The change is durable all the same.
                    let _ = answers.next().map(|answer| reply.send(answer));
                }
                Job::Close(reply) => {
                    close_file(file);
                    // A caller that no longer waits does not need to know.
                    let _ = reply.send(());
                    return;
                }
            }
        }
    }
}

/// Moves the log into the file. If another process uses the file, the rest of the log remains for that process.
fn close_file(file: SqliteFile) {
    let moved = file.wait_for(CLOSE_TIMEOUT).and_then(|()| is_still_used(&file));
    match moved {
        Ok(false) => {}
        Ok(true) => tracing::info!("another process uses the database file: its log remains beside it"),
        Err(error) => {
            tracing::warn!(%error, "could not move the log into the database file; the next start reads it");
        }
    }
    if let Err(error) = file.close() {
        tracing::warn!(%error, "could not close the database file");
    }
}

/// The first column of the answer to a checkpoint.
const IS_BUSY: Column = Column::new(0, "busy");

/// Moves the log into the file. Returns whether another process prevented that in part.
fn is_still_used(file: &SqliteFile) -> Result<bool, SqlError> {
    let mut rows = file.query("pragma wal_checkpoint(truncate)", &[])?;
    rows.first_mut().map_or(Ok(false), |row| row.get(IS_BUSY))
}

/// Commits the units together. If one of them breaks the transaction, each is tried alone, so that no unit fails
/// because of another.
pub(crate) fn commit_group(file: &SqliteFile, units: &[&Unit]) -> Vec<Result<Answer, StoreError>> {
    match try_commit(file, units) {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        Err(error) if units.len() == 1 => vec![Err(error.into())],
        Err(_) => units.iter().flat_map(|unit| commit_group(file, &[unit])).collect(),
    }
}

fn try_commit(file: &SqliteFile, units: &[&Unit]) -> Result<Vec<Answer>, SqlError> {
    // Dropped without a commit, the transaction rolls back.
    let transaction = file.begin_immediate()?;
    let answers = units.iter().map(|unit| run_unit(file, unit)).collect::<Result<_, _>>()?;
    transaction.commit()?;
    Ok(answers)
}

fn run_unit(file: &SqliteFile, unit: &Unit) -> Result<Answer, SqlError> {
    if !unit.can_be_refused_late() {
        return run_statements(file, unit);
    }
    file.execute("savepoint unit", &[])?;
    let answer = run_statements(file, unit)?;
    if matches!(answer, Answer::Refused(_)) {
        file.execute("rollback to unit", &[])?;
    }
    file.execute("release unit", &[])?;
    Ok(answer)
}

fn run_statements(file: &SqliteFile, unit: &Unit) -> Result<Answer, SqlError> {
    let mut rows: Vec<Row> = Vec::new();
    for statement in &unit.statements {
        let before = rows.len();
        let changed = file.run(statement.sql.sqlite(), &statement.values, &mut rows)?;
        match statement.effect {
            Effect::Changes => {}
            Effect::Counts => rows.resize_with(before + changed, Row::default),
            Effect::Locks => rows.truncate(before),
        }
        if let Some(guard) = statement.guard
            && changed != 1
        {
            return Ok(Answer::Refused(guard));
        }
    }
    Ok(Answer::Committed(rows))
}
