//! `Idempotency-Key` on the creation of a page session: the same key and body get the same answer, for 24 hours.
//!
//! Kassa stores the session's id with the key. It builds the answer from the session, so that no page link is stored.

use axum::extract::FromRequestParts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use kassa_domain::PageSessionId;
use kassa_domain::page_session::PageSession;
use kassa_domain::time::DAY_MS;
use kassa_engine::Reads;
use kassa_http::{ApiError, Body, Caller};
use kassa_store::IdempotentAnswer;
use kassa_wire::error::ErrorCode;
use kassa_wire::headers::CREATION_KEY;
use sha2::{Digest, Sha256};

/// The longest key, in characters.
const LONGEST_KEY: usize = 255;

/// The key of a creation, if it has one. The keys of other operations are in the same table with another prefix.
pub(super) struct CreationKey(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for CreationKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let Some(header) = parts.headers.get(CREATION_KEY) else { return Ok(Self(None)) };
        let key = header.to_str().ok().filter(|key| !key.is_empty() && key.len() <= LONGEST_KEY);
        let key = key.ok_or_else(|| ApiError::bad_values(["Idempotency-Key"]))?;
        Ok(Self(Some(format!("create/{key}"))))
    }
}

impl CreationKey {
    /// Returns the session that this call created before.
    pub(super) async fn created_before(
        &self,
        reads: &Reads,
        caller: &Caller,
        body: &Body,
    ) -> Result<Option<PageSession>, ApiError> {
        let Some(key) = &self.0 else { return Ok(None) };
        let kept = reads.idempotent_answer(&caller.merchant.id, key).await?;
        let is_fresh = |kept: &IdempotentAnswer| caller.now.ms_since(kept.created_at) < DAY_MS;
        let Some(kept) = kept.filter(is_fresh) else { return Ok(None) };
        if kept.request_hash != fingerprint(body) {
            let message = "The Idempotency-Key was used with another body";
            return Err(ApiError::refused(ErrorCode::Conflict, message));
        }
        Ok(reads.page_session(&PageSessionId::new(kept.answer)).await?)
    }

    /// Returns the row to store together with the new session.
    pub(super) fn keep(&self, session: &PageSession, body: &Body) -> Option<IdempotentAnswer> {
        let key = self.0.clone()?;
        Some(IdempotentAnswer {
            key,
            request_hash: fingerprint(body),
            answer: session.id.as_str().to_string(),
            created_at: session.created_at,
        })
    }
}

fn fingerprint(body: &Body) -> String {
    STANDARD.encode(Sha256::digest(&body.0))
}
