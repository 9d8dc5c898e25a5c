//! The pages' stylesheet, script and icon. They are part of the program. Their names contain a hash of the content, so
//! browsers may cache them for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
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
}

impl Asset {
    fn new(name: &str, ending: &str, content_type: &'static str, text: &'static str) -> Self {
        let hash = Sha256::digest(text.as_bytes());
        let hash: String = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Self { href: format!("/assets/{name}-{hash}.{ending}"), content_type, text }
    }

    /// Returns the file's address.
    pub(super) fn href(&self) -> &str {
        &self.href
    }
}

pub(super) async fn asset(Path(file): Path<String>) -> Response {
    let known = [&*STYLESHEET, &*SCRIPT, &*PAYMENT_SCRIPT, &*ICON];
    match known.into_iter().find(|asset| asset.href.strip_prefix("/assets/") == Some(&file)) {
        Some(asset) => (
            [
                (CONTENT_TYPE, asset.content_type),
                (CACHE_CONTROL, "public, max-age=31536000, immutable"),
                (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ],
            asset.text,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
