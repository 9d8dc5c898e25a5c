//! `GET|PUT|DELETE /lab/v1/faults`: fault injection, by exact rules or at random from a seed.

mod apply;
mod chance;
mod rules;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::Lab;
use axum::extract::State;
use http::{Method, StatusCode};
use kassa_domain::PageSessionId;
use kassa_domain::callback::PaymentCallback;
use kassa_domain::lifecycle::Status;
use kassa_domain::page_session::PageSession;
use kassa_http::{ApiError, Body, Caller, Json};
use kassa_wire::lab;

use chance::applies;
use rules::{CallFaultRule, CallbackFaultRule};

pub(super) use apply::AppliedFaults;
pub use apply::apply_faults;
use rules::CallFault;
pub(crate) use rules::CallbackFault;

pub(super) async fn read(State(lab): State<Lab>, caller: Caller) -> Result<Json<lab::FaultRules>, ApiError> {
    let faults = lab.merchant_lab(&caller.merchant.id).faults();
    Ok(Json(StatusCode::OK, faults.map(|faults| faults.asked.clone()).unwrap_or_default()))
}

pub(super) async fn put(
    State(lab): State<Lab>,
    caller: Caller,
    body: Body,
) -> Result<Json<lab::FaultRules>, ApiError> {
    let asked: lab::FaultRules = body.read()?;
    let faults = Faults::of(asked.clone())?;
    lab.merchant_lab(&caller.merchant.id).set_faults(Some(faults));
    Ok(Json(StatusCode::OK, asked))
}

pub(super) async fn clear(State(lab): State<Lab>, caller: Caller) -> Result<StatusCode, ApiError> {
    lab.merchant_lab(&caller.merchant.id).set_faults(None);
    Ok(StatusCode::NO_CONTENT)
}

/// The faults of one merchant.
pub(crate) struct Faults {
    asked: lab::FaultRules,
    callbacks: Vec<CallbackFaultRule>,
    calls: Vec<CallFaultRule>,
    /// The sessions' numbers, in order of creation or first use. Random faults depend on the number and not on the id,
    /// so that a seed repeats them.
    session_numbers: Mutex<HashMap<PageSessionId, u64>>,
}

/// One attempt of a callback, for matching with the rules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempted<'a> {
    pub(crate) page_session_id: &'a PageSessionId,
    /// The event's number in its session, from 1.
    pub(crate) sequence: i64,
    pub(crate) what: CallbackSubject,
    /// The attempt's number, from 1.
    pub(crate) attempt: i64,
}

/// The subject of a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallbackSubject {
    /// A session that has arrived at a status.
    Status(Status),
    /// The kind of the payment session's own URL.
    Payment(PaymentCallback),
}

impl<'a> Attempted<'a> {
    /// Describes the first attempt of a callback to a payment session's own URL.
    pub(super) fn first_of_payment(page_session_id: &'a PageSessionId, kind: PaymentCallback) -> Self {
        Self { page_session_id, sequence: kind.sequence(), what: CallbackSubject::Payment(kind), attempt: 1 }
    }

    /// Describes the first attempt for a session's latest event.
    pub(super) fn first(session: &'a PageSession) -> Self {
        let PageSession { id, version, status, .. } = session;
        Self { page_session_id: id, sequence: *version, what: CallbackSubject::Status(*status), attempt: 1 }
    }
}

impl Faults {
    fn of(asked: lab::FaultRules) -> Result<Self, ApiError> {
        let (callbacks, calls) = rules::read(&asked)?;
        Ok(Self { asked, callbacks, calls, session_numbers: Mutex::default() })
    }

    /// Returns the faults of an attempt.
    pub(crate) fn of_attempt(&self, attempted: Attempted<'_>) -> Vec<CallbackFault> {
        let matching = self.callbacks.iter().enumerate().filter(|(_, rule)| rule.matches(attempted));
        let applying = matching.filter(|(place, rule)| {
            let of = || {
                let session = self.count_session(attempted.page_session_id);
                [session, attempted.sequence.unsigned_abs(), attempted.attempt.unsigned_abs()]
            };
            rule.chance.is_none_or(|chance| applies(chance, self.asked.seed, ("callbacks", *place), of()))
        });
        applying.map(|(_, rule)| rule.fault).collect()
    }

    /// Returns the faults of a call, and counts the call for the rules with `nth`.
    fn of_call(&self, method: &Method, path: &str) -> Vec<CallFault> {
        let matching = self.calls.iter().enumerate().filter_map(|(place, rule)| {
            let number = rule.matches(method, path).then(|| rule.count())?;
            Some((place, rule, number))
        });
        let applying = matching.filter(|(place, rule, number)| {
            rule.nth.is_none_or(|nth| nth == *number)
                && rule
                    .chance
                    .is_none_or(|chance| applies(chance, self.asked.seed, ("calls", *place), [*number, 0, 0]))
        });
        applying.map(|(_, rule, _)| rule.fault).collect()
    }

    /// Returns the number of a session. It is assigned when the session is created or first used.
    pub(super) fn count_session(&self, id: &PageSessionId) -> u64 {
        let mut numbers = self.session_numbers.lock().unwrap_or_else(PoisonError::into_inner);
        let next = numbers.len() as u64 + 1;
        *numbers.entry(id.clone()).or_insert(next)
    }
}
