//! The payment method categories that a payment session offers, and their pictures. The pictures are public.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use kassa_domain::payment_session::{CategoryVisibility, OfferedCategory};
use kassa_engine::Payments;
use kassa_http::ApiError;
use kassa_wire::error::ErrorCode;
use kassa_wire::payments::{AssetUrls, PaymentMethodCategory};

use crate::sandbox::payment_method;

/// Returns the categories that the consumer can choose from, unless the page asks for others.
pub(super) fn categories(payments: &Payments, offered: Vec<OfferedCategory>) -> Vec<PaymentMethodCategory> {
    let url =
        |identifier: &str, kind: &str| payments.url(&format!("/payments/assets/{identifier}/{kind}.svg"));
    let category = |OfferedCategory { identifier, name, visibility: _ }| PaymentMethodCategory {
        asset_urls: AssetUrls {
            descriptive: url(&identifier, "descriptive"),
            standard: url(&identifier, "standard"),
        },
        identifier,
        name,
    };
    let shown = offered.into_iter().filter(|offered| offered.visibility == CategoryVisibility::ByDefault);
    shown.map(category).collect()
}

/// `GET /payments/assets/{category}/descriptive.svg|standard.svg`
pub(super) async fn badge(Path((category, kind)): Path<(String, String)>) -> Result<Response, ApiError> {
    let label = match kind.as_str() {
        "descriptive.svg" => payment_method::label(&category),
        "standard.svg" => payment_method::label(&category).map(|_| "Kassa"),
        _ => None,
    };
    let label = label.ok_or_else(|| ApiError::without_message(ErrorCode::NotFound))?;
    Ok(([(CONTENT_TYPE, "image/svg+xml")], svg(label)).into_response())
}

fn svg(label: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"160\" height=\"32\" role=\"img\" \
         aria-label=\"{label}\"><rect width=\"160\" height=\"32\" rx=\"6\" fill=\"#1b1b1f\"/>\
         <text x=\"80\" y=\"21\" text-anchor=\"middle\" font-family=\"sans-serif\" font-size=\"14\" \
         fill=\"#fff\">{label}</text></svg>\n"
    )
}
