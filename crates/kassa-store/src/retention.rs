//! Retention: deletes rows past their age, so that the database does not grow with history.
//!
//! Ids are ordered by time, so old rows are at the beginning of each table. A scan finds them there, a bounded number
//! at a time, without an index of their own. Each row is deleted by its key. Nodes need not coordinate: a second node
//! finds fewer rows, and does no harm.

use kassa_domain::{MerchantId, Timestamp};
use kassa_sql::{Row, Sql, Value, columns, sql};

use crate::audit::{NewAct, push_act, unit_with_act};
use crate::engine::{Statement, Unit};
use crate::{Store, StoreError};

/// Rows that are read at a time.
const AT_A_TIME: i64 = 50;

columns! {
    candidate_page_session {
        key = "page_session_id",
        merchant_id,
        is_over = "case when expires_at < $1 and open_operation_id is null and not exists (
                   select 1 from callback
                   where callback.page_session_id = page_session.page_session_id
                     and callback.state in ('DUE', 'BLOCKED')) then 1 else 0 end",
    }
    candidate_payment_session like candidate_page_session {
        key = "payment_session_id",
        merchant_id,
        is_over = "case when expires_at < $1 then 1 else 0 end",
    }
    candidate_authorization like candidate_page_session {
        key = "authorization_token",
        merchant_id,
        is_over = "case when expires_at < $1 then 1 else 0 end",
    }
    candidate_message like candidate_page_session {
        key = "message_id",
        merchant_id,
        is_over = "case when created_at < $1 then 1 else 0 end",
    }
    candidate_answer { idempotency_key, merchant_id, created_at }
    candidate_owner_of_requests like candidate_page_session {
        key = "owner_id",
        merchant_id = "min(merchant_id)",
        is_over = "case when min(last_at) < $1 then 1 else 0 end",
    }
    candidate_callback_answers like candidate_page_session {
        key = "a.page_session_id",
        merchant_id = "min(c.merchant_id)",
        is_over = "case when max(a.ended_at) < $1 then 1 else 0 end",
    }
}

/// The kinds of rows that expire. Orders and customer tokens do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiredKind {
    /// Page sessions, with their events, callbacks, attempts, notes and recorded requests.
    PageSessions,
    /// Payment sessions of the sandbox, with the callbacks of authorizations that have no page session. Those callbacks
    /// have ended, because retention is longer than every schedule of attempts.
    PaymentSessions,
    /// Copies of the payment sessions of remote payment systems, whose ids are not ordered by time.
    RemotePaymentSessions,
    /// Authorizations.
    Authorizations,
    /// Authorizations with encrypted tokens, which are not ordered by time.
    SealedAuthorizations,
    /// Messages to consumers, with their deliveries.
    Messages,
    /// Answers that were stored for an idempotency key.
    IdempotentAnswers,
    /// Old recorded requests, by the page session or payment session that they belong to.
    RecordedRequests,
    /// The headers and bodies of merchants' answers to callbacks, by page session. The attempts stay.
    CallbackAnswers,
}

/// A row that the scan has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its key. That of an answer is unique only together with its merchant.
    pub key: String,
    /// The owning merchant.
    pub merchant_id: MerchantId,
    /// Whether it has expired and needs no further work.
    pub is_over: bool,
    /// The place after which the scan continues.
    pub place: String,
    /// The instant before which it has expired, or was created.
    before: Timestamp,
}

