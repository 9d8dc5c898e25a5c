//! Callbacks: stored with their event, claimed under a lease, settled with what came of the attempt.

mod endpoint_key;
mod endpoints;
mod of_payments;
mod settle;

use kassa_domain::callback::{CallbackState, PaymentCallback};
use kassa_domain::page_session::PageSession;
use kassa_domain::{Endpoint, EventId, MerchantId, PageSessionId, Timestamp};
use kassa_sql::{Row, columns, sql};

use crate::engine::{Statement, Unit};
use crate::reading::ReadColumn as _;
use crate::seal::Purpose;
use crate::{Store, StoreError};

pub use endpoints::Backlog;
pub use of_payments::{NewPaymentCallback, PaymentCallbackRow};
pub use settle::{Attempt, AttemptResult, Settlement};

pub(crate) use endpoint_key::{endpoint_of_key, endpoint_of_row, key_of};
pub(crate) use of_payments::insert_payment_callback;

/// The `leased_until` of a callback without a lease.
pub(crate) const NO_LEASE: Timestamp = Timestamp::from_ms(0);

/// A callback to be stored with its event.
#[derive(Clone, Debug)]
pub struct NewCallback {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The URL, with its placeholders replaced.
    pub url: String,
    /// When its first attempt is due, in the merchant's time.
    pub due_at: Timestamp,
    /// The lease of the committer, in the system's time, if the committer makes the first attempt at once. Otherwise
    /// any worker may claim the callback.
    pub leased_until: Option<Timestamp>,
}

/// A claim of the due callbacks of one endpoint.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The time by the endpoint's clock: what is due until then.
    pub due_until: Timestamp,
    /// Maximum number of callbacks.
    pub limit: i64,
}

/// A callback under a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedCallback {
    /// The session whose event it delivers. The callback about an authorization without a page session has the id of
    /// the payment session here.
    pub page_session_id: PageSessionId,
    /// The event's place among the session's events.
    pub sequence: i64,
    /// Which URL of the payment session it calls; `None` where it delivers an event.
    pub kind: Option<PaymentCallback>,
    /// The owning merchant.
    pub merchant_id: MerchantId,
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The URL.
    pub url: String,
    /// Attempts that have ended since it was last made due by hand.
    pub attempts: i64,
    /// When its event was committed.
    pub committed_at: Timestamp,
    /// The claim's number: a settlement under an older one changes nothing.
    pub fence: i64,
}

columns! {
    claimed {
        page_session_id = "callback.page_session_id",
        sequence = "callback.sequence",
        kind = "callback.kind",
        merchant_id = "callback.merchant_id",
        endpoint = "callback.endpoint",
        origin = "callback.origin",
        clock_merchant_id = "callback.clock_merchant_id",
        url = "callback.url",
        attempts = "callback.attempts",
        committed_at = "callback.committed_at",
        fence = "callback.fence",
    }
    event_to_deliver { event_id, body }
    payment_callback_to_deliver like event_to_deliver {
        event_id = "coalesce(event_id, '')",
        body = "coalesce(body, '')",
    }
    new_callback { state }
}

