//! The writer: one thread that commits in groups. A sink's table uses it, too.
//!
//! A caller hands a piece of work to the thread and waits. The thread runs each queued piece in its own savepoint, and
//! commits them together with one sync. It answers the callers after the commit is durable. If two trackers share a
//! database, their groups run one after the other.
//!
//! Joint pieces with different keys are one piece, because a few statements do them all. If that piece fails, each is
//! done in a piece of its own, so that none fails because of another.

use std::collections::HashMap;

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

/// A piece of work that a few statements do together with others of its kind.
pub(in crate::tracker) trait Joint: Send + Sized + 'static {
    /// The result of one piece.
    type Outcome: Send + 'static;

    /// The row that the piece changes. Pieces with the same key are done one after the other.
    fn key(&self) -> &str;

    /// Does pieces with different keys.
    fn run_all(database: &mut Database, all: &[&Self]) -> Result<Vec<Self::Outcome>, StateError>;
}

/// The joint pieces of a writer that has none.
pub(in crate::tracker) enum NoJoint {}

impl Joint for NoJoint {
    type Outcome = ();

    fn key(&self) -> &str {
        match *self {}
    }

    fn run_all(_: &mut Database, _: &[&Self]) -> Result<Vec<()>, StateError> {
        Ok(Vec::new())
    }
}

enum Job<J: Joint> {
    Piece(Work),
    Joint(Box<Waiting<J>>),
    /// The last job: the thread commits what was queued before it, closes the database and ends.
    Close(oneshot::Sender<()>),
}

/// A joint piece whose caller waits for the outcome.
struct Waiting<J: Joint> {
    piece: J,
    reply: oneshot::Sender<Result<J::Outcome, StateError>>,
}

/// Sends pieces of work to the thread.
pub(in crate::tracker) struct Writer<J: Joint = NoJoint>(mpsc::Sender<Job<J>>);

impl<J: Joint> Clone for Writer<J> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<J: Joint> Writer<J> {
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

    /// Does a joint piece, together with others that wait. Its outcome is durable.
    pub(in crate::tracker) async fn join(&self, piece: J) -> Result<J::Outcome, StateError> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Job::Joint(Box::new(Waiting { piece, reply }))).await.map_err(|_| closed())?;
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

fn work_until_closed<J: Joint>(mut database: Database, mut queue: mpsc::Receiver<Job<J>>) {
    let largest = database.largest_group();
    let mut group = Vec::with_capacity(largest);
    while queue.blocking_recv_many(&mut group, largest) > 0 {
        let (mut pieces, mut joint, mut close) = (Vec::new(), Vec::new(), None);
        for job in group.drain(..) {
            match job {
                Job::Piece(work) => pieces.push(work),
                Job::Joint(waiting) => joint.push(*waiting),
                Job::Close(reply) => close = Some(reply),
            }
        }
        let (finishes, committed) = commit(&mut database, joint, pieces);
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

fn commit<J: Joint>(
    database: &mut Database,
    joint: Vec<Waiting<J>>,
    pieces: Vec<Work>,
) -> (Vec<Finish>, Result<(), StateError>) {
    let begun = database.step(Step::Begin);
    let mut group = Group { database, outcome: begun, finishes: Vec::new() };
    for waiting in of_different_keys(joint) {
        group.run_together(waiting);
    }
    for work in pieces {
        group.run_in_piece(work);
    }
    group.end()
}

/// Splits joint pieces into lists that contain each key once. The pieces of a key keep their order.
fn of_different_keys<J: Joint>(joint: Vec<Waiting<J>>) -> Vec<Vec<Waiting<J>>> {
    let mut lists: Vec<Vec<Waiting<J>>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for waiting in joint {
        let place = places.entry(waiting.piece.key().to_string()).or_default();
        match lists.get_mut(*place) {
            Some(list) => list.push(waiting),
            None => lists.push(vec![waiting]),
        }
        *place += 1;
    }
    lists
}

/// A group under way.
struct Group<'a> {
    database: &'a mut Database,
    /// An error, if a step of the transaction failed.
    outcome: Result<(), StateError>,
    finishes: Vec<Finish>,
}

impl Group<'_> {
    /// Runs a piece in a savepoint.
    fn run_in_piece(&mut self, work: Work) {
        self.step(Step::BeginPiece);
        let (stands, finish) = work(self.outcome.clone().map(|()| &mut *self.database));
        self.finishes.push(finish);
        self.step(if stands { Step::KeepPiece } else { Step::UndoPiece });
    }

    /// Does joint pieces with different keys in one piece. If that fails, each is done in a piece of its own.
    fn run_together<J: Joint>(&mut self, all: Vec<Waiting<J>>) {
        let pieces: Vec<_> = all.iter().map(|waiting| &waiting.piece).collect();
        match self.run_all_in_piece(&pieces) {
            Ok(outcomes) => {
                for (waiting, outcome) in all.into_iter().zip(outcomes) {
                    self.finishes.push(waiting.finish(Ok(outcome)));
                }
            }
            Err(_) if pieces.len() > 1 && self.outcome.is_ok() => {
                all.into_iter().for_each(|alone| self.run_together(vec![alone]));
            }
            Err(error) => {
                let failed = |waiting: Waiting<J>| waiting.finish(Err(error.clone()));
                self.finishes.extend(all.into_iter().map(failed));
            }
        }
    }

    fn run_all_in_piece<J: Joint>(&mut self, pieces: &[&J]) -> Result<Vec<J::Outcome>, StateError> {
        self.step(Step::BeginPiece);
        let outcomes = self.outcome.clone().and_then(|()| J::run_all(self.database, pieces));
        self.step(if outcomes.is_ok() { Step::KeepPiece } else { Step::UndoPiece });
        outcomes
    }

    fn step(&mut self, step: Step) {
        if self.outcome.is_ok() {
            self.outcome = self.database.step(step);
        }
    }

    /// Commits the group. Each caller gets its error, if there is one.
    fn end(mut self) -> (Vec<Finish>, Result<(), StateError>) {
        self.step(Step::Commit);
        if self.outcome.is_err() {
            // Each caller gets the error of the group, so the result of this step does not matter.
            let _ = self.database.step(Step::Rollback);
        }
        (self.finishes, self.outcome)
    }
}

impl<J: Joint> Waiting<J> {
    /// Answers the caller, once it is known whether the group was committed.
    fn finish(self, outcome: Result<J::Outcome, StateError>) -> Finish {
        Box::new(move |committed| {
            // If the caller has gone, the answer is not needed. The changes are kept.
            let _ = self.reply.send(committed.and(outcome));
        })
    }
}
