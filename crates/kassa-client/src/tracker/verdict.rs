//! How a session stands, in words for people, each with a why.

use jiff::Timestamp;
use serde::Serialize;

use super::Callbacks;
use super::orders::{OrderOutcome, OrderState, TOKEN_LIFE_MS};
use crate::clock::ms_between;
use crate::status::Status;

/// So long before its end an unused token is worth a warning, in milliseconds.
const WARN_BEFORE_MS: i64 = 20 * 60_000;

/// A change that was not acknowledged for so long waits for somebody who does not come, in milliseconds.
pub(super) const UNTOLD_AFTER_MS: i64 = 10 * 60_000;

/// A callback may come so much later than the read that saw its change, in milliseconds: the vendor attempts
/// four times, each 3 s long and a few seconds apart (spec 3.2).
const CALLBACK_LATENESS_MS: i64 = 60_000;

/// How a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The consumer has not opened the page.
    Waiting,
    /// What is known is what the service last told.
    InStep,
    /// A callback was lost, and a read found the change.
    Recovered,
    /// The consumer paid, nobody took the token yet, and it ends soon.
    TokenExpiring,
    /// The consumer paid, and the order was not placed and will not be.
    NoOrder,
    /// A change has not been acknowledged for ten minutes.
    Untold,
    /// The service cannot be read at present.
    Unreadable,
    /// The session ended.
    Final,
    /// The session's time ran out without an end.
    Expired,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 9] = [
        Self::Waiting,
        Self::InStep,
        Self::Recovered,
        Self::TokenExpiring,
        Self::NoOrder,
        Self::Untold,
        Self::Unreadable,
        Self::Final,
        Self::Expired,
    ];

    /// Whether it does not mend itself.
    #[must_use]
    pub const fn needs_a_person(self) -> bool {
        match self {
            Self::TokenExpiring | Self::NoOrder | Self::Untold | Self::Unreadable => true,
            Self::Waiting | Self::InStep | Self::Recovered | Self::Final | Self::Expired => false,
        }
    }

    /// The word, as metrics and JSON have it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::InStep => "in_step",
            Self::Recovered => "recovered",
            Self::TokenExpiring => "token_expiring",
            Self::NoOrder => "no_order",
            Self::Untold => "untold",
            Self::Unreadable => "unreadable",
            Self::Final => "final",
            Self::Expired => "expired",
        }
    }
}

/// How a change was heard of first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// By its callback.
    Callback,
    /// By reading the session.
    Read,
    /// By the feed.
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

/// How following a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// In a final status.
    Final,
    /// By its time, or since the service no longer knows it.
    Expired,
}

/// What a verdict is made from.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The last status that was heard of.
    pub status: Option<Status>,
    /// When the session changed to it, by the service's clock.
    pub updated_at: Option<Timestamp>,
    /// When that was heard of.
    pub changed_at: Timestamp,
    /// How it was heard of first.
    pub source: Option<Source>,
    /// Whether its callback came, be it later.
    pub callback_heard: bool,
    /// Where callbacks go.
    pub callbacks: Callbacks,
    /// Changes that came too late to be told in order.
    pub overtaken: i64,
    /// When the first change was heard of that is not acknowledged.
    pub unacknowledged_since: Option<Timestamp>,
    /// What became of its order, where the tracker is to place it.
    pub order: Option<OrderOutcome>,
    /// How following it ended.
    pub closed: Option<Closed>,
    /// Why the last reads failed, where they did.
    pub last_failure: Option<String>,
}

impl Standing {
    /// The verdict, and why.
    #[must_use]
    pub fn verdict(&self, now: Timestamp) -> (Verdict, String) {
        let (verdict, why) = self.without_overtaken(now);
        match self.overtaken {
            0 => (verdict, why),
            1 => (
                verdict,
                format!("{why}; 1 change was heard of after a later one was told, and was not told"),
            ),
            count => (
                verdict,
                format!("{why}; {count} changes were heard of after a later one was told, and were not told"),
            ),
        }
    }

    fn without_overtaken(&self, now: Timestamp) -> (Verdict, String) {
        if let Some(why) = self.no_order() {
            return (Verdict::NoOrder, why);
        }
        if let Some(why) = self.token_expiring(now) {
            return (Verdict::TokenExpiring, why);
        }
        if let Some(why) = self.untold(now) {
            return (Verdict::Untold, why);
        }
        let status = self.status.as_ref().map_or("nothing", Status::as_str);
        match self.closed {
            Some(Closed::Expired) => {
                (Verdict::Expired, format!("its time ran out; the last status was {status}"))
            }
            Some(Closed::Final) => (Verdict::Final, format!("{status} is final; {}", self.how_heard(now))),
            None => self.open_verdict(now, status),
        }
    }

