//! The vendor's APIs that Kassa does not have: their 404 says so (docs/wire.md#errors).

use http::Uri;
use kassa_wire::error::ErrorCode;

use crate::api_error::ApiError;

/// The first segment of the paths of each absent API, and its name.
const ABSENT_APIS: [(&str, &str); 6] = [
    ("checkout", "Checkout v3"),
    ("credit", "Credit v1, the former path of Payments"),
    ("settlements", "Settlements"),
    ("merchantcard", "Merchant Card Service"),
    ("disputes", "Disputes"),
    ("instantshopping", "Instant Shopping"),
];

/// Answers a path that no route has.
pub async fn no_such_path(uri: Uri) -> ApiError {
    let segment = uri.path().split('/').nth(1).unwrap_or_default();
    match ABSENT_APIS.iter().find(|(first, _)| *first == segment) {
        Some((_, name)) => {
            let message = format!(
                "Kassa does not have the API {name}. It has HPP, Payments, Customer Token and Order Management"
            );
            ApiError::refused(ErrorCode::NotFound, message)
        }
        None => ApiError::without_message(ErrorCode::NotFound),
    }
}
