//! A page of the lab as server-sent events: what is to be seen there, each time that it has changed.

use std::convert::Infallible;

use askama::Template;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::Stream;
use futures_util::stream::unfold;
use kassa_domain::{MerchantId, Timestamp};

use super::clock::Face;
use super::show::written;
use super::visit::Visit;
use crate::waiting::{READ_AGAIN_MS, Waiter, Woken, wait};

pub(super) fn live(visit: Visit) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = visit.app.waiting.for_merchant(&visit.merchant.id);
    let viewer = Viewer { visit, changes, face: None, body: String::new() };
    Sse::new(unfold(viewer, Viewer::next)).keep_alive(KeepAlive::default())
}

/// Somebody who looks on.
struct Viewer {
    visit: Visit,
    changes: Waiter<MerchantId>,
    /// The setting of the clock, and the rest, as they were sent last.
    face: Option<(Option<i64>, Option<i64>)>,
    body: String,
}

impl Viewer {
    /// Waits until the page differs from what was sent last; ends when the system stops, or when it cannot be read.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            let news = self.changes.news();
            let face = Face::of(&self.visit).ok()?;
            if self.face != Some(face.setting()) {
                let html = face.render().ok()?;
                drop(news);
                self.face = Some(face.setting());
                return Some((Ok(Event::default().event("face").data(html)), self));
            }
            let body = written(&self.visit).await.ok()?;
            if self.body != body {
                drop(news);
                self.body.clone_from(&body);
                return Some((Ok(Event::default().event("body").data(body)), self));
            }
            let app = &self.visit.app;
            let again_at = app.clock.system_now().plus_ms(READ_AGAIN_MS);
            if wait(app, news, again_at, Timestamp::from_ms(i64::MAX)).await == Woken::TimeIsOver {
                return None;
            }
        }
    }
}
