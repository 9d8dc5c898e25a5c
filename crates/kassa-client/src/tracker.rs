//! The tracker: every status change of every registered session, once and in order, through anything.
//!
//! Callbacks and reads end in one place, where a change is known by its name and kept before
//! anything is told. What comes out is a stream of changes that are handed over again until acknowledged.
//!
//! ```no_run
//! use kassa_client::client::{Client, Environment, Surroundings};
//! use kassa_client::tracker::{Registration, Tracker, TrackerOptions};
//!
//! # async fn follow() -> Result<(), Box<dyn std::error::Error>> {
//! let surroundings = Surroundings::system()?;
//! let client = Client::with(surroundings.clone(), &Environment::PlaygroundEurope, "user", "secret");
//! let tracker = Tracker::open("tracker.db".as_ref(), client, surroundings, TrackerOptions::default())?;
//! tokio::spawn(tracker.clone().work_forever());
//!
//! tracker.register(Registration::of("the-session-id")).await?;
//! while let Some(told) = tracker.next_change().await {
//!     println!("{} is {}", told.snapshot.session_id, told.snapshot.status);
//!     tracker.acknowledge(&told).await?;
//! }
//! # Ok(())
//! # }
//! ```

mod allowance;
mod feed;
mod monitor;
mod orders;
pub mod outlet;
mod overview;
mod reading;
pub mod reconcile;
mod record;
pub mod schedule;
mod sessions;
#[cfg(feature = "web")]
pub mod sidecar;
mod state;
mod stream;
pub mod verdict;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::{Notify, watch};

use crate::backoff::Backoff;
use crate::client::{Client, RetryPolicy, Surroundings};
use crate::clock::plus_ms;
use allowance::Allowance;
use feed::FeedLink;
use monitor::Monitor;
use schedule::Pace;
use state::State;

pub use orders::{OrderOutcome, OrderState};
pub use overview::{Overview, SessionView};
pub use record::Heard;
pub use sessions::Registration;
pub use state::StateError;
pub use stream::Told;

/// How long to wait where nothing is due, in milliseconds: another process may have heard something.
const LOOK_AGAIN_MS: i64 = 1_000;

/// The longest that a tracker leaves the service alone where it asks for that, in milliseconds.
const LONGEST_QUIET_MS: i64 = 5 * 60_000;

/// Between attempts at the merchant's endpoint, and at an order.
const BETWEEN_ATTEMPTS: Backoff = Backoff { first_ms: 1_000, longest_ms: 60_000 };

/// How often old sessions are forgotten, in milliseconds.
const FORGET_EVERY_MS: i64 = 3_600_000;

/// Whose service it is. Kassa offers a feed of events beyond the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Asked for its feed once a read has carried a tag, which the vendor's reads do not.
    Unknown,
    /// Kassa: its feed is held from the start.
    Kassa,
    /// Another: nothing but the wire is used.
    Other,
}

/// Where the account's callbacks go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Callbacks {
    /// To this tracker: what was acknowledged is known here, and one that does not come was lost.
    #[default]
    ComeHere,
    /// Elsewhere, or nowhere: that none comes says nothing.
    GoElsewhere,
}

/// How a tracker works; also what a file of settings may say of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrackerOptions {
    /// Whose service it is.
    pub service: Service,
    /// Where the account's callbacks go. It follows from how the tracker is run, so no file says it.
    #[serde(skip)]
    pub callbacks: Callbacks,
    /// How eagerly sessions are read.
    pub pace: Pace,
    /// Reads of the account in a second, at most.
    pub reads_per_second: u32,
    /// How long a change waits for one that happened before it and comes after it, in milliseconds.
    pub settle_ms: i64,
    /// How long a change that was handed over waits for its acknowledgement before it is handed over again, in
    /// milliseconds.
    pub lease_ms: i64,
    /// Seconds for which the feed may hold its answer until there is news, 60 at most.
    pub feed_wait_s: u32,
    /// How long one read may take, in milliseconds. A read is not repeated at once, since the schedule does that; one
    /// that was under way at a crash is made again after twice this time.
    pub read_timeout_ms: u32,
    /// How long closed sessions are remembered, in milliseconds.
    pub keep_ms: i64,
}

