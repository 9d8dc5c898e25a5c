//! The verdict on a session, for people, with its reason.

use jiff::Timestamp;
use kassa_wire::snapshot::SessionSnapshot;
use kassa_wire::status::{Completion, SessionState, SessionStatus};

use super::CallbackReceiver;
use super::orders::{OrderState, TOKEN_LIFETIME_MS};
use crate::clock::ms_between;
use crate::fraud_status::FraudStatus;

pub use super::words::{CloseReason, Source, Verdict};

/// How long before its end an unused token causes a warning, in milliseconds.
const WARN_BEFORE_MS: i64 = 20 * 60_000;

/// How long a change may stay unacknowledged before the verdict warns, in milliseconds.
pub(super) const UNACKNOWLEDGED_TOO_LONG_MS: i64 = 10 * 60_000;

/// How much later than a read a callback may come before it counts as lost, in milliseconds. The vendor makes four
/// attempts, each 3 s long and a few seconds apart (docs/wire.md#callback-delivery).
const CALLBACK_LATENESS_MS: i64 = 60_000;

/// The reason for an alarm about a payment with which the merchant can do nothing.
pub(super) const NEITHER: &str =
    "the consumer paid, and the session is COMPLETED with neither an authorization token nor an order";

impl Verdict {
    /// Whether a person must act.
    #[must_use]
    pub const fn needs_a_person(self) -> bool {
        match self {
            Self::TokenExpiring
            | Self::NoOrder
            | Self::OrderRejected
            | Self::Unacknowledged
            | Self::Unreadable => true,
            Self::Waiting | Self::UpToDate | Self::Recovered | Self::Final | Self::Expired => false,
        }
    }
}

/// Whether the consumer paid, and there is neither an order nor a token to place one.
pub(super) fn lacks_order(snapshot: &SessionSnapshot) -> bool {
    snapshot.state == SessionState::Completed(Completion::Absent)
}

/// The input of a verdict.
#[derive(Clone, Debug)]
pub struct VerdictInput {
    /// The last observed status.
    pub status: Option<SessionStatus>,
    /// The time of the change to it, by the service's clock.
    pub updated_at: Option<Timestamp>,
    /// The time of the observation.
    pub changed_at: Timestamp,
    /// The source of its first observation.
    pub source: Option<Source>,
    /// Whether its callback came, then or later.
    pub callback_received: bool,
    /// The receiver of the account's callbacks.
    pub callbacks: CallbackReceiver,
    /// The number of overtaken changes.
    pub overtaken: i64,
    /// When the oldest unacknowledged change was observed.
    pub unacknowledged_since: Option<Timestamp>,
    /// The state of the order, if the tracker places the order.
    pub order: Option<OrderState>,
    /// Whether the session is `COMPLETED` with neither a token nor an order.
    pub lacks_order: bool,
    /// The reason for closing it, if it is closed.
    pub closed: Option<CloseReason>,
    /// The reason for the last failed read, if it failed.
    pub last_failure: Option<String>,
}

impl VerdictInput {
    /// The verdict, with its reason.
    #[must_use]
    pub fn verdict(&self, now: Timestamp) -> (Verdict, String) {
        let (verdict, why) = self.verdict_without_overtaken(now);
        match self.overtaken {
            0 => (verdict, why),
            1 => (
                verdict,
                format!("{why}; 1 change came after a later one was reported, so it was not reported"),
            ),
            count => (
                verdict,
                format!(
                    "{why}; {count} changes came after a later one was reported, so they were not reported"
                ),
            ),
        }
    }

    fn verdict_without_overtaken(&self, now: Timestamp) -> (Verdict, String) {
        if let Some(why) = self.no_order() {
            return (Verdict::NoOrder, why);
        }
        if let Some(why) = self.order_rejected() {
            return (Verdict::OrderRejected, why);
        }
        if let Some(why) = self.token_expiring(now) {
            return (Verdict::TokenExpiring, why);
        }
        if let Some(why) = self.unacknowledged(now) {
            return (Verdict::Unacknowledged, why);
        }
        let status = self.status.as_ref().map_or("nothing", SessionStatus::as_str);
        match self.closed {
            Some(CloseReason::Expired) => {
                (Verdict::Expired, format!("the session expired; the last status was {status}"))
            }
            Some(CloseReason::Final) => {
                let why = format!("{status} is final; {}{}", self.how_observed(now), self.fraud_check());
                (Verdict::Final, why)
            }
            None => self.open_verdict(now, status),
        }
    }

