//! The interface of a payment system, which authorizes payments and places orders.
//!
//! Only [`PaymentSystem::carry_out`] moves money, and only for an operation that was recorded before. Browsers and
//! notifications only make claims about a payment; [`PaymentSystem::read`] is evidence.

mod breaker;
mod operation;
mod read_budget;
mod systems;

use std::net::IpAddr;

use futures_util::future::BoxFuture;
use kassa_domain::callback::PaymentCallback;
use kassa_domain::page_session::OrderReference;
use kassa_domain::payment_session::{Authorization, Offer, PaymentSession, StartAnswer, StartedPayment};
use kassa_domain::placed_order::{PlacedOrder, Verdict};
use kassa_domain::{AuthorizationToken, OperationId, OrderId, Timestamp};
use kassa_store::{RemoteContent, StoredOrder};

use crate::clock::Monotonic;

pub use breaker::{CallBreaker, CallBreakers};
pub use operation::{Operation, Outcome};
pub use read_budget::ReadBudget;
pub use systems::PaymentSystems;

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
    /// The payment is authorized if the staff of the shop confirms the consumer's identity document.
    IdCheck(Approval),
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

/// The state of a payment at its payment system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is authorized.
    Open,
    /// A payment is authorized, and has no order.
    Authorized {
        /// The latest token. Earlier ones cannot be used any more.
        token: AuthorizationToken,
    },
    /// The payment session is complete.
    Completed {
        /// The order that completed it, if the payment system names it.
        order: Option<OrderReference>,
    },
    /// The payment that the consumer started was declined, for this reason. The consumer may start another one.
    Declined(String),
    /// The payment that the consumer started is over, and nothing was paid. The consumer may start another one.
    Abandoned,
    /// There is no such payment session, or it has expired.
    Gone,
}

/// An answer to a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRead {
    /// The state of the payment.
    pub standing: Standing,
    /// The content of the payment session, if the payment system is remote and has the payment session.
    pub content: Option<RemoteContent>,
}

/// Why a payment is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadCause {
    /// A consumer or a merchant waits for the answer, or the outcome of an order depends on it.
    Caller,
    /// The schedule of confirmations. Callers come first if the number of reads is limited.
    Confirmation,
    /// The reference of an order is not known. Other reads come first.
    Reference,
}

/// The reason why a payment system did not answer a read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// It did not answer in time, or its answer could not be read.
    #[error("the payment system gave no answer: {0}")]
    Silent(String),
    /// It refuses the credentials of the merchant's payment account.
    #[error("the payment system refuses the credentials of the merchant's payment account: {0}")]
    AccountRefused(String),
    /// The merchant has no payment account at this address.
    #[error("the merchant has no payment account at {0}")]
    NoAccount(String),
    /// It was not asked, because a limit on reads was reached.
    #[error("the reads of this second are used up")]
    OverBudget,
}

/// How the page lets the consumer pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presentation {
    /// The fields of the page's own form ([`LocalPayments::submit`]).
    Fields,
    /// A script of the payment system.
    Script(ScriptPresentation),
    /// A page of the payment system, to which the browser is sent when the consumer presses Pay
    /// ([`RedirectPayments::start`]).
    Redirect(RedirectPresentation),
}

/// A page of the payment system, to which the browser is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectPresentation {
    /// The origins that the page may be at.
    pub origins: Vec<String>,
}

/// A script of the payment system, which shows its own form in the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptPresentation {
    /// The address of the script.
    pub src: String,
    /// The token with which the script finds the payment session.
    pub client_token: String,
    /// The sources that the page has to allow.
    pub sources: ScriptSources,
}

/// The sources that a script loads from, as host sources of a content security policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScriptSources {
    /// Scripts.
    pub script: Vec<String>,
    /// Frames.
    pub frame: Vec<String>,
    /// Connections.
    pub connect: Vec<String>,
    /// Images.
    pub image: Vec<String>,
    /// Styles, apart from inline ones, which are allowed.
    pub style: Vec<String>,
    /// Fonts.
    pub font: Vec<String>,
}

/// How the order of an authorization is placed.
#[derive(Clone, Debug)]
pub enum Placement {
    /// The order is a row of this database. It is committed together with the status change.
    Here(Box<StoredOrder>),
    /// The payment system places the order, when a recorded operation with this request is carried out.
    ByOperation(String),
}

/// Authorizes payments and places orders.
pub trait PaymentSystem: Send + Sync {
    /// Returns the amount of a payment session and the ways to pay it.
    fn offer(&self, payment: &PaymentSession) -> Result<Offer, UnreadableContent>;

