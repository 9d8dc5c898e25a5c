//! When a call is made again: a pure function of what came of it and of what repeating would do.

use http::{HeaderMap, StatusCode};

use crate::backoff::Backoff;
use crate::http::{Answer, NoAnswer};

/// What it would do to make a call twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeatability {
    /// Nothing: a read, an order by its token, a call with an idempotency key, a disabling.
    Safe,
    /// It might be executed twice. Repeated only where it surely was not executed at all.
    Once,
}

/// How often and how soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts in all; 1 repeats nothing.
    pub attempts: u32,
    /// The pause before the second attempt, in milliseconds; it doubles from attempt to attempt.
    pub first_pause_ms: i64,
    /// The longest pause, in milliseconds. A service that asks for more is told back to the caller instead.
    pub longest_pause_ms: i64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 4, first_pause_ms: 250, longest_pause_ms: 10_000 }
    }
}

impl RetryPolicy {
    /// The pause before the next attempt, or `None` where there is none. `random_ms` gives a number below its argument.
    pub(super) fn pause_ms(
        &self,
        repeatability: Repeatability,
        attempts_made: u32,
        outcome: &Result<Answer, NoAnswer>,
        random_ms: impl Fn(i64) -> i64,
    ) -> Option<i64> {
        if attempts_made >= self.attempts || !may_repeat(repeatability, outcome) {
            return None;
        }
        let backoff = Backoff { first_ms: self.first_pause_ms, longest_ms: self.longest_pause_ms };
        let jittered = backoff.pause_ms(attempts_made.into(), random_ms);
        let asked = outcome.as_ref().ok().and_then(|answer| retry_after_ms(&answer.headers)).unwrap_or(0);
        Some(jittered.max(asked)).filter(|pause| *pause <= self.longest_pause_ms)
    }
}

/// 429 was not executed; nor was what never left. What failed in the service may have been executed.
fn may_repeat(repeatability: Repeatability, outcome: &Result<Answer, NoAnswer>) -> bool {
    match outcome {
        Ok(answer) if answer.status == StatusCode::TOO_MANY_REQUESTS => true,
        Ok(answer) => answer.status.is_server_error() && repeatability == Repeatability::Safe,
        Err(NoAnswer::NotSent(_)) => true,
        Err(NoAnswer::Unknown(_)) => repeatability == Repeatability::Safe,
    }
}

/// `Retry-After` in seconds, as milliseconds. Its form as a date is not used on this wire.
pub(super) fn retry_after_ms(headers: &HeaderMap) -> Option<i64> {
    seconds(headers, "retry-after").map(|seconds| seconds.saturating_mul(1000))
}

/// How long the account must be quiet after an answer, in milliseconds: its allowance is used up until the reset (spec
/// 7), or the service refuses for now and says for how long.
pub(super) fn quiet_ms(answer: &Answer) -> Option<i64> {
    let headers = &answer.headers;
    let is_used_up = seconds(headers, "x-ratelimit-remaining") == Some(0);
    let reset_ms =
        seconds(headers, "x-ratelimit-reset").filter(|_| is_used_up).map(|s| s.saturating_mul(1000));
    let is_for_now = matches!(answer.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    reset_ms.max(retry_after_ms(headers).filter(|_| is_for_now))
}

fn seconds(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok().filter(|seconds| *seconds >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, headers: &[(&'static str, &'static str)]) -> Result<Answer, NoAnswer> {
        let headers = headers.iter().map(|(name, value)| {
            (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))
        });
        let status = StatusCode::from_u16(status).unwrap();
        Ok(Answer { status, headers: headers.collect(), body: bytes::Bytes::new() })
    }

    fn check(
        repeatability: Repeatability,
        made: u32,
        outcome: &Result<Answer, NoAnswer>,
        expected: Option<i64>,
    ) {
        let pause = RetryPolicy::default().pause_ms(repeatability, made, outcome, |limit| limit - 1);
        assert_eq!(pause, expected, "{repeatability:?}, {made} made, {outcome:?}");
    }

    #[test]
    fn only_what_is_safe_to_repeat_is_repeated() {
        use Repeatability::{Once, Safe};
        let lost = Err(NoAnswer::Unknown(String::new()));
        let unsent = Err(NoAnswer::NotSent(String::new()));
        check(Safe, 1, &lost, Some(250));
        check(Once, 1, &lost, None);
        check(Safe, 1, &answered(503, &[]), Some(250));
        check(Once, 1, &answered(503, &[]), None);
        check(Once, 1, &unsent, Some(250));
        check(Once, 1, &answered(429, &[]), Some(250));
        check(Safe, 1, &answered(404, &[]), None);
        check(Safe, 1, &answered(200, &[]), None);
    }

    #[test]
    fn pauses_double_and_end() {
        let failed = answered(500, &[]);
        for (made, pause) in [(1, Some(250)), (2, Some(500)), (3, Some(1000)), (4, None)] {
            check(Repeatability::Safe, made, &failed, pause);
        }
    }

    #[test]
    fn what_the_service_asks_for_is_waited_within_reason() {
        check(Repeatability::Safe, 1, &answered(429, &[("retry-after", "3")]), Some(3000));
        check(Repeatability::Safe, 1, &answered(429, &[("retry-after", "11")]), None);
        check(Repeatability::Safe, 1, &answered(429, &[("retry-after", "-1")]), Some(250));
    }

    #[test]
    fn a_used_up_allowance_and_a_refusal_for_now_ask_for_quiet() {
        let quiet = |status, headers: &[_]| quiet_ms(&answered(status, headers).unwrap());
        let used_up = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "2")];
        assert_eq!(quiet(200, &used_up), Some(2000));
        assert_eq!(quiet(200, &[("x-ratelimit-remaining", "4"), ("x-ratelimit-reset", "1")]), None);
        assert_eq!(quiet(429, &[("retry-after", "5")]), Some(5000));
        assert_eq!(quiet(503, &[used_up[0], used_up[1], ("retry-after", "1")]), Some(2000));
        assert_eq!(quiet(200, &[("retry-after", "5")]), None);
        assert_eq!(quiet(429, &[]), None);
    }
}
