//! `GET /hpp/v1/sessions/{session_id}` (docs/wire.md#read-a-page-session), with entity tags and long polls.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::ETAG;
use http::{HeaderMap, HeaderValue, StatusCode};
use kassa_domain::PageSessionId;
use kassa_domain::page_session::Snapshot;
use kassa_domain::time::SECOND_MS;

use super::conditions::{EntityTag, KnownVersions, PREFERENCE_APPLIED, preferred_wait_s};
use super::session_not_found;
use kassa_engine::{Monotonic, News, NewsSubscription, READ_AGAIN_MS, Reads, WaitOutcome, session_snapshot};
use kassa_http::{ApiError, Caller, Json, PathParameter, note_snapshot};

/// Answers the session, or 304 if the reader has this version. With `Prefer: wait=N` a 304 waits until the session
/// changes or the time is over. Waiting for `*` is not possible, so such a call is answered at once.
pub(super) async fn read(
    State(reads): State<Reads>,
    State(news): State<News>,
    caller: Caller,
    PathParameter(id): PathParameter,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let known = KnownVersions::of(&headers);
    let wait_s = preferred_wait_s(&headers).filter(|_| matches!(known, KnownVersions::Versions(_)));
    let query = Query { reads: &reads, news: &news, caller: &caller, id: &PageSessionId::new(id) };
    let session = query.latest(&known, wait_s.unwrap_or(0)).await?;
    let entity_tag = [(ETAG, EntityTag::of(&session).to_header())];
    let mut response = match known.include(&session) {
        true => (StatusCode::NOT_MODIFIED, entity_tag).into_response(),
        false => (entity_tag, Json(StatusCode::OK, session_snapshot(&session))).into_response(),
    };
    if let Some(wait_s) = wait_s
        && let Ok(applied) = HeaderValue::from_str(&format!("wait={wait_s}"))
    {
        response.headers_mut().insert(PREFERENCE_APPLIED, applied);
    }
    Ok(response)
}

/// A caller's read of one session.
struct Query<'a> {
    reads: &'a Reads,
    news: &'a News,
    caller: &'a Caller,
    id: &'a PageSessionId,
}

impl Query<'_> {
    /// Returns the session as soon as it has a version that the reader does not have, or when the time is over.
    async fn latest(&self, known: &KnownVersions, wait_s: i64) -> Result<Snapshot, ApiError> {
        let until = self.news.now().plus_ms(wait_s * SECOND_MS);
        let waiter = (wait_s > 0).then(|| self.news.for_page_session(self.id));
        loop {
            let change = waiter.as_ref().map(NewsSubscription::news);
            let (session, again_at) = self.snapshot().await?;
            let Some(change) = change.filter(|_| known.include(&session)) else { return Ok(session) };
            if self.news.wait(change, again_at, until).await == WaitOutcome::TimeIsOver {
                return Ok(session);
            }
        }
    }

    /// Returns the session, and when to read it again without a notification: after a second, or when it expires.
    async fn snapshot(&self) -> Result<(Snapshot, Monotonic), ApiError> {
        let read_at = self.news.now();
        let now = self.news.now_of(&self.caller.merchant.id);
        let found = self.reads.snapshot(self.id).await?;
        let own = found.filter(|session| self.caller.owns(&session.merchant_id));
        let session = own.ok_or_else(session_not_found)?;
        note_snapshot(&session);
        if session.is_expired(now) {
            return Err(session_not_found());
        }
        let expires_after_ms = session.expires_at.ms_since(now);
        let expires_first = !session.has_open_operation && expires_after_ms < READ_AGAIN_MS;
        let again_after_ms = if expires_first { expires_after_ms } else { READ_AGAIN_MS };
        Ok((session, read_at.plus_ms(again_after_ms)))
    }
}
