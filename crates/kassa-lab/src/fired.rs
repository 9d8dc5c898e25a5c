//! Records the attempts that are made while a clock is advanced, for the answer to the advance.

use std::sync::{Mutex, MutexGuard, PoisonError};

use kassa_domain::Timestamp;
use kassa_store::{Attempt, AttemptResult, ClaimedCallback};
use kassa_wire::lab::{Fired, FiredKind};
use kassa_wire::time::format_ms;

/// The attempts since the advance began. Outside an advance nothing is recorded.
#[derive(Default)]
pub(super) struct FiredAttempts(Mutex<Option<Recording>>);

struct Recording {
    after: Timestamp,
    attempts: Vec<Fired>,
}

impl FiredAttempts {
    pub(super) fn begin(&self, after: Timestamp) {
        *self.recording() = Some(Recording { after, attempts: Vec::new() });
    }

    pub(super) fn note(&self, callback: &ClaimedCallback, attempt: &Attempt) {
        if let Some(recording) = &mut *self.recording()
            && attempt.started_at > recording.after
        {
            recording.attempts.push(fired(callback, attempt));
        }
    }

    pub(super) fn end(&self) -> Vec<Fired> {
        self.recording().take().map(|recording| recording.attempts).unwrap_or_default()
    }

    fn recording(&self) -> MutexGuard<'_, Option<Recording>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fired(callback: &ClaimedCallback, attempt: &Attempt) -> Fired {
    let (answer_status, failure_kind) = match &attempt.result {
        AttemptResult::Answered { status, .. } => (Some(*status), None),
        AttemptResult::Failed { kind, .. } => (None, Some((*kind).to_string())),
    };
    let what = FiredKind::CallbackAttempted {
        session_id: callback.page_session_id.as_str().to_string(),
        sequence: if callback.kind.is_some() { 0 } else { callback.sequence },
        callback: callback.kind.map(|kind| kind.as_str().to_ascii_lowercase()),
        attempt: callback.attempts + 1,
        answer_status,
        failure_kind,
    };
    Fired { at: format_ms(attempt.started_at.as_ms()), what }
}
