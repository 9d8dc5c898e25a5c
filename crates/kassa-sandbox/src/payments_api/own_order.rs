//! The caller's order that a path of Order Management names, and the one way to change it.
//!
//! The extractors check in this order: authenticated, key readable, found. The handler then reads the body.

use std::collections::HashMap;

use axum::extract::{FromRef, FromRequestParts, Path};
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::request::Parts;
use http::{HeaderName, StatusCode};
use kassa_domain::placed_order::Refusal;
use kassa_domain::{OrderId, Timestamp};
use kassa_engine::{Accounts, Payments};
use kassa_http::{ApiError, Caller, Calls, IdempotencyKey, note_payment_session_id};
use kassa_store::{IdempotentOutcome, StoredOrder};
use kassa_wire::error::ErrorCode;
use kassa_wire::headers::{CAPTURE_ID, REFUND_ID};
use kassa_wire::stored::Stored;
use serde::{Deserialize, Serialize};

use super::change_key::ChangeKey;
use crate::sandbox::order::OrderRecord;

/// The caller's order. It is read once per request. Another merchant's order is answered like an unknown one.
pub(super) struct OwnOrder {
    pub(super) payments: Payments,
    pub(super) caller: Caller,
    pub(super) stored: StoredOrder,
    pub(super) record: OrderRecord,
}

impl<S> FromRequestParts<S> for OwnOrder
where
    S: Send + Sync,
    Payments: FromRef<S>,
    Accounts: FromRef<S>,
    Calls: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        Self::named_by(parts, state, caller).await
    }
}

impl OwnOrder {
    async fn named_by<S>(parts: &mut Parts, state: &S, caller: Caller) -> Result<Self, ApiError>
    where
        S: Send + Sync,
        Payments: FromRef<S>,
    {
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, state).await;
        let unreadable = |rejection: axum::extract::rejection::PathRejection| {
            ApiError::refused(ErrorCode::BadRequest, rejection.body_text())
        };
        let Path(mut path) = path.map_err(unreadable)?;
        let order_id = OrderId::new(path.remove("order_id").unwrap_or_default());
        Self::read(Payments::from_ref(state), caller, &order_id).await
    }

    /// Reads the caller's order with this id.
    pub(super) async fn read(
        payments: Payments,
        caller: Caller,
        order_id: &OrderId,
    ) -> Result<Self, ApiError> {
        let stored = payments.order(order_id).await?;
        let stored = stored.filter(|order| caller.owns(&order.merchant_id)).ok_or_else(|| {
            ApiError::refused(ErrorCode::NoSuchOrder, format!("Order {order_id} cannot be found"))
        })?;
        note_payment_session_id(&stored.payment_session_id, &stored.merchant_id);
        let record = OrderRecord::of(&stored)?;
        Ok(Self { payments, caller, stored, record })
    }

    pub(super) fn id(&self) -> &OrderId {
        &self.stored.reference.order_id
    }

    async fn read_again(self) -> Result<Self, ApiError> {
        let Self { payments, caller, stored, record: _ } = self;
        Self::read(payments, caller, &stored.reference.order_id).await
    }
}

/// A call that changes the caller's order, once per `Klarna-Idempotency-Key`.
pub(super) struct OrderChange {
    pub(super) order: OwnOrder,
    key: IdempotencyKey,
}

impl<S> FromRequestParts<S> for OrderChange
where
    S: Send + Sync,
    Payments: FromRef<S>,
    Accounts: FromRef<S>,
    Calls: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let ChangeKey(key) = ChangeKey::from_request_parts(parts, state).await?;
        let order = OwnOrder::named_by(parts, state, caller).await?;
        Ok(Self { order, key })
    }
}

impl OrderChange {
    /// Asks the rules, and commits the change guarded by the version of the order. If another call committed first, it
    /// reads the order again and starts over.
    ///
    /// `operation` gets the record and the instant of the call. If the rules refuse, the error has the code and the
    /// consequence of `denial`.
    pub(super) async fn apply(
        self,
        denial: Denial,
        operation: impl Fn(&mut OrderRecord, Timestamp) -> Result<ChangeAnswer, ChangeError>,
    ) -> Result<ChangeAnswer, ApiError> {
        let Self { mut order, key } = self;
        loop {
            if let Some(earlier) = key.earlier_answer(&order.payments, &order.caller).await? {
                return Ok(ChangeAnswer::from_stored(&earlier)?);
            }
            let now = order.caller.now;
            let answer = operation(&mut order.record, now).map_err(|error| denial.error(error))?;
            let body = serde_json::to_string(&order.record)?;
            let kept = key.keep(serde_json::to_string(&answer)?, now);
            let OwnOrder { payments, caller, stored, .. } = &order;
            match payments.update_order(stored, &body, kept.as_ref(), &caller.actor).await? {
                IdempotentOutcome::Done => return Ok(answer),
                IdempotentOutcome::Stale | IdempotentOutcome::KeyUsed => order = order.read_again().await?,
            }
        }
    }
}

/// The code and the consequence of a change that the rules refuse, such as `Cancel not possible`.
#[derive(Clone, Copy)]
pub(super) struct Denial(pub(super) ErrorCode, pub(super) &'static str);

impl Denial {
    /// The error that names the reason and the consequence.
    pub(super) fn refused(self, refusal: Refusal) -> ApiError {
        let Self(code, consequence) = self;
        ApiError::refused(code, format!("{refusal}. {consequence}"))
    }

    fn error(self, error: ChangeError) -> ApiError {
        match error {
            ChangeError::Refused(refusal) => self.refused(refusal),
            ChangeError::Other(error) => error,
        }
    }
}

/// The reason why an operation did not change an order.
pub(super) enum ChangeError {
    /// The rules of the domain refuse it.
    Refused(Refusal),
    /// The call has an error of its own.
    Other(ApiError),
}

impl From<Refusal> for ChangeError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<ApiError> for ChangeError {
    fn from(error: ApiError) -> Self {
        Self::Other(error)
    }
}

/// The answer to a change. It is stored with the idempotency key, so the variants' names are a storage format.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum ChangeAnswer {
    /// 204, without a body.
    #[serde(rename = "Silently")]
    NoContent,
    /// 201, with the capture's id and its URL.
    Captured { capture_id: String, location: String },
    /// 201, with the refund's id and its URL.
    Refunded { refund_id: String, location: String },
}

impl Stored for ChangeAnswer {
    const NAME: &'static str = "answer to a change of an order";
}

impl IntoResponse for ChangeAnswer {
    fn into_response(self) -> Response {
        let (name, id, location) = match self {
            Self::NoContent => return StatusCode::NO_CONTENT.into_response(),
            Self::Captured { capture_id, location } => (CAPTURE_ID, capture_id, location),
            Self::Refunded { refund_id, location } => (REFUND_ID, refund_id, location),
        };
        let headers = [(HeaderName::from_static(name), id), (LOCATION, location)];
        (StatusCode::CREATED, headers).into_response()
    }
}
