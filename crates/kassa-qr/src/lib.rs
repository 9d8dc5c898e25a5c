//! QR codes of links, as images.

use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRCodeError;
use fast_qr::{QRBuilder, QRCode};

/// Pixels per module of the code, and modules of white around it, as the QR standard requires.
const PIXELS_PER_MODULE: usize = 8;
const QUIET_MODULES: usize = 4;

/// The reason why there is no code.
#[derive(Debug, thiserror::Error)]
pub enum QrError {
    /// The text is too long for a code.
    #[error("no QR code of this text: {0:?}")]
    Code(QRCodeError),
    /// The image cannot be written.
    #[error("no image of a QR code")]
    Image(#[from] png::EncodingError),
}

/// The code of a text as SVG.
pub fn svg(text: &str) -> Result<String, QrError> {
    Ok(SvgBuilder::default().to_str(&code(text)?))
}

/// The code of a text as PNG, with one bit per pixel.
pub fn png(text: &str) -> Result<Vec<u8>, QrError> {
    let code = code(text)?;
    let width = (code.size + 2 * QUIET_MODULES) * PIXELS_PER_MODULE;
    let side = u32::try_from(width).unwrap_or(u32::MAX);
    let mut image = Vec::new();
    let mut encoder = png::Encoder::new(&mut image, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.write_header()?.write_image_data(&pixels(&code, width))?;
    Ok(image)
}

fn code(text: &str) -> Result<QRCode, QrError> {
    QRBuilder::new(text).build().map_err(QrError::Code)
}

/// The rows of the image, each of whole bytes; 1 is white.
fn pixels(code: &QRCode, width: usize) -> Vec<u8> {
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
    rows
}
