//! The slots for attempts, which bound how many run at once. A committing request reserves a slot for the first attempt
//! and hands the callback over. The worker takes a slot for each callback that it claims.

use std::sync::Arc;

use kassa_domain::{Endpoint, Timestamp};
use kassa_store::{Claim, ClaimedCallback};
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::breaker::ReceiverHealth;
use super::delivery::Delivery;
use super::endpoints::Endpoints;
use crate::clock::Monotonic;
use crate::shared_time::SharedTime;

/// Whether an attempt can begin at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Capacity {
    Available,
    Exhausted,
}

/// The state that the worker shares with the code that makes callbacks due.
pub(crate) struct DueCallbacks {
    state: Mutex<State>,
    changed: Notify,
}

struct State {
    endpoints: Endpoints,
    handed_over: Vec<(AttemptSlot, Delivery)>,
    /// Whether a worker delivers. Otherwise nothing is handed over.
    is_open: bool,
}

impl DueCallbacks {
    pub(crate) fn new(time: Arc<SharedTime>) -> Self {
        let state = State { endpoints: Endpoints::new(time), handed_over: Vec::new(), is_open: false };
        Self { state: Mutex::new(state), changed: Notify::new() }
    }

    /// Reports, after the commit, that a callback of this endpoint is due from an instant on. Returns whether an
    /// attempt can begin here.
    pub(crate) fn report(&self, endpoint: &Endpoint, due_at: Timestamp) -> Capacity {
        let mut state = self.state();
        if !state.is_open {
            return Capacity::Exhausted;
        }
        state.endpoints.report(endpoint, due_at);
        let capacity =
            if state.endpoints.is_full(endpoint) { Capacity::Exhausted } else { Capacity::Available };
        drop(state);
        self.changed.notify_one();
        capacity
    }

    /// Reserves a slot for a callback that is about to be committed, if no other callback of the endpoint waits.
    pub(crate) fn reserve_slot(self: &Arc<Self>, endpoint: &Endpoint) -> Option<AttemptSlot> {
        let mut state = self.state();
        let is_reserved = state.is_open && state.endpoints.reserve_slot(endpoint);
        drop(state);
        is_reserved.then(|| self.slot(endpoint))
    }

    /// Ends at the next change.
    pub(super) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// Accepts callbacks that are handed over, until the answer is dropped.
    pub(super) fn open(self: &Arc<Self>) -> AcceptsDeliveries {
        self.state().is_open = true;
        AcceptsDeliveries(self.clone())
    }

    pub(super) fn handed_over(&self) -> Vec<(AttemptSlot, Delivery)> {
        std::mem::take(&mut self.state().handed_over)
    }

    /// The claims to make now.
    pub(super) fn claims(&self) -> Vec<Claim> {
        self.state().endpoints.claims()
    }

    /// Gives each claimed callback of an endpoint its slot; `due_at` is when the endpoint's next one falls due.
    pub(super) fn claimed(
        self: &Arc<Self>,
        callbacks: Vec<ClaimedCallback>,
        endpoint: &Endpoint,
        due_at: Option<Timestamp>,
    ) -> Vec<(AttemptSlot, ClaimedCallback)> {
        self.state().endpoints.claimed(endpoint, callbacks.len(), due_at);
        callbacks.into_iter().map(|callback| (self.slot(endpoint), callback)).collect()
    }

    /// The moment at which the next claim is worth a try.
    pub(super) fn next_turn_at(&self) -> Option<Monotonic> {
        self.state().endpoints.next_turn_at()
    }

    /// Forgets what is idle; answers how many breakers are open, and how many half-open.
    pub(super) fn forget_idle(&self) -> (usize, usize) {
        let mut state = self.state();
        state.endpoints.forget_idle();
        state.endpoints.breakers()
    }

    fn slot(self: &Arc<Self>, endpoint: &Endpoint) -> AttemptSlot {
        AttemptSlot { of: self.clone(), endpoint: endpoint.clone(), health: ReceiverHealth::Unknown }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

/// A worker delivers, until this is dropped. Callbacks that were handed over and not started are claimed when their
/// lease ends.
pub(super) struct AcceptsDeliveries(Arc<DueCallbacks>);

impl Drop for AcceptsDeliveries {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.is_open = false;
        let left = std::mem::take(&mut state.handed_over);
        drop(state);
        drop(left);
    }
}

/// A slot for one attempt. Dropped, it is free again.
pub(crate) struct AttemptSlot {
    of: Arc<DueCallbacks>,
    endpoint: Endpoint,
    health: ReceiverHealth,
}

impl AttemptSlot {
    /// Hands over the committed callback for its first attempt.
    pub(crate) fn hand_over(self, delivery: Delivery) {
        let of = self.of.clone();
        let mut state = of.state();
        if state.is_open {
            state.handed_over.push((self, delivery));
            drop(state);
            of.changed.notify_one();
        }
    }

    /// The attempt has ended. Reports the receiver's health to the endpoint's circuit breaker.
    pub(super) fn ended(mut self, health: ReceiverHealth) {
        self.health = health;
    }
}

impl Drop for AttemptSlot {
    fn drop(&mut self) {
        self.of.state().endpoints.ended(&self.endpoint, self.health);
        self.of.changed.notify_one();
    }
}
