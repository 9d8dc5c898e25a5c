//! The public QR code of the link, and the answers of the distribution module's addresses.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};

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

/// The view for a clerk's screen or a self-checkout: redirects to the QR code.
pub(super) async fn distribution(
    State(pages): State<Pages>,
    Path(token): Path<String>,
) -> Result<Redirect, ApiError> {
    opened(&pages, &token).await?;
    Ok(Redirect::to(&format!("/pay/{token}/qr")))
}

/// Accepts reports of a view and ignores them, because their contract is not public (docs/wire.md#undocumented-urls).
pub(super) async fn distribution_event() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Returns whether `Accept` contains SVG and not PNG. Browsers send both, and get PNG.
fn wants_svg(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    accept.contains("image/svg+xml") && !accept.contains("image/png")
}
