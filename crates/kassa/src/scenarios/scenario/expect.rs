//! What is to be seen after a step. What is not named is not looked at.

use serde::Deserialize;
use serde_json::Value;

/// The expectations of a step.
///
/// A table is compared by the fields that it names; a list as a whole, in its order. `"*"` stands for anything that is
/// there, `"none"` for what is not.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::scenarios) struct Expect {
    /// The HTTP status of the answer; `"none"` where the connection was cut. 2xx where it is left out.
    pub(in crate::scenarios) status: Option<Value>,
    /// Fields of the answer.
    pub(in crate::scenarios) answer: Option<Value>,
    /// Test ids that the consumer's page shows.
    pub(in crate::scenarios) page: Option<Vec<String>>,
    /// What the merchant reads of the session; a number is the HTTP status of the read.
    pub(in crate::scenarios) session: Option<Value>,
    /// The callbacks that reached the shop, as statuses or as tables.
    pub(in crate::scenarios) callbacks: Option<Vec<Value>>,
    /// Where the consumer came to the shop: paths with their queries.
    pub(in crate::scenarios) visits: Option<Vec<String>>,
    /// Callbacks and visits in the order in which they came: `callback STATUS`, `consumer /path`.
    pub(in crate::scenarios) arrivals: Option<Vec<String>>,
    /// The events of the session's history.
    pub(in crate::scenarios) history: Option<Vec<String>>,
    /// The kinds of notes in the session's history.
    pub(in crate::scenarios) notes: Option<Vec<String>>,
    /// Of `advance`: what fired.
    pub(in crate::scenarios) fired: Option<Vec<Value>>,
    /// How many entries of the journal match.
    pub(in crate::scenarios) journal: Option<Vec<JournalCount>>,
    /// How many orders there are.
    pub(in crate::scenarios) orders: Option<usize>,
}

/// A count of the journal's entries, by its own filters.
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
    /// What is counted, in words.
    pub(in crate::scenarios) fn in_words(&self) -> String {
        let status = self.status.map(|status| status.to_string());
        let words = [&self.kind, &self.method, &self.path, &status].into_iter().flatten();
        words.map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}

impl Expect {
    /// The names of what is expected.
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

    /// Whether something is expected of more than the act's own answer.
    pub(in crate::scenarios) fn looks_around(&self) -> bool {
        self.names().iter().any(|name| !["status", "answer", "page", "fired"].contains(name))
    }
}
