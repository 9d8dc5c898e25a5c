//! The Order Management calls that a merchant needs (docs/wire.md#order-management).

use http::{HeaderName, Method};
use kassa_wire::headers::{CAPTURE_ID, IDEMPOTENCY_KEY, REFUND_ID};
use kassa_wire::order_management::{CaptureCreation, Order, RefundCreation};
use serde::Deserialize;

use super::exchange::{RequestSpec, segment};
use super::retry::Repeatability;
use super::{Client, ClientError, Reply};
use crate::error_source::ErrorSource;
use crate::fraud_status::FraudStatus;

/// The fraud status in the body of an order.
#[derive(Deserialize)]
struct WithFraudStatus {
    fraud_status: Option<FraudStatus>,
}

impl Client {
    /// Reads an order.
    pub async fn read_order(&self, order_id: &str) -> Result<Reply<Order>, ClientError> {
        Reply::of(&self.exchange(RequestSpec::read(order_path(order_id)?)).await?)
    }

    /// Reads the fraud status of an order, and nothing else of it.
    pub async fn read_fraud_status(&self, order_id: &str) -> Result<Option<FraudStatus>, ClientError> {
        let answer = self.exchange(RequestSpec::read(order_path(order_id)?)).await?;
        Ok(Reply::<WithFraudStatus>::of(&answer)?.value.fraud_status)
    }

    /// Captures money of an order; returns the capture's id. Calls with the same key within 24 hours make one capture,
    /// so use the same key again after a crash.
    pub async fn capture(
        &self,
        order_id: &str,
        capture: &CaptureCreation,
        idempotency_key: &str,
    ) -> Result<String, ClientError> {
        let path = format!("{}/captures", order_path(order_id)?);
        let request = RequestSpec::write(Method::POST, path, capture, Repeatability::Safe)?;
        self.created(request.with_header(IDEMPOTENCY_KEY, idempotency_key), CAPTURE_ID).await
    }

    /// Refunds captured money; returns the refund's id. The key works as for a capture.
    pub async fn refund(
        &self,
        order_id: &str,
        refund: &RefundCreation,
        idempotency_key: &str,
    ) -> Result<String, ClientError> {
        let path = format!("{}/refunds", order_path(order_id)?);
        let request = RequestSpec::write(Method::POST, path, refund, Repeatability::Safe)?;
        self.created(request.with_header(IDEMPOTENCY_KEY, idempotency_key), REFUND_ID).await
    }

    /// Cancels an order without captures.
    pub async fn cancel_order(&self, order_id: &str, idempotency_key: &str) -> Result<(), ClientError> {
        self.act_on_order(order_id, "cancel", idempotency_key).await
    }

    /// Releases the part of the authorization that was not captured.
    pub async fn release_remaining_authorization(
        &self,
        order_id: &str,
        idempotency_key: &str,
    ) -> Result<(), ClientError> {
        self.act_on_order(order_id, "release-remaining-authorization", idempotency_key).await
    }

    async fn act_on_order(&self, order_id: &str, act: &str, key: &str) -> Result<(), ClientError> {
        let path = format!("{}/{act}", order_path(order_id)?);
        let request = RequestSpec::bare(Method::POST, path, Repeatability::Safe);
        self.exchange(request.with_header(IDEMPOTENCY_KEY, key)).await.map(drop)
    }

    /// Reads the new id from a header of the answer, or from the end of `Location` if the header is missing.
    async fn created(&self, request: RequestSpec, header: &'static str) -> Result<String, ClientError> {
        let answer = self.exchange(request).await?;
        let text = |name: HeaderName| answer.headers.get(name).and_then(|value| value.to_str().ok());
        let named = text(HeaderName::from_static(header));
        let located = || text(http::header::LOCATION).and_then(|url| url.rsplit('/').next());
        named.or_else(located).map(str::to_string).ok_or_else(|| ClientError::Unreadable {
            source: ErrorSource::new(format!("neither {header} nor Location")),
            correlation_id: super::error::correlation_id(&answer.headers),
        })
    }
}

fn order_path(order_id: &str) -> Result<String, ClientError> {
    Ok(format!("/ordermanagement/v1/orders/{}", segment(order_id)?))
}
