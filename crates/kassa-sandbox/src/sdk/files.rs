//! The script and the files of its frames. They are part of the program.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, StatusCode};

const SCRIPT_TYPE: &str = "text/javascript; charset=utf-8";
const PAGE_TYPE: &str = "text/html; charset=utf-8";

/// The policy of a frame: its own files and calls, and nothing else. Every page may show it, because the client token
/// says which payment session it is about.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      form-action 'none'; base-uri 'none'; frame-ancestors *";

const STYLESHEET: &str = concat!(
    include_str!("../../../kassa-developer-page/assets/tokens.css"),
    include_str!("../../assets/frames.css")
);

/// `GET /kp/lib/v1/api.js`
pub(super) async fn script() -> Response {
    served(SCRIPT_TYPE, include_str!("../../assets/api.js"))
}

/// `GET /kp/{version}/main.html`, `fullscreen.html`, and their files.
pub(super) async fn of_frames(Path(file): Path<String>) -> Response {
    match file.as_str() {
        "main.html" => page(include_str!("../../assets/main.html")),
        "fullscreen.html" => page(include_str!("../../assets/fullscreen.html")),
        "main.js" => served(SCRIPT_TYPE, include_str!("../../assets/main.js")),
        "fullscreen.js" => served(SCRIPT_TYPE, include_str!("../../assets/fullscreen.js")),
        "channel.js" => served(SCRIPT_TYPE, include_str!("../../assets/channel.js")),
        "frames.css" => served("text/css; charset=utf-8", STYLESHEET),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn page(text: &'static str) -> Response {
    let mut response = served(PAGE_TYPE, text);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// A file that no browser keeps, so that a fault of the lab applies to every page that loads it.
fn served(content_type: &'static str, text: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    (headers, text).into_response()
}
