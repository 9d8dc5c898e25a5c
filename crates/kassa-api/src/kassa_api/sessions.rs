//! `GET /kassa/v1/sessions`: the merchant's page sessions, newest first, expired ones included.

use axum::extract::State;
use http::StatusCode;
use kassa_domain::PageSessionId;
use kassa_domain::lifecycle::Status;
use kassa_engine::{Reads, first_uuid_of, session_status};
use kassa_http::{ApiError, Caller, Json, Parameters};
use kassa_store::{ListedSession, SessionFilter};
use kassa_wire::kassa::{self, SessionList};
use kassa_wire::time::Instant;

/// Sessions of one answer where the caller names no limit.
const DEFAULT_LIMIT: i64 = 100;

/// Sessions of one answer at most.
const MAX_LIMIT: i64 = 1000;

/// Ids are ordered by time, so the cursor is an id: sessions that are created meanwhile do not move it.
pub async fn sessions(
    State(reads): State<Reads>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<SessionList>, ApiError> {
    let created_after = parameters.instant("created_after")?;
    let wanted = SessionFilter {
        status: parameters.parsed("status", |text| Status::parse(&text.to_ascii_uppercase()))?,
        created_after,
        oldest: created_after.map(first_uuid_of).unwrap_or_default(),
        before: match parameters.one("cursor")? {
            Some(cursor) => Some(last_session(&reads, &caller, cursor).await?),
            None => None,
        },
        limit: parameters.number("limit", 1..=MAX_LIMIT)?.unwrap_or(DEFAULT_LIMIT),
    };
    let page = reads.sessions_of(&caller.merchant.id, &wanted).await?;
    let list = SessionList {
        sessions: page.sessions.into_iter().map(listed).collect(),
        cursor: page.goes_on_before.map(|id| id.as_str().to_string()),
    };
    Ok(Json(StatusCode::OK, list))
}

/// The session that ended the page before. A cursor that Kassa did not give to this merchant would silently give a
/// wrong page.
async fn last_session(reads: &Reads, caller: &Caller, cursor: &str) -> Result<PageSessionId, ApiError> {
    let found = reads.page_session(&PageSessionId::new(cursor)).await?;
    let found = found.filter(|session| caller.owns(&session.merchant_id));
    found.map(|session| session.id).ok_or_else(|| ApiError::bad_values(["cursor"]))
}

fn listed(session: ListedSession) -> kassa::SessionEntry {
    let (order_id, klarna_reference) =
        session.order.map(|order| (order.order_id.as_str().to_string(), order.klarna_reference)).unzip();
    kassa::SessionEntry {
        session_id: session.id.as_str().to_string(),
        payment_session_id: session.payment_session_id.as_str().to_string(),
        status: session_status(session.status),
        created_at: Instant::from_ms(session.created_at.as_ms()),
        updated_at: Instant::from_ms(session.updated_at.as_ms()),
        expires_at: Instant::from_ms(session.expires_at.as_ms()),
        order_id,
        klarna_reference: klarna_reference.filter(|reference| !reference.is_empty()),
    }
}
