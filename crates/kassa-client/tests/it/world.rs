//! Simulated surroundings: time that moves when it is told to, and chance from a seed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use kassa_client::client::{Client, Environment, Surroundings};
use kassa_client::clock::Clock;
use kassa_client::random::Random;
use kassa_client::tracker::{Told, Tracker, TrackerOptions};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::service::Service;

#[derive(Clone)]
pub struct SimulatedClock(Arc<watch::Sender<i64>>);

impl SimulatedClock {
    pub fn ms(&self) -> i64 {
        *self.0.borrow()
    }

    /// Moves on to this time, never back.
    pub fn reach(&self, ms: i64) {
        self.0.send_modify(|now| *now = ms.max(*now));
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.ms()).unwrap()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let mut time = self.0.subscribe();
        Box::pin(async move {
            // The clock outlives every sleeper; should it not, nobody is left to wake.
            let _ = time.wait_for(|now| *now >= at.as_millisecond()).await;
        })
    }
}

/// Chance from a seed (splitmix64).
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

impl Random for Dice {
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
    _folder: TempDir,
}

impl World {
    pub fn new(seed: u64) -> Self {
        // In memory where there is such a folder: hours of simulation must not wait for a disk.
        let folder = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
        let clock = SimulatedClock(Arc::new(watch::Sender::new(0)));
        Self {
            service: Service::new(clock.clone()),
            clock,
            dice: Arc::new(Dice::new(seed)),
            file: folder.path().join("tracker.db"),
            _folder: folder,
        }
    }

    pub fn file(&self) -> &Path {
        &self.file
    }

    pub fn surroundings(&self) -> Surroundings {
        Surroundings {
            transport: Arc::new(self.service.clone()),
            clock: Arc::new(self.clock.clone()),
            random: self.dice.clone(),
        }
    }

    pub fn client(&self) -> Client {
        let environment = Environment::At("https://service.example".to_string());
        Client::with(self.surroundings(), &environment, "user", "password")
    }

    /// A tracker on the world's file.
    pub fn tracker(&self, options: TrackerOptions) -> Tracker {
        Tracker::open(&self.file, self.client(), self.surroundings(), options).unwrap()
    }
}

/// Takes and acknowledges all that is due, with the time at which it was told.
pub async fn drain(tracker: &Tracker, now: i64) -> Vec<(i64, Told)> {
    let mut drained = Vec::new();
    while let Some(told) = tracker.try_next_change().await.unwrap() {
        assert!(tracker.acknowledge(&told).await.unwrap());
        drained.push((now, told));
    }
    drained
}
