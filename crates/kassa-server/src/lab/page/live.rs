//! A page of the lab as server-sent events: what is to be seen there, each time that it has changed.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::Stream;
use futures_util::stream::unfold;
use kassa_domain::MerchantId;
use kassa_store::OwnTime;

use super::clock::Face;
use super::show::written;
use super::visit::Visit;
use crate::api_error::ApiError;
use crate::clock::Monotonic;
use crate::lab::bench::Bench;
use crate::lab::own_bench;
use crate::waiting::{READ_AGAIN_MS, Waiter, Woken, wait};

/// How long what was sent stands: a busy test is not slowed down by who looks on.
const CALM: Duration = Duration::from_millis(100);

pub(super) fn live(visit: Visit) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let changes = visit.app.waiting.for_merchant(&visit.merchant.id);
    let bench = own_bench(&visit.app, &visit.caller())?;
    let viewer = Viewer { visit, changes, bench, shown: Shown::default() };
    let next = async |mut viewer: Viewer| Some((Ok(viewer.next().await?), viewer));
    Ok(Sse::new(unfold(viewer, next)).keep_alive(KeepAlive::default()))
}

/// Somebody who looks on.
struct Viewer {
    visit: Visit,
    changes: Waiter<MerchantId>,
    bench: Arc<Bench>,
    shown: Shown,
}

impl Viewer {
    /// Waits until the page differs from what was sent last; ends when the system stops, or when it cannot be read.
    async fn next(&mut self) -> Option<Event> {
        let Self { visit, changes, bench, shown } = self;
        loop {
            if !shown.body.is_empty() {
                tokio::time::sleep(CALM).await;
            }
            // Subscribed before anything is read, so that no news falls in between.
            let (change, attempt, entry) = (changes.news(), bench.crossing.news(), bench.journal.news());
            if let Some(event) = shown.difference(visit).await.ok()? {
                return Some(event);
            }
            let news = async {
                tokio::select! { () = change => {} () = attempt => {} () = entry => {} }
            };
            let app = &visit.app;
            let again_at = app.clock.monotonic_now().plus_ms(READ_AGAIN_MS);
            if wait(app, news, again_at, Monotonic::NEVER).await == Woken::TimeIsOver {
                return None;
            }
        }
    }
}

/// What was sent last: the setting of the clock, and the rest.
#[derive(Default)]
struct Shown {
    face: Option<OwnTime>,
    body: String,
}

impl Shown {
    /// The first thing that differs now.
    async fn difference(&mut self, visit: &Visit) -> Result<Option<Event>, ApiError> {
        let face = Face::of(visit)?;
        if self.face != Some(face.setting) {
            self.face = Some(face.setting);
            return Ok(Some(Event::default().event("face").data(face.render()?)));
        }
        let body = written(visit).await?;
        if self.body == body {
            return Ok(None);
        }
        self.body.clone_from(&body);
        Ok(Some(Event::default().event("body").data(body)))
    }
}
