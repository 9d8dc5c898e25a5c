//! The demo shop under `/demo`: an integration to learn from, built on the wire alone.
//!
//! It is a merchant like any other. It holds no store and calls nothing of this system but its HTTP API, with the
//! credential that `kassa dev` prints; what it knows of its orders it keeps in memory.

mod acts;
mod answer;
mod arrival;
mod assets;
mod basket;
mod bill;
mod callbacks;
mod calls;
mod catalogue;
mod checkout;
mod choices;
mod exchange;
mod follow;
mod live;
mod market;
mod order_page;
mod orders;
mod returning;
mod shop;
mod shop_page;
mod standing;
mod trouble;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

pub(crate) use shop::Shop;

/// The largest form or callback accepted, in bytes.
const LARGEST_BODY: usize = 65_536;

/// The shop's pages, and where Kassa calls it back.
pub(crate) fn routes(shop: Arc<Shop>) -> Router {
    Router::new()
        .route("/demo", get(shop_page::show))
        .route("/demo/cart", get(shop_page::change))
        .route("/demo/checkout", post(checkout::checkout))
        .route("/demo/return/{order}/{url}", get(returning::come_back))
        .route("/demo/callbacks/{order}", post(callbacks::receive))
        .route("/demo/orders/{order}", get(order_page::show))
        .route("/demo/orders/{order}/live", get(live::live))
        .route("/demo/orders/{order}/{act}", post(acts::act))
        .route("/demo/assets/{file}", get(assets::asset))
        .route("/demo/{*anything}", get(|| async { answer::NotShown::NoSuchPage }))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(CatchPanicLayer::new())
        .with_state(shop)
}
