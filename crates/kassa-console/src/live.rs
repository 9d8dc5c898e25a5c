//! Sends the page of a page session as server-sent events, whenever it changes.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::Stream;
use futures_util::stream::unfold;
use kassa_domain::page_session::PageSession;
use kassa_domain::{MerchantId, PageSessionId};
use kassa_engine::{Monotonic, NewsSubscription, READ_AGAIN_MS, WaitOutcome};

use crate::Console;
use crate::access::Access;
use crate::session::render;

/// Minimum time between two updates.
const MIN_INTERVAL: Duration = Duration::from_millis(250);

/// A browser that watches the page.
struct Watcher {
    console: Console,
    access: Access,
    id: PageSessionId,
    changes: NewsSubscription<MerchantId>,
    last_sent: String,
}

pub(crate) fn live(
    console: Console,
    access: Access,
    session: PageSession,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = console.news.for_merchant(&session.merchant_id);
    let watcher = Watcher { console, access, id: session.id, changes, last_sent: String::new() };
    let next = async |mut watcher: Watcher| Some((Ok(watcher.next().await?), watcher));
    Sse::new(unfold(watcher, next)).keep_alive(KeepAlive::default())
}

impl Watcher {
    /// Waits until the page differs from what was sent last. `None` when the sign-in has ended, the node stops, or the
    /// page cannot be read.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if !self.last_sent.is_empty() {
                tokio::time::sleep(MIN_INTERVAL).await;
            }
            // It subscribes before it reads, so that it misses no change in between.
            let news = self.changes.news();
            self.access.operator = self.console.accounts.signed_in(&self.access.secret).await.ok()??;
            let body = render(&self.console, &self.access, self.id.as_str()).await.ok()?;
            if body != self.last_sent {
                self.last_sent.clone_from(&body);
                return Some(Event::default().event("body").data(body));
            }
            let again_at = self.console.news.now().plus_ms(READ_AGAIN_MS);
            if self.console.news.wait(news, again_at, Monotonic::NEVER).await == WaitOutcome::TimeIsOver {
                return None;
            }
        }
    }
}
