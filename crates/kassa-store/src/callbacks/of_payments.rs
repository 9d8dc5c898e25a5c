//! Callbacks to a payment session's own URLs: stored with the change that causes them, and claimed and settled as those
//! of events.

use kassa_domain::callback::{CallbackState, PaymentCallback};
use kassa_domain::{EventId, MerchantId, PageSessionId, Timestamp};
use kassa_sql::{Row, columns, sql};

use super::{ClaimedCallback, NO_LEASE, NewCallback, key_of};
use crate::engine::Statement;
use crate::reading::ReadColumn as _;
use crate::seal::{DataSeal, Purpose};
use crate::{Store, StoreError};

/// A callback to be stored with its change. It waits for no callback of an event, and delays none.
#[derive(Clone, Debug)]
pub struct NewPaymentCallback {
    /// The page session that led to the authorization, or the payment session if there is none
    /// ([`Authorization::callback_owner`](kassa_domain::payment_session::Authorization::callback_owner)).
    pub page_session_id: PageSessionId,
    /// Its number among the callbacks of that session.
    pub sequence: i64,
    /// The owning merchant.
    pub merchant_id: MerchantId,
    /// Which URL it calls.
    pub kind: PaymentCallback,
    /// Names it, in every attempt.
    pub event_id: EventId,
    /// The body, which is the same in every attempt.
    pub body: String,
    /// When its change was committed.
    pub committed_at: Timestamp,
    /// The URL and the due date.
    pub callback: NewCallback,
}

impl NewPaymentCallback {
    /// The stored callback with the lease of its committer. `None` if the committer asked for no lease.
    #[must_use]
    pub fn leased(&self) -> Option<ClaimedCallback> {
        self.callback.leased_until.map(|_| ClaimedCallback {
            page_session_id: self.page_session_id.clone(),
            sequence: self.sequence,
            kind: Some(self.kind),
            merchant_id: self.merchant_id.clone(),
            endpoint: self.callback.endpoint.clone(),
            url: self.callback.url.clone(),
            attempts: 0,
            committed_at: self.committed_at,
            fence: 1,
        })
    }
}

/// A callback to a payment session's own URL, as the timeline shows it.
#[derive(Clone, Debug)]
pub struct PaymentCallbackRow {
    /// The number that its attempts have.
    pub sequence: i64,
    /// Which URL it calls.
    pub kind: PaymentCallback,
    /// Names it.
    pub event_id: EventId,
    /// The URL.
    pub url: String,
    /// The state of its delivery.
    pub state: CallbackState,
    /// When its change was committed.
    pub committed_at: Timestamp,
    /// When its next attempt is due, or when it was settled.
    pub due_at: Timestamp,
}

columns! {
    payment_callback { sequence, kind, event_id = "coalesce(event_id, '')", url, state, committed_at, due_at }
}

impl Store {
    /// The callbacks to the own URLs of the payment session that a page session led to.
    pub async fn payment_callbacks(&self, of: &PageSessionId) -> Result<Vec<PaymentCallbackRow>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {payment_callback} from callback
             where page_session_id = $1 and kind is not null order by sequence",
                payment_callback
            ),
            [of.as_str().into()],
        );
        self.rows(statement, read_payment_callback).await
    }
}

/// Stores a callback that is due without regard to others.
pub(crate) fn insert_payment_callback(seal: &DataSeal, new: &NewPaymentCallback) -> Statement {
    let callback = &new.callback;
    Statement::new(
        sql!(
            "insert into callback (page_session_id, sequence, merchant_id, endpoint, url, state, attempts, committed_at,
           due_at, leased_until, fence, kind, event_id, body, origin, clock_merchant_id)
         {values}$1, $2, $3, $4, $5, 'DUE', 0, $6, $7, $8, $9, $10, $11, $12, $13, $14{end}"
        ),
        [
            new.page_session_id.as_str().into(),
            new.sequence.into(),
            new.merchant_id.as_str().into(),
            key_of(&callback.endpoint).into(),
            callback.url.as_str().into(),
            new.committed_at.as_ms().into(),
            callback.due_at.as_ms().into(),
            callback.leased_until.unwrap_or(NO_LEASE).as_ms().into(),
            i64::from(callback.leased_until.is_some()).into(),
            new.kind.as_str().into(),
            new.event_id.as_str().into(),
            seal.seal(Purpose::CallbackBody, &new.body).into(),
            callback.endpoint.origin.as_str().into(),
            callback.endpoint.clock.merchant().map(MerchantId::as_str).into(),
        ],
    )
}

fn read_payment_callback(row: &mut Row) -> Result<PaymentCallbackRow, StoreError> {
    Ok(PaymentCallbackRow {
        sequence: row.get(payment_callback::sequence)?,
        kind: row.word(payment_callback::kind, PaymentCallback::parse)?,
        event_id: EventId::new(row.text(payment_callback::event_id)?),
        url: row.get(payment_callback::url)?,
        state: row.word(payment_callback::state, CallbackState::parse)?,
        committed_at: row.instant(payment_callback::committed_at)?,
        due_at: row.instant(payment_callback::due_at)?,
    })
}
