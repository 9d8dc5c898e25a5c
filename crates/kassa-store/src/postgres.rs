//! The engine for many nodes: PostgreSQL, or a database that speaks its protocol.
//!
//! As on SQLite, a caller queues a unit and waits, and queued units are committed together. A few connections write.
//! Each takes a group from the queue and sends it whole, from `begin` to `commit`, in one round trip. Reads use other
//! connections, with many reads at a time on each. No caller gets an answer before the commit is durable.

mod atomicity;
mod connection;
mod group;
mod notifications;
mod run;
mod statement;
mod together;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use kassa_sql::Row;
use tokio::sync::{Mutex, Semaphore, mpsc, oneshot};

use crate::StoreError;
use crate::engine::{Answer, Statement, Unit};
use crate::notifications::Notification;
use crate::timings::{QueuedChange, StoreTimings};
pub(crate) use atomicity::Atomicity;
use connection::{Connector, Silence};
use notifications::Announced;

/// Connections that write. Each sends one group at a time. Fewer connections make larger groups, which cost less for
/// each unit. With one, a group that waits for a lock would delay all others.
const WRITERS: usize = 2;

/// Connections that read.
const READERS: usize = 2;

/// Maximum number of units that are committed together. It bounds how long the first of them waits for the last.
const LARGEST_GROUP: usize = 64;

/// Maximum number of units that wait for a writer, and of reads that are under way. Any further caller gets an error at
/// once, so that memory is bounded even if the database does not answer.
const LONGEST_QUEUE: usize = 4096;

/// The longest time that a caller waits, in the queue and for the database. Then it gets an error, and may try later.
const PATIENCE: Duration = Duration::from_secs(10);

struct Job {
    unit: Unit,
    reply: oneshot::Sender<Result<Answer, StoreError>>,
    queued: QueuedChange,
}

/// The queue that all writers share.
type Queue = Arc<Mutex<mpsc::Receiver<Job>>>;

pub(crate) struct Postgres {
    jobs: mpsc::Sender<Job>,
    readers: Vec<Connector>,
    next_reader: AtomicUsize,
    places_to_read: Semaphore,
    /// Makes the connection for notifications between nodes.
    messenger: Connector,
    announced: Announced,
    timings: StoreTimings,
}

impl Postgres {
    /// Connects to the database of this URL, and brings its schema up to date.
    pub(crate) async fn connect(url: &str, atomicity: Atomicity) -> Result<Self, StoreError> {
        let silence = Arc::<Silence>::default();
        let connector = || Connector::new(url, atomicity, silence.clone());
        connection::bring_up_to_date(&connector()?).await?;
        let (jobs, queue) = mpsc::channel(LONGEST_QUEUE);
        let queue = Arc::new(Mutex::new(queue));
        let timings = StoreTimings::default();
        for _ in 0..WRITERS {
            tokio::spawn(write_until_closed(connector()?.for_changes(), queue.clone(), timings.clone()));
        }
        let readers = (0..READERS).map(|_| connector()).collect::<Result<_, _>>()?;
        Ok(Self {
            jobs,
            readers,
            next_reader: AtomicUsize::new(0),
            places_to_read: Semaphore::new(LONGEST_QUEUE),
            messenger: connector()?,
            announced: Announced::new(),
            timings,
        })
    }

    pub(crate) fn timings(&self) -> &StoreTimings {
        &self.timings
    }

    /// Runs a unit, and answers when it is durable. If the answer is that the database is unavailable, the outcome is
    /// unknown. The guards of the next attempt show it.
    pub(crate) async fn run(&self, unit: Unit) -> Result<Answer, StoreError> {
        let (reply, answer) = oneshot::channel();
        let queued = self.timings.queued();
        self.jobs.try_send(Job { unit, reply, queued }).map_err(|_| too_many("changes"))?;
        let late = || StoreError::Unavailable("the writer gave up".into());
        within_patience(async { answer.await.map_err(|_| late())? }).await
    }

    /// Reads what is durable now.
    pub(crate) async fn query<T>(
        &self,
        statement: &Statement,
        read: impl Fn(&mut Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let _place = self.places_to_read.try_acquire().map_err(|_| too_many("reads"))?;
        let reader = self.next_reader.fetch_add(1, Ordering::Relaxed) % self.readers.len();
        let rows = within_patience(self.readers[reader].query(statement)).await?;
        rows.into_iter().map(|mut row| read(&mut row)).collect()
    }
}

impl Postgres {
    pub(crate) fn announce(&self, notification: Notification) {
        self.announced.push(notification);
    }

    pub(crate) async fn exchange_notifications(&self, on_notification: &(impl Fn(Notification) + Send)) {
        notifications::exchange(&self.messenger, &self.announced, on_notification).await;
    }
}

fn too_many(what: &str) -> StoreError {
    StoreError::Unavailable(format!("too many {what} wait for the database").into())
}

/// This is no `async fn`, whose future would contain the work twice: as its parameter, and while it waits for it.
fn within_patience<T>(
    work: impl Future<Output = Result<T, StoreError>>,
) -> impl Future<Output = Result<T, StoreError>> {
    tokio::time::timeout(PATIENCE, work).map(|done| done.map_err(|_| no_answer_in_time())?)
}

fn no_answer_in_time() -> StoreError {
    StoreError::Unavailable("no answer from the database in time".into())
}

async fn write_until_closed(connector: Connector, queue: Queue, timings: StoreTimings) {
    let mut jobs = Vec::with_capacity(LARGEST_GROUP);
    loop {
        if queue.lock().await.recv_many(&mut jobs, LARGEST_GROUP).await == 0 {
            return;
        }
        // A caller that stopped waiting got an error. Its unit is not begun any more.
        jobs.retain(|job| !job.reply.is_closed());
        jobs.sort_by(|one, other| one.unit.contended_id.cmp(&other.unit.contended_id));
        let units: Vec<&Unit> = jobs.iter().map(|job| &job.unit).collect();
        let timer = timings.commit_begins(jobs.iter().map(|job| &job.queued));
        let answers = group::commit(&connector, &units).await;
        timer.ended();
        for (job, answer) in jobs.drain(..).zip(answers) {
            drop(job.queued);
            // The caller may have stopped waiting. The change is durable all the same.
            let _ = job.reply.send(answer);
        }
    }
}
