//! Callbacks on their way: claimed from the store, attempted side by side, settled with what came of it.
//!
//! The store decides who may attempt a callback: a claim is a lease with a fencing number, and a worker that dies
//! loses no more than its lease. In memory there is only what is under way, and for each endpoint when to look
//! next; a backlog of any length stays in the store.

mod breaker;
mod delivery;
mod endpoint;
mod endpoints;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt;
use kassa_domain::Timestamp;
use kassa_domain::time::SECOND_MS;
use kassa_store::{ClaimedCallback, StoreError};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::app::App;

pub(crate) use endpoint::endpoint_of;

use breaker::Health;
use delivery::Ended;
use endpoints::Endpoints;

/// A claim's lease. An attempt that could outlast it is not begun.
const LEASE_MS: i64 = 10 * SECOND_MS;

/// How often the store is asked for what other processes committed, and for what a lost lease left behind.
const LOOK_AGAIN_MS: i64 = SECOND_MS;

/// Endpoints read from the store at a time.
const ENDPOINTS_AT_A_TIME: i64 = 1000;

/// The ear of the delivery: who makes a callback due tells it here, after the commit.
#[derive(Default)]
pub(crate) struct DueCallbacks {
    told: Mutex<BTreeMap<String, Timestamp>>,
    news: Notify,
}

impl DueCallbacks {
    /// A callback of this endpoint is due from then on.
    pub(crate) fn tell(&self, endpoint: &str, due_at: Timestamp) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match told.get_mut(endpoint) {
            Some(earliest) => *earliest = due_at.min(*earliest),
            None => drop(told.insert(endpoint.to_string(), due_at)),
        }
        drop(told);
        self.news.notify_one();
    }

    fn take(&self) -> BTreeMap<String, Timestamp> {
        std::mem::take(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Delivers callbacks until `stop`; what is under way then is finished.
pub async fn deliver_until(app: App, stop: CancellationToken) {
    let mut worker = Worker::new(app);
    while !stop.is_cancelled() {
        let now = worker.app.clock.scheduling_now();
        let next = worker.turn(now).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "callbacks cannot be claimed; trying again");
            now.plus_ms(LOOK_AGAIN_MS)
        });
        tokio::select! {
            () = stop.cancelled() => {}
            () = worker.app.callbacks.news.notified() => {}
            () = worker.app.clock.sleep_until(next) => {}
            Some(ended) = worker.attempts.join_next() => worker.note(ended),
        }
    }
    while worker.attempts.join_next().await.is_some() {}
}

struct Worker {
    app: App,
    endpoints: Endpoints,
    attempts: JoinSet<Ended>,
    looks_again_at: Timestamp,
    looked_up_to: String,
}

impl Worker {
    fn new(app: App) -> Self {
        let looks_again_at = app.clock.scheduling_now();
        let (endpoints, attempts) = (Endpoints::default(), JoinSet::new());
        Self { app, endpoints, attempts, looks_again_at, looked_up_to: String::new() }
    }

    /// Starts what is due and has a place; says when the next turn is due, if nothing happens before.
    async fn turn(&mut self, now: Timestamp) -> Result<Timestamp, StoreError> {
        while let Some(ended) = self.attempts.try_join_next() {
            self.note(ended);
        }
        for (endpoint, due_at) in self.app.callbacks.take() {
            self.endpoints.tell(&endpoint, due_at);
        }
        if now >= self.looks_again_at {
            self.look(now).await?;
        }
        self.start_due(now).await?;
        let next = self.endpoints.next_due_at(now).unwrap_or(self.looks_again_at);
        Ok(next.min(self.looks_again_at))
    }

    /// Reads from the store what nobody told.
    async fn look(&mut self, now: Timestamp) -> Result<(), StoreError> {
        if self.looked_up_to.is_empty() {
            self.app.store.unblock_callbacks(now).await?;
        }
        let found = self.app.store.endpoints_due(&self.looked_up_to, ENDPOINTS_AT_A_TIME).await?;
        let is_last_page = found.len() < usize::try_from(ENDPOINTS_AT_A_TIME).unwrap_or(usize::MAX);
        self.looked_up_to = match found.last() {
            Some((endpoint, _)) if !is_last_page => endpoint.clone(),
            Some(_) | None => String::new(),
        };
        if is_last_page {
            self.endpoints.forget_idle();
            self.app.metrics.breakers(self.endpoints.open_breakers());
            self.looks_again_at = now.plus_ms(LOOK_AGAIN_MS);
        }
        for (endpoint, due_at) in found {
            self.endpoints.tell(&endpoint, due_at);
        }
        Ok(())
    }

    async fn start_due(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let claims = self.endpoints.claims(now);
        if claims.is_empty() {
            return Ok(());
        }
        let lease_until = now.plus_ms(LEASE_MS);
        let claimed = self.app.store.claim_callbacks(&claims, now, lease_until).await?;
        for claim in &claims {
            let of_endpoint = claimed.iter().filter(|callback| callback.endpoint == claim.endpoint);
            let count = of_endpoint.count();
            let is_exhausted = count < usize::try_from(claim.limit).unwrap_or(usize::MAX);
            let due_at = match is_exhausted {
                true => self.app.store.endpoint_due_at(&claim.endpoint).await?,
                false => Some(now),
            };
            self.endpoints.claimed(&claim.endpoint, count, due_at);
        }
        for callback in claimed {
            self.start(callback, lease_until);
        }
        Ok(())
    }

    fn start(&mut self, callback: ClaimedCallback, lease_until: Timestamp) {
        let (app, endpoint) = (self.app.clone(), callback.endpoint.clone());
        self.attempts.spawn(async move {
            let attempt = AssertUnwindSafe(delivery::attempt(&app, callback, lease_until));
            attempt.catch_unwind().await.unwrap_or_else(|_| {
                tracing::error!(endpoint, "an attempt panicked; its lease will run out");
                Ended { endpoint, health: Health::Unknown }
            })
        });
    }

    /// Takes note of an attempt's end: a place is free, and the breaker knows more.
    fn note(&mut self, ended: Result<Ended, tokio::task::JoinError>) {
        let ended = ended.expect("an attempt catches its panics, and nobody aborts it");
        self.endpoints.ended(&ended.endpoint, ended.health, self.app.clock.scheduling_now());
    }
}
