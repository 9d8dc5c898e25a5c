//! The retry rule: a pure function of the outcome of a call and of the effect of repeating it.

use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use kassa_outgoing::retry_after_ms;
use kassa_wire::headers::{RATE_LIMIT_REMAINING, RATE_LIMIT_RESET};

use crate::backoff::Backoff;
use crate::http::{HttpAnswer, TransportError};

/// Whether a call may be made twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeatability {
    /// A repeat has no further effect: a read, an order by its token, a call with an idempotency key, a disabling.
    Safe,
    /// A repeat might be executed again. The call is repeated only if it was certainly not executed.
    Once,
}

/// How often and how soon calls are repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The maximum number of attempts; 1 means no retries.
    pub attempts: u32,
    /// The pause before the second attempt, in milliseconds; it doubles from attempt to attempt.
    pub first_pause_ms: i64,
    /// The longest pause, in milliseconds. If the service asks for a longer one, the call fails instead.
    pub longest_pause_ms: i64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 4, first_pause_ms: 250, longest_pause_ms: 10_000 }
    }
}

impl RetryPolicy {
    /// The pause before the next attempt, or `None` if the call is not repeated. `now` is the date of the answer, and
    /// `random_ms` returns a number below its argument.
    pub(super) fn pause_ms(
        &self,
        repeatability: Repeatability,
        attempts_made: u32,
        outcome: &Result<HttpAnswer, TransportError>,
        now: Timestamp,
        random_ms: impl Fn(i64) -> i64,
    ) -> Option<i64> {
        if attempts_made >= self.attempts || !may_repeat(repeatability, outcome) {
            return None;
        }
        let backoff = Backoff { first_ms: self.first_pause_ms, longest_ms: self.longest_pause_ms };
        let jittered = backoff.pause_ms(attempts_made.into(), random_ms);
        let answer = outcome.as_ref().ok();
        let requested = answer.and_then(|answer| retry_after_ms(&answer.headers, now.as_millisecond()));
        let requested = requested.unwrap_or(0);
        Some(jittered.max(requested)).filter(|pause| *pause <= self.longest_pause_ms)
    }
}

/// A call that was answered with 429 or was not sent was not executed. After a 5xx or no answer, it may have been.
fn may_repeat(repeatability: Repeatability, outcome: &Result<HttpAnswer, TransportError>) -> bool {
    match outcome {
        Ok(answer) if answer.status == StatusCode::TOO_MANY_REQUESTS => true,
        Ok(answer) => answer.status.is_server_error() && repeatability == Repeatability::Safe,
        Err(TransportError::NotSent(_)) => true,
        Err(TransportError::MayHaveArrived(_)) => repeatability == Repeatability::Safe,
    }
}

/// The pause that the account must make after an answer, in milliseconds. It lasts until the reset if the rate limit is
/// used up (docs/wire.md#rate-limits). After 429 or 503 it lasts as long as `Retry-After` says.
pub(super) fn requested_pause_ms(answer: &HttpAnswer, now: Timestamp) -> Option<i64> {
    let headers = &answer.headers;
    let is_used_up = seconds(headers, RATE_LIMIT_REMAINING) == Some(0);
    let reset_ms = seconds(headers, RATE_LIMIT_RESET).filter(|_| is_used_up).map(|s| s.saturating_mul(1000));
    let is_temporary =
        matches!(answer.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    reset_ms.max(retry_after_ms(headers, now.as_millisecond()).filter(|_| is_temporary))
}

fn seconds(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok().filter(|seconds| *seconds >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error_source::ErrorSource;

    fn answered(status: u16, headers: &[(&'static str, &'static str)]) -> Result<HttpAnswer, TransportError> {
        let headers = headers.iter().map(|(name, value)| {
            (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))
        });
        let status = StatusCode::from_u16(status).unwrap();
        Ok(HttpAnswer { status, headers: headers.collect(), body: bytes::Bytes::new(), is_whole: true })
    }

    fn check(
        repeatability: Repeatability,
        made: u32,
        outcome: &Result<HttpAnswer, TransportError>,
        expected: Option<i64>,
    ) {
        let now = Timestamp::UNIX_EPOCH;
        let pause = RetryPolicy::default().pause_ms(repeatability, made, outcome, now, |limit| limit - 1);
        assert_eq!(pause, expected, "{repeatability:?}, {made} made, {outcome:?}");
    }

    #[test]
    fn only_calls_that_are_safe_to_repeat_are_repeated() {
        use Repeatability::{Once, Safe};
        let lost = Err(TransportError::MayHaveArrived(ErrorSource::new("")));
        let unsent = Err(TransportError::NotSent(ErrorSource::new("")));
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
    fn pauses_double_until_the_last_attempt() {
        let failed = answered(500, &[]);
        for (made, pause) in [(1, Some(250)), (2, Some(500)), (3, Some(1000)), (4, None)] {
            check(Repeatability::Safe, made, &failed, pause);
        }
    }

    #[test]
    fn retry_after_is_respected_up_to_the_longest_pause() {
        check(Repeatability::Safe, 1, &answered(429, &[("retry-after", "3")]), Some(3000));
        check(Repeatability::Safe, 1, &answered(429, &[("retry-after", "11")]), None);
        check(Repeatability::Safe, 1, &answered(429, &[("retry-after", "-1")]), Some(250));
        let date = ("retry-after", "Thu, 01 Jan 1970 00:00:03 GMT");
        check(Repeatability::Safe, 1, &answered(429, &[date]), Some(3000));
        let of_the_answer = ("date", "Thu, 01 Jan 1970 00:00:01 GMT");
        check(Repeatability::Safe, 1, &answered(429, &[date, of_the_answer]), Some(2000));
    }

    #[test]
    fn a_used_up_rate_limit_and_retry_after_pause_the_account() {
        let pause = |status, headers: &[_]| {
            requested_pause_ms(&answered(status, headers).unwrap(), Timestamp::UNIX_EPOCH)
        };
        let used_up = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "2")];
        assert_eq!(pause(200, &used_up), Some(2000));
        assert_eq!(pause(200, &[("x-ratelimit-remaining", "4"), ("x-ratelimit-reset", "1")]), None);
        assert_eq!(pause(429, &[("retry-after", "5")]), Some(5000));
        assert_eq!(pause(503, &[("retry-after", "Thu, 01 Jan 1970 00:00:05 GMT")]), Some(5000));
        assert_eq!(pause(503, &[used_up[0], used_up[1], ("retry-after", "1")]), Some(2000));
        assert_eq!(pause(200, &[("retry-after", "5")]), None);
        assert_eq!(pause(429, &[]), None);
    }
}
