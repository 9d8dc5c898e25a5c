//! The attempts that are made while a clock is moved, noted for the answer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use kassa_domain::Timestamp;
use kassa_store::{Attempt, AttemptResult, ClaimedCallback};
use kassa_wire::lab::{Fired, FiredWhat};
use kassa_wire::time::format_ms;

/// What is attempted after the instant at which the clock began to move; nothing is noted while it does not.
#[derive(Default)]
pub(super) struct FiredAttempts(Mutex<Option<Noted>>);

struct Noted {
    after: Timestamp,
    attempts: Vec<Fired>,
}

impl FiredAttempts {
    pub(super) fn begin(&self, after: Timestamp) {
        *self.noted() = Some(Noted { after, attempts: Vec::new() });
    }

    pub(super) fn note(&self, callback: &ClaimedCallback, attempt: &Attempt) {
        if let Some(noted) = &mut *self.noted()
            && attempt.started_at > noted.after
        {
            noted.attempts.push(fired(callback, attempt));
        }
    }

    pub(super) fn end(&self) -> Vec<Fired> {
        self.noted().take().map(|noted| noted.attempts).unwrap_or_default()
    }

    fn noted(&self) -> MutexGuard<'_, Option<Noted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fired(callback: &ClaimedCallback, attempt: &Attempt) -> Fired {
    let (answer_status, failure_kind) = match &attempt.result {
        AttemptResult::Answered { status, .. } => (Some(*status), None),
        AttemptResult::Failed { kind, .. } => (None, Some((*kind).to_string())),
    };
    let what = FiredWhat::CallbackAttempted {
        session_id: callback.page_session_id.as_str().to_string(),
        sequence: callback.sequence,
        attempt: callback.attempts + 1,
        answer_status,
        failure_kind,
    };
    Fired { at: format_ms(attempt.started_at.as_ms()), what }
}