    fn open_verdict(&self, now: Timestamp, status: &str) -> (Verdict, String) {
        if let Some(failure) = &self.last_failure {
            return (Verdict::Unreadable, format!("the last read failed: {failure}"));
        }
        if self.is_recovered(now) {
            return (Verdict::Recovered, format!("{status}; {}", self.how_observed(now)));
        }
        match self.status {
            None | Some(SessionStatus::Waiting) => {
                (Verdict::Waiting, "the consumer has not opened the page".to_string())
            }
            Some(_) => (Verdict::UpToDate, format!("{status}; {}", self.how_observed(now))),
        }
    }

    fn is_recovered(&self, now: Timestamp) -> bool {
        let is_moved = self.status.as_ref().is_some_and(|status| *status != SessionStatus::Waiting);
        let is_late = ms_between(self.changed_at, now) > CALLBACK_LATENESS_MS;
        self.callbacks == CallbackReceiver::ThisTracker && is_moved && is_late && !self.callback_received
    }

    fn how_observed(&self, now: Timestamp) -> &'static str {
        let is_recovered = self.is_recovered(now);
        match (self.source, self.callbacks) {
            (Some(Source::Read), _) if is_recovered => "its callback was lost, and a read found the change",
            (Some(Source::Feed), _) if is_recovered => {
                "its callback was lost, and the feed brought the change"
            }
            (None | Some(Source::Callback), _) => "received by callback",
            (Some(Source::Read), _) if self.callback_received => "read; its callback came later",
            (Some(Source::Feed), _) if self.callback_received => {
                "received from the feed; its callback came later"
            }
            (Some(Source::Read), CallbackReceiver::ThisTracker) => "read; its callback may still come",
            (Some(Source::Feed), CallbackReceiver::ThisTracker) => {
                "received from the feed; its callback may still come"
            }
            (Some(Source::Read), CallbackReceiver::OtherSystem) => "read",
            (Some(Source::Feed), CallbackReceiver::OtherSystem) => "received from the feed",
        }
    }

    fn no_order(&self) -> Option<String> {
        match &self.order {
            None | Some(OrderState::Awaited) => self.lacks_order.then(|| NEITHER.to_string()),
            Some(OrderState::Refused { why }) => {
                Some(format!("the consumer paid, and the order was refused: {why}"))
            }
            Some(OrderState::TooLate { why } | OrderState::NoToken { why }) => {
                Some(format!("the consumer paid, and {why}"))
            }
            Some(OrderState::Placing { .. } | OrderState::Placed { .. }) => None,
        }
    }

    fn order_rejected(&self) -> Option<String> {
        match &self.order {
            Some(OrderState::Placed { order_id, fraud_status: Some(FraudStatus::Rejected) }) => {
                Some(format!("the service rejected the order {order_id} as fraud: do not deliver"))
            }
            Some(_) | None => None,
        }
    }

    /// The fraud status of a placed order, unless it is the usual one.
    fn fraud_check(&self) -> String {
        match self.order.as_ref().and_then(OrderState::fraud_status) {
            None | Some(FraudStatus::Accepted) => String::new(),
            Some(FraudStatus::Pending) => {
                "; the fraud status of its order is PENDING: do not deliver yet".to_string()
            }
            Some(other) => format!("; the fraud status of its order is {other}"),
        }
    }

    fn unacknowledged(&self, now: Timestamp) -> Option<String> {
        let waited_ms = ms_between(self.unacknowledged_since?, now);
        if waited_ms < UNACKNOWLEDGED_TOO_LONG_MS {
            return None;
        }
        let minutes = waited_ms / 60_000;
        match &self.order {
            Some(OrderState::Placing { last_failure, .. }) => {
                let why = last_failure.as_deref().unwrap_or("it is being tried");
                Some(format!("COMPLETED has waited for its order for {minutes} minutes ({why})"))
            }
            Some(_) | None => Some(format!(
                "a change was not acknowledged for {minutes} minutes: does the sink accept changes?"
            )),
        }
    }

    fn token_expiring(&self, now: Timestamp) -> Option<String> {
        let is_open = self.status == Some(SessionStatus::Completed) && self.unacknowledged_since.is_some();
        let left_ms = TOKEN_LIFETIME_MS - ms_between(self.updated_at.filter(|_| is_open)?, now);
        if !(0..=WARN_BEFORE_MS).contains(&left_ms) {
            return None;
        }
        let minutes = left_ms / 60_000;
        match &self.order {
            Some(OrderState::Placed { .. }) => None,
            Some(OrderState::Placing { last_failure, .. }) => {
                let why = last_failure.as_deref().unwrap_or("it is being tried");
                Some(format!("its order is not placed ({why}), and its token ends in {minutes} minutes"))
            }
            Some(_) | None => {
                Some(format!("COMPLETED was not acknowledged, and its token ends in {minutes} minutes"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIN: i64 = 60_000;

    fn placed_order(fraud_status: Option<FraudStatus>) -> OrderState {
        OrderState::Placed { order_id: "o-1".to_string(), fraud_status }
    }

    fn input(status: &str) -> VerdictInput {
        VerdictInput {
            status: Some(SessionStatus::from(status)),
            updated_at: Some(Timestamp::UNIX_EPOCH),
            changed_at: Timestamp::UNIX_EPOCH,
            source: Some(Source::Callback),
            callback_received: true,
            callbacks: CallbackReceiver::ThisTracker,
            overtaken: 0,
            unacknowledged_since: None,
            order: None,
            lacks_order: false,
            closed: None,
            last_failure: None,
        }
    }

    fn check(input: &VerdictInput, at_ms: i64, expected: Verdict, why: &str) {
        let (verdict, reason) = input.verdict(Timestamp::from_millisecond(at_ms).unwrap());
        assert_eq!((verdict, reason.as_str()), (expected, why), "{input:?}");
    }

    #[test]
    fn each_verdict_has_its_reason() {
        check(&input("WAITING"), 0, Verdict::Waiting, "the consumer has not opened the page");
        check(&input("IN_PROGRESS"), 0, Verdict::UpToDate, "IN_PROGRESS; received by callback");
        let read = VerdictInput { source: Some(Source::Read), callback_received: false, ..input("FAILED") };
        check(&read, MIN, Verdict::UpToDate, "FAILED; read; its callback may still come");
        let why = "FAILED; its callback was lost, and a read found the change";
        check(&read, MIN + 1, Verdict::Recovered, why);
        let fed = VerdictInput { source: Some(Source::Feed), ..read.clone() };
        let why = "FAILED; its callback was lost, and the feed brought the change";
        check(&fed, MIN + 1, Verdict::Recovered, why);
        let elsewhere = VerdictInput { callbacks: CallbackReceiver::OtherSystem, ..fed };
        check(&elsewhere, MIN + 1, Verdict::UpToDate, "FAILED; received from the feed");
        let late = VerdictInput { callback_received: true, ..read };
        check(&late, MIN + 1, Verdict::UpToDate, "FAILED; read; its callback came later");
        let ended = VerdictInput { closed: Some(CloseReason::Final), ..input("CANCELLED") };
        check(&ended, 0, Verdict::Final, "CANCELLED is final; received by callback");
        let expired = VerdictInput { closed: Some(CloseReason::Expired), ..input("BACK") };
        check(&expired, 0, Verdict::Expired, "the session expired; the last status was BACK");
        let dark = VerdictInput { last_failure: Some("503".into()), ..input("BACK") };
        check(&dark, 0, Verdict::Unreadable, "the last read failed: 503");
    }

    #[test]
    fn an_unused_token_causes_a_warning_in_its_last_twenty_minutes() {
        let closed = Some(CloseReason::Final);
        let since = Some(Timestamp::from_millisecond(39 * MIN).unwrap());
        let paid = VerdictInput { unacknowledged_since: since, closed, ..input("COMPLETED") };
        check(&paid, 39 * MIN, Verdict::Final, "COMPLETED is final; received by callback");
        let why = "COMPLETED was not acknowledged, and its token ends in 20 minutes";
        check(&paid, 40 * MIN, Verdict::TokenExpiring, why);
        let why = "a change was not acknowledged for 22 minutes: does the sink accept changes?";
        check(&paid, 61 * MIN, Verdict::Unacknowledged, why);
        let taken = VerdictInput { unacknowledged_since: None, ..paid };
        check(&taken, 50 * MIN, Verdict::Final, "COMPLETED is final; received by callback");
    }

    #[test]
    fn an_unacknowledged_change_needs_a_person_after_ten_minutes() {
        let since = Some(Timestamp::UNIX_EPOCH);
        let declined = VerdictInput { unacknowledged_since: since, ..input("FAILED") };
        check(&declined, 10 * MIN - 1, Verdict::UpToDate, "FAILED; received by callback");
        let why = "a change was not acknowledged for 10 minutes: does the sink accept changes?";
        check(&declined, 10 * MIN, Verdict::Unacknowledged, why);
        assert!(Verdict::Unacknowledged.needs_a_person());
    }

    #[test]
    fn the_verdict_counts_overtaken_changes() {
        let paid = VerdictInput { overtaken: 1, closed: Some(CloseReason::Final), ..input("COMPLETED") };
        let why = "COMPLETED is final; received by callback; 1 change came after a later one was reported, \
                   so it was not reported";
        check(&paid, 0, Verdict::Final, why);
    }

    #[test]
    fn a_payment_without_its_order_causes_a_warning_until_it_is_placed() {
        let closed = Some(CloseReason::Final);
        let since = Some(Timestamp::UNIX_EPOCH);
        let paid = VerdictInput { unacknowledged_since: since, closed, ..input("COMPLETED") };
        let trying = VerdictInput {
            order: Some(OrderState::Placing { order_id: None, last_failure: Some("503".to_string()) }),
            ..paid.clone()
        };
        let why = "COMPLETED has waited for its order for 11 minutes (503)";
        check(&trying, 11 * MIN, Verdict::Unacknowledged, why);
        let why = "its order is not placed (503), and its token ends in 10 minutes";
        check(&trying, 50 * MIN, Verdict::TokenExpiring, why);
        let refused = VerdictInput {
            order: Some(OrderState::Refused { why: "400 BAD_VALUE".to_string() }),
            ..paid.clone()
        };
        let why = "the consumer paid, and the order was refused: 400 BAD_VALUE";
        check(&refused, 90 * MIN, Verdict::NoOrder, why);
        let placed = VerdictInput { order: Some(placed_order(None)), unacknowledged_since: None, ..paid };
        check(&placed, 50 * MIN, Verdict::Final, "COMPLETED is final; received by callback");
    }

    #[test]
    fn a_payment_with_neither_token_nor_order_has_no_order() {
        let paid = VerdictInput { lacks_order: true, closed: Some(CloseReason::Final), ..input("COMPLETED") };
        check(&paid, 0, Verdict::NoOrder, NEITHER);
        let awaited = VerdictInput { order: Some(OrderState::Awaited), ..paid.clone() };
        check(&awaited, 0, Verdict::NoOrder, NEITHER);
        let found = VerdictInput { order: Some(placed_order(None)), ..paid };
        check(&found, 0, Verdict::Final, "COMPLETED is final; received by callback");
    }

    #[test]
    fn the_verdict_tells_the_fraud_status_of_an_order() {
        let placed = |fraud_status| {
            let order = placed_order(Some(fraud_status));
            VerdictInput { order: Some(order), closed: Some(CloseReason::Final), ..input("COMPLETED") }
        };
        let why = "COMPLETED is final; received by callback";
        check(&placed(FraudStatus::Accepted), 0, Verdict::Final, why);
        let pending = format!("{why}; the fraud status of its order is PENDING: do not deliver yet");
        check(&placed(FraudStatus::Pending), 0, Verdict::Final, &pending);
        let rejected = "the service rejected the order o-1 as fraud: do not deliver";
        check(&placed(FraudStatus::Rejected), 0, Verdict::OrderRejected, rejected);
    }
}
