//! Parses the fault rules. An invalid rule is refused with the path of its field.

use std::sync::atomic::{AtomicU64, Ordering};

use http::Method;
use kassa_domain::PageSessionId;
use kassa_domain::callback::PaymentCallback;
use kassa_domain::lifecycle::Status;
use kassa_domain::time::{MINUTE_MS, SECOND_MS};
use kassa_http::ApiError;
use kassa_wire::error::ErrorCode;
use kassa_wire::lab::{self, Moment};
use kassa_wire::time::parse_duration_ms;

use super::{Attempted, CallbackSubject};
use crate::journal::is_path_of;

/// Maximum number of copies of a duplicated callback.
const MAX_COPIES: u32 = 20;

/// Maximum delay of an answer.
const MAX_DELAY_MS: i64 = MINUTE_MS;

/// Default delay of a reordered callback.
const DEFAULT_REORDER_DELAY_MS: i64 = 5 * SECOND_MS;

/// A fault of a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallbackFault {
    Drop,
    Duplicate { times: u32 },
    Delay { by_ms: i64 },
    Reorder { by_ms: i64 },
    Early,
    Together,
    CorruptSignature,
    Truncate,
}

impl CallbackFault {
    /// Returns its word on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        let fault = match self {
            Self::Drop => lab::CallbackFault::Drop,
            Self::Duplicate { .. } => lab::CallbackFault::Duplicate,
            Self::Delay { .. } => lab::CallbackFault::Delay,
            Self::Reorder { .. } => lab::CallbackFault::Reorder,
            Self::Early => lab::CallbackFault::Early,
            Self::Together => lab::CallbackFault::Together,
            Self::CorruptSignature => lab::CallbackFault::CorruptSignature,
            Self::Truncate => lab::CallbackFault::Truncate,
        };
        fault.as_str()
    }

    /// Returns whether it can happen to such a callback. The consumer's redirect meets callbacks of statuses only.
    fn concerns(self, what: CallbackSubject) -> bool {
        match (self, what) {
            (Self::Early | Self::Together, CallbackSubject::Payment(_)) => false,
            (Self::Early | Self::Together, CallbackSubject::Status(_))
            | (
                Self::Drop
                | Self::Duplicate { .. }
                | Self::Delay { .. }
                | Self::Reorder { .. }
                | Self::CorruptSignature
                | Self::Truncate,
                _,
            ) => true,
        }
    }

    /// Returns whether it applies to the callback as a whole, at its first attempt.
    fn is_of_first_attempt(self) -> bool {
        match self {
            Self::Delay { .. } | Self::Reorder { .. } | Self::Early | Self::Together => true,
            Self::Drop | Self::Duplicate { .. } | Self::CorruptSignature | Self::Truncate => false,
        }
    }
}

/// The URL that a callback calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CallbackUrl {
    StatusUpdate,
    Payment(PaymentCallback),
}

impl CallbackUrl {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "status_update" => Some(Self::StatusUpdate),
            word => PaymentCallback::parse(word).map(Self::Payment),
        }
    }

    fn applies_to(self, what: CallbackSubject) -> bool {
        match (self, what) {
            (Self::StatusUpdate, CallbackSubject::Status(_)) => true,
            (Self::Payment(url), CallbackSubject::Payment(kind)) => url == kind,
            (Self::StatusUpdate, CallbackSubject::Payment(_))
            | (Self::Payment(_), CallbackSubject::Status(_)) => false,
        }
    }
}

/// A rule for callbacks.
pub(super) struct CallbackFaultRule {
    pub(super) fault: CallbackFault,
    page_session_id: Option<PageSessionId>,
    sequence: Option<i64>,
    status: Option<Status>,
    url: Option<CallbackUrl>,
    attempt: Option<i64>,
    pub(super) chance: Option<f64>,
}

