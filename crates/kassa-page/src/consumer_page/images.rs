//! Merchants' images, from an address of Kassa. The address is signed, so Kassa fetches only images that it put into a
//! page.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use kassa_http::Parameters;
use kassa_images::{Image, NoImage};

use super::pages::Pages;

/// The policy of an image that somebody opens by itself: an SVG image runs no script and loads nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/// How long a browser keeps an image.
const FRESH: &str = "public, max-age=600";

pub(super) async fn image(
    State(pages): State<Pages>,
    Path(signature): Path<String>,
    parameters: Parameters,
) -> Response {
    let address = parameters.text("of").unwrap_or_default();
    if !pages.links.has_signed_image(address, &signature) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match pages.images.image(address).await {
        Ok(image) => shown(image),
        Err(reason) => missing(&reason),
    }
}

fn shown(image: Image) -> Response {
    let headers = [
        (CONTENT_TYPE, image.content_type.media_type()),
        (CACHE_CONTROL, FRESH),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, image.bytes).into_response()
}

/// The answer for an image that cannot be shown. The reason is for the merchant's designer, who opens the address.
fn missing(reason: &NoImage) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (StatusCode::NOT_FOUND, headers, format!("No image: {reason}")).into_response()
}
