//! `GET /demo/orders/{order}/live`: sends the order's page as a server-sent event whenever it changes.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::Stream;
use futures_util::stream::unfold;
use kassa_domain::time::SECOND_MS;
use tokio::sync::watch;

use super::answer::ShopError;
use super::follow_up::refresh;
use super::order_page::render_body;
use super::orders::Order;
use super::shop::Shop;

/// Interval at which the shop reads an order again while a browser watches it, for changes without a callback.
const READ_AGAIN_MS: i64 = 5 * SECOND_MS;

/// The event's name.
const EVENT: &str = "order";

pub(super) async fn live(
    State(shop): State<Arc<Shop>>,
    Path(number): Path<u64>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ShopError> {
    let order = shop.orders.find(number).ok_or(ShopError::NoSuchOrder)?;
    let watcher = OrderWatcher { changes: order.watch(), shop, order, shown: String::new() };
    Ok(Sse::new(unfold(watcher, OrderWatcher::next)).keep_alive(KeepAlive::default()))
}

/// A browser that watches the order's page.
struct OrderWatcher {
    shop: Arc<Shop>,
    order: Arc<Order>,
    changes: watch::Receiver<()>,
    /// The content that was sent last.
    shown: String,
}

impl OrderWatcher {
    /// Waits until the page differs from the content that was sent last. Returns `None` when the node stops.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        let stop = self.shop.stop.clone();
        loop {
            let html = render_body(&self.order).ok()?;
            if html != self.shown {
                self.shown.clone_from(&html);
                return Some((Ok(Event::default().event(EVENT).data(html)), self));
            }
            let again_at = self.shop.clock.monotonic_now().plus_ms(READ_AGAIN_MS);
            tokio::select! {
                () = stop.cancelled() => return None,
                change = self.changes.changed() => change.ok()?,
                () = self.shop.clock.sleep_until(again_at) => refresh(&self.shop, &self.order).await,
            }
        }
    }
}
