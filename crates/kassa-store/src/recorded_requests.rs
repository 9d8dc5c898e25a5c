//! Finished requests about page sessions and payment sessions, for the timeline.

use kassa_domain::{Actor, MerchantId, PageSessionId, PaymentSessionId, Timestamp};
use kassa_sql::{Row, columns, sql};

use crate::engine::{Statement, Unit};
use crate::reading::ReadColumn as _;
use crate::{Store, StoreError};

/// A finished request, or several equal reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRequest {
    /// The id of the page session or payment session that it was about.
    pub owner_id: String,
    /// The key of the row among those of its owner. Reads with the same key are counted in one row.
    pub request_key: String,
    /// The owning merchant.
    pub merchant_id: MerchantId,
    /// When the first of them began, by the merchant's clock.
    pub began_at: Timestamp,
    /// When the last of them began.
    pub last_at: Timestamp,
    /// The number of them.
    pub times: i64,
    /// The number of status changes of the page session that the first of them saw.
    pub version: Option<i64>,
    /// The duration of the first of them, in milliseconds.
    pub duration_ms: i64,
    /// The method.
    pub method: String,
    /// The pattern of the path.
    pub route: String,
    /// The HTTP status of the answer.
    pub answer_status: i64,
    /// The correlation id of the first answer.
    pub correlation_id: String,
    /// The actor; `None` if a newer node stored it with a kind that is unknown here.
    pub actor: Option<Actor>,
    /// The error code of a refusal.
    pub error_code: Option<String>,
    /// The first message of a refusal.
    pub error_message: Option<String>,
}

columns! {
    recorded_request {
        owner_id, request_key, merchant_id, began_at, last_at, times, version, duration_ms, method, route,
        answer_status, correlation_id, actor_kind, actor_name, error_code, error_message,
    }
}

impl Store {
    /// Stores finished requests. Equal reads raise the count of the row that is there.
    pub async fn record_requests(&self, requests: &[RecordedRequest]) -> Result<(), StoreError> {
        let mut unit = Unit::default();
        for request in requests {
            unit.push(upsert(request));
        }
        self.run_unguarded(unit).await.map(drop)
    }

    /// The finished requests about a page session and its payment session, oldest first.
    pub async fn recorded_requests(
        &self,
        page_session: &PageSessionId,
        payment_session: &PaymentSessionId,
    ) -> Result<Vec<RecordedRequest>, StoreError> {
        let mut found = Vec::new();
        for owner in [page_session.as_str(), payment_session.as_str()] {
            let statement = Statement::new(
                sql!(
                    "select {recorded_request} from recorded_request where owner_id = $1 order by began_at",
                    recorded_request
                ),
                [owner.into()],
            );
            found.extend(self.rows(statement, read_request).await?);
        }
        Ok(found)
    }
}

fn upsert(request: &RecordedRequest) -> Statement {
    Statement::new(
        "insert into recorded_request (owner_id, request_key, merchant_id, began_at, last_at, times, version,
           duration_ms, method, route, answer_status, correlation_id, actor_kind, actor_name, error_code,
           error_message)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
         on conflict (owner_id, request_key) do update
         set times = recorded_request.times + excluded.times, last_at = excluded.last_at",
        [
            request.owner_id.as_str().into(),
            request.request_key.as_str().into(),
            request.merchant_id.as_str().into(),
            request.began_at.as_ms().into(),
            request.last_at.as_ms().into(),
            request.times.into(),
            request.version.into(),
            request.duration_ms.into(),
            request.method.as_str().into(),
            request.route.as_str().into(),
            request.answer_status.into(),
            request.correlation_id.as_str().into(),
            request.actor.as_ref().map(Actor::kind).into(),
            request.actor.as_ref().and_then(Actor::name).into(),
            request.error_code.as_deref().into(),
            request.error_message.as_deref().into(),
        ],
    )
}

fn read_request(row: &mut Row) -> Result<RecordedRequest, StoreError> {
    Ok(RecordedRequest {
        owner_id: row.get(recorded_request::owner_id)?,
        request_key: row.get(recorded_request::request_key)?,
        merchant_id: MerchantId::new(row.text(recorded_request::merchant_id)?),
        began_at: row.instant(recorded_request::began_at)?,
        last_at: row.instant(recorded_request::last_at)?,
        times: row.get(recorded_request::times)?,
        version: row.get(recorded_request::version)?,
        duration_ms: row.get(recorded_request::duration_ms)?,
        method: row.get(recorded_request::method)?,
        route: row.get(recorded_request::route)?,
        answer_status: row.get(recorded_request::answer_status)?,
        correlation_id: row.get(recorded_request::correlation_id)?,
        actor: row.actor(recorded_request::actor_kind, recorded_request::actor_name)?,
        error_code: row.get(recorded_request::error_code)?,
        error_message: row.get(recorded_request::error_message)?,
    })
}
