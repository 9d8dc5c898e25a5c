//! The pause that an answer asks for.

use std::time::UNIX_EPOCH;

use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderName};
use httpdate::parse_http_date;

/// The pause in `Retry-After` (RFC 9110, section 10.2.3), in milliseconds. `None` if there is none that can be read.
///
/// A date is compared with the `Date` of the same answer, so that only the clock of the answering system counts. If
/// there is no such header, it is compared with `now_ms`, our clock in milliseconds since 1970. A date in the past is
/// no pause: 0.
#[must_use]
pub fn retry_after_ms(headers: &HeaderMap, now_ms: i64) -> Option<i64> {
    let text = text(headers, RETRY_AFTER)?;
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number has are a very long time.
        return Some(text.parse().unwrap_or(i64::MAX).saturating_mul(1000));
    }
    let until_ms = date_ms(text)?;
    let from_ms = self::text(headers, DATE).and_then(date_ms).unwrap_or(now_ms);
    Some(until_ms.saturating_sub(from_ms).max(0))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    Some(headers.get(name)?.to_str().ok()?.trim())
}

fn date_ms(text: &str) -> Option<i64> {
    let since_1970 = parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since_1970.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1994-11-06T08:49:37Z, in milliseconds since 1970.
    const NOW_MS: i64 = 784_111_777_000;

    #[track_caller]
    fn check(headers: &[(HeaderName, &str)], expected: Option<i64>) {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
        assert_eq!(retry_after_ms(&headers.collect(), NOW_MS), expected);
    }

    #[test]
    fn a_pause_is_given_in_seconds() {
        check(&[(RETRY_AFTER, "0")], Some(0));
        check(&[(RETRY_AFTER, " 120 ")], Some(120_000));
        check(&[(RETRY_AFTER, "99999999999999999999")], Some(i64::MAX));
    }

    #[test]
    fn a_date_in_each_of_its_forms_is_compared_with_our_clock() {
        check(&[(RETRY_AFTER, "Sun, 06 Nov 1994 08:50:07 GMT")], Some(30_000));
        check(&[(RETRY_AFTER, "Sunday, 06-Nov-94 08:50:07 GMT")], Some(30_000));
        check(&[(RETRY_AFTER, "Sun Nov  6 08:50:07 1994")], Some(30_000));
        check(&[(RETRY_AFTER, "Sun, 06 Nov 1994 08:00:00 GMT")], Some(0));
    }

    #[test]
    fn a_date_is_compared_with_the_date_of_the_answer_if_there_is_one() {
        let until = (RETRY_AFTER, "Wed, 21 Oct 2015 07:28:00 GMT");
        check(&[until.clone(), (DATE, "Wed, 21 Oct 2015 07:27:00 GMT")], Some(60_000));
        check(&[until.clone(), (DATE, "Wed, 21 Oct 2015 07:29:00 GMT")], Some(0));
        check(&[(RETRY_AFTER, "Sun, 06 Nov 1994 08:50:07 GMT"), (DATE, "today")], Some(30_000));
    }

    #[test]
    fn text_that_is_neither_is_no_pause() {
        for text in ["", "-1", "soon", "1.5", "Sun, 31 Feb 1994 08:50:07"] {
            check(&[(RETRY_AFTER, text)], None);
        }
        check(&[], None);
    }
}
