//! Callbacks on their way: attempted at once by whoever commits them, or claimed from the store; side by side, and
//! settled with what came of it.
//!
//! The store decides who may attempt a callback: a claim is a lease with a fencing number, and a worker that dies
//! loses no more than its lease. In memory there is only what is under way, and for each endpoint when to look
//! next; a backlog of any length stays in the store.

mod breaker;
mod delivery;
mod endpoint;
mod endpoints;
mod first_attempt;
mod places;

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use kassa_domain::Timestamp;
use kassa_domain::time::SECOND_MS;
use kassa_store::{Notice, StoreError};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::clock::Monotonic;

pub(crate) use delivery::Ready;
pub(crate) use first_attempt::{FirstAttempt, callback_of};
pub(crate) use places::DueCallbacks;

use first_attempt::LEASE_MS;
use places::Room;

/// How often the store is asked for what other processes committed, and for what a lost lease left behind.
const LOOK_AGAIN_MS: i64 = SECOND_MS;

/// Endpoints read from the store at a time.
const ENDPOINTS_AT_A_TIME: i64 = 1000;

/// Has a callback claimed that is due from then on and held by nobody: here, or, where there is no room, by others.
pub(crate) fn tell_due(app: &App, endpoint: String, due_at: Timestamp) {
    match app.callbacks.tell(&endpoint, due_at) {
        Room::Some => {}
        Room::None => app.store.announce(Notice::Due { endpoint, due_at }),
    }
}

/// Delivers callbacks until `stop`; what is under way then is finished.
pub async fn deliver_until(app: App, stop: CancellationToken) {
    let mut worker = Worker::new(app.clone());
    let open = app.callbacks.open();
    while !stop.is_cancelled() {
        let next = worker.turn().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "callbacks cannot be claimed; trying again");
            app.clock.monotonic_now().plus_ms(LOOK_AGAIN_MS)
        });
        tokio::select! {
            () = stop.cancelled() => {}
            () = app.callbacks.news() => {}
            () = app.clock.sleep_until(next) => {}
        }
    }
    worker.start_handed_over();
    drop(open);
    while worker.attempts.join_next().await.is_some() {}
}

struct Worker {
    app: App,
    attempts: JoinSet<()>,
    looks_again_at: Monotonic,
    looked_up_to: String,
}

impl Worker {
    fn new(app: App) -> Self {
        let looks_again_at = app.clock.monotonic_now();
        Self { app, attempts: JoinSet::new(), looks_again_at, looked_up_to: String::new() }
    }

    /// Starts what is due and has a place; says when the next turn is due, if nothing happens before.
    async fn turn(&mut self) -> Result<Monotonic, StoreError> {
        while self.attempts.try_join_next().is_some() {}
        self.start_handed_over();
        if self.app.clock.monotonic_now() >= self.looks_again_at {
            self.look().await?;
        }
        self.start_due().await?;
        let next = self.app.callbacks.next_turn_at().unwrap_or(self.looks_again_at);
        Ok(next.min(self.looks_again_at))
    }

    /// Reads from the store what nobody told.
    async fn look(&mut self) -> Result<(), StoreError> {
        let now = self.app.clock.monotonic_now();
        self.app.time.compare(&self.app.store).await?;
        self.app.metrics.node.clock_offset(self.app.time.offset_ms());
        if self.looked_up_to.is_empty() {
            self.app.store.unblock_callbacks().await?;
        }
        let unheld_at = self.app.time.lease_now();
        let found = self.app.store.endpoints_due(&self.looked_up_to, unheld_at, ENDPOINTS_AT_A_TIME).await?;
        let is_last_page = found.len() < usize::try_from(ENDPOINTS_AT_A_TIME).unwrap_or(usize::MAX);
        self.looked_up_to = match found.last() {
            Some((endpoint, _)) if !is_last_page => endpoint.clone(),
            Some(_) | None => String::new(),
        };
        if is_last_page {
            let (open, half_open) = self.app.callbacks.forget_idle();
            self.app.metrics.breakers(open, half_open);
            self.looks_again_at = now.plus_ms(LOOK_AGAIN_MS);
        }
        for (endpoint, due_at) in found {
            if let Some(due_at) = due_at {
                self.app.callbacks.tell(&endpoint, due_at);
            }
        }
        Ok(())
    }

    /// Starts what its committers handed over, on the places that they kept for it.
    fn start_handed_over(&mut self) {
        for (place, ready) in self.app.callbacks.handed_over() {
            let app = self.app.clone();
            self.start(async move { delivery::attempt(&app, ready, place).await });
        }
    }

    async fn start_due(&mut self) -> Result<(), StoreError> {
        let claims = self.app.callbacks.claims();
        if claims.is_empty() {
            return Ok(());
        }
        let now = self.app.time.lease_now();
        let leased_until = now.plus_ms(LEASE_MS);
        let mut claimed = self.app.store.claim_callbacks(&claims, now, leased_until).await?;
        for claim in &claims {
            let of_endpoint: Vec<_> =
                claimed.extract_if(.., |callback| callback.endpoint == claim.endpoint).collect();
            let is_exhausted = of_endpoint.len() < usize::try_from(claim.limit).unwrap_or(usize::MAX);
            let due_at = match is_exhausted {
                true => self.app.store.endpoint_due_at(&claim.endpoint, now).await?,
                false => Some(claim.due_until),
            };
            for (place, callback) in self.app.callbacks.claimed(of_endpoint, &claim.endpoint, due_at) {
                let app = self.app.clone();
                self.start(async move {
                    delivery::attempt_claimed(&app, callback, leased_until, place).await;
                });
            }
        }
        Ok(())
    }

    fn start(&mut self, attempt: impl Future<Output = ()> + Send + 'static) {
        self.attempts.spawn(async move {
            if AssertUnwindSafe(attempt).catch_unwind().await.is_err() {
                tracing::error!("an attempt panicked; its lease will run out");
            }
        });
    }
}
