//! The lifecycle of a page session, as two tables. No other place contains lifecycle rules.

mod picture;
mod status;

pub use picture::{mermaid, table, tables_markdown};
pub use status::{OpenStatus, Status};

use crate::merchant_urls::MerchantUrl;
use Cell::{Refused, Stays, To};
use Event::*;

/// The effect of one event in one open status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// The page session moves to this status.
    To(Status),
    /// The event is allowed and changes nothing.
    Stays,
    /// The event is refused.
    Refused,
}

/// Defines the events, in the order of the table's rows.
macro_rules! events {
    ($($(#[$doc:meta])* $name:ident)*) => {
        /// An event that may change the status of a page session.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Event { $($(#[$doc])* $name),* }

        impl Event {
            /// Every event, in the order of the table's rows.
            pub const ALL: &[Self] = &[$($name),*];

            /// The event's name, the same in table, store, log and documentation.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($name => stringify!($name)),* }
            }
        }
    };
}

events! {
    /// The consumer opened the payment page.
    ConsumerEntered
    /// The consumer pressed Back, or pressed Cancel in a channel that treats it as Back (docs/wire.md#back-and-cancel).
    ConsumerWentBack
    /// The consumer pressed Cancel and confirmed it.
    ConsumerCancelled
    /// The payment system authorized the payment.
    PaymentAuthorized
    /// The payment system declined the payment.
    PaymentDeclined
    /// The payment system could not decide about the payment, for a technical reason.
    PaymentErrored
    /// Another page session, or the merchant's own order, completed the payment session.
    PaymentSessionCompleted
    /// The merchant disabled the page session.
    MerchantDisabled
}

const IN_PROGRESS: Cell = To(Status::InProgress);
const BACK: Cell = To(Status::Back);
const FAILED: Cell = To(Status::Failed);
const ERROR: Cell = To(Status::Error);
const COMPLETED: Cell = To(Status::Completed);
const CANCELLED: Cell = To(Status::Cancelled);
const DISABLED: Cell = To(Status::Disabled);
const SAME: Cell = Stays;
const NO: Cell = Refused;

/// One row of the first table: an event, and one cell for each open status in the order of [`OpenStatus::ALL`].
pub type Row = (Event, [Cell; OpenStatus::ALL.len()]);

/// The first table: the effect of each event in each open status.
/// A final status has no column, so the table cannot express a way out of it.
#[rustfmt::skip]
pub const LIFECYCLE: [Row; Event::ALL.len()] = [
    //                         WAITING      IN_PROGRESS  BACK         FAILED       ERROR
    (ConsumerEntered,         [IN_PROGRESS, SAME,        IN_PROGRESS, IN_PROGRESS, IN_PROGRESS]),
    (ConsumerWentBack,        [NO,          BACK,        SAME,        NO,          NO         ]),
    (ConsumerCancelled,       [NO,          CANCELLED,   CANCELLED,   CANCELLED,   CANCELLED  ]),
    (PaymentAuthorized,       [NO,          COMPLETED,   COMPLETED,   COMPLETED,   COMPLETED  ]),
    (PaymentDeclined,         [NO,          FAILED,      FAILED,      SAME,        FAILED     ]),
    (PaymentErrored,          [NO,          ERROR,       ERROR,       ERROR,       SAME       ]),
    (PaymentSessionCompleted, [COMPLETED,   COMPLETED,   COMPLETED,   COMPLETED,   COMPLETED  ]),
    (MerchantDisabled,        [DISABLED,    DISABLED,    DISABLED,    DISABLED,    DISABLED   ]),
];

/// Looks up the effect of an event in the first table. A final status refuses every event.
#[must_use]
pub fn ask(status: Status, event: Event) -> Cell {
    match status.open() {
        Some(column) => LIFECYCLE[event as usize].1[column as usize],
        None => Refused,
    }
}

/// Whether reaching a status sends a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallsBack {
    /// Reaching the status always sends a callback.
    Always,
    /// Reaching the status sends a callback if the merchant asked for it. The sources contradict each other
    /// (docs/wire.md#contradictions).
    OnRequest,
    /// Reaching the status never sends a callback.
    Never,
}

/// When the browser goes to the merchant's URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// At once, when the page session reaches the status.
    AtOnce,
    /// When the consumer follows a link of the page (docs/wire.md#redirects: a decline is explained first).
    FromThePage,
}

/// The page that a consumer sees in a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The payment page itself.
    Pay,
    /// The consumer left, and may return.
    WentBack,
    /// The payment was declined; the consumer may try again.
    Declined,
    /// A technical error happened; the consumer may try again.
    Error,
    /// The payment is done.
    Completed,
    /// The purchase was cancelled.
    Cancelled,
    /// The merchant withdrew the link.
    Disabled,
}

/// One row of the second table: the rules of one status.
#[derive(Clone, Copy, Debug)]
pub struct StatusRule {
    /// The status.
    pub status: Status,
    /// Whether reaching the status sends a callback.
    pub calls_back: CallsBack,
    /// The browser goes to the first of these URLs that the merchant gave. Without one, it shows the page.
    pub browser_goes_to: &'static [MerchantUrl],
    /// When the browser goes to that URL.
    pub leaves: Leaves,
    /// The page that is shown before the browser goes to that URL, or if it does not go.
    pub page: Page,
}

/// The second table: one row for each status, in the order of [`Status::ALL`].
#[rustfmt::skip]
pub const STATUS_RULES: [StatusRule; Status::ALL.len()] = {
    use CallsBack::{Always, Never, OnRequest};
    use Leaves::{AtOnce, FromThePage};
    use MerchantUrl as Url;
    [
        //   status              calls back browser goes to              leaves       page
        row(Status::Waiting,    Never,     &[],                         AtOnce,      Page::Pay      ),
        row(Status::InProgress, Always,    &[],                         AtOnce,      Page::Pay      ),
        row(Status::Back,       Always,    &[Url::Back, Url::Cancel],   AtOnce,      Page::WentBack ),
        row(Status::Failed,     Always,    &[Url::Failure],             FromThePage, Page::Declined ),
        row(Status::Error,      Always,    &[Url::Error, Url::Failure], AtOnce,      Page::Error    ),
        row(Status::Completed,  Always,    &[Url::Success],             AtOnce,      Page::Completed),
        row(Status::Cancelled,  Always,    &[Url::Cancel],              AtOnce,      Page::Cancelled),
        row(Status::Disabled,   OnRequest, &[],                         AtOnce,      Page::Disabled ),
    ]
};

const fn row(
    status: Status,
    calls_back: CallsBack,
    browser_goes_to: &'static [MerchantUrl],
    leaves: Leaves,
    page: Page,
) -> StatusRule {
    StatusRule { status, calls_back, browser_goes_to, leaves, page }
}

/// Returns the row of a status in the second table.
#[must_use]
pub fn rule(status: Status) -> &'static StatusRule {
    &STATUS_RULES[status as usize]
}

#[cfg(test)]
mod laws;