impl CallbackFaultRule {
    pub(super) fn matches(&self, attempted: Attempted<'_>) -> bool {
        self.page_session_id.as_ref().is_none_or(|id| id == attempted.page_session_id)
            && self.sequence.is_none_or(|sequence| sequence == attempted.sequence)
            && self.status.is_none_or(|status| attempted.what == CallbackSubject::Status(status))
            && self.url.is_none_or(|url| url.applies_to(attempted.what))
            && self.fault.concerns(attempted.what)
            && self.attempt.is_none_or(|attempt| attempt == attempted.attempt)
    }
}

/// A fault of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallFault {
    Slow { by_ms: i64 },
    Fail { code: ErrorCode, message: &'static str, when: Moment },
    Cut { when: Moment },
    Truncate,
}

impl CallFault {
    /// Returns its word on the wire.
    pub(super) fn as_str(self) -> &'static str {
        let fault = match self {
            Self::Slow { .. } => lab::CallFault::Slow,
            Self::Fail { .. } => lab::CallFault::Fail,
            Self::Cut { .. } => lab::CallFault::Cut,
            Self::Truncate => lab::CallFault::Truncate,
        };
        fault.as_str()
    }
}

/// A rule for calls.
pub(super) struct CallFaultRule {
    pub(super) fault: CallFault,
    method: Option<Method>,
    path: Option<String>,
    session: Option<String>,
    pub(super) nth: Option<u64>,
    pub(super) chance: Option<f64>,
    matched: AtomicU64,
}

impl CallFaultRule {
    pub(super) fn matches(&self, method: &Method, path: &str) -> bool {
        self.method.as_ref().is_none_or(|own| own == method)
            && self.path.as_ref().is_none_or(|pattern| is_path_of(pattern, path))
            && self.session.as_ref().is_none_or(|id| path.split('/').any(|part| part == id))
    }

    /// Counts a matching call and returns its number, from 1.
    pub(super) fn count(&self) -> u64 {
        self.matched.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// Parses all rules. The error names every invalid field.
pub(super) fn read(
    asked: &lab::FaultRules,
) -> Result<(Vec<CallbackFaultRule>, Vec<CallFaultRule>), ApiError> {
    let mut bad = Vec::new();
    let mut name = |list: &str, place: usize, field: &str| bad.push(format!("{list}[{place}].{field}"));
    let mut callbacks = Vec::new();
    for (place, rule) in asked.callbacks.iter().enumerate() {
        match callback_rule(rule) {
            Ok(rule) => callbacks.push(rule),
            Err(field) => name("callbacks", place, field),
        }
    }
    let mut calls = Vec::new();
    for (place, rule) in asked.calls.iter().enumerate() {
        match call_rule(rule) {
            Ok(rule) => calls.push(rule),
            Err(field) => name("calls", place, field),
        }
    }
    if bad.is_empty() { Ok((callbacks, calls)) } else { Err(ApiError::bad_values(bad)) }
}

/// Parses one rule for callbacks. The error is the name of the invalid field.
fn callback_rule(asked: &lab::CallbackFaultRule) -> Result<CallbackFaultRule, &'static str> {
    let fault = callback_fault(asked)?;
    require(asked.times.is_none() || matches!(fault, CallbackFault::Duplicate { .. }), "times")?;
    let takes_by = matches!(fault, CallbackFault::Delay { .. } | CallbackFault::Reorder { .. });
    require(asked.by.is_none() || takes_by, "by")?;
    require(asked.nth.is_none_or(|nth| nth >= 1), "nth")?;
    require(asked.attempt.is_none_or(|attempt| attempt >= 1), "attempt")?;
    require(asked.attempt.is_none() || !fault.is_of_first_attempt(), "attempt")?;
    let status = match &asked.status {
        Some(word) => Some(Status::parse(word).ok_or("status")?),
        None => None,
    };
    let url = match &asked.callback {
        Some(word) => Some(CallbackUrl::parse(word).ok_or("callback")?),
        None => None,
    };
    Ok(CallbackFaultRule {
        fault,
        url,
        page_session_id: asked.session.as_ref().map(PageSessionId::new),
        sequence: asked.nth,
        status,
        attempt: if fault.is_of_first_attempt() { Some(1) } else { asked.attempt },
        chance: chance(asked.chance)?,
    })
}

fn callback_fault(asked: &lab::CallbackFaultRule) -> Result<CallbackFault, &'static str> {
    let by_ms = || asked.by.as_deref().map(|by| parse_duration_ms(by).ok_or("by")).transpose();
    Ok(match asked.fault {
        lab::CallbackFault::Drop => CallbackFault::Drop,
        lab::CallbackFault::Duplicate => {
            let times = asked.times.unwrap_or(2);
            require((2..=MAX_COPIES).contains(&times), "times")?;
            CallbackFault::Duplicate { times }
        }
        lab::CallbackFault::Delay => CallbackFault::Delay { by_ms: by_ms()?.ok_or("by")? },
        lab::CallbackFault::Reorder => {
            CallbackFault::Reorder { by_ms: by_ms()?.unwrap_or(DEFAULT_REORDER_DELAY_MS) }
        }
        lab::CallbackFault::Early => CallbackFault::Early,
        lab::CallbackFault::Together => CallbackFault::Together,
        lab::CallbackFault::CorruptSignature => CallbackFault::CorruptSignature,
        lab::CallbackFault::Truncate => CallbackFault::Truncate,
    })
}