impl ExpiredKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::PageSessions,
        Self::PaymentSessions,
        Self::RemotePaymentSessions,
        Self::Authorizations,
        Self::SealedAuthorizations,
        Self::Messages,
        Self::IdempotentAnswers,
        Self::RecordedRequests,
        Self::CallbackAnswers,
    ];

    /// The word of the kind in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PageSessions => "page_sessions",
            Self::PaymentSessions | Self::RemotePaymentSessions => "payment_sessions",
            Self::Authorizations | Self::SealedAuthorizations => "authorizations",
            Self::Messages => "messages",
            Self::IdempotentAnswers => "idempotent_answers",
            Self::RecordedRequests => "recorded_requests",
            Self::CallbackAnswers => "callback_answers",
        }
    }

    /// Whether the ids are ordered by time, so that a scan can end before the ids that are too young.
    const fn has_ids_by_time(self) -> bool {
        match self {
            Self::PageSessions
            | Self::PaymentSessions
            | Self::Authorizations
            | Self::Messages
            | Self::RecordedRequests
            | Self::CallbackAnswers => true,
            Self::RemotePaymentSessions | Self::SealedAuthorizations | Self::IdempotentAnswers => false,
        }
    }

    /// Reads on after `$2`, up to `$3`. A row is over if it expired, or was created, before `$1`.
    const fn scan(self) -> Sql {
        match self {
            Self::PageSessions => sql!(
                "select {candidate_page_session}
                 from page_session
                 where page_session_id > $2 and page_session_id < $3 order by page_session_id limit $4",
                candidate_page_session
            ),
            Self::PaymentSessions => sql!(
                "select {candidate_payment_session}
                 from payment_session
                 where payment_session_id > $2 and payment_session_id < $3 order by payment_session_id limit $4",
                candidate_payment_session
            ),
            Self::RemotePaymentSessions => sql!(
                "select {candidate_payment_session}
                 from payment_session
                 where system is not null and payment_session_id > $2 order by payment_session_id limit $3",
                candidate_payment_session
            ),
            Self::Authorizations => sql!(
                "select {candidate_authorization}
                 from payment_authorization
                 where authorization_token > $2 and authorization_token < $3 order by authorization_token limit $4",
                candidate_authorization
            ),
            Self::SealedAuthorizations => sql!(
                "select {candidate_authorization}
                 from payment_authorization
                 where authorization_token > $2 and authorization_token >= 'sealed:'
                 order by authorization_token limit $3",
                candidate_authorization
            ),
            Self::Messages => sql!(
                "select {candidate_message}
                 from message
                 where message_id > $2 and message_id < $3 order by message_id limit $4",
                candidate_message
            ),
            Self::RecordedRequests => sql!(
                "select {candidate_owner_of_requests}
                 from recorded_request
                 where owner_id > $2 and owner_id < $3 group by owner_id order by owner_id limit $4",
                candidate_owner_of_requests
            ),
            Self::CallbackAnswers => sql!(
                "select {candidate_callback_answers}
                 from callback_attempt a
                   join callback c on c.page_session_id = a.page_session_id and c.sequence = a.sequence
                 where a.page_session_id > $2 and a.page_session_id < $3
                   and (a.answer_headers is not null or a.answer_body is not null)
                 group by a.page_session_id order by a.page_session_id limit $4",
                candidate_callback_answers
            ),
            Self::IdempotentAnswers => sql!(
                "select {candidate_answer} from idempotent_answer
                 where created_at > $1 and created_at < $2 order by created_at limit $3",
                candidate_answer
            ),
        }
    }

    /// The value of a deletion after the key, if it has one.
    fn second_value(self, row: &Candidate) -> Option<Value<'_>> {
        match self {
            Self::IdempotentAnswers => Some(row.merchant_id.as_str().into()),
            Self::RecordedRequests => Some(row.before.as_ms().into()),
            Self::PageSessions
            | Self::PaymentSessions
            | Self::RemotePaymentSessions
            | Self::Authorizations
            | Self::SealedAuthorizations
            | Self::Messages
            | Self::CallbackAnswers => None,
        }
    }

    /// The deletions, in this order.
    const fn deletions(self) -> &'static [&'static str] {
        match self {
            Self::PageSessions => &[
                "delete from callback_attempt where page_session_id = $1",
                "delete from note where page_session_id = $1",
                "delete from payment_operation where page_session_id = $1",
                "delete from payment_confirmation where page_session_id = $1",
                "delete from order_reference_read where page_session_id = $1",
                "delete from session_timer where page_session_id = $1",
                "delete from callback where page_session_id = $1",
                "delete from status_event where page_session_id = $1",
                "delete from recorded_request where owner_id = $1",
                "delete from page_session where page_session_id = $1",
            ],
            Self::PaymentSessions => &[
                "delete from callback_attempt where page_session_id = $1",
                "delete from callback where page_session_id = $1",
                "delete from recorded_request where owner_id = $1",
                "delete from payment_session where payment_session_id = $1",
            ],
            Self::RemotePaymentSessions => &[
                "delete from recorded_request where owner_id = $1",
                "delete from payment_session where payment_session_id = $1",
            ],
            Self::Authorizations | Self::SealedAuthorizations => {
                &["delete from payment_authorization where authorization_token = $1"]
            }
            Self::Messages => &[
                "delete from message_attempt where message_id = $1",
                "delete from message_delivery where message_id = $1",
                "delete from message where message_id = $1",
            ],
            Self::RecordedRequests => &["delete from recorded_request where owner_id = $1 and last_at < $2"],
            Self::CallbackAnswers => {
                &["update callback_attempt set answer_headers = null, answer_body = null
                 where page_session_id = $1 and (answer_headers is not null or answer_body is not null)"]
            }
            Self::IdempotentAnswers => {
                &["delete from idempotent_answer where idempotency_key = $1 and merchant_id = $2"]
            }
        }
    }
}

