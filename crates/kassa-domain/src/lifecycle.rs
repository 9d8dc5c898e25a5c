//! The lifecycle of a page session, as two tables. No other place contains lifecycle rules.

mod picture;
mod status;

pub use picture::{mermaid, table, tables_markdown};
pub use status::{OpenStatus, Status};

use alloc::format;
use alloc::string::String;

use crate::merchant_urls::MerchantUrl;
use Event::*;
use Transition::{Refused, Stays, To};

/// The effect of one event in one open status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
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

            /// The event with this name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                match name { $(stringify!($name) => Some($name),)* _ => None }
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
    /// The payment system asked the shop's staff to check the consumer's identity document
    /// (docs/wire.md#identity-check).
    IdCheckRequested
    /// The time for the check of the identity document ended without an answer.
    IdCheckExpired
    /// The consumer opened the page, and the merchant's time limit passed without an outcome
    /// (docs/wire.md#timeout).
    ConsumerTimedOut
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

const PROGRESS: Transition = To(Status::InProgress);
const BACK: Transition = To(Status::Back);
const FAILED: Transition = To(Status::Failed);
const ERROR: Transition = To(Status::Error);
const COMPLETED: Transition = To(Status::Completed);
const CANCELLED: Transition = To(Status::Cancelled);
const DISABLED: Transition = To(Status::Disabled);
const ID_CHECK: Transition = To(Status::ManualIdCheck);
const TIMEOUT: Transition = To(Status::Timeout);
const SAME: Transition = Stays;
const NO: Transition = Refused;

/// One row of the first table: an event, and one cell for each open status in the order of [`OpenStatus::ALL`].
pub type LifecycleRow = (Event, [Transition; OpenStatus::ALL.len()]);

/// The first table: the effect of each event in each open status.
/// A final status has no column, so the table cannot express a way out of it.
#[rustfmt::skip]
pub const LIFECYCLE: [LifecycleRow; Event::ALL.len()] = [
    //                         WAITING     IN_PROGRESS BACK        FAILED      ERROR       ID CHECK    TIMEOUT
    (ConsumerEntered,         [PROGRESS,   SAME,       PROGRESS,   PROGRESS,   PROGRESS,   SAME,       PROGRESS ]),
    (ConsumerWentBack,        [NO,         BACK,       SAME,       NO,         NO,         BACK,       BACK     ]),
    (ConsumerCancelled,       [NO,         CANCELLED,  CANCELLED,  CANCELLED,  CANCELLED,  CANCELLED,  CANCELLED]),
    (IdCheckRequested,        [NO,         ID_CHECK,   ID_CHECK,   ID_CHECK,   ID_CHECK,   SAME,       ID_CHECK ]),
    (IdCheckExpired,          [NO,         NO,         NO,         NO,         NO,         PROGRESS,   NO       ]),
    (ConsumerTimedOut,        [NO,         TIMEOUT,    NO,         NO,         NO,         NO,         SAME     ]),
    (PaymentAuthorized,       [NO,         COMPLETED,  COMPLETED,  COMPLETED,  COMPLETED,  COMPLETED,  COMPLETED]),
    (PaymentDeclined,         [NO,         FAILED,     FAILED,     SAME,       FAILED,     FAILED,     FAILED   ]),
    (PaymentErrored,          [NO,         ERROR,      ERROR,      ERROR,      SAME,       ERROR,      ERROR    ]),
    (PaymentSessionCompleted, [COMPLETED,  COMPLETED,  COMPLETED,  COMPLETED,  COMPLETED,  COMPLETED,  COMPLETED]),
    (MerchantDisabled,        [DISABLED,   DISABLED,   DISABLED,   DISABLED,   DISABLED,   DISABLED,   DISABLED ]),
];

/// Looks up the effect of an event in the first table. A final status refuses every event.
#[must_use]
pub fn transition(status: Status, event: Event) -> Transition {
    match status.open() {
        Some(column) => LIFECYCLE[event as usize].1[column as usize],
        None => Refused,
    }
}

/// Returns the cell of the first table that allowed a change, in words.
#[must_use]
pub fn cell_in_words(status: Status, event: Event) -> String {
    let name = event.name();
    match transition(status, event) {
        To(to) => format!("The row {name} of the lifecycle table moves {status} to {to}."),
        Stays => {
            format!("The row {name} of the lifecycle table allows the event in {status} and changes nothing.")
        }
        Refused => format!("The row {name} of the lifecycle table refuses the event in {status}."),
    }
}

/// Whether reaching a status sends a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallbackRule {
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
pub enum RedirectTiming {
    /// At once, when the page session reaches the status.
    AtOnce,
    /// When the consumer follows a link of the page (docs/wire.md#redirects: a decline is explained first).
    ByLink,
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
    /// The shop's staff checks the consumer's identity document.
    IdCheck,
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
    pub callback: CallbackRule,
    /// The browser goes to the first of these URLs that the merchant gave. Without one, it shows the page.
    pub browser_goes_to: &'static [MerchantUrl],
    /// When the browser goes to that URL.
    pub redirect_timing: RedirectTiming,
    /// The page that is shown before the browser goes to that URL, or if it does not go.
    pub page: Page,
}

/// The second table: one row for each status, in the order of [`Status::ALL`].
#[rustfmt::skip]
pub const STATUS_RULES: [StatusRule; Status::ALL.len()] = {
    use CallbackRule::{Always, Never, OnRequest};
    use RedirectTiming::{AtOnce, ByLink};
    use MerchantUrl as Url;
    [
        //   status                 callback   browser goes to              redirect  page
        row(Status::Waiting,       Never,     &[],                         AtOnce,   Page::Pay      ),
        row(Status::InProgress,    Always,    &[],                         AtOnce,   Page::Pay      ),
        row(Status::Back,          Always,    &[Url::Back, Url::Cancel],   AtOnce,   Page::WentBack ),
        row(Status::Failed,        Always,    &[Url::Failure],             ByLink,   Page::Declined ),
        row(Status::Error,         Always,    &[Url::Error, Url::Failure], AtOnce,   Page::Error    ),
        row(Status::ManualIdCheck, Always,    &[],                         AtOnce,   Page::IdCheck  ),
        row(Status::Timeout,       Always,    &[],                         AtOnce,   Page::Pay      ),
        row(Status::Completed,     Always,    &[Url::Success],             AtOnce,   Page::Completed),
        row(Status::Cancelled,     Always,    &[Url::Cancel],              AtOnce,   Page::Cancelled),
        row(Status::Disabled,      OnRequest, &[],                         AtOnce,   Page::Disabled ),
    ]
};

const fn row(
    status: Status,
    callback: CallbackRule,
    browser_goes_to: &'static [MerchantUrl],
    redirect_timing: RedirectTiming,
    page: Page,
) -> StatusRule {
    StatusRule { status, callback, browser_goes_to, redirect_timing, page }
}

/// Returns the row of a status in the second table.
#[must_use]
pub fn rule(status: Status) -> &'static StatusRule {
    &STATUS_RULES[status as usize]
}

#[cfg(test)]
mod laws;
