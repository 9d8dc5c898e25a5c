//! The browser comes back from the page, by one of the merchant's URLs.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::answer::{NotShown, see_other};
use super::choices::URLS;
use super::follow::follow_up;
use super::shop::Shop;

/// Notes by which URL the browser came, sees to the order, and shows it. Reloading repeats nothing: an order is placed
/// once, and the browser ends at an address that only reads.
pub(super) async fn come_back(
    State(shop): State<Arc<Shop>>,
    Path((number, word)): Path<(u64, String)>,
) -> Result<Response, NotShown> {
    let order = shop.orders.find(number).ok_or(NotShown::NoSuchOrder)?;
    let url = URLS.iter().find(|url| url.word == word).ok_or(NotShown::NoSuchPage)?;
    order.change(|state| state.arrivals.add_browser(shop.now(), url.word));
    follow_up(shop.clone(), order.clone()).await;
    see_other(&order.href())
}