impl Default for TrackerOptions {
    fn default() -> Self {
        Self {
            service: Service::Unknown,
            callbacks: Callbacks::ComeHere,
            pace: Pace::default(),
            reads_per_second: 20,
            settle_ms: 500,
            lease_ms: 60_000,
            feed_wait_s: 30,
            read_timeout_ms: 10_000,
            keep_ms: 7 * 24 * 3_600_000,
        }
    }
}

/// Follows sessions. Cloning is cheap; the clones are one tracker.
#[derive(Clone)]
pub struct Tracker {
    state: State,
    client: Client,
    /// A call that is claimed is nobody else's for so long.
    call_lease_ms: i64,
    surroundings: Surroundings,
    options: Arc<TrackerOptions>,
    allowance: Arc<Mutex<Allowance>>,
    feed: Arc<FeedLink>,
    monitor: Arc<Monitor>,
    /// Rung when a change was kept or acknowledged.
    changed: Arc<Notify>,
    /// Rung when a session must be read sooner than planned.
    hurried: Arc<Notify>,
    /// Rung when an order is to be placed.
    ordered: Arc<Notify>,
    stopping: Arc<watch::Sender<bool>>,
}

impl Tracker {
    /// Opens an SQLite file, or makes it. Several trackers, in one process or more, may share one file.
    ///
    /// # Errors
    /// Where the file cannot be used.
    pub fn open(
        path: &Path,
        client: Client,
        surroundings: Surroundings,
        options: TrackerOptions,
    ) -> Result<Self, StateError> {
        Ok(Self::over(State::open(path)?, client, surroundings, options))
    }

    /// Connects to the PostgreSQL database of this URL, and makes its tables where they are missing: in the schema
    /// `kassa_tracker`, unless the URL names another by `search_path`. Several trackers, on one machine or more, may
    /// share one database. A connection that is lost later is made again.
    ///
    /// # Errors
    /// Where the database cannot be reached or used.
    #[cfg(feature = "postgres")]
    pub async fn connect(
        url: &str,
        client: Client,
        surroundings: Surroundings,
        options: TrackerOptions,
    ) -> Result<Self, StateError> {
        Ok(Self::over(State::connect(url).await?, client, surroundings, options))
    }

    fn over(state: State, client: Client, surroundings: Surroundings, options: TrackerOptions) -> Self {
        let timeout = Duration::from_millis(options.read_timeout_ms.into());
        let once = RetryPolicy { attempts: 1, longest_pause_ms: LONGEST_QUIET_MS, ..RetryPolicy::default() };
        Self {
            state,
            client: client.with_timeout(timeout).with_retry_policy(once),
            call_lease_ms: i64::from(options.read_timeout_ms) * 2,
            surroundings,
            allowance: Arc::new(Mutex::new(Allowance::of(options.reads_per_second))),
            feed: Arc::new(FeedLink::of(options.service)),
            options: Arc::new(options),
            monitor: Arc::new(Monitor::new()),
            changed: Arc::default(),
            hurried: Arc::default(),
            ordered: Arc::default(),
            stopping: Arc::default(),
        }
    }

    /// Reads sessions as they fall due, holds the feed, places orders, and forgets what is old; forever. It may be
    /// dropped at any moment: what was under way is done again when its lease ends.
    pub async fn work_forever(self) {
        tokio::join!(
            self.read_forever(),
            self.follow_feed_forever(),
            self.order_forever(),
            self.forget_forever()
        );
    }

    /// Has whoever waits for changes come to an end: what was handed over may still be acknowledged.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Closes the state, for a process that ends: an SQLite file is whole by itself afterwards. Whatever still works with
    /// this tracker is told that its memory is closed. Callers bound the time.
    pub async fn close(&self) {
        self.state.close().await;
    }

    /// Ends when the tracker is stopped.
    #[cfg(feature = "web")]
    fn until_stopped(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut stopping = self.stopping.subscribe();
        async move {
            // A tracker that is gone is stopped too.
            let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
        }
    }

    /// What the state answered; nothing where it cannot be used: to try again later is all there is to do.
    fn or_nothing<T: Default>(&self, answer: Result<T, StateError>) -> T {
        answer.unwrap_or_else(|error| {
            self.monitor.state_failed(&error, self.surroundings.clock.now());
            T::default()
        })
    }

    async fn forget_forever(&self) {
        loop {
            self.or_nothing(self.forget_old().await);
            let clock = &self.surroundings.clock;
            clock.sleep_until(plus_ms(clock.now(), FORGET_EVERY_MS)).await;
        }
    }
}
