//! The payments calls that a merchant needs (docs/wire.md#payments-api).

use http::Method;
use kassa_wire::payments::{PaymentSession, PaymentSessionCreated, PaymentSessionRead};
use serde::{Deserialize, Serialize};

use super::exchange::{RequestSpec, segment};
use super::retry::Repeatability;
use super::{Client, ClientError, InvalidInput, Reply};
use crate::fraud_status::FraudStatus;

/// A placed order. [`Reply::json`] contains further fields, such as the payment method.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CreatedOrder {
    /// The order's id.
    pub order_id: String,
    /// The service's fraud decision.
    pub fraud_status: Option<FraudStatus>,
    /// The URL to send the consumer to, if the merchant gave a confirmation URL.
    pub redirect_url: Option<String>,
}

impl Client {
    /// Creates a payment session: the cart that a page session hosts.
    pub async fn create_payment_session(
        &self,
        session: &PaymentSession,
    ) -> Result<Reply<PaymentSessionCreated>, ClientError> {
        let path = "/payments/v1/sessions".to_string();
        let request = RequestSpec::write(Method::POST, path, session, Repeatability::Once)?;
        Reply::of(&self.exchange(request).await?)
    }

    /// Reads a payment session.
    pub async fn read_payment_session(
        &self,
        session_id: &str,
    ) -> Result<Reply<PaymentSessionRead>, ClientError> {
        let path = format!("/payments/v1/sessions/{}", segment(session_id)?);
        Reply::of(&self.exchange(RequestSpec::read(path)).await?)
    }

    /// Replaces the cart of an incomplete payment session. Repeating it is safe.
    pub async fn update_payment_session(
        &self,
        session_id: &str,
        session: &PaymentSession,
    ) -> Result<(), ClientError> {
        let path = format!("/payments/v1/sessions/{}", segment(session_id)?);
        let request = RequestSpec::write(Method::POST, path, session, Repeatability::Safe)?;
        self.exchange(request).await.map(drop)
    }

    /// Places the order of an authorization: an [`OrderCreation`](kassa_wire::payments::OrderCreation), or your own
    /// JSON. Repeating it is safe: the token is the idempotency key, and a repeat returns the same order
    /// (docs/wire.md#place-an-order).
    pub async fn create_order(
        &self,
        authorization_token: &str,
        order: &(impl Serialize + Sync),
    ) -> Result<Reply<CreatedOrder>, ClientError> {
        let path = format!("/payments/v1/authorizations/{}/order", token_segment(authorization_token)?);
        let request = RequestSpec::write(Method::POST, path, order, Repeatability::Safe)?;
        Reply::of(&self.exchange(request).await?)
    }

    /// Releases an authorization for which no order will be placed.
    pub async fn cancel_authorization(&self, authorization_token: &str) -> Result<(), ClientError> {
        let path = format!("/payments/v1/authorizations/{}", token_segment(authorization_token)?);
        let request = RequestSpec::bare(Method::DELETE, path, Repeatability::Safe);
        self.exchange(request).await.map(drop)
    }
}

/// A token as a segment of a path. The error does not contain the token, because errors may be logged.
fn token_segment(token: &str) -> Result<String, ClientError> {
    segment(token).map_err(|_| InvalidInput::AuthorizationToken.into())
}
