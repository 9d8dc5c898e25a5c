//! The browser returns from the payment page to one of the merchant URLs.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::answer::{ShopError, see_other};
use super::choices::URLS;
use super::follow_up::follow_up;
use super::shop::Shop;

/// Records the URL, follows up the order, and redirects to its page. A reload is safe: an order is placed once, and the
/// address of its page only reads.
pub(super) async fn receive_browser(
    State(shop): State<Arc<Shop>>,
    Path((number, word)): Path<(u64, String)>,
) -> Result<Response, ShopError> {
    let order = shop.orders.find(number).ok_or(ShopError::NoSuchOrder)?;
    let url = URLS.iter().find(|url| url.word == word).ok_or(ShopError::NoSuchPage)?;
    order.change(|state| state.arrivals.add_browser(shop.now(), url.word));
    follow_up(shop.clone(), order.clone()).await;
    see_other(&order.href())
}
