//! `GET /`: the first page of `kassa dev`. It links everything, and has the credential and a first call.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use kassa_developer_page::{Frame, page};

use super::answer::ShopError;
use super::shop::Shop;

#[derive(Template)]
#[template(path = "demo/home.html")]
struct HomePage<'a> {
    frame: &'a Frame,
    url: String,
    shop: &'a Shop,
}

impl HomePage<'_> {
    /// The pages to which the first page leads: path, name and use.
    const PLACES: [(&'static str, &'static str, &'static str); 4] = [
        ("/demo", "Demo shop", "Buy something, as a consumer does, and see what the merchant sees."),
        ("/lab", "Lab", "Decide each outcome, inject faults, and move the clock."),
        ("/console", "Console", "See each page session as an operator does, with its timeline."),
        ("/docs", "API documentation", "Read the APIs, and copy a command for each call."),
    ];
}

pub(super) async fn show(State(shop): State<Arc<Shop>>) -> Result<Response, ShopError> {
    let frame = shop.frame();
    let shown = HomePage { frame: &frame, url: shop.url(""), shop: &shop };
    Ok(page(StatusCode::OK, &frame, &shown)?)
}
