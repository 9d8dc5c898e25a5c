//! Delivers callbacks. The request that commits a change also starts the first attempt of its callback. The worker
//! claims every other due callback from the store, makes attempts concurrently, and records each result.
//!
//! A claim is a lease with a fence, so that one worker at a time makes an attempt. If a worker dies, its leases end and
//! another worker claims the callbacks again. Memory contains only the attempts under way, and for each endpoint when
//! its next callback is due. The backlog is in the store.

mod attempt;
pub(crate) mod breaker;
pub(crate) mod delivery;
mod endpoints;
pub(crate) mod first_attempt;
pub(crate) mod of_payments;
mod origin;
mod reporting;
pub(crate) mod slots;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use kassa_domain::Endpoint;
use kassa_domain::time::SECOND_MS;
use kassa_store::StoreError;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::Monotonic;
use crate::parts::EngineParts;

pub use delivery::Delivery;
pub(crate) use reporting::report_due;

use first_attempt::LEASE_MS;

/// How often the worker reads the store for callbacks that other nodes committed, and for those whose lease has ended.
const LOOK_AGAIN_MS: i64 = SECOND_MS;

/// The number of endpoints that one read returns.
const ENDPOINTS_AT_A_TIME: i64 = 1000;

/// Delivers callbacks until `stop`. Attempts under way then are finished.
pub(crate) async fn deliver_until(engine: Arc<EngineParts>, stop: CancellationToken) {
    let mut worker = Worker::new(engine.clone());
    let open = engine.callbacks.open();
    while !stop.is_cancelled() {
        let begun = engine.clock.monotonic_now();
        let next = worker.turn().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "callbacks cannot be claimed; the node retries within one second");
            begun.plus_ms(LOOK_AGAIN_MS)
        });
        tokio::select! {
            () = stop.cancelled() => {}
            () = engine.callbacks.changed() => {}
            () = engine.clock.sleep_until(next) => {}
        }
    }
    worker.start_handed_over();
    drop(open);
    while worker.attempts.join_next().await.is_some() {}
}

struct Worker {
    engine: Arc<EngineParts>,
    attempts: JoinSet<()>,
    looks_again_at: Monotonic,
    looked_up_to: Option<Endpoint>,
}

impl Worker {
    fn new(engine: Arc<EngineParts>) -> Self {
        let looks_again_at = engine.clock.monotonic_now();
        Self { engine, attempts: JoinSet::new(), looks_again_at, looked_up_to: None }
    }

    /// Starts the attempts that are due and have a slot. Returns when the next turn is due, if nothing happens before.
    async fn turn(&mut self) -> Result<Monotonic, StoreError> {
        while self.attempts.try_join_next().is_some() {}
        self.start_handed_over();
        if self.engine.clock.monotonic_now() >= self.looks_again_at {
            self.look().await?;
        }
        self.start_due().await?;
        let next = self.engine.callbacks.next_turn_at().unwrap_or(self.looks_again_at);
        Ok(next.min(self.looks_again_at))
    }

    /// Reads from the store when the callbacks of each endpoint are due.
    async fn look(&mut self) -> Result<(), StoreError> {
        let now = self.engine.clock.monotonic_now();
        self.engine.time.compare(&self.engine.store).await?;
        self.engine.metrics.node.clock_offset(self.engine.time.offset_ms());
        if self.looked_up_to.is_none() {
            self.engine.store.unblock_callbacks().await?;
        }
        let unleased_at = self.engine.time.lease_now();
        let found = self
            .engine
            .store
            .endpoints_due(self.looked_up_to.as_ref(), unleased_at, ENDPOINTS_AT_A_TIME)
            .await?;
        let is_last_page = found.len() < usize::try_from(ENDPOINTS_AT_A_TIME).unwrap_or(usize::MAX);
        self.looked_up_to = match found.last() {
            Some((endpoint, _)) if !is_last_page => Some(endpoint.clone()),
            Some(_) | None => None,
        };
        if is_last_page {
            let (open, half_open) = self.engine.callbacks.forget_idle();
            self.engine.metrics.breakers(open, half_open);
            self.looks_again_at = now.plus_ms(LOOK_AGAIN_MS);
        }
        for (endpoint, due_at) in found {
            if let Some(due_at) = due_at {
                self.engine.callbacks.report(&endpoint, due_at);
            }
        }
        Ok(())
    }

    /// Starts the first attempts that were handed over after their commit. Each has its slot already.
    fn start_handed_over(&mut self) {
        for (slot, ready) in self.engine.callbacks.handed_over() {
            let engine = self.engine.clone();
            self.start(async move { attempt::attempt(&engine, ready, slot).await });
        }
    }

    async fn start_due(&mut self) -> Result<(), StoreError> {
        let claims = self.engine.callbacks.claims();
        if claims.is_empty() {
            return Ok(());
        }
        let now = self.engine.time.lease_now();
        let leased_until = now.plus_ms(LEASE_MS);
        let mut claimed = self.engine.store.claim_callbacks(&claims, now, leased_until).await?;
        for claim in &claims {
            let of_endpoint: Vec<_> =
                claimed.extract_if(.., |callback| callback.endpoint == claim.endpoint).collect();
            let is_exhausted = of_endpoint.len() < usize::try_from(claim.limit).unwrap_or(usize::MAX);
            let due_at = match is_exhausted {
                true => self.engine.store.endpoint_due_at(&claim.endpoint, now).await?,
                false => Some(claim.due_until),
            };
            for (slot, callback) in self.engine.callbacks.claimed(of_endpoint, &claim.endpoint, due_at) {
                let engine = self.engine.clone();
                self.start(async move {
                    attempt::attempt_claimed(&engine, callback, leased_until, slot).await;
                });
            }
        }
        Ok(())
    }

    fn start(&mut self, attempt: impl Future<Output = ()> + Send + 'static) {
        // A task moves its future several times, so a large future is on the heap.
        let attempt = Box::pin(AssertUnwindSafe(attempt).catch_unwind());
        self.attempts.spawn(async move {
            if attempt.await.is_err() {
                tracing::error!(
                    "an attempt panicked; another worker claims the callback when its lease ends"
                );
            }
        });
    }
}
