//! The tracker follows registered sessions and reports each status change to the merchant, in order.
//!
//! Callbacks, reads and the feed bring observations. The tracker stores each change once, under its id, before it
//! reports it. It reports a change again until the merchant acknowledges it. After a crash, another run continues from
//! the database.
//!
//! | term | meaning |
//! |---|---|
//! | observation ([`Observation`]) | a snapshot from a callback, a read or the feed; to *observe* is to store it |
//! | change | one status change of a session, stored once; `change_id` names it |
//! | report ([`Change`]) | one attempt to hand a change over to the merchant, repeated until it is *acknowledged* |
//! | known | the last change of a session that was observed, or that was reported |
//! | overtaken | describes a change that was observed after a later one was reported; it is stored, but never reported |
//! | sink ([`sink`]) | where the tracker delivers status changes: an HTTP endpoint, a table or standard output |
//!
//! ```no_run
//! use kassa_client::client::{Client, Environment, Dependencies};
//! use kassa_client::tracker::{Registration, Tracker, TrackerOptions};
//!
//! # async fn follow() -> Result<(), Box<dyn std::error::Error>> {
//! let dependencies = Dependencies::system()?;
//! let client = Client::with(dependencies.clone(), &Environment::PlaygroundEurope, "user", "secret");
//! let tracker = Tracker::open("tracker.db".as_ref(), client, dependencies, TrackerOptions::default())?;
//! tokio::spawn(tracker.clone().work_forever());
//!
//! tracker.register(Registration::of("the-session-id")).await?;
//! while let Some(change) = tracker.next_change().await {
//!     println!("{} is {}", change.snapshot.session_id, change.snapshot.status());
//!     tracker.acknowledge(&change).await?;
//! }
//! # Ok(())
//! # }
//! ```

mod allowance;
mod feed;
mod feed_connection;
mod monitor;
mod observe;
mod options;
mod orders;
mod overview;
mod reading;
pub mod reconcile;
pub mod schedule;
mod sessions;
#[cfg(feature = "web")]
pub mod sidecar;
pub mod sink;
mod state;
mod stream;
pub mod verdict;
mod words;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

use crate::backoff::Backoff;
use crate::client::{Client, Dependencies, RetryPolicy};
use crate::clock::plus_ms;
use allowance::ReadBudget;
use feed_connection::FeedConnection;
use monitor::Monitor;
use state::State;

pub use observe::Observation;
pub use options::{CallbackReceiver, Service, TrackerOptions};
pub use orders::OrderState;
pub use overview::{Overview, SessionView};
pub use sessions::Registration;
pub use state::StateError;
pub use stream::Change;
pub use words::UnknownWord;

/// The longest wait before the tracker looks for work again, in milliseconds: another process may have added some.
const POLL_MS: i64 = 1_000;

/// The longest pause that the tracker makes if the service asks for one, in milliseconds.
const LONGEST_PAUSE_MS: i64 = 5 * 60_000;

/// The pauses between attempts to report a change, and to place an order.
const RETRY_BACKOFF: Backoff = Backoff { first_ms: 1_000, longest_ms: 60_000 };

/// The interval between deletions of old sessions, in milliseconds.
const RETENTION_EVERY_MS: i64 = 3_600_000;

/// Follows sessions. Cloning is cheap; all clones are the same tracker.
#[derive(Clone)]
pub struct Tracker {
    state: State<observe::PlannedObservation>,
    client: Client,
    /// How long a claimed call belongs to one tracker, in milliseconds.
    call_lease_ms: i64,
    dependencies: Dependencies,
    options: Arc<TrackerOptions>,
    allowance: Arc<Mutex<ReadBudget>>,
    feed: Arc<FeedConnection>,
    monitor: Arc<Monitor>,
    /// Notified when a change was stored or acknowledged.
    changed: Arc<Notify>,
    /// Notified when a session must be read sooner than planned.
    read_planned: Arc<Notify>,
    /// Notified when an order is to be placed.
    order_planned: Arc<Notify>,
    stopping: Arc<watch::Sender<bool>>,
}

impl Tracker {
    /// Opens or creates an SQLite file. Several trackers, in one or more processes, may share one file.
    ///
    /// # Errors
    /// If the file cannot be used.
    pub fn open(
        path: &Path,
        client: Client,
        dependencies: Dependencies,
        options: TrackerOptions,
    ) -> Result<Self, StateError> {
        Ok(Self::assemble(State::open(path)?, client, dependencies, options))
    }

    /// Connects to a PostgreSQL database, and creates missing tables: in the schema `kassa_tracker`, unless the URL
    /// names another by `search_path`. Several trackers, on one or more machines, may share one database. The tracker
    /// reconnects if the connection is lost later.
    ///
    /// # Errors
    /// If the database cannot be reached or used.
    #[cfg(feature = "postgres")]
    pub async fn connect(
        url: &str,
        client: Client,
        dependencies: Dependencies,
        options: TrackerOptions,
    ) -> Result<Self, StateError> {
        Ok(Self::assemble(State::connect(url).await?, client, dependencies, options))
    }

    fn assemble(
        state: State<observe::PlannedObservation>,
        client: Client,
        dependencies: Dependencies,
        options: TrackerOptions,
    ) -> Self {
        let timeout = Duration::from_millis(options.read_timeout_ms.into());
        let once = RetryPolicy { attempts: 1, longest_pause_ms: LONGEST_PAUSE_MS, ..RetryPolicy::default() };
        Self {
            state,
            client: client.with_timeout(timeout).with_retry_policy(once),
            call_lease_ms: i64::from(options.read_timeout_ms) * 2,
            dependencies,
            allowance: Arc::new(Mutex::new(ReadBudget::of(options.reads_per_second))),
            feed: Arc::new(FeedConnection::of(options.service)),
            options: Arc::new(options),
            monitor: Arc::new(Monitor::new()),
            changed: Arc::default(),
            read_planned: Arc::default(),
            order_planned: Arc::default(),
            stopping: Arc::default(),
        }
    }

    /// Reads due sessions, follows the feed, places orders and deletes old sessions, forever. The future may be dropped
    /// at any moment: the tracker repeats interrupted work when its lease ends.
    pub async fn work_forever(self) {
        tokio::join!(
            self.read_forever(),
            self.follow_feed_forever(),
            self.place_orders_forever(),
            self.delete_old_forever()
        );
    }

    /// Ends the stream of changes. Changes that were already reported may still be acknowledged.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Closes the database before the process exits. An SQLite file is complete without its log afterwards, unless
    /// another process uses it. Later calls of this tracker fail, because the database is closed. Callers limit the
    /// time.
    pub async fn close(&self) {
        self.state.close().await;
    }

    /// Waits until the tracker is stopped.
    #[cfg(feature = "web")]
    fn until_stopped(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut stopping = self.stopping.subscribe();
        async move {
            // An error means that the tracker was dropped, so it is stopped too.
            let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
        }
    }

    /// Returns the answer of the database. If the database is unavailable, logs that and returns the default, so that
    /// the caller tries again later.
    fn or_default<T: Default>(&self, answer: Result<T, StateError>) -> T {
        answer.unwrap_or_else(|error| {
            self.monitor.database_failed(&error, self.dependencies.clock.schedule_now());
            T::default()
        })
    }

    async fn delete_old_forever(&self) {
        loop {
            self.or_default(self.delete_old().await);
            let clock = &self.dependencies.clock;
            clock.sleep_until(plus_ms(clock.schedule_now(), RETENTION_EVERY_MS)).await;
        }
    }
}
