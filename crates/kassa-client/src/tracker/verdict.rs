//! The verdict on a session, for people, with its reason.

use jiff::Timestamp;
use serde::Serialize;

use super::CallbackReceiver;
use super::orders::{OrderOutcome, OrderState, TOKEN_LIFETIME_MS};
use crate::clock::ms_between;
use crate::fraud_status::FraudStatus;
use crate::status::Status;

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

/// The verdict on a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The consumer has not opened the page.
    Waiting,
    /// The last known status is up to date.
    UpToDate,
    /// A callback was lost, and a read or the feed brought the change.
    Recovered,
    /// The consumer paid, the token is unused, and it ends soon.
    TokenExpiring,
    /// The consumer paid, but the order was not placed and will not be.
    NoOrder,
    /// The order was placed, and the service rejected it as fraud.
    OrderRejected,
    /// A change has been unacknowledged for ten minutes.
    Unacknowledged,
    /// The service cannot be read at present.
    Unreadable,
    /// The session reached a final status.
    Final,
    /// The session expired without a final status.
    Expired,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 10] = [
        Self::Waiting,
        Self::UpToDate,
        Self::Recovered,
        Self::TokenExpiring,
        Self::NoOrder,
        Self::OrderRejected,
        Self::Unacknowledged,
        Self::Unreadable,
        Self::Final,
        Self::Expired,
    ];

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

    /// The value in metrics and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::UpToDate => "in_step",
            Self::Recovered => "recovered",
            Self::TokenExpiring => "token_expiring",
            Self::NoOrder => "no_order",
            Self::OrderRejected => "order_rejected",
            Self::Unacknowledged => "untold",
            Self::Unreadable => "unreadable",
            Self::Final => "final",
            Self::Expired => "expired",
        }
    }
}

/// The source of the first observation of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Its callback.
    Callback,
    /// A read of the session.
    Read,
    /// The feed.
    Feed,
}

impl Source {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Callback => "callback",
            Self::Read => "read",
            Self::Feed => "feed",
        }
    }

    pub(super) fn of(word: &str) -> Self {
        match word {
            "callback" => Self::Callback,
            "feed" => Self::Feed,
            _ => Self::Read,
        }
    }
}

/// The reason for closing a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// The session reached a final status.
    Final,
    /// The session expired, or the service no longer knows it.
    Expired,
}

