//! Runs the action of a form. Its field `do` names the action.

use kassa_http::{ApiError, Parameters};
use kassa_wire::lab::{ClockAdvanced, Fired, FiredKind, TestMerchantCreated};

use super::page_request::PageRequest;
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

pub(super) async fn perform(page_request: &PageRequest, form: &Parameters) -> Result<ActionResult, ApiError> {
    match form.text("do").unwrap_or_default() {
        act @ ("enter" | "approve" | "decline" | "error" | "back" | "cancel" | "request-id-check"
        | "pass-id-check" | "fail-id-check" | "time-out") => session::act(page_request, act, form).await,
        "redeliver" => session::redeliver(page_request, form).await,
        "freeze" => clock::freeze(page_request, true).await,
        "run" => clock::freeze(page_request, false).await,
        "set-clock" => clock::set(page_request, form).await,
        "advance" => clock::advance(page_request, form).await,
        "add-callback-rule" => faults::add_callback_rule(page_request, form).await,
        "add-call-rule" => faults::add_call_rule(page_request, form).await,
        "remove-rule" => faults::remove_rule(page_request, form).await,
        "set-seed" => faults::set_seed(page_request, form).await,
        "clear-faults" => faults::clear(page_request).await,
        "clear-inbox" => inbox::clear(page_request).await,
        "clear-journal" => journal::clear(page_request).await,
        "make-merchant" => merchants::create_merchant(page_request, form).await,
        "throw-away" => merchants::delete_merchant(page_request, form).await,
        "reset" => merchants::reset(page_request).await,
        "import" => merchants::import(page_request, form).await,
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
