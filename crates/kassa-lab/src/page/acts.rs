//! Runs the action of a form. Its field `do` names the action.

use kassa_http::{ApiError, Parameters};
use kassa_wire::lab::{ClockAdvanced, Fired, FiredKind, TestMerchantCreated};

use super::visit::Visit;
use super::{clock, faults, inbox, journal, merchants, session};

/// The result of an action.
pub(super) enum ActionResult {
    Done(String),
    Refused(String),
    Advanced(ClockAdvanced),
    Made(TestMerchantCreated),
}

impl ActionResult {
    pub(super) fn done(words: impl Into<String>) -> Result<Self, ApiError> {
        Ok(Self::Done(words.into()))
    }
}

pub(super) async fn perform(visit: &Visit, form: &Parameters) -> Result<ActionResult, ApiError> {
    match form.text("do").unwrap_or_default() {
        act @ ("enter" | "approve" | "decline" | "error" | "back" | "cancel") => {
            session::act(visit, act, form).await
        }
        "redeliver" => session::redeliver(visit, form).await,
        "freeze" => clock::freeze(visit, true).await,
        "run" => clock::freeze(visit, false).await,
        "set-clock" => clock::set(visit, form).await,
        "advance" => clock::advance(visit, form).await,
        "add-callback-rule" => faults::add_callback_rule(visit, form).await,
        "add-call-rule" => faults::add_call_rule(visit, form).await,
        "remove-rule" => faults::remove_rule(visit, form).await,
        "set-seed" => faults::set_seed(visit, form).await,
        "clear-faults" => faults::clear(visit).await,
        "clear-inbox" => inbox::clear(visit).await,
        "clear-journal" => journal::clear(visit).await,
        "make-merchant" => merchants::make(visit, form).await,
        "throw-away" => merchants::throw_away(visit, form).await,
        "reset" => merchants::reset(visit).await,
        "import" => merchants::import(visit, form).await,
        _ => Err(ApiError::bad_values(["do"])),
    }
}

/// Describes a due event that happened during an advance.
pub(super) fn fired_in_words(fired: &Fired) -> String {
    match &fired.what {
        FiredKind::CallbackAttempted { sequence, attempt, answer_status, failure_kind, .. } => {
            let result = match (answer_status, failure_kind) {
                (Some(status), _) => status.to_string(),
                (None, kind) => kind.clone().unwrap_or_default(),
            };
            format!("callback of event {sequence}, attempt {attempt}: {result}")
        }
        FiredKind::SessionExpired { status, .. } => format!("the session expired, {status}"),
        FiredKind::AuthorizationExpired { .. } => "the authorization expired".to_string(),
    }
}

/// Returns the session of a due event.
pub(super) fn session_of(fired: &Fired) -> &str {
    match &fired.what {
        FiredKind::CallbackAttempted { session_id, .. }
        | FiredKind::SessionExpired { session_id, .. }
        | FiredKind::AuthorizationExpired { session_id } => session_id,
    }
}
