//! Reads the body of a call, and names the fields that cannot be read.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use kassa_incoming::{Limits, is_too_slow};
use kassa_wire::error::ErrorCode;
use kassa_wire::tolerant::Tolerant;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::answer::JSON;
use crate::api_error::ApiError;

/// The largest body accepted, in bytes (docs/wire.md#request-limits).
pub const LARGEST_BODY: usize = 1_000_000;

/// The body of a call, not yet parsed: handlers parse it after the checks that need no body.
pub struct Body(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match Bytes::from_request(request, state).await {
            Ok(bytes) => Ok(Self(bytes)),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(ApiError::refused(ErrorCode::RequestTooLarge, "The body is larger than 1 MB"))
            }
            Err(rejection) if is_too_slow(&rejection) => Err(not_in_time()),
            Err(rejection) => Err(ApiError::refused(ErrorCode::BadRequest, rejection.body_text())),
        }
    }
}

/// The error of a call whose body did not arrive within [`kassa_incoming::Limits::body`].
#[must_use]
pub fn not_in_time() -> ApiError {
    let message = format!("The body did not arrive within {} seconds", Limits::BODY.as_secs());
    ApiError::refused(ErrorCode::RequestTimeout, message)
}

impl Body {
    /// The JSON body of a value.
    pub fn of(value: &impl Serialize) -> Result<Self, ApiError> {
        Ok(Self(serde_json::to_vec(value)?.into()))
    }

    /// Reads JSON, tolerant in form (docs/wire.md#tolerant-in-form). The error names the field that cannot be read,
    /// such as `order_lines[0].quantity`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let value = kassa_wire::tolerant::parse(&self.0).map_err(|error| not_json(&error))?;
        serde_path_to_error::deserialize(Tolerant(value)).map_err(unreadable)
    }

    /// Reads JSON that Kassa wrote, exactly as it is.
    pub fn exact_json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let mut deserializer = serde_json::Deserializer::from_slice(&self.0);
        let value = serde_path_to_error::deserialize(&mut deserializer).map_err(unreadable)?;
        deserializer.end().map_err(|error| not_json(&error))?;
        Ok(value)
    }

    /// Reads a JSON object that a table of rules is to check. No digit of a number is lost.
    pub fn object(&self) -> Result<Value, ApiError> {
        let json = kassa_wire::tolerant::parse(&self.0).map_err(|error| not_json(&error))?;
        if json.is_object() {
            return Ok(json);
        }
        Err(ApiError::refused(ErrorCode::BadRequest, "The body is not a JSON object"))
    }

    /// Whether the body is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn unreadable(error: serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let path = error.path().to_string();
    let inner = error.into_inner();
    if !inner.is_data() {
        return not_json(&inner);
    }
    match missing_field(&inner.to_string()) {
        Some(field) if path == "." => ApiError::bad_values([field]),
        Some(field) => ApiError::bad_values([format!("{path}.{field}")]),
        None if path == "." => ApiError::refused(ErrorCode::BadRequest, "The body is not a JSON object"),
        None => ApiError::bad_values([path]),
    }
}

fn not_json(error: &serde_json::Error) -> ApiError {
    ApiError::refused(ErrorCode::BadRequest, format!("The body is not JSON: {error}"))
}

/// The field that serde says is missing.
fn missing_field(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.split('`').next()
}

/// An answer in JSON.
pub struct Json<T>(pub StatusCode, pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.1) {
            Ok(body) => (self.0, [(CONTENT_TYPE, JSON)], body).into_response(),
            Err(error) => ApiError::from(error).into_response(),
        }
    }
}
