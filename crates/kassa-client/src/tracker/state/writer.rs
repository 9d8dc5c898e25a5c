//! One thread that commits in groups. The table of an outlet is written so, too.
//!
//! A caller hands a piece of work to the thread and waits. The thread takes what has queued up, runs each piece
//! in a savepoint of its own, and commits them with one sync. Nobody is answered before the commit is durable.
//! Two trackers may share a database: of their groups, one at a time is under way.

use kassa_sql::Cause;
use tokio::sync::{mpsc, oneshot};

use super::StateError;
use super::database::{Database, Step};

/// Pieces that may wait. A caller beyond waits for a place, so memory stays bounded.
const LONGEST_QUEUE: usize = 4096;

/// Answers the caller once it is known whether the group was committed.
type Finish = Box<dyn FnOnce(Result<(), StateError>) + Send>;

/// Runs in a savepoint; says whether it stands. Where the group could not begin, it is told why and does nothing.
type Work = Box<dyn FnOnce(Result<&mut Database, StateError>) -> (bool, Finish) + Send>;

enum Job {
    Piece(Work),
    /// The last job: the thread commits what was queued before it, closes the database and ends.
    Close(oneshot::Sender<()>),
}

/// Hands pieces of work to the thread.
#[derive(Clone)]
pub(in crate::tracker) struct Writer(mpsc::Sender<Job>);

impl Writer {
    /// Starts the thread.
    pub(in crate::tracker) fn over(database: Database) -> Result<Self, StateError> {
        let (work, queue) = mpsc::channel(LONGEST_QUEUE);
        std::thread::Builder::new()
            .name("kassa-tracker".to_string())
            .spawn(move || work_until_closed(database, queue))
            .map_err(|error| StateError::Unavailable(Cause::of(error)))?;
        Ok(Self(work))
    }

    /// Runs one piece of work; what it answers is durable.
    pub(in crate::tracker) async fn run<T: Send + 'static>(
        &self,
        piece: impl FnOnce(&mut Database) -> Result<T, StateError> + Send + 'static,
    ) -> Result<T, StateError> {
        let (reply, answer) = oneshot::channel();
        let work: Work = Box::new(move |database| {
            let result = database.and_then(piece);
            let stands = result.is_ok();
            let finish: Finish = Box::new(move |committed| {
                // A caller that has gone away no longer wants its answer; the work stands all the same.
                let _ = reply.send(committed.and(result));
            });
            (stands, finish)
        });
        self.0.send(Job::Piece(work)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Commits what is queued, and closes the database, for every clone.
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
    StateError::Unavailable("the tracker's memory is closed".into())
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
        // Each caller is told that the group is lost; whether this succeeds changes nothing for them.
        let _ = database.step(Step::GiveUp);
    }
    (finishes, outcome)
}