    fn open_verdict(&self, now: Timestamp, status: &str) -> (Verdict, String) {
        if let Some(failure) = &self.last_failure {
            return (Verdict::Unreadable, format!("the last read failed: {failure}"));
        }
        if self.is_recovered(now) {
            return (Verdict::Recovered, format!("{status}; {}", self.how_heard(now)));
        }
        match self.status {
            None | Some(Status::Waiting) => {
                (Verdict::Waiting, "the consumer has not opened the page".to_string())
            }
            Some(_) => (Verdict::InStep, format!("{status}; {}", self.how_heard(now))),
        }
    }

    fn is_recovered(&self, now: Timestamp) -> bool {
        let is_moved = self.status.as_ref().is_some_and(|status| *status != Status::Waiting);
        let is_late = ms_between(self.changed_at, now) > CALLBACK_LATENESS_MS;
        self.callbacks == Callbacks::ComeHere && is_moved && is_late && !self.callback_heard
    }

    fn how_heard(&self, now: Timestamp) -> &'static str {
        let is_recovered = self.is_recovered(now);
        match (self.source, self.callbacks) {
            (Some(Source::Read), _) if is_recovered => "its callback was lost, and reading recovered it",
            (Some(Source::Feed), _) if is_recovered => "its callback was lost, and the feed recovered it",
            (None | Some(Source::Callback), _) => "told by its callback",
            (Some(Source::Read), _) if self.callback_heard => "read, and told by its callback later",
            (Some(Source::Feed), _) if self.callback_heard => "told by the feed, and by its callback later",
            (Some(Source::Read), Callbacks::ComeHere) => "read; its callback may still come",
            (Some(Source::Feed), Callbacks::ComeHere) => "told by the feed; its callback may still come",
            (Some(Source::Read), Callbacks::GoElsewhere) => "read",
            (Some(Source::Feed), Callbacks::GoElsewhere) => "told by the feed",
        }
    }

    fn no_order(&self) -> Option<String> {
        let order = self.order.as_ref()?;
        let why = order.why.as_deref().unwrap_or_default();
        match order.state {
            OrderState::Refused => Some(format!("the consumer paid, and the order was refused: {why}")),
            OrderState::TooLate => Some(format!("the consumer paid, and {why}")),
            OrderState::Awaited | OrderState::Intended | OrderState::Placed => None,
        }
    }

    fn untold(&self, now: Timestamp) -> Option<String> {
        let waited_ms = ms_between(self.unacknowledged_since?, now);
        if waited_ms < UNTOLD_AFTER_MS {
            return None;
        }
        let minutes = waited_ms / 60_000;
        match &self.order {
            Some(OrderOutcome { state: OrderState::Intended, why, .. }) => {
                let why = why.as_deref().unwrap_or("it is being tried");
                Some(format!("COMPLETED waits for its order, not placed for {minutes} minutes ({why})"))
            }
            Some(_) | None => Some(format!(
                "a change was not acknowledged for {minutes} minutes: does the outlet take any?"
            )),
        }
    }

    fn token_expiring(&self, now: Timestamp) -> Option<String> {
        let is_open = self.status == Some(Status::Completed) && self.unacknowledged_since.is_some();
        let left_ms = TOKEN_LIFE_MS - ms_between(self.updated_at.filter(|_| is_open)?, now);
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

    fn standing(status: &str) -> Standing {
        Standing {
            status: Some(Status::from(status)),
            updated_at: Some(Timestamp::UNIX_EPOCH),
            changed_at: Timestamp::UNIX_EPOCH,
            source: Some(Source::Callback),
            callback_heard: true,
            callbacks: Callbacks::ComeHere,
            overtaken: 0,
            unacknowledged_since: None,
            order: None,
            closed: None,
            last_failure: None,
        }
    }

    fn check(standing: &Standing, at_ms: i64, expected: Verdict, why: &str) {
        let (verdict, reason) = standing.verdict(Timestamp::from_millisecond(at_ms).unwrap());
        assert_eq!((verdict, reason.as_str()), (expected, why), "{standing:?}");
    }

    #[test]
    fn each_verdict_says_why() {
        check(&standing("WAITING"), 0, Verdict::Waiting, "the consumer has not opened the page");
        check(&standing("IN_PROGRESS"), 0, Verdict::InStep, "IN_PROGRESS; told by its callback");
        let read = Standing { source: Some(Source::Read), callback_heard: false, ..standing("FAILED") };
        check(&read, MIN, Verdict::InStep, "FAILED; read; its callback may still come");
        let why = "FAILED; its callback was lost, and reading recovered it";
        check(&read, MIN + 1, Verdict::Recovered, why);
        let fed = Standing { source: Some(Source::Feed), ..read.clone() };
        let why = "FAILED; its callback was lost, and the feed recovered it";
        check(&fed, MIN + 1, Verdict::Recovered, why);
        let elsewhere = Standing { callbacks: Callbacks::GoElsewhere, ..fed };
        check(&elsewhere, MIN + 1, Verdict::InStep, "FAILED; told by the feed");
        let late = Standing { callback_heard: true, ..read };
        check(&late, MIN + 1, Verdict::InStep, "FAILED; read, and told by its callback later");
        let ended = Standing { closed: Some(Closed::Final), ..standing("CANCELLED") };
        check(&ended, 0, Verdict::Final, "CANCELLED is final; told by its callback");
        let expired = Standing { closed: Some(Closed::Expired), ..standing("BACK") };
        check(&expired, 0, Verdict::Expired, "its time ran out; the last status was BACK");
        let dark = Standing { last_failure: Some("503".into()), ..standing("BACK") };
        check(&dark, 0, Verdict::Unreadable, "the last read failed: 503");
    }

    #[test]
    fn a_token_that_nobody_took_is_warned_of_in_its_last_twenty_minutes() {
        let closed = Some(Closed::Final);
        let since = Some(Timestamp::from_millisecond(39 * MIN).unwrap());
        let paid = Standing { unacknowledged_since: since, closed, ..standing("COMPLETED") };
        check(&paid, 39 * MIN, Verdict::Final, "COMPLETED is final; told by its callback");
        let why = "COMPLETED was not acknowledged, and its token ends in 20 minutes";
        check(&paid, 40 * MIN, Verdict::TokenExpiring, why);
        let why = "a change was not acknowledged for 22 minutes: does the outlet take any?";
        check(&paid, 61 * MIN, Verdict::Untold, why);
        let taken = Standing { unacknowledged_since: None, ..paid };
        check(&taken, 50 * MIN, Verdict::Final, "COMPLETED is final; told by its callback");
    }

    #[test]
    fn a_change_that_nobody_takes_needs_a_person_after_ten_minutes() {
        let since = Some(Timestamp::UNIX_EPOCH);
        let declined = Standing { unacknowledged_since: since, ..standing("FAILED") };
        check(&declined, 10 * MIN - 1, Verdict::InStep, "FAILED; told by its callback");
        let why = "a change was not acknowledged for 10 minutes: does the outlet take any?";
        check(&declined, 10 * MIN, Verdict::Untold, why);
        assert!(Verdict::Untold.needs_a_person());
    }

    #[test]
    fn a_change_that_came_too_late_to_be_told_is_not_passed_over_in_silence() {
        let paid = Standing { overtaken: 1, closed: Some(Closed::Final), ..standing("COMPLETED") };
        let why = "COMPLETED is final; told by its callback; 1 change was heard of after a later one was told, \
                   and was not told";
        check(&paid, 0, Verdict::Final, why);
    }

    #[test]
    fn a_payment_without_its_order_is_warned_of_until_somebody_acts() {
        let order = |state, why: Option<&str>| {
            let why = why.map(str::to_string);
            Some(OrderOutcome { state, order_id: None, why })
        };
        let closed = Some(Closed::Final);
        let since = Some(Timestamp::UNIX_EPOCH);
        let paid = Standing { unacknowledged_since: since, closed, ..standing("COMPLETED") };
        let trying = Standing { order: order(OrderState::Intended, Some("503")), ..paid.clone() };
        let why = "COMPLETED waits for its order, not placed for 11 minutes (503)";
        check(&trying, 11 * MIN, Verdict::Untold, why);
        let why = "its order is not placed (503), and its token ends in 10 minutes";
        check(&trying, 50 * MIN, Verdict::TokenExpiring, why);
        let refused = Standing { order: order(OrderState::Refused, Some("400 BAD_VALUE")), ..paid.clone() };
        let why = "the consumer paid, and the order was refused: 400 BAD_VALUE";
        check(&refused, 90 * MIN, Verdict::NoOrder, why);
        let placed = Standing { order: order(OrderState::Placed, None), unacknowledged_since: None, ..paid };
        check(&placed, 50 * MIN, Verdict::Final, "COMPLETED is final; told by its callback");
    }
}
