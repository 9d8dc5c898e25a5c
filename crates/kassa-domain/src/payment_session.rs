//! The payment session: the KP session, with cart, country, currency and locale.

use alloc::string::String;
use alloc::vec::Vec;

use crate::page_session::{OrderReference, words};
use crate::time::{HOUR_MS, MINUTE_MS};
use crate::{
    AuthorizationToken, MerchantId, OperationId, OrderId, PageSessionId, PaymentSessionId, Timestamp,
};
use serde::{Deserialize, Serialize};

/// The time from the creation of a payment session to its expiry (docs/wire.md#lifetimes), in milliseconds.
pub const LIFETIME_MS: i64 = 48 * HOUR_MS;

/// The time within which an authorization can become an order (docs/wire.md#terms-of-the-wire), in milliseconds.
pub const AUTHORIZATION_LIFETIME_MS: i64 = 60 * MINUTE_MS;

words! {
    /// The sales channel (`acquiring_channel`).
    AcquiringChannel {
        /// A web shop. Cancel acts as Back in this channel (docs/wire.md#back-and-cancel).
        Ecommerce = "ECOMMERCE"
        /// A shop with a counter.
        InStore = "IN_STORE"
        /// A sale by telephone.
        Telesales = "TELESALES"
    }
}

/// One way to pay that a payment session offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedCategory {
    /// The wire's identifier, such as `pay_later`.
    pub identifier: String,
    /// The name that a consumer reads, in English.
    pub name: String,
    /// Whether a page offers it without being asked to by the merchant.
    pub visibility: CategoryVisibility,
}

/// When a page offers a way to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CategoryVisibility {
    /// On every page, unless the merchant chose others.
    ByDefault,
    /// On a page for which the merchant chose it.
    OnRequest,
}

/// The amount and the ways to pay that the payment system offers for a payment session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The ways to pay, in the order in which the page shows them.
    pub categories: Vec<OfferedCategory>,
    /// The sales channel.
    pub channel: AcquiringChannel,
    /// The amount to pay, in minor units.
    pub total_minor_units: i64,
    /// The currency of the amount, by ISO 4217, in upper case.
    pub currency: String,
    /// Whether an authorization can become an order.
    pub purpose: AuthorizationPurpose,
}

/// The result to which an authorization of a payment session can lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizationPurpose {
    /// An order.
    Order,
    /// No order: the merchant asked for a customer token only, or the amount could never be captured in full.
    NoOrder,
}

/// The payment system that has a payment session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PaymentSystemKey {
    /// The sandbox. Its payment sessions are rows of this database.
    #[default]
    Sandbox,
    /// Klarna, in the merchant's account there. This database has a copy of the latest read.
    Klarna {
        /// The base URL of the account: `https://api.klarna.com`, without a trailing slash.
        base_url: String,
    },
    /// The external payment system of this deployment. Its payment sessions are rows of this database.
    External,
}

impl PaymentSystemKey {
    /// Whether the payment system is reached over the network, so that only a read of it is evidence.
    #[must_use]
    pub const fn is_remote(&self) -> bool {
        match self {
            Self::Sandbox => false,
            Self::Klarna { .. } | Self::External => true,
        }
    }

    /// Whether the payment system itself has the payment session, and ends its authorizations when the order changes.
    #[must_use]
    pub const fn has_payment_sessions(&self) -> bool {
        match self {
            Self::Sandbox | Self::External => false,
            Self::Klarna { .. } => true,
        }
    }
}

/// A payment session (the KP session).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentSession {
    /// The wire's `session_id`.
    pub id: PaymentSessionId,
    /// The payment system that has it.
    pub system: PaymentSystemKey,
    /// The owning merchant.
    pub merchant_id: MerchantId,
    /// The number of changes. It guards each commit.
    pub version: i64,
    /// When the merchant created the payment session.
    pub created_at: Timestamp,
    /// From this instant on, the payment session cannot be used.
    pub expires_at: Timestamp,
    /// The merchant's request, as JSON of the wire. Only the payment system and the page read it.
    pub body: String,
    /// The latest authorization, if any.
    pub authorization_token: Option<AuthorizationToken>,
    /// Whether an order completed the payment session, and which.
    pub completion: Option<PaymentCompletion>,
    /// The payment that a consumer started at the external payment system, if any.
    pub started: Option<StartedPayment>,
}