/// The input of a verdict.
#[derive(Clone, Debug)]
pub struct VerdictInput {
    /// The last observed status.
    pub status: Option<Status>,
    /// The time of the change to it, by the service's clock.
    pub updated_at: Option<Timestamp>,
    /// The time of the observation.
    pub changed_at: Timestamp,
    /// The source of its first observation.
    pub source: Option<Source>,
    /// Whether its callback came, then or later.
    pub callback_heard: bool,
    /// The receiver of the account's callbacks.
    pub callbacks: CallbackReceiver,
    /// The number of overtaken changes.
    pub overtaken: i64,
    /// When the oldest unacknowledged change was observed.
    pub unacknowledged_since: Option<Timestamp>,
    /// The order's outcome, if the tracker places the order.
    pub order: Option<OrderOutcome>,
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
        let status = self.status.as_ref().map_or("nothing", Status::as_str);
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
            None | Some(Status::Waiting) => {
                (Verdict::Waiting, "the consumer has not opened the page".to_string())
            }
            Some(_) => (Verdict::UpToDate, format!("{status}; {}", self.how_observed(now))),
        }
    }

    fn is_recovered(&self, now: Timestamp) -> bool {
        let is_moved = self.status.as_ref().is_some_and(|status| *status != Status::Waiting);
        let is_late = ms_between(self.changed_at, now) > CALLBACK_LATENESS_MS;
        self.callbacks == CallbackReceiver::ThisTracker && is_moved && is_late && !self.callback_heard
    }

    fn how_observed(&self, now: Timestamp) -> &'static str {
        let is_recovered = self.is_recovered(now);
        match (self.source, self.callbacks) {
            (Some(Source::Read), _) if is_recovered => "its callback was lost, and a read found the change",
            (Some(Source::Feed), _) if is_recovered => {
                "its callback was lost, and the feed brought the change"
            }
            (None | Some(Source::Callback), _) => "received by callback",
            (Some(Source::Read), _) if self.callback_heard => "read; its callback came later",
            (Some(Source::Feed), _) if self.callback_heard => {
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
        let Some(order) = &self.order else { return self.lacks_order.then(|| NEITHER.to_string()) };
        let why = order.why.as_deref().unwrap_or_default();
        match order.state {
            OrderState::Refused => Some(format!("the consumer paid, and the order was refused: {why}")),
            OrderState::TooLate | OrderState::NoToken => Some(format!("the consumer paid, and {why}")),
            OrderState::Awaited => self.lacks_order.then(|| NEITHER.to_string()),
            OrderState::Intended | OrderState::Placed => None,
        }
    }

    fn order_rejected(&self) -> Option<String> {
        let order = self.order.as_ref()?;
        let order_id = order.order_id.as_deref().unwrap_or_default();
        (order.fraud_status == Some(FraudStatus::Rejected))
            .then(|| format!("the service rejected the order {order_id} as fraud: do not deliver"))
    }

    /// The fraud status of a placed order, unless it is the usual one.
    fn fraud_check(&self) -> String {
        match self.order.as_ref().and_then(|order| order.fraud_status.as_ref()) {
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
            Some(OrderOutcome { state: OrderState::Intended, why, .. }) => {
                let why = why.as_deref().unwrap_or("it is being tried");
                Some(format!("COMPLETED has waited for its order for {minutes} minutes ({why})"))
            }
            Some(_) | None => Some(format!(
                "a change was not acknowledged for {minutes} minutes: does the sink accept changes?"
            )),
        }
    }

    fn token_expiring(&self, now: Timestamp) -> Option<String> {
        let is_open = self.status == Some(Status::Completed) && self.unacknowledged_since.is_some();
        let left_ms = TOKEN_LIFETIME_MS - ms_between(self.updated_at.filter(|_| is_open)?, now);
        if !(0..=WARN_BEFORE_MS).contains(&left_ms) {
            return None;
        }
        let minutes = left_ms / 60_000;
        match &self.order {
            Some(OrderOutcome { state: OrderState::Placed, .. }) => None,
            Some(OrderOutcome { state: OrderState::Intended, why, .. }) => {
                let why = why.as_deref().unwrap_or("it is being tried");
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

    fn standing(status: &str) -> VerdictInput {
        VerdictInput {
            status: Some(Status::from(status)),
            updated_at: Some(Timestamp::UNIX_EPOCH),
            changed_at: Timestamp::UNIX_EPOCH,
            source: Some(Source::Callback),
            callback_heard: true,
            callbacks: CallbackReceiver::ThisTracker,
            overtaken: 0,
            unacknowledged_since: None,
            order: None,
            lacks_order: false,
            closed: None,
            last_failure: None,
        }
    }

    fn check(standing: &VerdictInput, at_ms: i64, expected: Verdict, why: &str) {
        let (verdict, reason) = standing.verdict(Timestamp::from_millisecond(at_ms).unwrap());
        assert_eq!((verdict, reason.as_str()), (expected, why), "{standing:?}");
    }

    #[test]
    fn each_verdict_has_its_reason() {
        check(&standing("WAITING"), 0, Verdict::Waiting, "the consumer has not opened the page");
        check(&standing("IN_PROGRESS"), 0, Verdict::UpToDate, "IN_PROGRESS; received by callback");
        let read = VerdictInput { source: Some(Source::Read), callback_heard: false, ..standing("FAILED") };
        check(&read, MIN, Verdict::UpToDate, "FAILED; read; its callback may still come");
        let why = "FAILED; its callback was lost, and a read found the change";
        check(&read, MIN + 1, Verdict::Recovered, why);
        let fed = VerdictInput { source: Some(Source::Feed), ..read.clone() };
        let why = "FAILED; its callback was lost, and the feed brought the change";
        check(&fed, MIN + 1, Verdict::Recovered, why);
        let elsewhere = VerdictInput { callbacks: CallbackReceiver::OtherSystem, ..fed };
        check(&elsewhere, MIN + 1, Verdict::UpToDate, "FAILED; received from the feed");
        let late = VerdictInput { callback_heard: true, ..read };
        check(&late, MIN + 1, Verdict::UpToDate, "FAILED; read; its callback came later");
        let ended = VerdictInput { closed: Some(CloseReason::Final), ..standing("CANCELLED") };
        check(&ended, 0, Verdict::Final, "CANCELLED is final; received by callback");
        let expired = VerdictInput { closed: Some(CloseReason::Expired), ..standing("BACK") };
        check(&expired, 0, Verdict::Expired, "the session expired; the last status was BACK");
        let dark = VerdictInput { last_failure: Some("503".into()), ..standing("BACK") };
        check(&dark, 0, Verdict::Unreadable, "the last read failed: 503");
    }

    #[test]
    fn an_unused_token_causes_a_warning_in_its_last_twenty_minutes() {
        let closed = Some(CloseReason::Final);
        let since = Some(Timestamp::from_millisecond(39 * MIN).unwrap());
        let paid = VerdictInput { unacknowledged_since: since, closed, ..standing("COMPLETED") };
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
        let declined = VerdictInput { unacknowledged_since: since, ..standing("FAILED") };
        check(&declined, 10 * MIN - 1, Verdict::UpToDate, "FAILED; received by callback");
        let why = "a change was not acknowledged for 10 minutes: does the sink accept changes?";
        check(&declined, 10 * MIN, Verdict::Unacknowledged, why);
        assert!(Verdict::Unacknowledged.needs_a_person());
    }

    #[test]
    fn the_verdict_counts_overtaken_changes() {
        let paid = VerdictInput { overtaken: 1, closed: Some(CloseReason::Final), ..standing("COMPLETED") };
        let why = "COMPLETED is final; received by callback; 1 change came after a later one was reported, \
                   so it was not reported";
        check(&paid, 0, Verdict::Final, why);
    }

    #[test]
    fn a_payment_without_its_order_causes_a_warning_until_it_is_placed() {
        let order = |state, why: Option<&str>| {
            let why = why.map(str::to_string);
            Some(OrderOutcome { state, order_id: None, fraud_status: None, why })
        };
        let closed = Some(CloseReason::Final);
        let since = Some(Timestamp::UNIX_EPOCH);
        let paid = VerdictInput { unacknowledged_since: since, closed, ..standing("COMPLETED") };
        let trying = VerdictInput { order: order(OrderState::Intended, Some("503")), ..paid.clone() };
        let why = "COMPLETED has waited for its order for 11 minutes (503)";
        check(&trying, 11 * MIN, Verdict::Unacknowledged, why);
        let why = "its order is not placed (503), and its token ends in 10 minutes";
        check(&trying, 50 * MIN, Verdict::TokenExpiring, why);
        let refused =
            VerdictInput { order: order(OrderState::Refused, Some("400 BAD_VALUE")), ..paid.clone() };
        let why = "the consumer paid, and the order was refused: 400 BAD_VALUE";
        check(&refused, 90 * MIN, Verdict::NoOrder, why);
        let placed =
            VerdictInput { order: order(OrderState::Placed, None), unacknowledged_since: None, ..paid };
        check(&placed, 50 * MIN, Verdict::Final, "COMPLETED is final; received by callback");
    }

    #[test]
    fn a_payment_with_neither_token_nor_order_has_no_order() {
        let paid =
            VerdictInput { lacks_order: true, closed: Some(CloseReason::Final), ..standing("COMPLETED") };
        check(&paid, 0, Verdict::NoOrder, NEITHER);
        let order = |state| OrderOutcome { state, order_id: None, fraud_status: None, why: None };
        let awaited = VerdictInput { order: Some(order(OrderState::Awaited)), ..paid.clone() };
        check(&awaited, 0, Verdict::NoOrder, NEITHER);
        let found = VerdictInput { order: Some(order(OrderState::Placed)), ..paid };
        check(&found, 0, Verdict::Final, "COMPLETED is final; received by callback");
    }

    #[test]
    fn the_verdict_tells_the_fraud_status_of_an_order() {
        let placed = |fraud_status| {
            let order_id = Some("o-1".to_string());
            let order = OrderOutcome {
                state: OrderState::Placed,
                order_id,
                fraud_status: Some(fraud_status),
                why: None,
            };
            VerdictInput { order: Some(order), closed: Some(CloseReason::Final), ..standing("COMPLETED") }
        };
        let why = "COMPLETED is final; received by callback";
        check(&placed(FraudStatus::Accepted), 0, Verdict::Final, why);
        let pending = format!("{why}; the fraud status of its order is PENDING: do not deliver yet");
        check(&placed(FraudStatus::Pending), 0, Verdict::Final, &pending);
        let rejected = "the service rejected the order o-1 as fraud: do not deliver";
        check(&placed(FraudStatus::Rejected), 0, Verdict::OrderRejected, rejected);
    }
}
