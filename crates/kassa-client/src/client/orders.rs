//! The calls of Order Management that a merchant needs (spec 6.2).

use http::{HeaderName, Method};
use kassa_wire::headers::{CAPTURE_ID, IDEMPOTENCY_KEY, REFUND_ID};
use kassa_wire::order_management::{CaptureCreation, Order, RefundCreation};

use super::exchange::{Ask, segment};
use super::retry::Repeatability;
use super::{Client, ClientError, Reply};

impl Client {
    /// Reads an order.
    pub async fn read_order(&self, order_id: &str) -> Result<Reply<Order>, ClientError> {
        Reply::of(&self.exchange(Ask::read(order_path(order_id)?)).await?)
    }

    /// Captures money of an order; answers with the capture's id. The key makes it one capture however often it
    /// is repeated within 24 hours; give the same key after a crash.
    pub async fn capture(
        &self,
        order_id: &str,
        capture: &CaptureCreation,
        idempotency_key: &str,
    ) -> Result<String, ClientError> {
        let path = format!("{}/captures", order_path(order_id)?);
        let ask = Ask::write(Method::POST, path, capture, Repeatability::Safe)?;
        self.created(ask.with_header(IDEMPOTENCY_KEY, idempotency_key), CAPTURE_ID).await
    }

    /// Refunds captured money; answers with the refund's id. The key works as for a capture.
    pub async fn refund(
        &self,
        order_id: &str,
        refund: &RefundCreation,
        idempotency_key: &str,
    ) -> Result<String, ClientError> {
        let path = format!("{}/refunds", order_path(order_id)?);
        let ask = Ask::write(Method::POST, path, refund, Repeatability::Safe)?;
        self.created(ask.with_header(IDEMPOTENCY_KEY, idempotency_key), REFUND_ID).await
    }

    /// Cancels an order of which nothing was captured.
    pub async fn cancel_order(&self, order_id: &str, idempotency_key: &str) -> Result<(), ClientError> {
        self.act_on_order(order_id, "cancel", idempotency_key).await
    }

    /// Releases what was authorized and not captured.
    pub async fn release_remaining_authorization(
        &self,
        order_id: &str,
        idempotency_key: &str,
    ) -> Result<(), ClientError> {
        self.act_on_order(order_id, "release-remaining-authorization", idempotency_key).await
    }

    async fn act_on_order(&self, order_id: &str, act: &str, key: &str) -> Result<(), ClientError> {
        let path = format!("{}/{act}", order_path(order_id)?);
        let ask = Ask::bare(Method::POST, path, Repeatability::Safe);
        self.exchange(ask.with_header(IDEMPOTENCY_KEY, key)).await.map(drop)
    }

    /// The id that a header of the answer names; where the header is missing, the end of `Location` does.
    async fn created(&self, ask: Ask, header: &'static str) -> Result<String, ClientError> {
        let answer = self.exchange(ask).await?;
        let text = |name: HeaderName| answer.headers.get(name).and_then(|value| value.to_str().ok());
        let named = text(HeaderName::from_static(header));
        let located = || text(http::header::LOCATION).and_then(|url| url.rsplit('/').next());
        named.or_else(located).map(str::to_string).ok_or_else(|| ClientError::Unreadable {
            reason: format!("neither {header} nor Location"),
            correlation_id: super::error::correlation_id(&answer.headers),
        })
    }
}

fn order_path(order_id: &str) -> Result<String, ClientError> {
    Ok(format!("/ordermanagement/v1/orders/{}", segment(order_id)?))
}
