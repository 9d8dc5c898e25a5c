//! How a session stands, in words for people, each with a why.

use jiff::Timestamp;
use serde::Serialize;

use crate::clock::ms_between;
use crate::status::Status;

/// An authorization token is valid for so long after its session was completed (spec 0.3), in milliseconds.
pub(crate) const TOKEN_LIFE_MS: i64 = 60 * 60_000;

/// So long before its end an unused token is worth a warning, in milliseconds.
const WARN_BEFORE_MS: i64 = 20 * 60_000;

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
    /// The service cannot be read at present.
    Unreadable,
    /// The session ended, and the end was told.
    Final,
    /// The session's time ran out without an end.
    Expired,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 7] = [
        Self::Waiting,
        Self::InStep,
        Self::Recovered,
        Self::TokenExpiring,
        Self::Unreadable,
        Self::Final,
        Self::Expired,
    ];

    /// The word, as metrics and JSON have it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::InStep => "in_step",
            Self::Recovered => "recovered",
            Self::TokenExpiring => "token_expiring",
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
}

impl Source {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Callback => "callback",
            Self::Read => "read",
        }
    }

    pub(super) fn of(word: &str) -> Self {
        match word {
            "callback" => Self::Callback,
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
    /// Whether every change was acknowledged.
    pub is_acknowledged: bool,
    /// How following it ended.
    pub closed: Option<Closed>,
    /// Why the last reads failed, where they did.
    pub last_failure: Option<String>,
}

impl Standing {
    /// The verdict, and why.
    #[must_use]
    pub fn verdict(&self, now: Timestamp) -> (Verdict, String) {
        if let Some(why) = self.token_expiring(now) {
            return (Verdict::TokenExpiring, why);
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
        is_moved && is_late && !self.callback_heard
    }

    fn how_heard(&self, now: Timestamp) -> &'static str {
        match self.source {
            _ if self.is_recovered(now) => "its callback was lost, and reading recovered it",
            None | Some(Source::Callback) => "told by its callback",
            Some(_) if self.callback_heard => "read, and told by its callback later",
            Some(Source::Read) => "read; its callback may still come",
        }
    }

    fn token_expiring(&self, now: Timestamp) -> Option<String> {
        let is_open = self.status == Some(Status::Completed) && !self.is_acknowledged;
        let left_ms = TOKEN_LIFE_MS - ms_between(self.updated_at.filter(|_| is_open)?, now);
        (0..=WARN_BEFORE_MS).contains(&left_ms).then(|| {
            let minutes = left_ms / 60_000;
            format!("COMPLETED was not acknowledged, and its token ends in {minutes} minutes")
        })
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
            is_acknowledged: true,
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
        let paid = Standing { is_acknowledged: false, closed, ..standing("COMPLETED") };
        check(&paid, 39 * MIN, Verdict::Final, "COMPLETED is final; told by its callback");
        let why = "COMPLETED was not acknowledged, and its token ends in 20 minutes";
        check(&paid, 40 * MIN, Verdict::TokenExpiring, why);
        check(&paid, 61 * MIN, Verdict::Final, "COMPLETED is final; told by its callback");
        let taken = Standing { is_acknowledged: true, ..paid };
        check(&taken, 50 * MIN, Verdict::Final, "COMPLETED is final; told by its callback");
    }
}
