//! The places for attempts: who commits a callback may keep one and hand it over, so that its first attempt begins
//! without a claim; who claims callbacks takes one for each.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kassa_domain::Timestamp;
use kassa_store::{Claim, ClaimedCallback};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::breaker::Health;
use super::delivery::Ready;
use super::endpoints::Endpoints;
use crate::clock::Monotonic;
use crate::shared_time::SharedTime;

/// Whether an attempt can begin at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    Some,
    None,
}

/// What the delivery shares with those who make callbacks due.
pub(crate) struct DueCallbacks {
    state: Mutex<State>,
    news: Notify,
}

struct State {
    endpoints: Endpoints,
    handed_over: Vec<(Place, Ready)>,
    /// Whether somebody delivers: else nothing is handed over, and nothing remembered.
    is_open: bool,
}

impl DueCallbacks {
    pub(crate) fn new(time: Arc<SharedTime>) -> Self {
        let state = State { endpoints: Endpoints::new(time), handed_over: Vec::new(), is_open: false };
        Self { state: Mutex::new(state), news: Notify::new() }
    }

    /// A callback of this endpoint is due from then on. Told after the commit. Says whether there is room for it here.
    pub(crate) fn tell(&self, endpoint: &str, due_at: Timestamp) -> Room {
        let mut state = self.state();
        if !state.is_open {
            return Room::None;
        }
        state.endpoints.tell(endpoint, due_at);
        let room = if state.endpoints.is_full(endpoint) { Room::None } else { Room::Some };
        drop(state);
        self.news.notify_one();
        room
    }

    /// Keeps a place for a callback that is about to be committed, where nothing waits before it.
    pub(crate) fn keep_place(self: &Arc<Self>, endpoint: &str) -> Option<Place> {
        let mut state = self.state();
        let is_kept = state.is_open && state.endpoints.keep_place(endpoint);
        drop(state);
        is_kept.then(|| self.place(endpoint))
    }

    /// Ends at the next news.
    pub(super) fn news(&self) -> Notified<'_> {
        self.news.notified()
    }

    /// Takes what is handed over, until the answer is dropped.
    pub(super) fn open(self: &Arc<Self>) -> Open {
        self.state().is_open = true;
        Open(self.clone())
    }

    pub(super) fn handed_over(&self) -> Vec<(Place, Ready)> {
        std::mem::take(&mut self.state().handed_over)
    }

    /// What to claim now.
    pub(super) fn claims(&self) -> Vec<Claim> {
        self.state().endpoints.claims()
    }

    /// Gives each claimed callback of an endpoint its place; `due_at` is when the endpoint's next one falls due.
    pub(super) fn claimed(
        self: &Arc<Self>,
        callbacks: Vec<ClaimedCallback>,
        endpoint: &str,
        due_at: Option<Timestamp>,
    ) -> Vec<(Place, ClaimedCallback)> {
        self.state().endpoints.claimed(endpoint, callbacks.len(), due_at);
        callbacks.into_iter().map(|callback| (self.place(endpoint), callback)).collect()
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

    fn place(self: &Arc<Self>, endpoint: &str) -> Place {
        Place { of: self.clone(), endpoint: endpoint.to_string(), health: Health::Unknown }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody delivers, for as long as this lives. What was handed over and not taken is claimed when its lease is over.
pub(super) struct Open(Arc<DueCallbacks>);

impl Drop for Open {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.is_open = false;
        let left = std::mem::take(&mut state.handed_over);
        drop(state);
        drop(left);
    }
}

/// A place for one attempt. Dropped, it is free again.
pub(crate) struct Place {
    of: Arc<DueCallbacks>,
    endpoint: String,
    health: Health,
}

impl Place {
    /// Has the committed callback attempted here.
    pub(crate) fn hand_over(self, ready: Ready) {
        let of = self.of.clone();
        let mut state = of.state();
        if state.is_open {
            state.handed_over.push((self, ready));
            drop(state);
            of.news.notify_one();
        }
    }

    /// The attempt has ended: the endpoint's breaker hears how.
    pub(super) fn ended(mut self, health: Health) {
        self.health = health;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.of.state().endpoints.ended(&self.endpoint, self.health);
        self.of.news.notify_one();
    }
}
