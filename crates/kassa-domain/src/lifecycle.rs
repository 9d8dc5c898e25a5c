//! The lifecycle of a page session: two tables, the only place where its rules stand.

mod picture;
mod status;

pub use picture::{mermaid, table, tables_markdown};
pub use status::{OpenStatus, Status};

use crate::merchant_urls::MerchantUrl;
use Cell::{Refused, Stays, To};
use Event::*;

/// What the table says to one event in one open status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// The session moves to this status.
    To(Status),
    /// The event is in order and changes nothing.
    Stays,
    /// The event is not in order here.
    Refused,
}

/// Names the events and lists them in the order of the table's rows.
macro_rules! events {
    ($($(#[$doc:meta])* $name:ident)*) => {
        /// What can happen to a page session.
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
    /// The consumer pressed Back, or Cancel where the wire treats it as Back (spec 4.4).
    ConsumerWentBack
    /// The consumer pressed Cancel and confirmed it.
    ConsumerCancelled
    /// The payment system authorized the payment.
    PaymentAuthorized
    /// The payment system declined the payment.
    PaymentDeclined
    /// The payment could not be decided for a technical reason.
    PaymentErrored
    /// The payment session was completed elsewhere: by a sibling page session, or by the merchant's own order.
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

/// One row of the first table: an event, and a cell for each open status in the order of [`OpenStatus::ALL`].
pub type Row = (Event, [Cell; OpenStatus::ALL.len()]);

/// The first table: what each event does in each open status. A final status has no column, so leaving one cannot be written.
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

/// Asks the first table. An event in a final status is refused.
#[must_use]
pub fn ask(status: Status, event: Event) -> Cell {
    match status.open() {
        Some(column) => LIFECYCLE[event as usize].1[column as usize],
        None => Refused,
    }
}

/// Whether arriving at a status calls the merchant back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallsBack {
    /// Arriving here always calls back.
    Always,
    /// Arriving here calls back where the merchant asked for it; the sources contradict each other (spec 10).
    OnRequest,
    /// Arriving here never calls back.
    Never,
}

/// When the browser leaves for the merchant's URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// As soon as the status is reached.
    AtOnce,
    /// When the consumer has read the page and follows its link (spec 4.3: a decline is explained first).
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
    /// Something went wrong; the consumer may try again.
    Error,
    /// The payment is done.
    Completed,
    /// The purchase was cancelled.
    Cancelled,
    /// The merchant withdrew the link.
    Disabled,
}

/// One row of the second table: what it means to be in a status.
#[derive(Clone, Copy, Debug)]
pub struct StatusRule {
    /// The status.
    pub status: Status,
    /// Whether arriving here calls the merchant back.
    pub calls_back: CallsBack,
    /// Where the browser goes: the first of these that the merchant gave. None given: the page.
    pub browser_goes_to: &'static [MerchantUrl],
    /// When it goes there.
    pub leaves: Leaves,
    /// The page shown until the browser leaves, and where it goes nowhere.
    pub page: Page,
}

/// The second table: one row a status, in the order of [`Status::ALL`].
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

/// Asks the second table.
#[must_use]
pub fn rule(status: Status) -> &'static StatusRule {
    &STATUS_RULES[status as usize]
}

#[cfg(test)]
mod laws;
