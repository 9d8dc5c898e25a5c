//! The stage of an order, derived from the last answers of Kassa, with the text that the shop shows for it.

use kassa_wire::snapshot::SessionSnapshot;
use kassa_wire::status::SessionStatus;

use super::orders::State;

/// The stage of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// No page session could be created.
    NotOpened,
    /// The consumer has not opened the page.
    NotVisited,
    /// The consumer is on the page.
    OnThePage,
    WentBack,
    /// The staff has to check the consumer's identity document.
    IdCheck,
    /// The merchant's time limit passed.
    TimedOut,
    Declined,
    TechnicalError,
    /// Paid, but the shop has no order yet.
    Paid,
    Placed,
    Captured,
    Refunded,
    /// The order was cancelled, has expired, or is closed at the payment system.
    OrderEnded,
    Cancelled,
    Disabled,
    Expired,
    /// A status that the shop does not know.
    Unknown,
}

/// The text of a stage.
pub(super) struct StageText {
    /// `good`, `bad`, `wait` or `plain`.
    pub(super) mood: &'static str,
    pub(super) title: &'static str,
    pub(super) text: &'static str,
}

impl Stage {
    pub(super) fn of(state: &State) -> Self {
        if let Some(placed) = &state.placed {
            return match placed.status.as_str() {
                "CANCELLED" | "EXPIRED" | "CLOSED" => Self::OrderEnded,
                _ if placed.refunded_amount > 0 => Self::Refunded,
                "CAPTURED" | "PART_CAPTURED" => Self::Captured,
                _ => Self::Placed,
            };
        }
        if state.created.is_none() {
            return Self::NotOpened;
        }
        if state.is_gone {
            return Self::Expired;
        }
        match state.session.as_ref().map_or(SessionStatus::Waiting, SessionSnapshot::status) {
            SessionStatus::Waiting => Self::NotVisited,
            SessionStatus::InProgress => Self::OnThePage,
            SessionStatus::Back => Self::WentBack,
            SessionStatus::Failed => Self::Declined,
            SessionStatus::Error => Self::TechnicalError,
            SessionStatus::ManualIdCheck => Self::IdCheck,
            SessionStatus::Timeout => Self::TimedOut,
            SessionStatus::Completed => Self::Paid,
            SessionStatus::Cancelled => Self::Cancelled,
            SessionStatus::Disabled => Self::Disabled,
            SessionStatus::Other(_) => Self::Unknown,
        }
    }

    /// Returns whether the same link can still be paid.
    pub(super) fn can_be_paid(self) -> bool {
        match self {
            Self::NotVisited
            | Self::OnThePage
            | Self::WentBack
            | Self::IdCheck
            | Self::TimedOut
            | Self::Declined
            | Self::TechnicalError => true,
            Self::NotOpened
            | Self::Paid
            | Self::Placed
            | Self::Captured
            | Self::Refunded
            | Self::OrderEnded
            | Self::Cancelled
            | Self::Disabled
            | Self::Expired
            | Self::Unknown => false,
        }
    }

    pub(super) fn words(self) -> StageText {
        let words = |mood, title, text| StageText { mood, title, text };
        match self {
            Self::NotOpened => {
                words("bad", "The checkout did not open", "Nothing was paid. Below is what Kassa answered.")
            }
            Self::NotVisited => {
                words("wait", "Waiting for the consumer", "The payment page has not been opened yet.")
            }
            Self::OnThePage => words(
                "wait",
                "On the payment page",
                "The consumer has opened the page. This page shows what happens there.",
            ),
            Self::WentBack => {
                words("plain", "Back in the shop", "Nothing was paid. The same link still works.")
            }
            Self::IdCheck => words(
                "wait",
                "Waiting for the shop's staff",
                "The staff checks the consumer's identity document. Then the payment is authorized.",
            ),
            Self::TimedOut => words(
                "plain",
                "The consumer did nothing for a while",
                "Nothing was paid. The same link still works.",
            ),
            Self::Declined => words(
                "bad",
                "The payment was declined",
                "Nothing was paid. The same link still works, perhaps with another way to pay.",
            ),
            Self::TechnicalError => {
                words("bad", "Something went wrong", "Nothing was paid. The same link still works.")
            }
            Self::Paid => words(
                "wait",
                "Paid, not yet placed",
                "There is an authorization. The shop places the order with it.",
            ),
            Self::Placed => words(
                "good",
                "Thank you for your order",
                "It is paid and placed. Capture the money when you ship the goods.",
            ),
            Self::Captured => words("good", "On its way", "The goods were sent, and the money was captured."),
            Self::Refunded => words("good", "Refunded", "The money went back to the consumer."),
            Self::OrderEnded => words("plain", "The order has ended", "Nothing more can be captured."),
            Self::Cancelled => words(
                "plain",
                "Cancelled",
                "The consumer cancelled. This link is final; a new checkout opens a new one.",
            ),
            Self::Disabled => {
                words("plain", "Disabled by the shop", "The link no longer works, wherever it was sent.")
            }
            Self::Expired => words("plain", "Expired", "The session has expired; Kassa answers 404."),
            Self::Unknown => words(
                "plain",
                "Unknown status",
                "The shop does not know this status. A good integration tolerates it.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(status: &str, expected: Stage) {
        let created = json!({
            "session_id": "", "session_url": "", "redirect_url": "", "qr_code_url": "", "distribution_url": "",
            "expires_at": "2026-01-03T07:00:43.507Z",
            "distribution_module": {"token": "", "standalone_url": "", "generation_url": ""},
        });
        let at = "2026-01-01T08:02:04.675Z";
        let session = json!({"session_id": "s", "status": status, "updated_at": at, "expires_at": at});
        let session: SessionSnapshot = serde_json::from_value(session).unwrap();
        let created = serde_json::from_value(created).unwrap();
        let state = State { created: Some(created), session: Some(session), ..State::default() };
        assert_eq!(Stage::of(&state), expected, "{status}");
        let is_retryable =
            ["WAITING", "IN_PROGRESS", "BACK", "FAILED", "ERROR", "MANUAL_ID_CHECK", "TIMEOUT"]
                .contains(&status);
        assert_eq!(expected.can_be_paid(), is_retryable, "{status}");
    }

    #[test]
    fn each_status_of_the_wire_has_a_stage() {
        check("WAITING", Stage::NotVisited);
        check("IN_PROGRESS", Stage::OnThePage);
        check("BACK", Stage::WentBack);
        check("FAILED", Stage::Declined);
        check("ERROR", Stage::TechnicalError);
        check("COMPLETED", Stage::Paid);
        check("CANCELLED", Stage::Cancelled);
        check("DISABLED", Stage::Disabled);
        check("MANUAL_ID_CHECK", Stage::IdCheck);
        check("TIMEOUT", Stage::TimedOut);
        check("LEGACY", Stage::Unknown);
    }
}
