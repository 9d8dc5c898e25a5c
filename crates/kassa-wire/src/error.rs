//! The error body, the same for every API (docs/wire.md#errors).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The body of every 4xx and 5xx answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorBody {
    /// A stable code in upper case.
    pub error_code: String,
    /// The messages. A message about a field names the field.
    pub error_messages: Vec<String>,
    /// The same as the `Klarna-Correlation-Id` header.
    pub correlation_id: String,
}

/// Defines the error codes, each with its HTTP status and its meaning.
macro_rules! error_codes {
    ($($(#[doc = $meaning:literal])* $name:ident = $status:literal $code:literal)*) => {
        /// An error code of the wire, with its HTTP status.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ErrorCode { $($(#[doc = $meaning])* $name),* }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns the code, as the body contains it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// Returns the HTTP status of the answer.
            #[must_use]
            pub const fn http_status(self) -> u16 {
                match self { $(Self::$name => $status),* }
            }

            /// Returns the meaning for the caller: the variant's documentation.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($meaning),*).trim_ascii_start()),* }
            }
        }
    };
}

error_codes! {
    /// The body is not JSON, or the call cannot be read.
    BadRequest = 400 "BAD_REQUEST"
    /// A field's value is not allowed; the message names the field (docs/wire.md#payments-errors).
    BadValue = 400 "BAD_VALUE"
    /// The page session has already ended, so it cannot be disabled or distributed
    /// (docs/wire.md#disable-a-page-session).
    SessionEnded = 400 "CONSTRAINT_VIOLATION"
    /// The contact data is incomplete for the method (docs/wire.md#distribution-answers).
    MissingContactData = 400 "MISSING_CONTACT_DATA"
    /// The phone number's country is not valid in this region (docs/wire.md#distribution-answers).
    UnsupportedCountry = 400 "UNSUPPORTED_COUNTRY"
    /// The credentials are missing or wrong.
    Unauthorized = 401 "UNAUTHORIZED"
    /// The operation is not allowed in this state (docs/wire.md#payments-errors).
    InvalidOperation = 403 "INVALID_OPERATION"
    /// The customer token was cancelled, so nothing can be charged with it (docs/wire.md#customer-tokens).
    TokenCanceled = 403 "TOKEN_CANCELED"
    /// The order does not allow the change (docs/wire.md#order-management-errors).
    NotAllowed = 403 "NOT_ALLOWED"
    /// The order cannot be captured (docs/wire.md#order-management-errors).
    CaptureNotAllowed = 403 "CAPTURE_NOT_ALLOWED"
    /// The order cannot be refunded (docs/wire.md#order-management-errors).
    RefundNotAllowed = 403 "REFUND_NOT_ALLOWED"
    /// The order cannot be cancelled (docs/wire.md#order-management-errors).
    CancelNotAllowed = 403 "CANCEL_NOT_ALLOWED"
    /// The role of the operator does not allow the change.
    Forbidden = 403 "FORBIDDEN"
    /// An operator suspended the merchant, so it takes no new payments (docs/operations.md#suspend-a-merchant).
    MerchantSuspended = 403 "MERCHANT_SUSPENDED"
    /// The call did not come through one of the trusted proxies.
    NotThroughProxy = 403 "NOT_THROUGH_PROXY"
    /// The call was sent to a host name that Kassa does not answer to.
    UnknownHost = 403 "UNKNOWN_HOST"
    /// A browser sent the call for a web page of another site.
    CrossSiteRequest = 403 "CROSS_SITE_REQUEST"
    /// The resource is unknown or expired, or belongs to another merchant.
    NotFound = 404 "NOT_FOUND"
    /// No customer token has this id (docs/wire.md#customer-tokens).
    TokenNotFound = 404 "TOKEN_NOT_FOUND"
    /// The payment session was completed by an order (docs/wire.md#payments-errors).
    SessionCompleted = 404 "SESSION_COMPLETED"
    /// No order has this id (docs/wire.md#order-management-errors).
    NoSuchOrder = 404 "NO_SUCH_ORDER"
    /// No capture has this id (docs/wire.md#order-management-errors).
    NoSuchCapture = 404 "NO_SUCH_CAPTURE"
    /// The path does not support this method.
    MethodNotAllowed = 405 "METHOD_NOT_ALLOWED"
    /// The body did not arrive in time.
    RequestTimeout = 408 "REQUEST_TIMEOUT"
    /// The request conflicts with the current state. Read the state before you try again.
    Conflict = 409 "CONFLICT"
    /// The link to the consumer page has expired.
    Gone = 410 "GONE"
    /// The content differs from what was authorized or sent before (docs/wire.md#matching-an-order).
    Mismatch = 409 "BAD_VALUE"
    /// The body is larger than 1 MB (docs/wire.md#request-limits).
    RequestTooLarge = 413 "REQUEST_TOO_LARGE"
    /// A field of an order's change is not allowed; the message names the field (docs/wire.md#order-management-errors).
    UnprocessableEntity = 422 "UNPROCESSABLE_ENTITY"
    /// A field of an order's address is not allowed; the message names the field
    /// (docs/wire.md#order-management-errors).
    InvalidAddress = 422 "INVALID_ADDRESS"
    /// The target and the headers are larger than 32 KiB (16 KiB over HTTP/2).
    HeadTooLarge = 431 "REQUEST_HEADER_FIELDS_TOO_LARGE"
    /// The caller sends too many calls. Repeat the call after `Retry-After` (docs/wire.md#rate-limits).
    TooManyRequests = 429 "TOO_MANY_REQUESTS"
    /// An internal error. Find its cause in the server's log by the correlation id.
    InternalServerError = 500 "INTERNAL_SERVER_ERROR"
    /// Klarna could not be reached, or its answer was cut. The message says whether the call may have arrived
    /// (docs/pass-through.md#no-answer).
    BadGateway = 502 "BAD_GATEWAY"
    /// Klarna gave no answer in time. The message says whether the call may have arrived
    /// (docs/pass-through.md#no-answer).
    GatewayTimeout = 504 "GATEWAY_TIMEOUT"
    /// The call may be repeated after `Retry-After`. Repeat a creation with the same `Idempotency-Key`.
    TemporarilyUnavailable = 503 "TEMPORARILY_UNAVAILABLE"
}
