//! The requests that reached the shop for an order: callbacks, and the browser when it returns from the payment page.

use std::collections::VecDeque;

use kassa_developer_page::JsonToken;

/// Maximum number of arrivals per order. The oldest is dropped first.
const MAX_ARRIVALS: usize = 60;

/// A callback as it was received.
#[derive(Clone, Debug)]
pub(super) struct Callback {
    /// The body's `event_id`, or the header `webhook-id` if the body is unreadable.
    pub(super) event_id: String,
    /// The session's status in the body; empty if the body is unreadable.
    pub(super) status: String,
    /// The reason why the signature is not valid; empty if it is valid.
    pub(super) unverified: String,
    /// Whether the same event arrived before with a valid signature.
    pub(super) is_repeated: bool,
    pub(super) body: Vec<JsonToken>,
}

/// One callback or one return of the browser.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    /// Its number among the order's arrivals, from 1.
    pub(super) number: usize,
    /// The time of arrival, in the wire's format.
    pub(super) at: String,
    pub(super) what: ArrivalSource,
}

#[derive(Clone, Debug)]
pub(super) enum ArrivalSource {
    Callback(Callback),
    /// The browser came to this merchant URL, such as `success`.
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
        self.add(at, ArrivalSource::Browser(url));
    }

    pub(super) fn add_callback(&mut self, at: String, mut callback: Callback) {
        let is_same = |other: &Callback| other.event_id == callback.event_id && other.unverified.is_empty();
        callback.is_repeated = self.callbacks().any(is_same);
        self.add(at, ArrivalSource::Callback(callback));
    }

    fn callbacks(&self) -> impl Iterator<Item = &Callback> {
        self.kept.iter().filter_map(|arrival| match &arrival.what {
            ArrivalSource::Callback(callback) => Some(callback),
            ArrivalSource::Browser(_) => None,
        })
    }

    fn add(&mut self, at: String, what: ArrivalSource) {
        self.came += 1;
        self.kept.push_back(Arrival { number: self.came, at, what });
        if self.kept.len() > MAX_ARRIVALS {
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
    fn an_event_is_repeated_if_it_arrived_before_with_a_valid_signature() {
        let mut arrivals = Arrivals::default();
        for (event_id, unverified) in [("a", "no signature matches"), ("a", ""), ("b", ""), ("a", "")] {
            arrivals.add_callback(String::new(), callback(event_id, unverified));
        }
        let repeated: Vec<bool> = arrivals.callbacks().map(|callback| callback.is_repeated).collect();
        assert_eq!(repeated, [false, false, false, true]);
    }

    #[test]
    fn the_number_of_arrivals_is_bounded() {
        let mut arrivals = Arrivals::default();
        for _ in 0..MAX_ARRIVALS + 3 {
            arrivals.add_browser(String::new(), "success");
        }
        assert_eq!((arrivals.all().len(), arrivals.all()[0].number), (MAX_ARRIVALS, 4));
    }
}
