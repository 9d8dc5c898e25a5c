//! The demo shop under `/demo`: an example integration that uses nothing but the HTTP API. Beside it, the first page of
//! `kassa dev`.
//!
//! The shop is a merchant like any other and calls Kassa with the credential that `kassa dev` prints. It keeps its
//! orders in memory, so a restart forgets them.

mod actions;
mod answer;
mod arrival;
mod assets;
mod basket;
mod browser_return;
mod call_failure;
mod callbacks;
mod calls;
mod cart_totals;
mod catalogue;
mod checkout;
mod choices;
mod exchange;
mod follow_up;
mod home;
mod live;
mod market;
mod order_page;
mod orders;
mod shop;
mod shop_page;
mod stage;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

pub use shop::{Shop, ShopSetup};

/// The largest form or callback accepted, in bytes.
const LARGEST_BODY: usize = 65_536;

/// The shop's pages, and the path that receives callbacks. The guard of the listener refuses forms that other sites
/// send.
pub fn routes(shop: Arc<Shop>) -> Router {
    Router::new()
        .route("/", get(home::show))
        .route("/demo", get(shop_page::show))
        .route("/demo/cart", get(shop_page::change))
        .route("/demo/checkout", post(checkout::checkout))
        .route("/demo/return/{order}/{url}", get(browser_return::receive_browser))
        .route("/demo/callbacks/{order}", post(callbacks::receive))
        .route("/demo/orders/{order}", get(order_page::show))
        .route("/demo/orders/{order}/live", get(live::live))
        .route("/demo/orders/{order}/{act}", post(actions::act))
        .route("/demo/assets/{file}", get(assets::asset))
        .route("/demo/{*anything}", get(|| async { answer::ShopError::NoSuchPage }))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(CatchPanicLayer::new())
        .with_state(shop)
}
