//! `GET /pay/{token}/live`: tells an open page that its order changed, or that there is nothing left to pay on it. It
//! only looks: the page session stays as it is.

use std::convert::Infallible;

use axum::extract::{Path, Query, State};
use axum::response::sse::{Event, KeepAlive};
use axum::response::{IntoResponse, Response, Sse};
use futures_util::stream::unfold;
use http::header::ACCEPT;
use http::{HeaderMap, StatusCode};
use kassa_domain::lifecycle::Status;
use kassa_domain::page_session::PageSession;
use kassa_domain::time::SECOND_MS;
use kassa_domain::{PageSessionId, PaymentSessionId};
use kassa_engine::{Monotonic, News, NewsSubscription, WaitOutcome};
use kassa_http::ApiError;
use kassa_wire::error::ErrorCode;
use serde::Deserialize;

use super::filled::{PageContext, PageNotes, expires_soon, order_seen};
use super::form::PayForm;
use super::language::LanguagePreference;
use super::pages::{Pages, followed, read_followed};
use super::view::Notice;
use super::visit::contains;

/// How often an open page reads its session again without news, to find a change whose notification was lost.
const READ_AGAIN_MS: i64 = 5 * SECOND_MS;

/// The page that a browser shows.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ShownPage {
    /// The hash of the order on the pay page. `None` on the page that waits for the outcome of the payment.
    order: Option<String>,
    /// The version of the page session, on a page that shows its status.
    version: Option<i64>,
    /// Present if the page offers the other categories after a decline.
    fell_back: Option<String>,
    /// Present if the page warns that its link expires soon.
    warned: Option<String>,
}

/// A change that an open page has to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PageNews {
    /// The order changed, or the link expires soon: the page takes over what is new.
    PageChanged,
    /// The page session has another page now: the browser goes to its outcome.
    Over,
}

/// Sends the news of a page as events. A browser that accepts no events gets the present state: 204 if nothing
/// changed, the pay page with the new order, or 205 if the page is over. A page asks in this way if a proxy delays the
/// events. Neither is an error, so the browser's console stays empty.
pub(super) async fn live(
    State(pages): State<Pages>,
    Path(token): Path<String>,
    Query(shown): Query<ShownPage>,
    preference: LanguagePreference,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let session = match followed(&pages, &token).await {
        Err(error) if error.code() == ErrorCode::Gone => return Ok(StatusCode::RESET_CONTENT.into_response()),
        session => session?,
    };
    if contains(&headers, &ACCEPT, "text/event-stream") {
        return Ok(events(pages, &session, shown));
    }
    match news_of(&pages, &session, &shown).await? {
        None => Ok(StatusCode::NO_CONTENT.into_response()),
        Some(PageNews::Over) => Ok(StatusCode::RESET_CONTENT.into_response()),
        Some(PageNews::PageChanged) => {
            let form = PayForm { fell_back: shown.fell_back, ..PayForm::default() };
            page_with_new_order(&pages, &session, &token, (&form, &preference)).await
        }
    }
}

/// Sends the news of a page of the staff or of the screen that faces the customer, as [`live`] does.
pub(super) async fn follow_status(
    pages: Pages,
    session: &PageSession,
    shown: ShownPage,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    if contains(headers, &ACCEPT, "text/event-stream") {
        return Ok(events(pages, session, shown));
    }
    let is_over = news_of(&pages, session, &shown).await?.is_some();
    Ok(if is_over { StatusCode::RESET_CONTENT } else { StatusCode::NO_CONTENT }.into_response())
}

/// The pay page, whose marked parts the browser takes over. The input of the form stays in the browser.
async fn page_with_new_order(
    pages: &Pages,
    session: &PageSession,
    token: &str,
    browser: (&PayForm, &LanguagePreference),
) -> Result<Response, ApiError> {
    let (payment, offer) = pages.engine.hosted(session).await?;
    let context = PageContext::of(pages, session, (&payment, &offer), browser).await?;
    let notes = PageNotes { notice: Some(Notice::OrderChanged), ..PageNotes::default() };
    Ok(context.pay_page_response(token, notes, StatusCode::OK))
}

fn events(pages: Pages, session: &PageSession, shown: ShownPage) -> Response {
    let news = &pages.news;
    let changes = (news.for_page_session(&session.id), news.for_payment_session(&session.payment_session_id));
    let follower = PageFollower { changes, id: session.id.clone(), shown, stage: Stage::Connected, pages };
    let events = Sse::new(unfold(follower, PageFollower::next)).keep_alive(KeepAlive::default());
    // nginx delays events unless an answer asks it not to.
    ([("x-accel-buffering", "no")], events).into_response()
}

