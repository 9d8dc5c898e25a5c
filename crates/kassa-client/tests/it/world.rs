//! The simulated world: a clock that tests move, and randomness from a seed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use kassa_client::client::{Client, Dependencies, Environment};
use kassa_client::clock::TimeSource;
use kassa_client::random::RandomSource;
use kassa_client::tracker::{Change, Tracker, TrackerOptions};
use kassa_testkit::fresh_postgres;
use tempfile::TempDir;
use tokio::sync::watch;

use crate::each_engine::Engine;
use crate::service::Service;

#[derive(Clone)]
pub struct SimulatedClock {
    time_ms: Arc<watch::Sender<i64>>,
    /// By how much the date was set back.
    set_back_ms: Arc<AtomicI64>,
}

impl SimulatedClock {
    pub fn ms(&self) -> i64 {
        *self.time_ms.borrow()
    }

    /// Moves the clock forward to this time, never back.
    pub fn reach(&self, ms: i64) {
        self.time_ms.send_modify(|now| *now = ms.max(*now));
    }

    /// Sets the date back. No time passes.
    pub fn set_back(&self, ms: i64) {
        self.set_back_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

impl TimeSource for SimulatedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.ms() - self.set_back_ms.load(Ordering::Relaxed)).unwrap()
    }

    fn schedule_now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.ms()).unwrap()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let mut time = self.time_ms.subscribe();
        Box::pin(async move {
            // An error means that the clock was dropped, and then the test has ended.
            let _ = time.wait_for(|now| *now >= at.as_millisecond()).await;
        })
    }
}

/// Random numbers from a seed (splitmix64).
pub struct Dice(AtomicU64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    pub fn below(&self, limit: i64) -> i64 {
        i64::try_from(self.number() % limit.unsigned_abs()).unwrap()
    }

    pub fn shuffle<T>(&self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(i64::try_from(last + 1).unwrap());
            items.swap(last, usize::try_from(other).unwrap());
        }
    }
}

impl RandomSource for Dice {
    fn number(&self) -> u64 {
        let seed = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

pub struct World {
    pub clock: SimulatedClock,
    pub service: Service,
    pub dice: Arc<Dice>,
    file: PathBuf,
    /// The URL of the tracker's database; `None` on SQLite.
    postgres: Option<String>,
    _folder: TempDir,
}

/// Options of a test's connections. A tracker's own limit for a transaction that waits for its client is four seconds,
/// and a busy machine can stop a test for longer.
const PATIENT: &str = "%20-c%20idle_in_transaction_session_timeout%3D60000";

impl World {
    pub fn new(seed: u64) -> Self {
        // In memory if possible, because hours of simulation must not wait for a disk.
        let folder = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
        let clock = SimulatedClock { time_ms: Arc::new(watch::Sender::new(0)), set_back_ms: Arc::default() };
        Self {
            service: Service::new(clock.clone()),
            clock,
            dice: Arc::new(Dice::new(seed)),
            file: folder.path().join("tracker.db"),
            postgres: None,
            _folder: folder,
        }
    }

    /// A world whose trackers share one database on this engine.
    pub async fn on(engine: Engine, seed: u64) -> Self {
        let postgres = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => fresh_postgres().await.map(|url| format!("{url}{PATIENT}")),
        };
        Self { postgres, ..Self::new(seed) }
    }

    pub fn file(&self) -> &Path {
        &self.file
    }

    pub fn dependencies(&self) -> Dependencies {
        Dependencies {
            transport: Arc::new(self.service.clone()),
            clock: Arc::new(self.clock.clone()),
            random: self.dice.clone(),
        }
    }

    pub fn client(&self) -> Client {
        let environment = Environment::At("https://service.example".to_string());
        Client::with(self.dependencies(), &environment, "user", "password")
    }

    /// Runs a statement of this engine on the trackers' database.
    pub async fn tamper(&self, sqlite: &str, postgres: &str) {
        match &self.postgres {
            None => rusqlite::Connection::open(&self.file).unwrap().execute_batch(sqlite).unwrap(),
            Some(url) => {
                let (client, driver) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
                tokio::spawn(driver);
                client.batch_execute(postgres).await.unwrap();
            }
        }
    }

    /// A tracker on the world's database.
    pub async fn tracker(&self, options: TrackerOptions) -> Tracker {
        let (client, dependencies) = (self.client(), self.dependencies());
        let opened = match &self.postgres {
            None => Tracker::open(&self.file, client, dependencies, options),
            Some(url) => Tracker::connect(url, client, dependencies, options).await,
        };
        opened.unwrap()
    }
}

/// Acknowledges all due changes; returns them with the given time of their report.
pub async fn drain(tracker: &Tracker, now: i64) -> Vec<(i64, Change)> {
    let mut drained = Vec::new();
    while let Some(change) = tracker.try_next_change().await.unwrap() {
        assert!(tracker.acknowledge(&change).await.unwrap());
        drained.push((now, change));
    }
    drained
}
