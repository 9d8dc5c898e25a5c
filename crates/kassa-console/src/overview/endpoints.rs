//! How the endpoints of callbacks answer.

use std::collections::BTreeMap;

use kassa_domain::callback::CallbackState;
use kassa_store::AttemptFact;

use super::figures::percent;

/// Attempts in a row whose failure makes an endpoint count as failing now.
const FAILING_AFTER: usize = 3;

/// The figures of one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EndpointFigures {
    /// Scheme, host and port.
    pub(crate) origin: String,
    pub(crate) attempts: usize,
    /// Attempts that were answered 2xx, in percent.
    pub(crate) success_percent: usize,
    /// The median of the durations, in milliseconds.
    pub(crate) median_ms: i64,
    /// The duration that 95 of 100 attempts did not exceed, in milliseconds.
    pub(crate) p95_ms: i64,
    /// Attempts of callbacks that Kassa gave up on.
    pub(crate) given_up: usize,
    /// Whether the latest attempts all failed.
    pub(crate) is_failing: bool,
    /// The reason of the latest failure; empty if there was none.
    pub(crate) last_failure: String,
}

/// The figures of each endpoint, those that fail first. The attempts are ordered by time.
pub(crate) fn figures(attempts: &[AttemptFact]) -> Vec<EndpointFigures> {
    let mut by_origin: BTreeMap<&str, Vec<&AttemptFact>> = BTreeMap::new();
    for attempt in attempts {
        by_origin.entry(&attempt.origin).or_default().push(attempt);
    }
    let mut figures: Vec<_> = by_origin.into_iter().map(|(origin, own)| figures_of(origin, &own)).collect();
    figures.sort_by_key(|endpoint| (!endpoint.is_failing, std::cmp::Reverse(endpoint.attempts)));
    figures
}

fn figures_of(origin: &str, attempts: &[&AttemptFact]) -> EndpointFigures {
    let mut durations: Vec<i64> =
        attempts.iter().map(|attempt| attempt.ended_at.ms_since(attempt.started_at).max(0)).collect();
    durations.sort_unstable();
    let quantile = |percent: usize| {
        let place = (durations.len() * percent).div_ceil(100).saturating_sub(1);
        durations.get(place).copied().unwrap_or_default()
    };
    let good = attempts.iter().filter(|attempt| is_good(attempt)).count();
    let mut newest_first = attempts.iter().rev();
    let last_failure = newest_first.clone().find(|attempt| !is_good(attempt)).map(|attempt| reason(attempt));
    EndpointFigures {
        origin: origin.to_string(),
        attempts: attempts.len(),
        success_percent: percent(good, attempts.len()),
        median_ms: quantile(50),
        p95_ms: quantile(95),
        given_up: attempts.iter().filter(|one| one.callback_state == CallbackState::GivenUp).count(),
        is_failing: attempts.len() >= FAILING_AFTER
            && newest_first.by_ref().take(FAILING_AFTER).all(|attempt| !is_good(attempt)),
        last_failure: last_failure.unwrap_or_default(),
    }
}

fn is_good(attempt: &AttemptFact) -> bool {
    attempt.answer_status.is_some_and(|status| (200..300).contains(&status))
}

fn reason(attempt: &AttemptFact) -> String {
    match attempt.answer_status {
        Some(status) => format!("answered {status}"),
        None => attempt.failure.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use kassa_domain::Timestamp;

    use super::*;

    fn attempt(origin: &str, at_ms: i64, duration_ms: i64, answer_status: Option<i64>) -> AttemptFact {
        let failure = answer_status.is_none().then(|| "Connection refused".to_string());
        let (started_at, ended_at) = (Timestamp::from_ms(at_ms), Timestamp::from_ms(at_ms + duration_ms));
        let callback_state = CallbackState::Delivered;
        AttemptFact {
            origin: origin.to_string(),
            started_at,
            ended_at,
            answer_status,
            failure,
            callback_state,
        }
    }

    #[test]
    fn an_endpoint_that_failed_three_times_in_a_row_is_failing() {
        let attempts = [
            attempt("https://b", 0, 5, Some(200)),
            attempt("https://b", 1, 7, Some(500)),
            attempt("https://a", 2, 1, Some(200)),
            attempt("https://b", 3, 9, None),
            attempt("https://b", 4, 100, Some(404)),
        ];
        let figures = figures(&attempts);
        let failing = &figures[0];
        assert_eq!((failing.origin.as_str(), failing.is_failing), ("https://b", true));
        assert_eq!((failing.attempts, failing.success_percent), (4, 25));
        assert_eq!((failing.median_ms, failing.p95_ms), (7, 100));
        assert_eq!(failing.last_failure, "answered 404");
        assert_eq!((figures[1].is_failing, figures[1].last_failure.as_str()), (false, ""));
    }
}
