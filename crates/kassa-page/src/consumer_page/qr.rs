//! The public QR code of the link.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};

use super::pages::Pages;
use super::pages::opened;
use kassa_http::ApiError;

/// Returns the QR code as PNG, or as SVG if `Accept` asks for it (docs/wire.md#qr-code).
pub(super) async fn qr(
    State(pages): State<Pages>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let session = opened(&pages, &token).await?;
    let link = pages.links.page_url(&session.id);
    let (content_type, image) = match wants_svg(&headers) {
        true => ("image/svg+xml", kassa_qr::svg(&link).map(String::into_bytes)),
        false => ("image/png", kassa_qr::png(&link)),
    };
    let image = image.map_err(|error| ApiError::Fault(error.to_string()))?;
    Ok(([(CONTENT_TYPE, content_type), (CACHE_CONTROL, "no-store")], image).into_response())
}

/// Returns whether `Accept` contains SVG and not PNG. Browsers send both, and get PNG.
fn wants_svg(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    accept.contains("image/svg+xml") && !accept.contains("image/png")
}
