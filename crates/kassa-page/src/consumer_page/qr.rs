//! The public QR code of the link, and the answers of the distribution module's addresses.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::{QRBuilder, QRCode};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};

use super::pages::Pages;
use super::pages::opened;
use kassa_http::ApiError;

/// Pixels per module of the code, and modules of white around it, as the QR standard requires.
const PIXELS_PER_MODULE: usize = 8;
const QUIET_MODULES: usize = 4;

/// Returns the QR code as PNG, or as SVG if `Accept` asks for it (docs/wire.md#qr-code).
pub(super) async fn qr(
    State(pages): State<Pages>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let session = opened(&pages, &token).await?;
    let link = pages.links.page_url(&session.id);
    let code = QRBuilder::new(link).build().map_err(|error| ApiError::Fault(error.to_string()))?;
    let (content_type, image) = if wants_svg(&headers) {
        ("image/svg+xml", SvgBuilder::default().to_str(&code).into_bytes())
    } else {
        ("image/png", png(&code).map_err(|error| ApiError::Fault(error.to_string()))?)
    };
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

/// Encodes the code as PNG with one bit per pixel; 1 is white.
fn png(code: &QRCode) -> Result<Vec<u8>, png::EncodingError> {
    let width = (code.size + 2 * QUIET_MODULES) * PIXELS_PER_MODULE;
    let is_dark = |x: usize, y: usize| {
        let module = |pixel: usize| (pixel / PIXELS_PER_MODULE).checked_sub(QUIET_MODULES);
        match (module(x), module(y)) {
            (Some(x), Some(y)) => x < code.size && y < code.size && code[y][x].value(),
            _ => false,
        }
    };
    let mut rows = Vec::with_capacity(width * width.div_ceil(8));
    for y in 0..width {
        for first in (0..width).step_by(8) {
            let bits = (first..first + 8).map(|x| u8::from(x < width && !is_dark(x, y)));
            rows.push(bits.fold(0, |byte, bit| byte << 1 | bit));
        }
    }
    let side = u32::try_from(width).unwrap_or(u32::MAX);
    let mut image = Vec::new();
    let mut encoder = png::Encoder::new(&mut image, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.write_header()?.write_image_data(&rows)?;
    Ok(image)
}