impl Store {
    /// The next rows of the scan after `place`, which is empty at the beginning. A row is over if it expired before
    /// `before`; no id that was created since then is smaller than `first_kept_id`.
    ///
    /// A page session is not over as long as a callback of it has attempts to come, or the outcome of its order is
    /// unknown.
    pub async fn retention_candidates(
        &self,
        what: ExpiredKind,
        place: &str,
        first_kept_id: &str,
        before: Timestamp,
    ) -> Result<Vec<Candidate>, StoreError> {
        if what == ExpiredKind::IdempotentAnswers {
            return self.answer_candidates(place, before).await;
        }
        let mut values = vec![before.as_ms().into(), place.into()];
        if what.has_ids_by_time() {
            values.push(first_kept_id.into());
        }
        values.push(AT_A_TIME.into());
        let statement = Statement::new(what.scan(), values);
        let read = |row: &mut Row| {
            let key = row.text(candidate_page_session::key)?;
            Ok(Candidate {
                place: key.clone(),
                key,
                merchant_id: MerchantId::new(row.text(candidate_page_session::merchant_id)?),
                is_over: row.get(candidate_page_session::is_over)?,
                before,
            })
        };
        self.rows(statement, read).await
    }

    async fn answer_candidates(&self, place: &str, before: Timestamp) -> Result<Vec<Candidate>, StoreError> {
        let after: i64 = place.parse().unwrap_or(i64::MIN);
        let statement = Statement::new(
            ExpiredKind::IdempotentAnswers.scan(),
            [after.into(), before.as_ms().into(), AT_A_TIME.into()],
        );
        let read = |row: &mut Row| {
            Ok(Candidate {
                key: row.get(candidate_answer::idempotency_key)?,
                merchant_id: MerchantId::new(row.text(candidate_answer::merchant_id)?),
                is_over: true,
                place: row.get::<i64>(candidate_answer::created_at)?.to_string(),
                before,
            })
        };
        self.rows(statement, read).await
    }

    /// Deletes rows that the scan has read, with everything that belongs to them. Records the act in the same
    /// transaction.
    pub async fn remove(
        &self,
        what: ExpiredKind,
        rows: &[&Candidate],
        act: Option<&NewAct>,
    ) -> Result<(), StoreError> {
        let mut unit = match act {
            Some(_) => unit_with_act(),
            None => Unit::default(),
        };
        for row in rows {
            for &sql in what.deletions() {
                let values = std::iter::once(row.key.as_str().into()).chain(what.second_value(row));
                unit.push(Statement::new(sql, values));
            }
        }
        if let Some(act) = act {
            push_act(&mut unit, act);
        }
        self.run_unguarded(unit).await.map(drop)
    }
}
