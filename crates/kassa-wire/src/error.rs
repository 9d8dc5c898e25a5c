//! The error body, the same for every API (spec 1.1).

use serde::{Deserialize, Serialize};

/// What every refused or failed call answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// A stable code in upper case.
    pub error_code: String,
    /// What is wrong, in sentences that name the field.
    pub error_messages: Vec<String>,
    /// The same as the `Klarna-Correlation-Id` header.
    pub correlation_id: String,
}

/// Names each error code once, with its HTTP status.
macro_rules! error_codes {
    ($($(#[doc = $meaning:literal])* $name:ident = $status:literal $code:literal)*) => {
        /// An error code of the wire, with its HTTP status.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ErrorCode { $($(#[doc = $meaning])* $name),* }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code as the body carries it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn http_status(self) -> u16 {
                match self { $(Self::$name => $status),* }
            }

            /// What it says to the caller: its documentation.
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
    /// A field's value is not allowed; the message names the field (spec 6.1).
    BadValue = 400 "BAD_VALUE"
    /// The page session has already ended, so it cannot be disabled or distributed (spec 1.5).
    SessionEnded = 400 "CONSTRAINT_VIOLATION"
    /// The contact data is incomplete for the method (spec 5.3).
    MissingContactData = 400 "MISSING_CONTACT_DATA"
    /// The phone number's country is not valid in this region (spec 5.3).
    UnsupportedCountry = 400 "UNSUPPORTED_COUNTRY"
    /// The credentials are missing or wrong.
    Unauthorized = 401 "UNAUTHORIZED"
    /// The operation is not allowed in this state (spec 6.1).
    InvalidOperation = 403 "INVALID_OPERATION"
    /// The order does not allow the change (spec 6.2).
    NotAllowed = 403 "NOT_ALLOWED"
    /// The order cannot be captured (spec 6.2).
    CaptureNotAllowed = 403 "CAPTURE_NOT_ALLOWED"
    /// The order cannot be refunded (spec 6.2).
    RefundNotAllowed = 403 "REFUND_NOT_ALLOWED"
    /// The order cannot be cancelled (spec 6.2).
    CancelNotAllowed = 403 "CANCEL_NOT_ALLOWED"
    /// The call came past the proxies that stand in front of this system.
    NotThroughProxy = 403 "NOT_THROUGH_PROXY"
    /// The call was sent to a host name that the system does not answer to.
    UnknownHost = 403 "UNKNOWN_HOST"
    /// A browser sent the call for a web page of another site.
    CrossSiteRequest = 403 "CROSS_SITE_REQUEST"
    /// Nothing of this name is there: unknown, expired, or another merchant's.
    NotFound = 404 "NOT_FOUND"
    /// The payment session was completed by an order (spec 6.1).
    SessionCompleted = 404 "SESSION_COMPLETED"
    /// No order of this id (spec 6.2).
    NoSuchOrder = 404 "NO_SUCH_ORDER"
    /// No capture of this id (spec 6.2).
    NoSuchCapture = 404 "NO_SUCH_CAPTURE"
    /// The path does not know this method.
    MethodNotAllowed = 405 "METHOD_NOT_ALLOWED"
    /// The body did not arrive in time.
    RequestTimeout = 408 "REQUEST_TIMEOUT"
    /// What is asked does not fit the present state: read, and ask again.
    Conflict = 409 "CONFLICT"
    /// The link has expired: the consumer's page says so.
    Gone = 410 "GONE"
    /// The content differs from what was authorized or sent before (spec 6.1).
    Mismatch = 409 "BAD_VALUE"
    /// The body is larger than 1 MB (spec 1.1).
    RequestTooLarge = 413 "REQUEST_TOO_LARGE"
    /// A field of an order's change is not allowed; the message names the field (spec 6.2).
    UnprocessableEntity = 422 "UNPROCESSABLE_ENTITY"
    /// A field of an order's address is not allowed; the message names the field (spec 6.2).
    InvalidAddress = 422 "INVALID_ADDRESS"
    /// The caller calls too often; the call may be repeated after `Retry-After` (spec 6.1).
    TooManyRequests = 429 "TOO_MANY_REQUESTS"
    /// A defect of ours; the correlation id finds it in the log.
    InternalServerError = 500 "INTERNAL_SERVER_ERROR"
    /// The call may be repeated after `Retry-After`; with an `Idempotency-Key` where it creates.
    TemporarilyUnavailable = 503 "TEMPORARILY_UNAVAILABLE"
}
