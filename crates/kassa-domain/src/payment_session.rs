//! The payment session: the KP session, which holds cart, country, currency and locale.

use alloc::string::String;
use alloc::vec::Vec;

use crate::page_session::{OrderReference, words};
use crate::time::{HOUR_MS, MINUTE_MS};
use crate::{AuthorizationToken, MerchantId, OrderId, PageSessionId, PaymentSessionId, Timestamp};
use serde::{Deserialize, Serialize};

/// A payment session lives so long, whatever happens to it (spec 2.4).
pub const LIFETIME_MS: i64 = 48 * HOUR_MS;

/// An authorization becomes an order within this time, or never (spec 0.3).
pub const AUTHORIZATION_LIFETIME_MS: i64 = 60 * MINUTE_MS;

words! {
    /// Where the merchant meets the consumer (`acquiring_channel`).
    AcquiringChannel {
        /// A web shop. Cancel acts as Back here (spec 4.4).
        Ecommerce = "ECOMMERCE"
        /// A shop with a counter.
        InStore = "IN_STORE"
        /// By telephone.
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
}

/// What a payment session lets the consumer pay, and how. The payment system says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The ways to pay, in the order in which the page shows them.
    pub categories: Vec<OfferedCategory>,
    /// Where the merchant meets the consumer.
    pub channel: AcquiringChannel,
    /// The amount to pay, in minor units.
    pub total_minor_units: i64,
    /// The currency of the amount, by ISO 4217.
    pub currency: String,
}

/// One KP session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentSession {
    /// The wire's `session_id`.
    pub id: PaymentSessionId,
    /// Whose it is.
    pub merchant_id: MerchantId,
    /// Counts the changes; guards each commit.
    pub version: i64,
    /// When the merchant created it.
    pub created_at: Timestamp,
    /// From here on it is gone.
    pub expires_at: Timestamp,
    /// What the merchant sent, as JSON of the wire. Only the payment system and the page read it.
    pub body: String,
    /// The latest authorization, if any.
    pub authorization_token: Option<AuthorizationToken>,
    /// The order that completed it. With one, the session is `complete`; without, `incomplete`.
    pub order: Option<OrderReference>,
}

impl PaymentSession {
    /// Whether it is gone.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }

    /// Whether an order was placed: the wire's `complete`.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.order.is_some()
    }
}

words! {
    /// What became of an authorization.
    AuthorizationState {
        /// It can become an order.
        Open = "OPEN"
        /// It became an order.
        Ordered = "ORDERED"
        /// The merchant cancelled it, or it lost a race.
        Released = "RELEASED"
    }
}

/// One authorization of a consumer for a payment session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// Its secret name.
    pub token: AuthorizationToken,
    /// Whose it is.
    pub merchant_id: MerchantId,
    /// What was authorized.
    pub payment_session_id: PaymentSessionId,
    /// Where it was authorized.
    pub page_session_id: PageSessionId,
    /// What became of it.
    pub state: AuthorizationState,
    /// When the consumer was authorized.
    pub created_at: Timestamp,
    /// From here on it cannot become an order.
    pub expires_at: Timestamp,
    /// The lower-case identifier of the category that the consumer chose, such as `pay_later`.
    pub category: String,
    /// The authorized content, as JSON of the wire: what an order must match.
    pub body: String,
    /// The order that it became.
    pub order_id: Option<OrderId>,
    /// A fingerprint of the request that placed the order: the same request again gets the same answer.
    pub order_request_hash: Option<String>,
}

impl Authorization {
    /// Whether it can become an order at this instant.
    #[must_use]
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.state == AuthorizationState::Open && now < self.expires_at
    }
}
