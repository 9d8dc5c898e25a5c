//! The wire log: the calls that the shop made for an order, as a developer would want to see them.

use std::collections::VecDeque;

use http::HeaderMap;
use kassa_wire::headers::{CAPTURE_ID, CORRELATION_ID, REFUND_ID};

use crate::developer_page::{Piece, lay_out};

/// At most so many calls of one order are kept; the oldest goes first.
const KEPT: usize = 60;

/// The headers of an answer that tell something.
const TELLING_HEADERS: [&str; 5] = [CORRELATION_ID, CAPTURE_ID, REFUND_ID, "location", "retry-after"];

/// One call and what came of it.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    /// Its place among the order's calls, from 1.
    pub(super) number: usize,
    /// What the shop wanted.
    pub(super) purpose: &'static str,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) sent_headers: Vec<(String, String)>,
    pub(super) sent: Vec<Piece>,
    /// The HTTP status; none where no answer came.
    pub(super) status: Option<u16>,
    pub(super) got_headers: Vec<(String, String)>,
    pub(super) got: Vec<Piece>,
    /// Why no answer came, else empty.
    pub(super) failure: String,
    pub(super) duration_ms: i64,
    /// How often the same read gave the same answer.
    pub(super) times: u32,
}

impl Exchange {
    /// Whether this read and an earlier one say the same.
    fn repeats(&self, earlier: &Self) -> bool {
        self.method == "GET"
            && (&self.method, &self.path, self.status, &self.got)
                == (&earlier.method, &earlier.path, earlier.status, &earlier.got)
    }

    pub(super) fn is_good(&self) -> bool {
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
    /// Adds a call. A read that repeats the last one of its address only counts it up, so that a patient reader does
    /// not push everything else out.
    pub(super) fn add(&mut self, mut exchange: Exchange) {
        let earlier = self.exchanges.iter_mut().rev().find(|known| known.path == exchange.path);
        if let Some(earlier) = earlier.filter(|earlier| exchange.repeats(earlier)) {
            earlier.times += 1;
            return;
        }
        self.made += 1;
        exchange.number = self.made;
        self.exchanges.push_back(exchange);
        if self.exchanges.len() > KEPT {
            self.exchanges.pop_front();
        }
    }

    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.iter().cloned().collect()
    }
}

/// The headers of an answer that are shown.
pub(super) fn telling(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = |name: &str| Some((name.to_string(), headers.get(name)?.to_str().ok()?.to_string()));
    TELLING_HEADERS.into_iter().filter_map(shown).collect()
}

/// A body for the log.
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
    fn a_read_that_says_the_same_is_counted_and_not_kept_again() {
        check(&[("GET", "/a", "1"), ("GET", "/b", "1"), ("GET", "/a", "1")], &[(1, 2), (2, 1)]);
        check(&[("GET", "/a", "1"), ("GET", "/a", "2"), ("GET", "/a", "1")], &[(1, 1), (2, 1), (3, 1)]);
    }

    #[test]
    fn what_is_not_a_read_is_always_kept() {
        check(&[("POST", "/a", ""), ("POST", "/a", "")], &[(1, 1), (2, 1)]);
        check(&[("GET", "/a", "1"), ("POST", "/a", ""), ("GET", "/a", "1")], &[(1, 1), (2, 1), (3, 1)]);
    }

    #[test]
    fn the_log_is_bounded() {
        let mut log = WireLog::default();
        for _ in 0..KEPT + 5 {
            log.add(call("POST", "/a", ""));
        }
        assert_eq!(log.exchanges().len(), KEPT);
        assert_eq!(log.exchanges()[0].number, 6);
    }
}
