//! The pages' stylesheet, script and icon. They are part of the program. Their names contain a hash of the content, so
//! browsers may cache them for ever. They are compressed once, at the first request.

use std::io::Write as _;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, StatusCode};
use sha2::{Digest, Sha256};

pub(super) static STYLESHEET: LazyLock<Asset> = LazyLock::new(|| {
    let text = concat!(
        include_str!("../../../kassa-developer-page/assets/tokens.css"),
        include_str!("../../assets/pay.css")
    );
    Asset::new("pay", "css", "text/css; charset=utf-8", text)
});
pub(super) static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("pay", "js", "text/javascript; charset=utf-8", include_str!("../../assets/pay.js"))
});
/// Runs the payment system's script on the pay page.
pub(super) static PAYMENT_SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("klarna", "js", "text/javascript; charset=utf-8", include_str!("../../assets/klarna.js"))
});
pub(super) static ICON: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "kassa",
        "svg",
        "image/svg+xml",
        include_str!("../../../kassa-developer-page/assets/kassa.svg"),
    )
});

/// One file.
pub(super) struct Asset {
    href: String,
    content_type: &'static str,
    text: &'static str,
    gzipped: Vec<u8>,
}

impl Asset {
    fn new(name: &str, ending: &str, content_type: &'static str, text: &'static str) -> Self {
        let hash = Sha256::digest(text.as_bytes());
        let hash = base16ct::lower::encode_string(&hash[..6]);
        let href = format!("/assets/{name}-{hash}.{ending}");
        Self { href, content_type, text, gzipped: gzipped(text) }
    }

    /// Returns the file's address.
    pub(super) fn href(&self) -> &str {
        &self.href
    }
}

pub(super) async fn asset(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let known = [&*STYLESHEET, &*SCRIPT, &*PAYMENT_SCRIPT, &*ICON];
    let Some(asset) = known.into_iter().find(|asset| asset.href.strip_prefix("/assets/") == Some(&file))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let about = [
        (CONTENT_TYPE, asset.content_type),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (VARY, "accept-encoding"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    match accepts_gzip(&headers) {
        true => (about, [(CONTENT_ENCODING, "gzip")], asset.gzipped.as_slice()).into_response(),
        false => (about, asset.text).into_response(),
    }
}

/// Whether `Accept-Encoding` names gzip, and not with the weight 0.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().trim_start_matches("q=").parse::<f32>();
        name.trim().eq_ignore_ascii_case("gzip") && weight.is_ok_and(|weight| weight > 0.0)
    })
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    written.expect("writing to memory does not fail")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn accepts(value: &'static str) -> bool {
        accepts_gzip(&HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(value))]))
    }

    #[test]
    fn a_browser_that_accepts_gzip_gets_it() {
        assert!(accepts("gzip") && accepts("gzip, deflate, br") && accepts("br;q=1.0, GZIP;q=0.5"));
        assert!(!accepts("") && !accepts("identity") && !accepts("gzip;q=0") && !accepts("xgzip"));
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    #[test]
    fn the_files_of_a_page_are_small() {
        let all: usize = [&*STYLESHEET, &*SCRIPT, &*ICON].iter().map(|asset| asset.gzipped.len()).sum();
        assert!(all < 10_000, "{all} bytes");
    }
}