    /// Returns how the page lets the consumer pay.
    fn presentation(&self, payment: &PaymentSession) -> Result<Presentation, UnreadableContent>;

    /// Whether a payment, or an order of it, may be read now. Counts the read. The caller asks before it reads.
    fn admits_read(&self, payment: &PaymentSession, cause: ReadCause) -> bool;

    /// Reads the state of a payment, before `deadline`. Changes nothing.
    fn read<'a>(
        &'a self,
        payment: &'a PaymentSession,
        deadline: Monotonic,
    ) -> BoxFuture<'a, Result<PaymentRead, NoAnswer>>;

    /// Prepares the order of an authorization; `captures` says when it is captured. The request has the key
    /// [`order_operation_id`](crate::order_operation_id). Sends nothing.
    fn placement(
        &self,
        authorization: &Authorization,
        captures: Captures,
        at: Timestamp,
    ) -> Result<Placement, UnreadableContent>;

    /// Returns the request of the operation that releases an authorization, or `None` if there is nothing to release.
    /// The request has the key [`release_operation_id`](crate::release_operation_id). Sends nothing.
    fn release(&self, authorization: &Authorization) -> Option<String>;

    /// Carries out a recorded operation, before `deadline`. Called again with the same key and bytes until the outcome
    /// is known, possibly by another node, so two calls with one key must have one effect.
    fn carry_out<'a>(
        &'a self,
        payment: &'a PaymentSession,
        operation: Operation<'a>,
        deadline: Monotonic,
    ) -> BoxFuture<'a, Outcome>;

    /// Reads the short reference of an order that was placed without it, before `deadline`; `None` if the payment
    /// system gives no short references. Changes nothing.
    fn read_reference<'a>(
        &'a self,
        payment: &'a PaymentSession,
        order: &'a OrderId,
        deadline: Monotonic,
    ) -> BoxFuture<'a, Result<Option<String>, NoAnswer>>;
}

/// A payment system whose records are rows of this database: the sandbox.
pub trait LocalPayments: PaymentSystem {
    /// Decides whether this consumer may pay, from the fields of the page's form.
    fn submit<'a>(
        &'a self,
        payment: &'a PaymentSession,
        consumer: &'a Consumer,
        at: Timestamp,
    ) -> BoxFuture<'a, Decision>;

    /// Returns the amounts of an order, with its captures and refunds.
    fn placed_order(&self, order: &StoredOrder) -> Result<PlacedOrder, UnreadableContent>;

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
}

/// The consumer's part in the request to start a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartChoice<'a> {
    /// The identifier of the chosen category.
    pub category: &'a str,
    /// The network address of the consumer's browser, if it is known.
    pub consumer_ip: Option<IpAddr>,
}

/// The addresses that the request to start a payment contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartAddresses {
    /// Kassa's page to which the consumer returns.
    pub return_url: String,
    /// The address of Kassa that accepts notifications.
    pub notify_url: String,
}

/// The outcome of starting a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartOutcome {
    /// The payment has started.
    Started(StartAnswer),
    /// The payment system refused, for this reason. No payment has started.
    Refused(String),
    /// No payment can be made now, for this reason. The payment may have started, but nobody can pay it, because no
    /// browser knows its page.
    Unknown(String),
}

/// A payment system that shows its own page, to which the browser is sent: the external payment system.
pub trait RedirectPayments: PaymentSystem {
    /// Returns the request that starts a payment, without [`StartAddresses`]. Sends nothing.
    fn start_request(
        &self,
        payment: &PaymentSession,
        key: &OperationId,
        choice: StartChoice<'_>,
    ) -> Result<String, UnreadableContent>;

    /// Starts a payment, before `deadline`. Called again with the same request and addresses until the outcome is
    /// known, so two calls must have one effect.
    fn start<'a>(
        &'a self,
        started: &'a StartedPayment,
        addresses: &'a StartAddresses,
        deadline: Monotonic,
    ) -> BoxFuture<'a, StartOutcome>;

    /// Returns the request of the operation `key` that releases a payment that has started. Sends nothing.
    fn release_started(
        &self,
        payment: &PaymentSession,
        started: &StartedPayment,
        key: &OperationId,
    ) -> String;
}

/// Whether an order is captured in full when it is placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Captures {
    /// At once: `CAPTURE_ORDER`, `auto_capture`.
    AtOnce,
    /// Later, by the merchant.
    Later,
}