/// A payment that a consumer started at the external payment system. A payment session has one at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartedPayment {
    /// The idempotency key of the request.
    pub key: OperationId,
    /// The page session on which the consumer pressed Pay.
    pub page_session_id: PageSessionId,
    /// The identifier of the category that the consumer chose.
    pub category: String,
    /// The content of the payment session then. The consumer pays this.
    pub body: String,
    /// The request. A repetition has the same bytes.
    pub request: String,
    /// The answer, once it is known.
    pub answer: Option<StartAnswer>,
}

/// The answer to the start of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartAnswer {
    /// The external payment system's id of the payment.
    pub payment_reference: String,
    /// The page of the external payment system on which the consumer pays.
    pub redirect_url: String,
    /// From this instant on, that page cannot be used.
    pub expires_at: Option<Timestamp>,
}

impl StartedPayment {
    /// Whether a consumer who presses Pay on this page session, with this category, goes on with the payment.
    #[must_use]
    pub fn continues(
        &self,
        payment: &PaymentSession,
        on: &PageSessionId,
        category: &str,
        now: Timestamp,
    ) -> bool {
        let is_over = self.answer.as_ref().and_then(|answer| answer.expires_at).is_some_and(|at| now >= at);
        self.page_session_id == *on && self.category == category && self.body == payment.body && !is_over
    }
}

/// The completion of a payment session by an order: the wire's status `complete`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaymentCompletion {
    /// This order.
    Order(OrderReference),
    /// An order whose id the payment system does not tell.
    UnnamedOrder,
}

impl PaymentCompletion {
    /// The order, if its id is known.
    #[must_use]
    pub fn order(self) -> Option<OrderReference> {
        match self {
            Self::Order(order) => Some(order),
            Self::UnnamedOrder => None,
        }
    }
}

impl PaymentSession {
    /// Whether the payment session has expired.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }

    /// Whether an order completed the payment session: the wire's `complete`.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.completion.is_some()
    }
}

words! {
    /// The state of an authorization.
    AuthorizationState {
        /// The authorization can become an order.
        Open = "OPEN"
        /// The authorization became an order.
        Ordered = "ORDERED"
        /// The merchant cancelled the authorization, or it lost a race against another change.
        Released = "RELEASED"
    }
}

/// One authorization of a consumer for a payment session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    /// The token, a secret.
    pub token: AuthorizationToken,
    /// The owning merchant.
    pub merchant_id: MerchantId,
    /// The payment session that was authorized.
    pub payment_session_id: PaymentSessionId,
    /// The page session in which the consumer authorized the payment. `None` if the consumer authorized the payment
    /// session itself, in the merchant's own shop.
    pub page_session_id: Option<PageSessionId>,
    /// The state of the authorization.
    pub state: AuthorizationState,
    /// When the payment system authorized the payment.
    pub created_at: Timestamp,
    /// From this instant on, the authorization cannot become an order.
    pub expires_at: Timestamp,
    /// The lower-case identifier of the category that the consumer chose, such as `pay_later`.
    pub category: String,
    /// The authorized content, as JSON of the wire. An order must match it.
    pub body: String,
    /// The order that the authorization became.
    pub order_id: Option<OrderId>,
    /// A hash of the request that placed the order. A repeated request gets the same answer.
    pub order_request_hash: Option<String>,
    /// The payment system's record of the consumer, as JSON.
    pub consumer: Option<String>,
    /// Why the first order with this authorization was refused. Every later call gets the same answer.
    pub refusal: Option<String>,
}

impl Authorization {
    /// An authorization of the present content of a payment session, given at `at`, without a page session.
    #[must_use]
    pub fn of(payment: &PaymentSession, token: AuthorizationToken, category: &str, at: Timestamp) -> Self {
        Self {
            token,
            merchant_id: payment.merchant_id.clone(),
            payment_session_id: payment.id.clone(),
            page_session_id: None,
            state: AuthorizationState::Open,
            created_at: at,
            expires_at: at.plus_ms(AUTHORIZATION_LIFETIME_MS),
            category: String::from(category),
            body: payment.body.clone(),
            order_id: None,
            order_request_hash: None,
            consumer: None,
            refusal: None,
        }
    }

    /// Whether the authorization can become an order at this instant.
    #[must_use]
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.state == AuthorizationState::Open && now < self.expires_at
    }

    /// The id under which the callbacks about this authorization and its order are stored: that of the page session, or
    /// that of the payment session if there is no page session.
    #[must_use]
    pub fn callback_owner(&self) -> PageSessionId {
        let of_payment = || PageSessionId::new(self.payment_session_id.as_str());
        self.page_session_id.clone().unwrap_or_else(of_payment)
    }
}
