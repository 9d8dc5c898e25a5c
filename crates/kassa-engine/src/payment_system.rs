//! The interface of a payment system, which authorizes payments and places orders. The sandbox implements it.

use futures_util::future::BoxFuture;
use kassa_domain::callback::PaymentCallback;
use kassa_domain::payment_session::{Authorization, Offer, PaymentSession};
use kassa_domain::placed_order::Verdict;
use kassa_domain::{AuthorizationToken, PageSessionId, Timestamp};
use kassa_store::StoredOrder;

/// The consumer's input on the page.
#[derive(Clone, Debug, Default)]
pub struct Consumer {
    /// The e-mail address.
    pub email: String,
    /// The one-time code.
    pub one_time_code: String,
    /// The identifier of the chosen category, such as `pay_later`.
    pub category: String,
    /// The sign-up fields, if the page asked for a sign-up.
    pub sign_up: Option<SignUp>,
}

/// The fields that a new consumer fills in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignUp {
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// `YYYY-MM-DD`.
    pub date_of_birth: String,
}

/// A field that the consumer has to correct or add before the payment system decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The e-mail address is missing or malformed.
    Email,
    /// The one-time code is wrong.
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
    /// Returns whether it belongs to the sign-up form.
    #[must_use]
    pub fn is_of_sign_up(&self) -> bool {
        match self {
            Self::Email | Self::OneTimeCode => false,
            Self::SignUp | Self::GivenName | Self::FamilyName | Self::DateOfBirth => true,
        }
    }
}

/// The payment system's decision about a payment.
#[derive(Clone, Debug)]
pub enum Decision {
    /// The payment is authorized.
    Authorized(Approval),
    /// The payment is declined, for this reason.
    Declined(String),
    /// A technical error prevented a decision, for this reason.
    Errored(String),
    /// The consumer has to correct or add these fields first.
    Incomplete(Vec<Missing>),
}

/// An authorized payment.
#[derive(Clone, Debug)]
pub struct Approval {
    /// The token of the authorization.
    pub token: AuthorizationToken,
    /// The payment system's record of the consumer, as JSON.
    pub consumer: Option<String>,
}

/// A callback to one of a payment session's own URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentCall {
    /// Which URL it calls.
    pub kind: PaymentCallback,
    /// The URL, with its placeholders replaced.
    pub url: String,
    /// The body, which is the same in every attempt.
    pub body: String,
    /// How long after its change it falls due, in milliseconds.
    pub after_ms: i64,
}

/// An order whose fraud check has ended.
#[derive(Clone, Debug)]
pub struct EndedFraudCheck {
    /// The order's new body, as JSON.
    pub body: String,
    /// The body of the notification.
    pub notification: String,
}

/// The payment system cannot read the content of a payment session.
#[derive(Debug, thiserror::Error)]
#[error("the payment session's content cannot be read")]
pub struct UnreadableContent(#[from] serde_json::Error);

/// Authorizes payments and places orders.
pub trait PaymentSystem: Send + Sync {
    /// Returns the amount of a payment session and the ways to pay it.
    fn offer(&self, payment: &PaymentSession) -> Result<Offer, UnreadableContent>;

    /// Decides whether this consumer may pay.
    fn authorize<'a>(
        &'a self,
        payment: &'a PaymentSession,
        consumer: &'a Consumer,
        at: Timestamp,
    ) -> BoxFuture<'a, Decision>;

    /// Makes the order of an authorization; `captures` says when it is captured. The caller stores it.
    fn order<'a>(
        &'a self,
        payment: &'a PaymentSession,
        authorization: &'a Authorization,
        captures: Captures,
        at: Timestamp,
    ) -> BoxFuture<'a, Result<StoredOrder, UnreadableContent>>;

    /// Returns the callback about an authorization, if the merchant gave a URL for it.
    fn call_about_authorization(
        &self,
        authorization: &Authorization,
    ) -> Result<Option<PaymentCall>, UnreadableContent>;

    /// Returns the callbacks about a new order for which the merchant gave URLs.
    fn calls_about_order(&self, order: &StoredOrder) -> Result<Vec<PaymentCall>, UnreadableContent>;

    /// Ends the fraud check of an order before its time; `None` if the order is not pending. The caller stores it.
    fn end_fraud_check(
        &self,
        order: &StoredOrder,
        verdict: Verdict,
        now: Timestamp,
    ) -> Result<Option<EndedFraudCheck>, UnreadableContent>;

    /// Releases an authorization whose status change lost a race and was not committed.
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
