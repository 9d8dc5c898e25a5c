//! The writer: one thread that commits in groups. A sink's table uses it, too.
//!
//! A caller hands a piece of work to the thread and waits. The thread runs each queued piece in its own savepoint, and
//! commits them together with one sync. It answers the callers after the commit is durable. If two trackers share a
//! database, their groups run one after the other.
//!
//! Observations of different sessions are one piece, because a few statements store them all. If that piece fails, each
//! observation is stored in a piece of its own, so that none fails because of another.

use std::collections::HashMap;

use kassa_sql::Cause;
use tokio::sync::{mpsc, oneshot};

use super::StateError;
use super::database::{Database, Step};
use crate::ledger::RecordOutcome;
use crate::tracker::observe::{PlannedObservation, observe_all};

/// The maximum number of waiting pieces, which bounds memory. Further callers wait for a place.
const LONGEST_QUEUE: usize = 4096;

/// Answers the caller, once it is known whether the group was committed.
type Finish = Box<dyn FnOnce(Result<(), StateError>) + Send>;

/// Runs a piece in a savepoint. Returns whether its changes are kept. If the group could not begin, it gets the error
/// and does nothing.
type Work = Box<dyn FnOnce(Result<&mut Database, StateError>) -> (bool, Finish) + Send>;

enum Job {
    Piece(Work),
    Observation(Box<WaitingObservation>),
    /// The last job: the thread commits what was queued before it, closes the database and ends.
    Close(oneshot::Sender<()>),
}

/// An observation whose caller waits for the outcome.
struct WaitingObservation {
    planned: PlannedObservation,
    reply: oneshot::Sender<Result<RecordOutcome, StateError>>,
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

    /// Stores an observation, together with others that wait. Its outcome is durable.
    pub(in crate::tracker) async fn observe(
        &self,
        planned: PlannedObservation,
    ) -> Result<RecordOutcome, StateError> {
        let (reply, answer) = oneshot::channel();
        let waiting = Box::new(WaitingObservation { planned, reply });
        self.0.send(Job::Observation(waiting)).await.map_err(|_| closed())?;
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
        let (mut pieces, mut observations, mut close) = (Vec::new(), Vec::new(), None);
        for job in group.drain(..) {
            match job {
                Job::Piece(work) => pieces.push(work),
                Job::Observation(waiting) => observations.push(*waiting),
                Job::Close(reply) => close = Some(reply),
            }
        }
        let (finishes, committed) = commit(&mut database, observations, pieces);
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
    observations: Vec<WaitingObservation>,
    pieces: Vec<Work>,
) -> (Vec<Finish>, Result<(), StateError>) {
    let begun = database.step(Step::Begin);
    let mut group = Group { database, outcome: begun, finishes: Vec::new() };
    for observations in of_different_sessions(observations) {
        group.observe(observations);
    }
    for work in pieces {
        group.run_in_piece(work);
    }
    group.end()
}

/// Splits observations into lists that contain each session once. The observations of a session keep their order.
fn of_different_sessions(observations: Vec<WaitingObservation>) -> Vec<Vec<WaitingObservation>> {
    let mut lists: Vec<Vec<WaitingObservation>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for waiting in observations {
        let place = places.entry(waiting.planned.session_id().to_string()).or_default();
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

    /// Stores observations of different sessions in one piece. If that fails, each is stored in a piece of its own.
    fn observe(&mut self, observations: Vec<WaitingObservation>) {
        let planned: Vec<_> = observations.iter().map(|waiting| &waiting.planned).collect();
        match self.observe_in_piece(&planned) {
            Ok(outcomes) => {
                for (waiting, recorded) in observations.into_iter().zip(outcomes) {
                    self.finishes.push(waiting.finish(Ok(recorded)));
                }
            }
            Err(_) if planned.len() > 1 && self.outcome.is_ok() => {
                observations.into_iter().for_each(|alone| self.observe(vec![alone]));
            }
            Err(error) => {
                let failed = |waiting: WaitingObservation| waiting.finish(Err(error.clone()));
                self.finishes.extend(observations.into_iter().map(failed));
            }
        }
    }

    fn observe_in_piece(
        &mut self,
        planned: &[&PlannedObservation],
    ) -> Result<Vec<RecordOutcome>, StateError> {
        self.step(Step::BeginPiece);
        let recorded = self.outcome.clone().and_then(|()| observe_all(self.database, planned));
        self.step(if recorded.is_ok() { Step::KeepPiece } else { Step::UndoPiece });
        recorded
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

impl WaitingObservation {
    /// Answers the caller, once it is known whether the group was committed.
    fn finish(self, recorded: Result<RecordOutcome, StateError>) -> Finish {
        Box::new(move |committed| {
            // If the caller has gone, the answer is not needed. The observation is kept.
            let _ = self.reply.send(committed.and(recorded));
        })
    }
}
