//! The one reader of bodies: each body has a table of its fields ([`kassa_wire::shape`]), and the error names the field that
//! cannot be read.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use kassa_incoming::{Limits, is_too_slow};
use kassa_wire::error::ErrorCode;
use kassa_wire::problems::Problems;
use kassa_wire::shape::Shaped;
use serde::Serialize;
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
            Err(rejection) if is_too_slow(&rejection) => Err(body_timed_out()),
            Err(rejection) => Err(ApiError::refused(ErrorCode::BadRequest, rejection.body_text())),
        }
    }
}

/// The error of a call whose body did not arrive within [`kassa_incoming::Limits::body`].
#[must_use]
pub fn body_timed_out() -> ApiError {
    let message = format!("The body did not arrive within {} seconds", Limits::BODY.as_secs());
    ApiError::refused(ErrorCode::RequestTimeout, message)
}

impl Body {
    /// The JSON body of a value.
    pub fn of(value: &impl Serialize) -> Result<Self, ApiError> {
        Ok(Self(serde_json::to_vec(value)?.into()))
    }

    /// Reads a body by its table. The error names the first field that cannot be read, such as
    /// `options.background_images[0].width`.
    pub fn read<T: Shaped>(&self) -> Result<T, ApiError> {
        T::read_in_body_order(self.object()?).map_err(|problems| first_bad_value(&problems))
    }

    /// Reads a body that may be empty: then every field has its default.
    pub fn read_or_default<T: Shaped + Default>(&self) -> Result<T, ApiError> {
        if self.0.is_empty() { Ok(T::default()) } else { self.read() }
    }

    /// Reads a file that Kassa wrote. Its values stay exactly as they are, so a raw value keeps its bytes.
    pub fn read_file<T: Shaped>(&self) -> Result<T, ApiError> {
        serde_json::from_slice(&self.0).map_err(|error| self.why_no_file::<T>(&error))
    }

    /// The error of a file that cannot be read. Its table finds the field.
    fn why_no_file<T: Shaped>(&self, error: &serde_json::Error) -> ApiError {
        match serde_json::from_slice(&self.0) {
            Err(error) => not_json(&error),
            Ok(json @ Value::Object(_)) => match T::read_in_body_order(json) {
                Err(problems) => first_bad_value(&problems),
                // The table sees only the last of two fields with the same name.
                Ok(_) => not_json(error),
            },
            Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                no_object()
            }
        }
    }

    /// Reads a JSON object that a table of rules is to check. No digit of a number is lost.
    pub fn object(&self) -> Result<Value, ApiError> {
        let json = kassa_wire::tolerant::parse(&self.0).map_err(|error| not_json(&error))?;
        if json.is_object() { Ok(json) } else { Err(no_object()) }
    }
}

fn first_bad_value(problems: &Problems) -> ApiError {
    ApiError::bad_values(problems.paths().take(1))
}

fn no_object() -> ApiError {
    ApiError::refused(ErrorCode::BadRequest, "The body is not a JSON object")
}

fn not_json(error: &serde_json::Error) -> ApiError {
    ApiError::refused(ErrorCode::BadRequest, format!("The body is not JSON: {error}"))
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
