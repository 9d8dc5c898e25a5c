//! Sends a page of the lab as server-sent events: the clock or the content, whenever it changes.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::Stream;
use futures_util::stream::unfold;
use kassa_domain::MerchantId;
use kassa_engine::{Monotonic, READ_AGAIN_MS, Waiter, Woken};
use kassa_http::ApiError;
use kassa_store::MerchantClock;

use super::clock::ClockView;
use super::page_request::PageRequest;
use super::show::render_place;
use crate::merchant_lab::MerchantLab;

/// Minimum time between two updates, so that an open page does not slow down a busy test.
const MIN_INTERVAL: Duration = Duration::from_millis(100);

pub(super) fn live(
    page_request: PageRequest,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let changes = page_request.lab.news.for_merchant(&page_request.merchant.id);
    let merchant_lab = page_request.lab.merchant_lab(&page_request.merchant.id);
    let watcher = PageWatcher { page_request, changes, merchant_lab, last_sent: LastSent::default() };
    let next = async |mut watcher: PageWatcher| Some((Ok(watcher.next().await?), watcher));
    Ok(Sse::new(unfold(watcher, next)).keep_alive(KeepAlive::default()))
}

/// A browser that watches the page.
struct PageWatcher {
    page_request: PageRequest,
    changes: Waiter<MerchantId>,
    merchant_lab: Arc<MerchantLab>,
    last_sent: LastSent,
}

impl PageWatcher {
    /// Waits until the page differs from the content that was sent last. Returns `None` when the node stops or the page
    /// cannot be read.
    async fn next(&mut self) -> Option<Event> {
        let Self { page_request, changes, merchant_lab, last_sent } = self;
        loop {
            if !last_sent.body.is_empty() {
                tokio::time::sleep(MIN_INTERVAL).await;
            }
            // It subscribes before it reads, so that it misses no change in between.
            let (change, attempt, entry) =
                (changes.news(), merchant_lab.redirect_sync.news(), merchant_lab.journal.news());
            if let Some(event) = last_sent.difference(page_request).await.ok()? {
                return Some(event);
            }
            let news = async {
                tokio::select! { () = change => {} () = attempt => {} () = entry => {} }
            };
            let lab = &page_request.lab;
            let again_at = lab.clock.monotonic_now().plus_ms(READ_AGAIN_MS);
            if lab.news.wait(news, again_at, Monotonic::NEVER).await == Woken::TimeIsOver {
                return None;
            }
        }
    }
}

/// The content that was sent last: the clock's setting, and the rest of the page.
#[derive(Default)]
struct LastSent {
    face: Option<MerchantClock>,
    body: String,
}

impl LastSent {
    /// Returns an event with the first part that has changed.
    async fn difference(&mut self, page_request: &PageRequest) -> Result<Option<Event>, ApiError> {
        let face = ClockView::of(page_request)?;
        if self.face != Some(face.setting) {
            self.face = Some(face.setting);
            return Ok(Some(Event::default().event("face").data(face.render()?)));
        }
        let body = render_place(page_request).await?;
        if self.body == body {
            return Ok(None);
        }
        self.body.clone_from(&body);
        Ok(Some(Event::default().event("body").data(body)))
    }
}
