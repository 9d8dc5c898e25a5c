//! The expectations of a step. Only named expectations are checked.

use serde::Deserialize;
use serde_json::Value;

/// The expectations of a step.
///
/// A table is compared by the fields that it names, a list as a whole and in order. `"*"` matches any present value,
/// `"none"` an absent one.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::scenarios) struct Expect {
    /// The HTTP status of the answer, or `"none"` if the connection was cut. Default: 2xx.
    pub(in crate::scenarios) status: Option<Value>,
    /// Fields of the answer.
    pub(in crate::scenarios) answer: Option<Value>,
    /// Test ids that the consumer's page shows.
    pub(in crate::scenarios) page: Option<Vec<String>>,
    /// Fields of the session as the merchant reads it. A number is the HTTP status of the read.
    pub(in crate::scenarios) session: Option<Value>,
    /// The callbacks that reached the shop, as statuses or as tables.
    pub(in crate::scenarios) callbacks: Option<Vec<Value>>,
    /// The paths, with queries, at which the consumer reached the shop.
    pub(in crate::scenarios) visits: Option<Vec<String>>,
    /// Callbacks and visits in their order of arrival: `callback STATUS`, `consumer /path`.
    pub(in crate::scenarios) arrivals: Option<Vec<String>>,
    /// The events of the session's history.
    pub(in crate::scenarios) history: Option<Vec<String>>,
    /// The kinds of notes in the session's history.
    pub(in crate::scenarios) notes: Option<Vec<String>>,
    /// For `advance`: the timers that fired.
    pub(in crate::scenarios) fired: Option<Vec<Value>>,
    /// Numbers of matching entries in the journal.
    pub(in crate::scenarios) journal: Option<Vec<JournalCount>>,
    /// The number of the merchant's orders.
    pub(in crate::scenarios) orders: Option<usize>,
}

/// The expected number of journal entries that match these filters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::scenarios) struct JournalCount {
    pub(in crate::scenarios) kind: Option<String>,
    pub(in crate::scenarios) method: Option<String>,
    pub(in crate::scenarios) path: Option<String>,
    pub(in crate::scenarios) status: Option<u16>,
    pub(in crate::scenarios) count: usize,
}

impl JournalCount {
    /// The filters in words.
    pub(in crate::scenarios) fn in_words(&self) -> String {
        let status = self.status.map(|status| status.to_string());
        let words = [&self.kind, &self.method, &self.path, &status].into_iter().flatten();
        words.map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}

impl Expect {
    /// The names of the expectations.
    pub(in crate::scenarios) fn names(&self) -> Vec<&'static str> {
        let named = [
            ("status", self.status.is_some()),
            ("answer", self.answer.is_some()),
            ("page", self.page.is_some()),
            ("session", self.session.is_some()),
            ("callbacks", self.callbacks.is_some()),
            ("visits", self.visits.is_some()),
            ("arrivals", self.arrivals.is_some()),
            ("history", self.history.is_some()),
            ("notes", self.notes.is_some()),
            ("fired", self.fired.is_some()),
            ("journal", self.journal.is_some()),
            ("orders", self.orders.is_some()),
        ];
        named.into_iter().filter(|(_, is_named)| *is_named).map(|(name, _)| name).collect()
    }

    /// Whether an expectation concerns more than the act's own answer.
    pub(in crate::scenarios) fn looks_around(&self) -> bool {
        self.names().iter().any(|name| !["status", "answer", "page", "fired"].contains(name))
    }
}
