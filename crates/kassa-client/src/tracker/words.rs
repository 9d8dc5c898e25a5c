//! Enums whose values have a word in the tracker's tables, in JSON and in metrics. Each word is written in one place.

use std::str::FromStr;

use kassa_sql::{Cause, Column, Row};
use serde::{Serialize, Serializer};

use super::StateError;

/// The word is none of an enum. A tracker of another version may have written it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is unknown to this version of the tracker")]
pub struct UnknownWord(String);

impl From<UnknownWord> for StateError {
    fn from(error: UnknownWord) -> Self {
        Self::Fault(Cause::of(error))
    }
}

/// Reads a word of a column that may be null.
pub(super) fn optional<T: FromStr<Err = UnknownWord>>(
    row: &mut Row,
    column: Column,
) -> Result<Option<T>, StateError> {
    let word: Option<String> = row.get(column)?;
    Ok(word.map(|word| word.parse()).transpose()?)
}

/// Declares an enum with the word of each value.
macro_rules! words {
    ($($(#[$about:meta])* $vis:vis enum $name:ident { $($(#[$meaning:meta])* $value:ident = $word:literal,)* })*) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis enum $name { $($(#[$meaning])* $value,)* }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$value),*];

            /// The word in tables, JSON and metrics.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$value => $word,)* }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                let found = Self::ALL.iter().find(|value| value.as_str() == word);
                found.copied().ok_or_else(|| UnknownWord(word.to_string()))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    )*};
}

words! {
    /// The source of the first observation of a change.
    pub enum Source {
        /// Its callback.
        Callback = "callback",
        /// A read of the session.
        Read = "read",
        /// The feed.
        Feed = "feed",
    }

    /// The reason for closing a session.
    pub enum CloseReason {
        /// The session reached a final status.
        Final = "final",
        /// The session expired, or the service no longer knows it.
        Expired = "expired",
    }

    /// The verdict on a session.
    pub enum Verdict {
        /// The consumer has not opened the page.
        Waiting = "waiting",
        /// The last known status is up to date.
        UpToDate = "in_step",
        /// A callback was lost, and a read or the feed brought the change.
        Recovered = "recovered",
        /// The consumer paid, the token is unused, and it ends soon.
        TokenExpiring = "token_expiring",
        /// The consumer paid, but the order was not placed and will not be.
        NoOrder = "no_order",
        /// The order was placed, and the service rejected it as fraud.
        OrderRejected = "order_rejected",
        /// A change has been unacknowledged for ten minutes.
        Unacknowledged = "untold",
        /// The service cannot be read at present.
        Unreadable = "unreadable",
        /// The session reached a final status.
        Final = "final",
        /// The session expired without a final status.
        Expired = "expired",
    }

    /// The result of comparing a record with the service.
    pub enum Finding {
        /// The service has the same status.
        Matching = "in_step",
        /// The status differs. The change was not known, and the tracker delivers it to the sink now.
        Repaired = "repaired",
        /// The status differs, and the tracker is delivering the change to the sink.
        InDelivery = "on_its_way",
        /// The status differs, or the service does not know the session. The tracker will not correct the record.
        Mismatched = "mismatched",
        /// The service could not be read.
        Unreadable = "unreadable",
    }

    /// The word of an order's state.
    pub(super) enum OrderWord {
        Awaited = "awaited",
        Placing = "intended",
        Placed = "placed",
        Refused = "refused",
        TooLate = "too_late",
        NoToken = "no_token",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_read_as_it_was_written() {
        for word in OrderWord::ALL {
            assert_eq!(word.as_str().parse(), Ok(*word));
        }
    }

    #[track_caller]
    fn check<T: Serialize>(values: &[T], words: &[&str]) {
        assert_eq!(serde_json::to_value(values).unwrap(), serde_json::to_value(words).unwrap());
    }

    /// Settings of alerts, stored rows and programs of merchants contain these words.
    #[test]
    fn the_words_in_tables_answers_and_metrics_are_stable() {
        check(
            Verdict::ALL,
            &[
                "waiting",
                "in_step",
                "recovered",
                "token_expiring",
                "no_order",
                "order_rejected",
                "untold",
                "unreadable",
                "final",
                "expired",
            ],
        );
        check(Finding::ALL, &["in_step", "repaired", "on_its_way", "mismatched", "unreadable"]);
        check(Source::ALL, &["callback", "read", "feed"]);
        check(CloseReason::ALL, &["final", "expired"]);
        check(OrderWord::ALL, &["awaited", "intended", "placed", "refused", "too_late", "no_token"]);
    }

    #[test]
    fn an_unknown_word_is_refused_by_its_name() {
        let refused = "sold".parse::<OrderWord>().unwrap_err();
        assert_eq!(refused.to_string(), "\"sold\" is unknown to this version of the tracker");
    }
}