/// Parses one rule for calls. The error is the name of the invalid field.
fn call_rule(asked: &lab::CallFaultRule) -> Result<CallFaultRule, &'static str> {
    let fault = call_fault(asked)?;
    require(asked.by.is_none() || matches!(fault, CallFault::Slow { .. }), "by")?;
    require(asked.status.is_none() || matches!(fault, CallFault::Fail { .. }), "status")?;
    let has_moment = matches!(fault, CallFault::Fail { .. } | CallFault::Cut { .. });
    require(asked.when.is_none() || has_moment, "when")?;
    require(asked.nth.is_none_or(|nth| nth >= 1), "nth")?;
    let prefix = asked.path.as_deref().map(|path| path.strip_suffix('*').unwrap_or(path));
    require(prefix.is_none_or(|prefix| !prefix.contains('*')), "path")?;
    let method = match &asked.method {
        Some(word) => Some(word.to_ascii_uppercase().parse().map_err(|_| "method")?),
        None => None,
    };
    Ok(CallFaultRule {
        fault,
        method,
        path: asked.path.clone(),
        session: asked.session.clone(),
        nth: asked.nth,
        chance: chance(asked.chance)?,
        matched: AtomicU64::new(0),
    })
}

fn call_fault(asked: &lab::CallFaultRule) -> Result<CallFault, &'static str> {
    let when = asked.when.unwrap_or_default();
    Ok(match asked.fault {
        lab::CallFault::Slow => {
            let by_ms = asked.by.as_deref().and_then(parse_duration_ms).ok_or("by")?;
            require(by_ms <= MAX_DELAY_MS, "by")?;
            CallFault::Slow { by_ms }
        }
        lab::CallFault::Fail => {
            let (code, message) = match asked.status {
                Some(401) => (ErrorCode::Unauthorized, "Unauthorized"),
                Some(404) => (ErrorCode::NotFound, "Not found"),
                Some(429) => (ErrorCode::TooManyRequests, "Too many requests"),
                Some(500) => (ErrorCode::InternalServerError, "Internal error"),
                Some(503) => (ErrorCode::TemporarilyUnavailable, "Temporarily unavailable"),
                Some(_) | None => return Err("status"),
            };
            CallFault::Fail { code, message, when }
        }
        lab::CallFault::Cut => CallFault::Cut { when },
        lab::CallFault::Truncate => CallFault::Truncate,
    })
}

fn chance(asked: Option<f64>) -> Result<Option<f64>, &'static str> {
    require(asked.is_none_or(|chance| (0.0..=1.0).contains(&chance)), "chance")?;
    Ok(asked)
}

fn require(holds: bool, field: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(field) }
}
