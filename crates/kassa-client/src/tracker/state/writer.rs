//! The writer: one thread that commits in groups. A sink's table uses it, too.
//!
//! A caller hands a piece of work to the thread and waits. The thread runs each queued piece in its own savepoint, and
//! commits them together with one sync. It answers the callers after the commit is durable. If two trackers share a
//! database, their groups run one after the other.

use kassa_sql::Cause;
use tokio::sync::{mpsc, oneshot};

use super::StateError;
use super::database::{Database, Step};

/// The maximum number of waiting pieces, which bounds memory. Further callers wait for a place.
const LONGEST_QUEUE: usize = 4096;

/// Answers the caller, once it is known whether the group was committed.
type Finish = Box<dyn FnOnce(Result<(), StateError>) + Send>;

/// Runs a piece in a savepoint. Returns whether its changes are kept. If the group could not begin, it gets the error
/// and does nothing.
type Work = Box<dyn FnOnce(Result<&mut Database, StateError>) -> (bool, Finish) + Send>;

enum Job {
    Piece(Work),
    /// The last job: the thread commits what was queued before it, closes the database and ends.
    Close(oneshot::Sender<()>),
}

/// Sends pieces of work to the thread.
#[derive(Clone)]
pub(in crate::tracker) struct Writer(mpsc::Sender<Job>);

impl Writer {
    /// Starts the thread.
    pub(in crate::tracker) fn start(database: Database) -> Result<Self, StateError> {
        let (work, queue) = mpsc::channel(LONGEST_QUEUE);
        std::thread::Builder::new()
            .name("kassa-tracker".to_string())
            .spawn(move || work_until_closed(database, queue))
            .map_err(|error| StateError::Unavailable(Cause::of(error)))?;
        Ok(Self(work))
    }

    /// Runs one piece of work. Its result is durable.
    pub(in crate::tracker) async fn run<T: Send + 'static>(
        &self,
        piece: impl FnOnce(&mut Database) -> Result<T, StateError> + Send + 'static,
    ) -> Result<T, StateError> {
        let (reply, answer) = oneshot::channel();
        let work: Work = Box::new(move |database| {
            let result = database.and_then(piece);
            let stands = result.is_ok();
            let finish: Finish = Box::new(move |committed| {
                // If the caller has gone, the answer is not needed. The changes are kept.
                let _ = reply.send(committed.and(result));
            });
            (stands, finish)
        });
        self.0.send(Job::Piece(work)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Commits the queued pieces, and closes the database for every clone.
    pub(in crate::tracker) async fn close(&self) {
        let (reply, is_closed) = oneshot::channel();
        if self.0.send(Job::Close(reply)).await.is_ok() {
            // If the thread has ended, it has already closed the database.
            let _ = is_closed.await;
        }
    }
}

/// The error of every call after the database was closed.
pub(super) fn closed() -> StateError {
    StateError::Unavailable("the tracker's database is closed".into())
}

fn work_until_closed(mut database: Database, mut queue: mpsc::Receiver<Job>) {
    let largest = database.largest_group();
    let mut group = Vec::with_capacity(largest);
    while queue.blocking_recv_many(&mut group, largest) > 0 {
        let mut close = None;
        let pieces = group.drain(..).map_while(|job| match job {
            Job::Piece(work) => Some(work),
            Job::Close(reply) => {
                close = Some(reply);
                None
            }
        });
        let (finishes, committed) = commit(&mut database, pieces);
        for finish in finishes {
            finish(committed.clone());
        }
        if let Some(reply) = close {
            drop(database);
            // The caller may have stopped waiting.
            let _ = reply.send(());
            return;
        }
    }
}

fn commit(
    database: &mut Database,
    group: impl Iterator<Item = Work>,
) -> (Vec<Finish>, Result<(), StateError>) {
    let mut outcome = database.step(Step::Begin);
    let mut finishes = Vec::new();
    for work in group {
        outcome = outcome.and_then(|()| database.step(Step::BeginPiece));
        let (stands, finish) = work(outcome.clone().map(|()| &mut *database));
        finishes.push(finish);
        let end = if stands { Step::KeepPiece } else { Step::UndoPiece };
        outcome = outcome.and_then(|()| database.step(end));
    }
    outcome = outcome.and_then(|()| database.step(Step::Commit));
    if outcome.is_err() {
        // Each caller gets the error of the group, so the result of this step does not matter.
        let _ = database.step(Step::Rollback);
    }
    (finishes, outcome)
}
