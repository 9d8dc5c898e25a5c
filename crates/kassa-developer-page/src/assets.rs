//! The stylesheets, scripts and icon of the developer pages.

use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;

use super::add_headers;

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Returns the file with this name, if there is one.
pub fn asset(file: &str) -> Option<Response> {
    let (content_type, text) = match file {
        "developer.css" => {
            (CSS, concat!(include_str!("../assets/tokens.css"), include_str!("../assets/developer.css")))
        }
        "demo.css" => (CSS, include_str!("../assets/demo.css")),
        "lab.css" => (CSS, include_str!("../assets/lab.css")),
        "console.css" => (CSS, include_str!("../assets/console.css")),
        "console.js" => (SCRIPT, include_str!("../assets/console.js")),
        "docs.css" => (CSS, include_str!("../assets/docs.css")),
        "docs.js" => (SCRIPT, include_str!("../assets/docs.js")),
        "live.js" => (SCRIPT, include_str!("../assets/live.js")),
        "demo.js" => (SCRIPT, include_str!("../assets/demo.js")),
        "lab.js" => (SCRIPT, include_str!("../assets/lab.js")),
        "kassa.svg" => ("image/svg+xml", include_str!("../assets/kassa.svg")),
        _ => return None,
    };
    let mut response = ([(CONTENT_TYPE, content_type)], text).into_response();
    add_headers(response.headers_mut());
    Some(response)
}
