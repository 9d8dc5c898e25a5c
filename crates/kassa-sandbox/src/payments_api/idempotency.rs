//! `Klarna-Idempotency-Key`: a call is executed once within 24 hours. Repeating it gets the same answer
//! (docs/wire.md#idempotency-keys).

use axum::extract::FromRequestParts;
use http::request::Parts;
use kassa_domain::Timestamp;
use kassa_domain::time::DAY_MS;
use kassa_engine::Payments;
use kassa_http::{ApiError, Caller};
use kassa_store::IdempotentAnswer;
use kassa_wire::error::ErrorCode;
use kassa_wire::headers::IDEMPOTENCY_KEY;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Maximum length of a key, in bytes. A UUID is recommended.
const LONGEST_KEY: usize = 255;

/// The idempotency key of a call, if it has one, with its method and path. The body is not compared
/// (docs/wire.md#idempotency-keys).
pub(super) struct Idempotency {
    key: Option<String>,
    call: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Idempotency {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let call = format!("{} {}", parts.method, parts.uri.path());
        let Some(header) = parts.headers.get(IDEMPOTENCY_KEY) else { return Ok(Self { key: None, call }) };
        let key = header.to_str().ok().filter(|key| !key.is_empty() && key.len() <= LONGEST_KEY);
        let key = key.ok_or_else(|| ApiError::bad_values(["Klarna-Idempotency-Key"]))?;
        // The prefix separates these keys from those of the other APIs in the same table.
        Ok(Self { key: Some(format!("klarna/{key}")), call })
    }
}

impl Idempotency {
    /// Returns the answer that this call got before, if its key is younger than 24 hours.
    pub(super) async fn earlier_answer<T: DeserializeOwned>(
        &self,
        payments: &Payments,
        caller: &Caller,
    ) -> Result<Option<T>, ApiError> {
        let Some(key) = &self.key else { return Ok(None) };
        let kept = payments.idempotent_answer(&caller.merchant.id, key).await?;
        let is_fresh = |kept: &IdempotentAnswer| caller.now.ms_since(kept.created_at) < DAY_MS;
        let Some(kept) = kept.filter(is_fresh) else { return Ok(None) };
        if kept.request_hash != self.call {
            let message = "The idempotency key was used for another call";
            return Err(ApiError::refused(ErrorCode::Conflict, message));
        }
        Ok(Some(serde_json::from_str(&kept.answer)?))
    }

    /// Returns the answer to store in the same transaction as the change.
    pub(super) fn keep<T: Serialize>(
        &self,
        answer: &T,
        at: Timestamp,
    ) -> Result<Option<IdempotentAnswer>, ApiError> {
        let Some(key) = &self.key else { return Ok(None) };
        Ok(Some(IdempotentAnswer {
            key: key.clone(),
            request_hash: self.call.clone(),
            answer: serde_json::to_string(answer)?,
            created_at: at,
        }))
    }
}
