//! What has outlived its use leaves, so that what is stored does not grow with history.
//!
//! Ids are time-ordered: what is old stands at the beginning of each table, and is found there without an index of its
//! own. Whoever comes first removes it; a second node that comes at once finds less, and does no harm.

use kassa_domain::Timestamp;

use crate::engine::{Row, Statement, Unit};
use crate::{Store, StoreError};

/// Page sessions that leave in one commit, and rows of each other kind.
const AT_A_TIME: i64 = 50;

/// What a page session consists of, in the order in which it leaves: the session itself at last.
const OF_A_PAGE_SESSION: [&str; 5] = [
    "delete from callback_attempt where page_session_id = $1",
    "delete from note where page_session_id = $1",
    "delete from callback where page_session_id = $1",
    "delete from status_event where page_session_id = $1",
    "delete from page_session where page_session_id = $1",
];

/// What leaves beside page sessions; each says 1 for a row that left.
const BESIDE: [&str; 3] = [
    "delete from payment_session where payment_session_id in (
       select payment_session_id from payment_session
       where payment_session_id < $1 and expires_at < $2 order by payment_session_id limit $3)
     returning 1",
    "delete from payment_authorization where authorization_token in (
       select authorization_token from payment_authorization
       where authorization_token < $1 and expires_at < $2 order by authorization_token limit $3)
     returning 1",
    "delete from message where message_id in (
       select message_id from message
       where message_id < $1 and created_at < $2 order by message_id limit $3)
     returning 1",
];

const KEPT_ANSWERS: &str = "delete from idempotent_answer where (merchant_id, idempotency_key) in (
       select merchant_id, idempotency_key from idempotent_answer
       where created_at < $1 order by created_at limit $2)
     returning 1";

/// How much left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Page sessions, with all that belongs to them.
    pub page_sessions: usize,
    /// Whether there may be more to leave.
    pub goes_on: bool,
}

impl Store {
    /// Removes some of what expired before an instant: page sessions with their events and callbacks, payment sessions,
    /// authorizations, messages, and answers that were kept for an idempotency key. Orders and customer tokens stay.
    /// `first_kept_id` is before any id that was made since that instant.
    ///
    /// A page session stays as long as one of its callbacks is still to be attempted.
    pub async fn remove_outlived(&self, first_kept_id: &str, before: Timestamp) -> Result<Left, StoreError> {
        let sessions = self.outlived_page_sessions(first_kept_id, before).await?;
        let mut unit = Unit::default();
        for session in &sessions {
            for sql in OF_A_PAGE_SESSION {
                unit.push(Statement::new(sql, [session.as_str().into()]));
            }
        }
        for sql in BESIDE {
            unit.push(Statement::new(sql, [first_kept_id.into(), before.into(), AT_A_TIME.into()]));
        }
        unit.push(Statement::new(KEPT_ANSWERS, [before.into(), AT_A_TIME.into()]));
        let beside = self.run_unguarded(unit).await?.len();
        let at_a_time = usize::try_from(AT_A_TIME).unwrap_or(usize::MAX);
        Ok(Left {
            page_sessions: sessions.len(),
            goes_on: sessions.len() >= at_a_time || beside >= at_a_time,
        })
    }

    async fn outlived_page_sessions(
        &self,
        first_kept_id: &str,
        before: Timestamp,
    ) -> Result<Vec<String>, StoreError> {
        let statement = Statement::new(
            "select page_session_id from page_session
             where page_session_id < $1 and expires_at < $2 and not exists (
               select 1 from callback
               where callback.page_session_id = page_session.page_session_id
                 and callback.state in ('DUE', 'BLOCKED'))
             order by page_session_id limit $3",
            [first_kept_id.into(), before.into(), AT_A_TIME.into()],
        );
        self.rows(statement, Row::text).await
    }
}
