//! The reason why a sink did not accept a change.

use std::io;

use crate::http::TransportError;
use crate::tracker::state::StateError;

/// The reason why the sink did not accept a change.
#[derive(Debug, thiserror::Error)]
pub(in crate::tracker) enum DeliveryError {
    /// The endpoint answered with another status than 2xx.
    #[error("the endpoint answered {0}")]
    Answered(u16),
    /// The endpoint gave no answer.
    #[error("{0}")]
    Unanswered(#[source] TransportError),
    /// The row could not be inserted.
    #[error("{0}")]
    Table(#[source] StateError),
    /// The line could not be written.
    #[error("{0}")]
    Line(#[source] io::Error),
    /// The thread that writes lines has ended.
    #[error("standard output cannot be written")]
    PrinterEnded,
}
