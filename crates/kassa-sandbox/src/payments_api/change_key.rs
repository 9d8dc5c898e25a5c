//! `Klarna-Idempotency-Key` as an extractor (docs/wire.md#idempotency-keys).

use axum::extract::FromRequestParts;
use http::request::Parts;
use kassa_http::{ApiError, IdempotencyKey};

/// The idempotency key of a call that changes something.
pub(super) struct ChangeKey(pub(super) IdempotencyKey);

impl<S: Send + Sync> FromRequestParts<S> for ChangeKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        IdempotencyKey::of_change(&parts.headers, &parts.method, &parts.uri).map(Self)
    }
}