impl Store {
    /// Claims callbacks that are due and under no lease, all in one commit. Until `lease_until` they belong to the
    /// claimant; a claimant that dies loses no more than that.
    pub async fn claim_callbacks(
        &self,
        claims: &[Claim],
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Vec<ClaimedCallback>, StoreError> {
        let mut unit = Unit::default();
        for claim in claims {
            unit.push(claim_endpoint(claim, now, lease_until));
        }
        let rows = self.run_unguarded(unit).await?;
        rows.into_iter().map(|mut row| read_claimed(&mut row)).collect()
    }

    /// The id and the body of what a callback delivers.
    pub async fn event_to_deliver(
        &self,
        callback: &ClaimedCallback,
    ) -> Result<Option<(EventId, String)>, StoreError> {
        let (purpose, sql) = match callback.kind {
            None => (
                Purpose::EventBody,
                sql!(
                    "select {event_to_deliver} from status_event where page_session_id = $1 and sequence = $2",
                    event_to_deliver
                ),
            ),
            Some(_) => (
                Purpose::CallbackBody,
                sql!(
                    "select {payment_callback_to_deliver} from callback
                     where page_session_id = $1 and sequence = $2",
                    payment_callback_to_deliver
                ),
            ),
        };
        let statement =
            Statement::new(sql, [callback.page_session_id.as_str().into(), callback.sequence.into()]);
        let read = |row: &mut Row| {
            let id = EventId::new(row.text(event_to_deliver::event_id)?);
            Ok((id, self.seal.text(row, event_to_deliver::body, purpose)?))
        };
        self.row(statement, read).await
    }
}

/// Stores a callback and answers its state. It is blocked while an earlier event of the session waits
/// for its first attempt.
pub(crate) fn insert_callback(session: &PageSession, callback: &NewCallback) -> Statement {
    Statement::new(
        sql!(
            "insert into callback (page_session_id, sequence, merchant_id, endpoint, url, state, attempts,
           committed_at, due_at, leased_until, fence, origin, clock_merchant_id)
         select $1, $2, $3, $4, $5,
           case when exists (
             select 1 from callback earlier
             where earlier.page_session_id = $1 and earlier.attempts = 0 and earlier.state in ('DUE', 'BLOCKED')
             {share})
           then 'BLOCKED' else 'DUE' end,
           0, $6, $7, $8, $9, $10, $11{where met}{many: from given}
         returning {many:(select place from given where p1 = page_session_id and p2 = sequence), }{new_callback}",
            new_callback
        ),
        [
            session.id.as_str().into(),
            session.version.into(),
            session.merchant_id.as_str().into(),
            key_of(&callback.endpoint).into(),
            callback.url.as_str().into(),
            session.updated_at.as_ms().into(),
            callback.due_at.as_ms().into(),
            callback.leased_until.unwrap_or(NO_LEASE).as_ms().into(),
            i64::from(callback.leased_until.is_some()).into(),
            callback.endpoint.origin.as_str().into(),
            callback.endpoint.clock.merchant().map(MerchantId::as_str).into(),
        ],
    )
}

/// The state that [`insert_callback`] answers with.
pub(crate) fn read_callback_state(row: &mut Row) -> Result<CallbackState, StoreError> {
    row.word(new_callback::state, CallbackState::parse)
}

/// The callback that [`insert_callback`] stored, under its committer's lease; `None` if the committer asked for no
/// lease, or if the callback is blocked.
pub(crate) fn leased_callback(
    session: &PageSession,
    callback: &NewCallback,
    state: CallbackState,
) -> Option<ClaimedCallback> {
    (state == CallbackState::Due && callback.leased_until.is_some()).then(|| ClaimedCallback {
        page_session_id: session.id.clone(),
        sequence: session.version,
        kind: None,
        merchant_id: session.merchant_id.clone(),
        endpoint: callback.endpoint.clone(),
        url: callback.url.clone(),
        attempts: 0,
        committed_at: session.updated_at,
        fence: 1,
    })
}

fn claim_endpoint(claim: &Claim, now: Timestamp, lease_until: Timestamp) -> Statement {
    Statement::new(
        sql!(
            "update callback set leased_until = $1, fence = fence + 1
         where (page_session_id, sequence) in (
           select page_session_id, sequence from callback
           where state = 'DUE' and endpoint = $2 and due_at <= $3 and leased_until <= $4
           order by due_at limit $5 {skip locked})
         returning {claimed}",
            claimed
        ),
        [
            lease_until.as_ms().into(),
            key_of(&claim.endpoint).into(),
            claim.due_until.as_ms().into(),
            now.as_ms().into(),
            claim.limit.into(),
        ],
    )
    // No server could pass over what is locked on another. So claimants may choose the same, and who comes second finds
    // it under a lease: what was chosen is looked at again.
    .or_over_servers(sql!(
        "with chosen as (
           select page_session_id, sequence from callback
           where state = 'DUE' and endpoint = $2 and due_at <= $3 and leased_until <= $4
           order by due_at limit $5)
         update callback set leased_until = $1, fence = fence + 1
         from chosen
         where callback.page_session_id = chosen.page_session_id and callback.sequence = chosen.sequence
           and callback.state = 'DUE' and callback.leased_until <= $4
         returning {claimed}",
        claimed
    ))
}

fn read_claimed(row: &mut Row) -> Result<ClaimedCallback, StoreError> {
    Ok(ClaimedCallback {
        page_session_id: PageSessionId::new(row.text(claimed::page_session_id)?),
        sequence: row.get(claimed::sequence)?,
        kind: row.optional_word(claimed::kind, PaymentCallback::parse)?,
        merchant_id: MerchantId::new(row.text(claimed::merchant_id)?),
        endpoint: row.endpoint(claimed::endpoint, claimed::origin, claimed::clock_merchant_id)?,
        url: row.get(claimed::url)?,
        attempts: row.get(claimed::attempts)?,
        committed_at: row.instant(claimed::committed_at)?,
        fence: row.get(claimed::fence)?,
    })
}
