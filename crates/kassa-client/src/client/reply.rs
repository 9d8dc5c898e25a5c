//! A successful answer, as a typed value and as the whole JSON.

use std::ops::Deref;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{ClientError, correlation_id};
use crate::error_source::ErrorSource;
use crate::http::HttpAnswer;

/// A successful answer. It dereferences to its value; unknown fields are in `json`.
#[derive(Clone, Debug)]
pub struct Reply<T> {
    /// The typed value.
    pub value: T,
    /// The whole body.
    pub json: Value,
    /// Identifies the call in the service's log.
    pub correlation_id: Option<String>,
}

impl<T> Deref for Reply<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: DeserializeOwned> Reply<T> {
    pub(super) fn of(answer: &HttpAnswer) -> Result<Self, ClientError> {
        let correlation_id = correlation_id(&answer.headers);
        let unreadable = |error: serde_json::Error| ClientError::Unreadable {
            source: ErrorSource::of(error),
            correlation_id: correlation_id.clone(),
        };
        let json: Value = serde_json::from_slice(&answer.body).map_err(unreadable)?;
        let value = serde_json::from_value(json.clone()).map_err(unreadable)?;
        Ok(Self { value, json, correlation_id })
    }
}
