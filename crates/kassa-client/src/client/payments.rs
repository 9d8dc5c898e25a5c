//! The calls of payments that a merchant needs (spec 6.1).

use http::Method;
use kassa_wire::payments::{PaymentSession, PaymentSessionCreated, PaymentSessionRead};
use serde::{Deserialize, Serialize};

use super::exchange::{Ask, segment};
use super::retry::Repeatability;
use super::{Client, ClientError, Reply};

/// A placed order. How the consumer pays is in [`Reply::json`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OrderPlaced {
    /// Names the order.
    pub order_id: String,
    /// `ACCEPTED` or `PENDING`.
    pub fraud_status: Option<String>,
    /// Where to send the consumer, where the merchant gave a confirmation URL.
    pub redirect_url: Option<String>,
}

impl Client {
    /// Creates a payment session: the cart that a page session hosts.
    pub async fn create_payment_session(
        &self,
        session: &PaymentSession,
    ) -> Result<Reply<PaymentSessionCreated>, ClientError> {
        let path = "/payments/v1/sessions".to_string();
        let ask = Ask::write(Method::POST, path, session, Repeatability::Once)?;
        Reply::of(&self.exchange(ask).await?)
    }

    /// Reads a payment session.
    pub async fn read_payment_session(
        &self,
        session_id: &str,
    ) -> Result<Reply<PaymentSessionRead>, ClientError> {
        let path = format!("/payments/v1/sessions/{}", segment(session_id)?);
        Reply::of(&self.exchange(Ask::read(path)).await?)
    }

    /// Replaces the cart of an incomplete payment session. Repeating it sets the same cart again.
    pub async fn update_payment_session(
        &self,
        session_id: &str,
        session: &PaymentSession,
    ) -> Result<(), ClientError> {
        let path = format!("/payments/v1/sessions/{}", segment(session_id)?);
        let ask = Ask::write(Method::POST, path, session, Repeatability::Safe)?;
        self.exchange(ask).await.map(drop)
    }

    /// Places the order of an authorization: an [`OrderCreation`](kassa_wire::payments::OrderCreation), or JSON of
    /// one's own. Repeated freely: the token is its idempotency key, and a repeat answers the same (spec 6.1).
    pub async fn create_order(
        &self,
        authorization_token: &str,
        order: &(impl Serialize + Sync),
    ) -> Result<Reply<OrderPlaced>, ClientError> {
        let path = format!("/payments/v1/authorizations/{}/order", token_segment(authorization_token)?);
        let ask = Ask::write(Method::POST, path, order, Repeatability::Safe)?;
        Reply::of(&self.exchange(ask).await?)
    }

    /// Releases an authorization that becomes no order.
    pub async fn cancel_authorization(&self, authorization_token: &str) -> Result<(), ClientError> {
        let path = format!("/payments/v1/authorizations/{}", token_segment(authorization_token)?);
        let ask = Ask::bare(Method::DELETE, path, Repeatability::Safe);
        self.exchange(ask).await.map(drop)
    }
}

/// A token as a segment of a path. What is wrong with it is not repeated: an error may be logged.
fn token_segment(token: &str) -> Result<String, ClientError> {
    segment(token).map_err(|_| ClientError::Unsendable("the authorization token is no id".to_string()))
}
