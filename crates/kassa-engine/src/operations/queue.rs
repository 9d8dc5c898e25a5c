//! Hands recorded operations over to the node's worker, which makes their first attempts.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kassa_store::ClaimedOperation;
use tokio::sync::futures::Notified;
use tokio::sync::{Notify, oneshot};

/// Dropped when an attempt has ended.
pub(super) type Ended = oneshot::Sender<()>;

/// A recorded operation, claimed by this node.
pub(crate) struct FirstAttempt {
    pub(super) operation: ClaimedOperation,
    pub(super) ended: Ended,
}

/// The operations that wait for the worker.
#[derive(Default)]
pub(crate) struct OperationQueue {
    state: Mutex<State>,
    news: Notify,
}

#[derive(Default)]
struct State {
    waiting: Vec<FirstAttempt>,
    /// Whether a worker runs. Otherwise an operation waits in the store until its lease ends.
    is_open: bool,
}

impl OperationQueue {
    /// Hands an operation over. The answer ends when its first attempt has ended, or at once if no worker runs.
    pub(crate) fn hand_over(&self, operation: ClaimedOperation) -> oneshot::Receiver<()> {
        let (ended, attempt) = oneshot::channel();
        let mut state = self.state();
        if state.is_open {
            state.waiting.push(FirstAttempt { operation, ended });
            self.news.notify_one();
        }
        attempt
    }

    /// Accepts operations until the answer is dropped.
    pub(super) fn open(self: &Arc<Self>) -> Open {
        self.state().is_open = true;
        Open(self.clone())
    }

    /// Ends when an operation was handed over.
    pub(super) fn handed_over(&self) -> Notified<'_> {
        self.news.notified()
    }

    pub(super) fn first_attempts(&self) -> Vec<FirstAttempt> {
        std::mem::take(&mut self.state().waiting)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A worker runs until this is dropped.
pub(super) struct Open(Arc<OperationQueue>);

impl Drop for Open {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.is_open = false;
        state.waiting.clear();
    }
}
