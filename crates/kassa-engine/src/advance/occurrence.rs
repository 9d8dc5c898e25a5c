//! The events of the lifecycle, with their data.

use kassa_domain::Actor;
use kassa_domain::Timestamp;
use kassa_domain::id_check::IdCheck;
use kassa_domain::lifecycle::Event;
use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::{Authorization, PaymentCompletion};
use kassa_store::{NewOperation, Note, OperationEnd, SystemOrder};

/// An event with its data. Each variant is a row of the lifecycle table.
#[derive(Clone, Debug)]
pub(crate) enum Occurrence {
    ConsumerEntered,
    ConsumerWentBack,
    ConsumerCancelled,
    IdCheckRequested(Box<IdCheck>),
    IdCheckExpired,
    ConsumerTimedOut,
    PaymentAuthorized(Box<Authorized>),
    PaymentDeclined(String),
    PaymentErrored(String),
    PaymentSessionCompleted(PaymentCompletion),
    MerchantDisabled,
}

/// An authorized payment.
#[derive(Clone, Debug)]
pub(crate) struct Authorized {
    pub(crate) authorization: Authorization,
    /// The order, if an operation has placed it.
    pub(crate) order: Option<SystemOrder>,
    /// Until when a remote payment system's authorization counts, although the page session has expired: the consumer
    /// may have paid in time, and the read of it came later.
    pub(crate) counts_until: Option<Timestamp>,
    pub(crate) evidence: AuthorizationEvidence,
}

/// The evidence on which an authorization depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthorizationEvidence {
    /// The payment system authorized the payment.
    PaymentSystem,
    /// The staff confirmed the identity document. It counts only while this check waits for its answer.
    IdCheck,
}

/// The operation whose outcome an event is. It ends in the commit of the event.
#[derive(Clone, Debug)]
pub(crate) struct Settling {
    pub(crate) end: OperationEnd,
    /// The operation that releases the authorization.
    pub(crate) release: Option<NewOperation>,
}

impl Occurrence {
    pub(crate) fn event(&self) -> Event {
        match self {
            Self::ConsumerEntered => Event::ConsumerEntered,
            Self::ConsumerWentBack => Event::ConsumerWentBack,
            Self::ConsumerCancelled => Event::ConsumerCancelled,
            Self::IdCheckRequested(_) => Event::IdCheckRequested,
            Self::IdCheckExpired => Event::IdCheckExpired,
            Self::ConsumerTimedOut => Event::ConsumerTimedOut,
            Self::PaymentAuthorized(_) => Event::PaymentAuthorized,
            Self::PaymentDeclined(_) => Event::PaymentDeclined,
            Self::PaymentErrored(_) => Event::PaymentErrored,
            Self::PaymentSessionCompleted(_) => Event::PaymentSessionCompleted,
            Self::MerchantDisabled => Event::MerchantDisabled,
        }
    }

    /// Whether the event counts for a page session that expired before this instant.
    pub(super) fn still_counts(&self, now: Timestamp) -> bool {
        match self {
            Self::PaymentAuthorized(authorized) => authorized.counts_until.is_some_and(|until| now < until),
            Self::ConsumerEntered
            | Self::ConsumerWentBack
            | Self::ConsumerCancelled
            | Self::IdCheckRequested(_)
            | Self::IdCheckExpired
            | Self::ConsumerTimedOut
            | Self::PaymentDeclined(_)
            | Self::PaymentErrored(_)
            | Self::PaymentSessionCompleted(_)
            | Self::MerchantDisabled => false,
        }
    }

    /// Whether the event depends on a check of an identity document that no longer waits for its answer.
    pub(super) fn has_lost_its_check_in(&self, session: &PageSession) -> bool {
        let Self::PaymentAuthorized(authorized) = self else { return false };
        match authorized.evidence {
            AuthorizationEvidence::PaymentSystem => false,
            AuthorizationEvidence::IdCheck => {
                let waiting = session.id_check.as_ref().map(|check| &check.payment.token);
                waiting != Some(&authorized.authorization.token)
            }
        }
    }

    /// The reason that the timeline shows beside the change.
    pub(super) fn reason(&self) -> Option<&str> {
        match self {
            Self::PaymentDeclined(reason) | Self::PaymentErrored(reason) => Some(reason),
            Self::ConsumerEntered
            | Self::ConsumerWentBack
            | Self::ConsumerCancelled
            | Self::IdCheckRequested(_)
            | Self::IdCheckExpired
            | Self::ConsumerTimedOut
            | Self::PaymentAuthorized(_)
            | Self::PaymentSessionCompleted(_)
            | Self::MerchantDisabled => None,
        }
    }

    /// The note that the timeline shows beside the change.
    pub(super) fn note(&self, at: Timestamp, actor: &Actor) -> Option<Note> {
        self.reason().map(|reason| note(at, "Reason", reason, actor))
    }
}

pub(super) fn note(at: Timestamp, kind: &'static str, detail: &str, actor: &Actor) -> Note {
    Note { at, kind, detail: detail.to_string(), actor: actor.clone() }
}
