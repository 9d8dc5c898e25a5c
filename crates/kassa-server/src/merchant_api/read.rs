//! `GET /hpp/v1/sessions/{session_id}` (spec 1.4), and what makes reading it again cheap.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::ETAG;
use http::{HeaderMap, HeaderValue, StatusCode};
use kassa_domain::time::SECOND_MS;
use kassa_domain::{PageSessionId, Timestamp};
use kassa_store::Standing;

use super::conditions::{Held, PREFERENCE_APPLIED, entity_tag, preferred_wait_s};
use super::{own_session, session_not_found};
use crate::api_error::ApiError;
use crate::app::App;
use crate::authentication::Caller;
use crate::body::Json;
use crate::snapshot::session_read;
use crate::waiting::{READ_AGAIN_MS, Waiter, Woken, wait};

/// Answers the session, or 304 where the reader holds it already. With `Prefer: wait=N` that answer is held until
/// there is news or the time is over. Waiting for `*` would wait for nothing in particular, so it is answered.
pub(super) async fn read(
    State(app): State<App>,
    mut caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let held = Held::of(&headers);
    let wait_s = preferred_wait_s(&headers).filter(|_| matches!(held, Held::Versions(_)));
    let mut response = match held {
        Held::Nothing => full(&app, &caller, id).await?,
        Held::Any | Held::Versions(_) => {
            match still_held(&app, &caller, &PageSessionId::new(&id), &held, wait_s.unwrap_or(0)).await? {
                Some(version) => (StatusCode::NOT_MODIFIED, [(ETAG, entity_tag(version))]).into_response(),
                None => {
                    caller.now = app.clock.now(&caller.merchant.id);
                    full(&app, &caller, id).await?
                }
            }
        }
    };
    if let Some(wait_s) = wait_s
        && let Ok(applied) = HeaderValue::from_str(&format!("wait={wait_s}"))
    {
        response.headers_mut().insert(PREFERENCE_APPLIED, applied);
    }
    Ok(response)
}

async fn full(app: &App, caller: &Caller, id: String) -> Result<Response, ApiError> {
    let session = own_session(app, caller, id).await?;
    let body = Json(StatusCode::OK, session_read(&session));
    Ok(([(ETAG, entity_tag(session.version))], body).into_response())
}

/// The version at which the session stands, when the reader holds it and the time to wait is over; `None` once the
/// reader does not hold it.
async fn still_held(
    app: &App,
    caller: &Caller,
    id: &PageSessionId,
    held: &Held,
    wait_s: i64,
) -> Result<Option<i64>, ApiError> {
    let until = app.clock.system_now().plus_ms(wait_s * SECOND_MS);
    let waiter = (wait_s > 0).then(|| app.waiting.for_page_session(id));
    loop {
        let news = waiter.as_ref().map(Waiter::news);
        let (standing, again_at) = standing(app, caller, id).await?;
        if !held.holds(standing.version) {
            return Ok(None);
        }
        let woken = match news {
            Some(news) => wait(app, news, again_at, until).await,
            None => Woken::TimeIsOver,
        };
        if woken == Woken::TimeIsOver {
            return Ok(Some(standing.version));
        }
    }
}

/// How the caller's session stands, and when to look again unasked: soon, and when it expires.
async fn standing(app: &App, caller: &Caller, id: &PageSessionId) -> Result<(Standing, Timestamp), ApiError> {
    let read_at = app.clock.system_now();
    let now = app.clock.now(&caller.merchant.id);
    let found = app.store.standing(id).await?;
    let is_there = |standing: &Standing| caller.owns(&standing.merchant_id) && now < standing.expires_at;
    let standing = found.filter(is_there).ok_or_else(session_not_found)?;
    let again_after_ms = standing.expires_at.ms_since(now).min(READ_AGAIN_MS);
    Ok((standing, read_at.plus_ms(again_after_ms)))
}
