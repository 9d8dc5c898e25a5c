//! What reached the shop from outside: callbacks, and the browser coming back.

use std::collections::VecDeque;

use crate::developer_page::Piece;

/// So many arrivals of one order are kept; the oldest goes first.
const KEPT: usize = 60;

/// A callback as it came.
#[derive(Clone, Debug)]
pub(super) struct Callback {
    /// `webhook-id`, or the body's where the header is missing.
    pub(super) event_id: String,
    /// The session's status that it tells; empty where the body cannot be read.
    pub(super) status: String,
    /// Why it is not believed, else empty.
    pub(super) unverified: String,
    /// Whether the same event came before.
    pub(super) is_repeated: bool,
    pub(super) body: Vec<Piece>,
}

/// Something that reached the shop.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    /// Its place among the order's arrivals, from 1.
    pub(super) number: usize,
    /// When, as the wire writes an instant.
    pub(super) at: String,
    pub(super) what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Callback(Callback),
    /// The browser, by this merchant URL.
    Browser(&'static str),
}

/// The arrivals of one order, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Arrivals {
    kept: VecDeque<Arrival>,
    came: usize,
}

impl Arrivals {
    pub(super) fn add_browser(&mut self, at: String, url: &'static str) {
        self.add(at, What::Browser(url));
    }

    pub(super) fn add_callback(&mut self, at: String, mut callback: Callback) {
        let is_same = |other: &Callback| other.event_id == callback.event_id && other.unverified.is_empty();
        callback.is_repeated = self.callbacks().any(is_same);
        self.add(at, What::Callback(callback));
    }

    fn callbacks(&self) -> impl Iterator<Item = &Callback> {
        self.kept.iter().filter_map(|arrival| match &arrival.what {
            What::Callback(callback) => Some(callback),
            What::Browser(_) => None,
        })
    }

    fn add(&mut self, at: String, what: What) {
        self.came += 1;
        self.kept.push_back(Arrival { number: self.came, at, what });
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
    }

    pub(super) fn all(&self) -> Vec<Arrival> {
        self.kept.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn callback(event_id: &str, unverified: &str) -> Callback {
        Callback {
            event_id: event_id.to_string(),
            status: "COMPLETED".to_string(),
            unverified: unverified.to_string(),
            is_repeated: false,
            body: Vec::new(),
        }
    }

    #[test]
    fn an_event_that_was_believed_before_is_known_as_repeated() {
        let mut arrivals = Arrivals::default();
        for (event_id, unverified) in [("a", "no signature matches"), ("a", ""), ("b", ""), ("a", "")] {
            arrivals.add_callback(String::new(), callback(event_id, unverified));
        }
        let repeated: Vec<bool> = arrivals.callbacks().map(|callback| callback.is_repeated).collect();
        assert_eq!(repeated, [false, false, false, true]);
    }

    #[test]
    fn arrivals_are_bounded() {
        let mut arrivals = Arrivals::default();
        for _ in 0..KEPT + 3 {
            arrivals.add_browser(String::new(), "success");
        }
        assert_eq!((arrivals.all().len(), arrivals.all()[0].number), (KEPT, 4));
    }
}
