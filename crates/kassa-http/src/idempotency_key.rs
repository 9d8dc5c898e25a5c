//! Idempotency keys: a call with a key is executed once within 24 hours by the merchant's clock, and a repetition gets the
//! same answer.
//!
//! | header | calls | a repetition is recognized by | another call under the key |
//! |---|---|---|---|
//! | `Idempotency-Key` (docs/http.md#creating-once) | `POST /hpp/v1/sessions` | the bytes of the body | 409 `CONFLICT` |
//! | `Klarna-Idempotency-Key` (docs/wire.md#idempotency-keys) | changes of orders, orders with a token | method and path | 409 `CONFLICT` |
//!
//! A key belongs to one merchant and one of the two headers. Kassa stores it with the answer, in the transaction of the
//! change. So of concurrent calls with one key, one is executed. A refused call does not use its key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method, Uri};
use kassa_domain::{MerchantId, Timestamp};
use kassa_engine::{Payments, Reads};
use kassa_store::{IdempotentAnswer, StoreError};
use kassa_wire::error::ErrorCode;
use kassa_wire::headers::{CREATION_KEY, IDEMPOTENCY_KEY};
use sha2::{Digest, Sha256};

use crate::api_error::ApiError;
use crate::authentication::Caller;
use crate::body::Body;

/// Maximum length of a key, in bytes. A UUID is recommended.
const MAX_KEY_BYTES: usize = 255;

/// A header that carries keys.
struct KeyHeader {
    name: &'static str,
    /// The name in error messages.
    shown: &'static str,
    /// The prefix of its keys in the table. It separates them from those of the other header.
    prefix: &'static str,
    /// The message of a key that another call used.
    conflict: &'static str,
}

const CREATION: KeyHeader = KeyHeader {
    name: CREATION_KEY,
    shown: "Idempotency-Key",
    prefix: "create/",
    conflict: "The Idempotency-Key was used with another body",
};

const CHANGE: KeyHeader = KeyHeader {
    name: IDEMPOTENCY_KEY,
    shown: "Klarna-Idempotency-Key",
    prefix: "klarna/",
    conflict: "The idempotency key was used for another call",
};

/// The idempotency key of a call, if it has one.
pub struct IdempotencyKey(Option<Key>);

struct Key {
    stored_name: String,
    /// The fingerprint of the call: equal for its repetitions.
    call: String,
    conflict: &'static str,
}

impl IdempotencyKey {
    /// The key of the creation of a page session. Repetitions have the same body.
    pub fn of_creation(headers: &HeaderMap, body: &Body) -> Result<Self, ApiError> {
        Self::read(headers, &CREATION, || fingerprint(&body.0))
    }

    /// The key of another call. Repetitions have the same method and path; the body is not compared.
    pub fn of_change(headers: &HeaderMap, method: &Method, uri: &Uri) -> Result<Self, ApiError> {
        Self::read(headers, &CHANGE, || format!("{method} {}", uri.path()))
    }

    fn read(
        headers: &HeaderMap,
        header: &KeyHeader,
        call: impl FnOnce() -> String,
    ) -> Result<Self, ApiError> {
        let Some(value) = headers.get(header.name) else { return Ok(Self(None)) };
        let key = value.to_str().ok().filter(|key| !key.is_empty() && key.len() <= MAX_KEY_BYTES);
        let key = key.ok_or_else(|| ApiError::bad_values([header.shown]))?;
        let stored_name = format!("{}{key}", header.prefix);
        Ok(Self(Some(Key { stored_name, call: call(), conflict: header.conflict })))
    }

    /// Returns the answer that an earlier call with this key stored, if the key has not expired.
    pub async fn earlier_answer(
        &self,
        answers: &impl StoredAnswers,
        caller: &Caller,
    ) -> Result<Option<String>, ApiError> {
        let Some(key) = &self.0 else { return Ok(None) };
        let stored = answers.idempotent_answer(&caller.merchant.id, &key.stored_name).await?;
        let is_valid = |stored: &IdempotentAnswer| !stored.is_expired(caller.now);
        match stored.filter(is_valid) {
            Some(stored) if stored.request_hash == key.call => Ok(Some(stored.answer)),
            Some(_) => Err(ApiError::refused(ErrorCode::Conflict, key.conflict)),
            None => Ok(None),
        }
    }

    /// Returns the row to store in the transaction of the change, if the call has a key.
    #[must_use]
    pub fn keep(&self, answer: String, at: Timestamp) -> Option<IdempotentAnswer> {
        let Key { stored_name, call, .. } = self.0.as_ref()?;
        Some(IdempotentAnswer {
            key: stored_name.clone(),
            request_hash: call.clone(),
            answer,
            created_at: at,
        })
    }
}

/// A capability that reads the stored answers of idempotency keys.
pub trait StoredAnswers {
    /// The stored answer of a merchant's key.
    fn idempotent_answer(
        &self,
        of: &MerchantId,
        key: &str,
    ) -> impl Future<Output = Result<Option<IdempotentAnswer>, StoreError>> + Send;
}

impl StoredAnswers for Reads {
    fn idempotent_answer(
        &self,
        of: &MerchantId,
        key: &str,
    ) -> impl Future<Output = Result<Option<IdempotentAnswer>, StoreError>> + Send {
        Self::idempotent_answer(self, of, key)
    }
}

impl StoredAnswers for Payments {
    fn idempotent_answer(
        &self,
        of: &MerchantId,
        key: &str,
    ) -> impl Future<Output = Result<Option<IdempotentAnswer>, StoreError>> + Send {
        Self::idempotent_answer(self, of, key)
    }
}

/// The fingerprint of a body, by which a repeated call is recognized.
#[must_use]
pub fn fingerprint(body: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(body))
}
