//! `GET /hpp/v1/sessions/{session_id}` (docs/wire.md#read-a-page-session), and what makes reading it again cheap.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::ETAG;
use http::{HeaderMap, HeaderValue, StatusCode};
use kassa_domain::PageSessionId;
use kassa_domain::page_session::Snapshot;
use kassa_domain::time::SECOND_MS;

use super::conditions::{Held, PREFERENCE_APPLIED, entity_tag, preferred_wait_s};
use super::session_not_found;
use crate::api_error::ApiError;
use crate::app::App;
use crate::authentication::Caller;
use crate::body::Json;
use crate::clock::Monotonic;
use crate::snapshot::session_read;
use crate::waiting::{READ_AGAIN_MS, Waiter, Woken, wait};

/// Answers the session, or 304 where the reader holds it already. With `Prefer: wait=N` that answer is held until
/// there is news or the time is over. Waiting for `*` would wait for nothing in particular, so it is answered.
pub(super) async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let held = Held::of(&headers);
    let wait_s = preferred_wait_s(&headers).filter(|_| matches!(held, Held::Versions(_)));
    let session = latest(&app, &caller, &PageSessionId::new(id), &held, wait_s.unwrap_or(0)).await?;
    let entity_tag = [(ETAG, entity_tag(session.version))];
    let mut response = match held.holds(session.version) {
        true => (StatusCode::NOT_MODIFIED, entity_tag).into_response(),
        false => (entity_tag, Json(StatusCode::OK, session_read(&session))).into_response(),
    };
    if let Some(wait_s) = wait_s
        && let Ok(applied) = HeaderValue::from_str(&format!("wait={wait_s}"))
    {
        response.headers_mut().insert(PREFERENCE_APPLIED, applied);
    }
    Ok(response)
}

/// The caller's session, once it stands at a version that the reader does not hold or the time to wait is over.
async fn latest(
    app: &App,
    caller: &Caller,
    id: &PageSessionId,
    held: &Held,
    wait_s: i64,
) -> Result<Snapshot, ApiError> {
    let until = app.clock.monotonic_now().plus_ms(wait_s * SECOND_MS);
    let waiter = (wait_s > 0).then(|| app.waiting.for_page_session(id));
    loop {
        let news = waiter.as_ref().map(Waiter::news);
        let (session, again_at) = own_snapshot(app, caller, id).await?;
        let Some(news) = news.filter(|_| held.holds(session.version)) else { return Ok(session) };
        if wait(app, news, again_at, until).await == Woken::TimeIsOver {
            return Ok(session);
        }
    }
}

/// The caller's session as it stands, and when to look again unasked: soon, and when it expires.
async fn own_snapshot(
    app: &App,
    caller: &Caller,
    id: &PageSessionId,
) -> Result<(Snapshot, Monotonic), ApiError> {
    let read_at = app.clock.monotonic_now();
    let now = app.clock.now(&caller.merchant.id);
    let found = app.store.snapshot(id).await?;
    let is_there = |session: &Snapshot| caller.owns(&session.merchant_id) && now < session.expires_at;
    let session = found.filter(is_there).ok_or_else(session_not_found)?;
    let again_after_ms = session.expires_at.ms_since(now).min(READ_AGAIN_MS);
    Ok((session, read_at.plus_ms(again_after_ms)))
}