/// A browser that shows the page. Thousands of them wait at the same time, so this contains no order.
struct PageFollower {
    pages: Pages,
    changes: (NewsSubscription<PageSessionId>, NewsSubscription<PaymentSessionId>),
    id: PageSessionId,
    shown: ShownPage,
    stage: Stage,
}

/// The events that a browser has received.
enum Stage {
    /// None.
    Connected,
    /// The event that says that events arrive.
    Following,
    /// The last one.
    Ended,
}

impl PageFollower {
    /// Waits for news. After news the stream ends: the browser connects again with the order that it shows then.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        let name = match self.stage {
            Stage::Connected => {
                self.stage = Stage::Following;
                "following"
            }
            Stage::Following => {
                self.stage = Stage::Ended;
                match self.news().await? {
                    PageNews::PageChanged => "order",
                    PageNews::Over => "over",
                }
            }
            Stage::Ended => return None,
        };
        Some((Ok(Event::default().event(name).data(name)), self))
    }

    /// Returns `None` when the node stops, or if the session cannot be read.
    async fn news(&self) -> Option<PageNews> {
        let (of_session, of_payment) = &self.changes;
        loop {
            // It subscribes before it reads, so that it misses no change in between.
            let (session_changed, order_changed) = (of_session.news(), of_payment.news());
            // In a box, so that a page that waits needs no memory for reading.
            let again_at = match Box::pin(self.look()).await {
                Ok(Look::News(news)) => return Some(news),
                Ok(Look::AgainAt(at)) => at,
                Err(error) => {
                    tracing::debug!(
                        ?error,
                        "an open page cannot follow its session; its browser asks again in a few seconds"
                    );
                    return None;
                }
            };
            let changed = async {
                tokio::select! { () = session_changed => {} () = order_changed => {} }
            };
            if self.pages.news.wait(changed, again_at, Monotonic::NEVER).await == WaitOutcome::TimeIsOver {
                return None;
            }
        }
    }

    async fn look(&self) -> Result<Look, ApiError> {
        let Self { pages, id, shown, .. } = self;
        let session = match read_followed(pages, id).await {
            Ok(session) => session,
            Err(error) if error.code() == ErrorCode::Gone => return Ok(Look::News(PageNews::Over)),
            Err(error) => return Err(error),
        };
        Ok(match news_of(pages, &session, shown).await? {
            Some(news) => Look::News(news),
            None => Look::AgainAt(again_at(&pages.news, &session)),
        })
    }
}

/// The result of reading the session of an open page.
enum Look {
    News(PageNews),
    /// Nothing changed. Read again at this moment, if no change is noticed earlier.
    AgainAt(Monotonic),
}

async fn news_of(
    pages: &Pages,
    session: &PageSession,
    shown: &ShownPage,
) -> Result<Option<PageNews>, ApiError> {
    if let Some(version) = shown.version {
        return Ok((version != session.version).then_some(PageNews::Over));
    }
    let Some(order) = &shown.order else {
        return Ok(session.open_operation.is_none().then_some(PageNews::Over));
    };
    let is_checked = session.status == Status::ManualIdCheck;
    if session.status.is_final() || is_checked || session.open_operation.is_some() {
        return Ok(Some(PageNews::Over));
    }
    let now = pages.engine.now(&session.merchant_id);
    if shown.warned.is_none() && expires_soon(session, now) {
        return Ok(Some(PageNews::PageChanged));
    }
    let payment = pages.reads.payment_session(&session.payment_session_id).await?;
    Ok(payment.is_some_and(|payment| order_seen(&payment) != *order).then_some(PageNews::PageChanged))
}

/// When a page reads its session again: after some seconds, or when the session expires. A merchant's own clock can be
/// stopped just before that, so the page waits for a second at least.
fn again_at(news: &News, session: &PageSession) -> Monotonic {
    let expires_after_ms = session.expires_at.ms_since(news.now_of(&session.merchant_id));
    let is_first = session.open_operation.is_none() && expires_after_ms < READ_AGAIN_MS;
    news.now().plus_ms(if is_first { expires_after_ms.max(SECOND_MS) } else { READ_AGAIN_MS })
}
