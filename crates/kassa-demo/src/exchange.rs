//! The wire log: the shop's API calls for an order, formatted for a developer.

use std::collections::VecDeque;

use http::HeaderMap;
use kassa_wire::headers::{CAPTURE_ID, CORRELATION_ID, REFUND_ID};

use kassa_developer_page::{Piece, lay_out};

/// Maximum number of calls per order. The oldest is dropped first.
const MAX_EXCHANGES: usize = 60;

/// The response headers that the log shows.
const LOGGED_HEADERS: [&str; 5] = [CORRELATION_ID, CAPTURE_ID, REFUND_ID, "location", "retry-after"];

/// One call with its answer.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    /// Its number among the order's calls, from 1.
    pub(super) number: usize,
    /// The purpose of the call, such as "Create the page session".
    pub(super) purpose: &'static str,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) sent_headers: Vec<(String, String)>,
    pub(super) sent: Vec<Piece>,
    /// The HTTP status; `None` if no answer arrived.
    pub(super) status: Option<u16>,
    pub(super) got_headers: Vec<(String, String)>,
    pub(super) got: Vec<Piece>,
    /// The reason why no answer arrived; empty if one did.
    pub(super) failure: String,
    pub(super) duration_ms: i64,
    /// Number of times that the same read got the same answer.
    pub(super) times: u32,
}

impl Exchange {
    /// Returns whether this is a read with the same answer as an earlier read.
    fn repeats(&self, earlier: &Self) -> bool {
        self.method == "GET"
            && (&self.method, &self.path, self.status, &self.got)
                == (&earlier.method, &earlier.path, earlier.status, &earlier.got)
    }

    pub(super) fn is_success(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// The calls of one order, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct WireLog {
    exchanges: VecDeque<Exchange>,
    made: usize,
}

impl WireLog {
    /// Adds a call. A read with the same answer as the last read of its address only increases `times`, so that
    /// repeated reads do not displace other calls.
    pub(super) fn add(&mut self, mut exchange: Exchange) {
        let earlier = self.exchanges.iter_mut().rev().find(|known| known.path == exchange.path);
        if let Some(earlier) = earlier.filter(|earlier| exchange.repeats(earlier)) {
            earlier.times += 1;
            return;
        }
        self.made += 1;
        exchange.number = self.made;
        self.exchanges.push_back(exchange);
        if self.exchanges.len() > MAX_EXCHANGES {
            self.exchanges.pop_front();
        }
    }

    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.iter().cloned().collect()
    }
}

/// Returns the response headers that the log shows.
pub(super) fn logged_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = |name: &str| Some((name.to_string(), headers.get(name)?.to_str().ok()?.to_string()));
    LOGGED_HEADERS.into_iter().filter_map(shown).collect()
}

/// Lays out a body for the log.
pub(super) fn body_shown(body: &[u8]) -> Vec<Piece> {
    if body.is_empty() { Vec::new() } else { lay_out(&String::from_utf8_lossy(body)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(method: &str, path: &str, got: &str) -> Exchange {
        Exchange {
            number: 0,
            purpose: "",
            method: method.to_string(),
            path: path.to_string(),
            sent_headers: Vec::new(),
            sent: Vec::new(),
            status: Some(200),
            got_headers: Vec::new(),
            got: body_shown(got.as_bytes()),
            failure: String::new(),
            duration_ms: 1,
            times: 1,
        }
    }

    #[track_caller]
    fn check(calls: &[(&str, &str, &str)], expected: &[(usize, u32)]) {
        let mut log = WireLog::default();
        for (method, path, got) in calls {
            log.add(call(method, path, got));
        }
        let kept: Vec<_> = log.exchanges().iter().map(|call| (call.number, call.times)).collect();
        assert_eq!(kept, expected);
    }

    #[test]
    fn a_repeated_read_is_counted_and_not_logged_again() {
        check(&[("GET", "/a", "1"), ("GET", "/b", "1"), ("GET", "/a", "1")], &[(1, 2), (2, 1)]);
        check(&[("GET", "/a", "1"), ("GET", "/a", "2"), ("GET", "/a", "1")], &[(1, 1), (2, 1), (3, 1)]);
    }

    #[test]
    fn a_call_that_is_not_a_read_is_always_logged() {
        check(&[("POST", "/a", ""), ("POST", "/a", "")], &[(1, 1), (2, 1)]);
        check(&[("GET", "/a", "1"), ("POST", "/a", ""), ("GET", "/a", "1")], &[(1, 1), (2, 1), (3, 1)]);
    }

    #[test]
    fn the_number_of_logged_calls_is_bounded() {
        let mut log = WireLog::default();
        for _ in 0..MAX_EXCHANGES + 5 {
            log.add(call("POST", "/a", ""));
        }
        assert_eq!(log.exchanges().len(), MAX_EXCHANGES);
        assert_eq!(log.exchanges()[0].number, 6);
    }
}
