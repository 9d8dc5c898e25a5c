//! The shop's style, script and icon.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;

use super::answer::{NotShown, add_headers};

pub(super) async fn asset(Path(file): Path<String>) -> Result<Response, NotShown> {
    let (content_type, text) = match file.as_str() {
        "demo.css" => ("text/css; charset=utf-8", include_str!("../../assets/demo.css")),
        "demo.js" => ("text/javascript; charset=utf-8", include_str!("../../assets/demo.js")),
        "kassa.svg" => ("image/svg+xml", include_str!("../../assets/kassa.svg")),
        _ => return Err(NotShown::NoSuchPage),
    };
    let mut response = ([(CONTENT_TYPE, content_type)], text).into_response();
    add_headers(response.headers_mut());
    Ok(response)
}
