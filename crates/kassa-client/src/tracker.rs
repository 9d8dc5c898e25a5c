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
//! tokio::spawn(tracker.clone().read_forever());
//!
//! tracker.register(Registration::of("the-session-id")).await?;
//! loop {
//!     let told = tracker.next_change().await?;
//!     println!("{} is {}", told.snapshot.session_id, told.snapshot.status);
//!     tracker.acknowledge(&told).await?;
//! }
//! # }
//! ```

mod allowance;
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

use tokio::sync::Notify;

use crate::client::{Client, RetryPolicy, Surroundings};
use allowance::Allowance;
use schedule::Pace;
use state::State;

pub use overview::SessionView;
pub use record::Heard;
pub use sessions::Registration;
pub use state::StateError;
pub use stream::Told;

/// How a tracker works.
#[derive(Clone, Debug)]
pub struct TrackerOptions {
    /// How eagerly sessions are read.
    pub pace: Pace,
    /// Reads of the account in a second, at most.
    pub reads_per_second: u32,
    /// How long a change waits for one that happened before it and comes after it, in milliseconds.
    pub settle_ms: i64,
    /// How long a change that was handed over waits for its acknowledgement before it is handed over again, in
    /// milliseconds.
    pub lease_ms: i64,
    /// Seconds for which a read may wait at the service for a change, where the service gives tags.
    pub long_poll_s: Option<u32>,
    /// How long one read may take, in milliseconds. A read is not repeated at once, since the schedule does that; one
    /// that was under way at a crash is made again after twice this time.
    pub read_timeout_ms: u32,
    /// How long closed sessions are remembered, in milliseconds.
    pub keep_ms: i64,
}

impl Default for TrackerOptions {
    fn default() -> Self {
        Self {
            pace: Pace::default(),
            reads_per_second: 10,
            settle_ms: 500,
            lease_ms: 60_000,
            long_poll_s: None,
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
    /// A read that is claimed is nobody else's for so long.
    read_lease_ms: i64,
    surroundings: Surroundings,
    options: Arc<TrackerOptions>,
    allowance: Arc<Mutex<Allowance>>,
    /// Rung when a change was kept or acknowledged.
    changed: Arc<Notify>,
    /// Rung when a session must be read sooner than planned.
    hurried: Arc<Notify>,
}

impl Tracker {
    /// Opens the file, or makes it. Several trackers, in one process or more, may share one file.
    ///
    /// # Errors
    /// Where the file cannot be used.
    pub fn open(
        path: &Path,
        client: Client,
        surroundings: Surroundings,
        options: TrackerOptions,
    ) -> Result<Self, StateError> {
        let wait_s = options.long_poll_s.unwrap_or(0);
        let timeout =
            Duration::from_millis(options.read_timeout_ms.into()) + Duration::from_secs(wait_s.into());
        let once = RetryPolicy { attempts: 1, ..RetryPolicy::default() };
        Ok(Self {
            state: State::open(path)?,
            client: client.with_timeout(timeout).with_retry_policy(once),
            read_lease_ms: i64::try_from(timeout.as_millis()).unwrap_or(i64::MAX / 2).saturating_mul(2),
            surroundings,
            allowance: Arc::new(Mutex::new(Allowance::of(options.reads_per_second))),
            options: Arc::new(options),
            changed: Arc::default(),
            hurried: Arc::default(),
        })
    }
}
