//! The end of an attempt: recorded, and with it what follows.

use kassa_domain::Timestamp;
use kassa_domain::callback::CallbackState;
use kassa_sql::{Row, columns, sql};

use super::{ClaimedCallback, NO_LEASE};
use crate::engine::{Statement, Unit};
use crate::seal::{DataSeal, Purpose};
use crate::{Store, StoreError};

/// One HTTP call, as it went.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// How.
    pub result: AttemptResult,
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub enum AttemptResult {
    /// An answer came.
    Answered {
        /// The HTTP status.
        status: u16,
        /// Its headers of interest, as one JSON object.
        headers: String,
        /// The beginning of its body.
        body: String,
    },
    /// No answer came.
    Failed {
        /// One word for the kind of failure.
        kind: &'static str,
        /// The reason in one line.
        detail: String,
    },
}

/// The consequence of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// A 2xx came: done.
    Delivered,
    /// Another attempt follows.
    AgainAt(Timestamp),
    /// No attempt follows; the event stays, visible.
    GivenUp,
}

columns! {
    unblocked { page_session_id, sequence, fence }
}

impl Store {
    /// Records an attempt and settles the callback, unless somebody claimed it later. The end of an event's first
    /// attempt makes the session's next callback due: `true` where there is one.
    pub async fn settle_callback(
        &self,
        callback: &ClaimedCallback,
        attempt: &Attempt,
        settlement: Settlement,
    ) -> Result<bool, StoreError> {
        let mut unit = Unit::of(insert_attempt(&self.seal, callback, attempt));
        unit.push(settle(callback, settlement, attempt.ended_at));
        if callback.attempts == 0 && callback.kind.is_none() {
            unit.push(unblock_next(callback));
        }
        let unit = unit.contending_for(callback.page_session_id.as_str());
        Ok(!self.run_unguarded(unit).await?.is_empty())
    }

    /// Makes a claim last longer. `false` where it has passed to somebody else, or its lease has run out.
    pub async fn extend_lease(
        &self,
        callback: &ClaimedCallback,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let statement = Statement::new(
            "update callback set leased_until = $1
             where page_session_id = $2 and sequence = $3 and fence = $4 and leased_until > $5
             returning 1",
            [
                until.as_ms().into(),
                callback.page_session_id.as_str().into(),
                callback.sequence.into(),
                callback.fence.into(),
                now.as_ms().into(),
            ],
        );
        Ok(!self.run_unguarded(Unit::of(statement)).await?.is_empty())
    }

    /// Makes callbacks due that wait for a predecessor that no longer blocks them. An engine with one writer has none.
    /// If two commits do not see each other, this finds the callbacks that both passed over. The search takes no lock,
    /// because it almost always finds nothing. A callback that is found becomes due by its key.
    pub async fn unblock_callbacks(&self) -> Result<(), StoreError> {
        let statement = Statement::new(
            sql!(
                "select {unblocked} from callback
             where state = 'BLOCKED' and not exists (
               select 1 from callback earlier
               where earlier.page_session_id = callback.page_session_id
                 and earlier.sequence < callback.sequence
                 and earlier.attempts = 0 and earlier.state in ('DUE', 'BLOCKED'))",
                unblocked
            ),
            [],
        );
        let read = |row: &mut Row| {
            let id = row.get(unblocked::page_session_id)?;
            Ok(unblock(id, row.get(unblocked::sequence)?, row.get(unblocked::fence)?))
        };
        let statements = self.rows(statement, read).await?;
        if statements.is_empty() {
            return Ok(());
        }
        self.run_unguarded(Unit { statements, ..Unit::default() }).await.map(drop)
    }
}

fn insert_attempt(seal: &DataSeal, callback: &ClaimedCallback, attempt: &Attempt) -> Statement {
    let (status, headers, body, kind, detail) = match &attempt.result {
        AttemptResult::Answered { status, headers, body } => {
            let headers = seal.seal(Purpose::AnswerHeaders, headers);
            let body = seal.seal(Purpose::AnswerBody, body);
            (Some(i64::from(*status)), Some(headers), Some(body), None, None)
        }
        AttemptResult::Failed { kind, detail } => (None, None, None, Some(*kind), Some(detail.as_str())),
    };
    Statement::new(
        sql!(
            "insert into callback_attempt (page_session_id, sequence, started_at, ended_at, answer_status,
           answer_headers, answer_body, failure_kind, failure)
         {values}$1, $2, $3, $4, $5, $6, $7, $8, $9{end}{many: from given}"
        ),
        [
            callback.page_session_id.as_str().into(),
            callback.sequence.into(),
            attempt.started_at.as_ms().into(),
            attempt.ended_at.as_ms().into(),
            status.into(),
            headers.into(),
            body.into(),
            kind.into(),
            detail.into(),
        ],
    )
}

fn settle(callback: &ClaimedCallback, settlement: Settlement, ended_at: Timestamp) -> Statement {
    let (state, due_at) = match settlement {
        Settlement::Delivered => (CallbackState::Delivered, ended_at),
        Settlement::AgainAt(due_at) => (CallbackState::Due, due_at),
        Settlement::GivenUp => (CallbackState::GivenUp, ended_at),
    };
    Statement::new(
        sql!(
            "update callback set state = $1, due_at = $2, leased_until = $3, attempts = attempts + 1{many: from given}
         where page_session_id = $4{many: and page_session_id = any (array(select p4 from given))}
           and sequence = $5 and fence = $6"
        ),
        [
            state.as_str().into(),
            due_at.as_ms().into(),
            NO_LEASE.as_ms().into(),
            callback.page_session_id.as_str().into(),
            callback.sequence.into(),
            callback.fence.into(),
        ],
    )
}

fn unblock_next(callback: &ClaimedCallback) -> Statement {
    Statement::new(
        sql!(
            "update callback set state = 'DUE', leased_until = $1{many: from given}
         where page_session_id = $2{many: and page_session_id = any (array(select p2 from given))}
           and state = 'BLOCKED' and sequence = (
           select min(next.sequence) from callback next
           where next.page_session_id = $2 and next.state = 'BLOCKED'){counted}"
        ),
        [NO_LEASE.as_ms().into(), callback.page_session_id.as_str().into()],
    )
    .counting()
}

/// Makes a callback due that was found to wait for nothing, unless it was redelivered since.
fn unblock(page_session_id: String, sequence: i64, fence: i64) -> Statement {
    Statement::new(
        "update callback set state = 'DUE', leased_until = $1
         where page_session_id = $2 and sequence = $3 and fence = $4 and state = 'BLOCKED'",
        [NO_LEASE.as_ms().into(), page_session_id.into(), sequence.into(), fence.into()],
    )
}
