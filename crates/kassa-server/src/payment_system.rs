//! The seam to what authorizes and places orders: the built-in sandbox, later a remote system.

use futures_util::future::BoxFuture;
use kassa_domain::payment_session::{Authorization, Offer, PaymentSession};
use kassa_domain::{AuthorizationToken, PageSessionId, Timestamp};
use kassa_store::StoredOrder;

/// What the consumer entered on the page.
#[derive(Clone, Debug, Default)]
pub struct Consumer {
    /// The e-mail address.
    pub email: String,
    /// The one-time code.
    pub one_time_code: String,
    /// The identifier of the chosen category, such as `pay_later`.
    pub category: String,
    /// Given name, family name and date of birth, where a sign-up was asked for.
    pub sign_up: Option<SignUp>,
}

/// What a new consumer tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignUp {
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// `YYYY-MM-DD`.
    pub date_of_birth: String,
}

/// What the consumer has to mend or add before a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The e-mail address is not one.
    Email,
    /// The one-time code is not the right one.
    OneTimeCode,
    /// The consumer is new and has to sign up.
    SignUp,
    /// The given name.
    GivenName,
    /// The family name.
    FamilyName,
    /// The date of birth.
    DateOfBirth,
}

impl Missing {
    /// Whether a new consumer's sign-up lacks it.
    pub(crate) fn is_of_sign_up(&self) -> bool {
        match self {
            Self::Email | Self::OneTimeCode => false,
            Self::SignUp | Self::GivenName | Self::FamilyName | Self::DateOfBirth => true,
        }
    }
}

/// What the payment system says.
#[derive(Clone, Debug)]
pub enum Decision {
    /// The consumer may pay.
    Authorized(AuthorizationToken),
    /// The consumer may not pay, for this reason.
    Declined(String),
    /// No decision could be had, for this reason.
    Errored(String),
    /// The consumer has to mend or add something first.
    Incomplete(Vec<Missing>),
}

/// The content of a payment session that this payment system cannot read.
#[derive(Debug, thiserror::Error)]
#[error("the payment session's content cannot be read")]
pub struct UnreadableContent(#[from] serde_json::Error);

/// What authorizes payments and places orders.
pub trait PaymentSystem: Send + Sync {
    /// What a payment session lets the consumer pay, and how.
    fn offer(&self, payment: &PaymentSession) -> Result<Offer, UnreadableContent>;

    /// Asks whether this consumer may pay.
    fn authorize<'a>(
        &'a self,
        payment: &'a PaymentSession,
        consumer: &'a Consumer,
        at: Timestamp,
    ) -> BoxFuture<'a, Decision>;

    /// Makes the order that an authorization becomes; `captures` says when.
    fn order<'a>(
        &'a self,
        payment: &'a PaymentSession,
        authorization: &'a Authorization,
        captures: Captures,
        at: Timestamp,
    ) -> BoxFuture<'a, Result<StoredOrder, String>>;

    /// Takes back an authorization that lost its race.
    fn release<'a>(&'a self, of: &'a PageSessionId, token: &'a AuthorizationToken) -> BoxFuture<'a, ()>;
}

/// Whether an order is captured in full when it is placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Captures {
    /// At once: `CAPTURE_ORDER`, `auto_capture`.
    AtOnce,
    /// Later, by the merchant.
    Later,
}
