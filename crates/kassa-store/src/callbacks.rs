//! Callbacks: stored with their event, claimed under a lease, settled with what came of the attempt.

use kassa_domain::page_session::PageSession;
use kassa_domain::{EventId, MerchantId, PageSessionId, Timestamp};

use crate::engine::{Row, Statement, Unit};
use crate::{Store, StoreError};

/// A callback to be stored with its event.
#[derive(Clone, Debug)]
pub struct NewCallback {
    /// Where it goes, placeholders filled.
    pub url: String,
    /// When its first attempt is due.
    pub due_at: Timestamp,
}

/// What to claim.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// Callbacks due at this instant are claimed.
    pub now: Timestamp,
    /// Until then they belong to the claimant; a claimant that dies loses no more than that.
    pub lease_until: Timestamp,
    /// So many at most.
    pub limit: i64,
}

/// A callback under a lease.
#[derive(Clone, Debug)]
pub struct ClaimedCallback {
    /// The session whose event it delivers.
    pub page_session_id: PageSessionId,
    /// The event's place among the session's events.
    pub sequence: i64,
    /// Whose it is.
    pub merchant_id: MerchantId,
    /// Where it goes.
    pub url: String,
    /// Attempts that have ended.
    pub attempts: i64,
    /// The claim's number: a settlement under an older one changes nothing.
    pub fence: i64,
}

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
    /// An answer came: its HTTP status, and the beginning of its body.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The beginning of the body.
        body: String,
    },
    /// No answer came, for this reason.
    Failed(String),
}

/// What an attempt leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// A 2xx came: done.
    Delivered,
    /// Another attempt follows.
    AgainAt(Timestamp),
    /// No attempt follows; the event stays, visible.
    GivenUp,
}

impl Store {
    /// Claims callbacks that are due. The first attempt of an event waits until the first attempt of its
    /// predecessor has ended.
    pub async fn claim_callbacks(&self, claim: Claim) -> Result<Vec<ClaimedCallback>, StoreError> {
        let statement = Statement::new(
            "update callback set due_at = $1, fence = fence + 1
             where (page_session_id, sequence) in (
               select c.page_session_id, c.sequence from callback c
               where c.state = 'DUE' and c.due_at <= $2 and not exists (
                 select 1 from callback p
                 where p.page_session_id = c.page_session_id and p.sequence < c.sequence
                   and p.state = 'DUE' and p.attempts = 0)
               order by c.due_at limit $3)
             returning page_session_id, sequence, merchant_id, url, attempts, fence",
            [claim.lease_until.into(), claim.now.into(), claim.limit.into()],
        );
        let rows = self.run_unguarded(Unit::of(statement)).await?;
        rows.into_iter().map(|mut row| read_claimed(&mut row)).collect()
    }

    /// When the next callback falls due, claimed ones included.
    pub async fn next_callback_due_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let statement =
            Statement::new("select due_at from callback where state = 'DUE' order by due_at limit 1", []);
        self.row(statement, Row::instant).await
    }

    /// The id and the body of the event that a callback delivers.
    pub async fn event_to_deliver(
        &self,
        callback: &ClaimedCallback,
    ) -> Result<Option<(EventId, String)>, StoreError> {
        let statement = Statement::new(
            "select event_id, body from status_event where page_session_id = $1 and sequence = $2",
            [callback.page_session_id.as_str().into(), callback.sequence.into()],
        );
        self.row(statement, |row| Ok((EventId::new(row.text()?), row.text()?))).await
    }

    /// Records an attempt and settles the callback, unless somebody claimed it later.
    pub async fn settle_callback(
        &self,
        callback: &ClaimedCallback,
        attempt: &Attempt,
        settlement: Settlement,
    ) -> Result<(), StoreError> {
        let mut unit = Unit::of(insert_attempt(callback, attempt));
        unit.push(settle(callback, attempt, settlement));
        self.run_unguarded(unit).await.map(drop)
    }
}

pub(crate) fn insert_callback(session: &PageSession, callback: &NewCallback) -> Statement {
    Statement::new(
        "insert into callback (page_session_id, sequence, merchant_id, url, state, attempts, due_at, fence)
         values ($1, $2, $3, $4, 'DUE', 0, $5, 0)",
        [
            session.id.as_str().into(),
            session.version.into(),
            session.merchant_id.as_str().into(),
            callback.url.as_str().into(),
            callback.due_at.into(),
        ],
    )
}

fn insert_attempt(callback: &ClaimedCallback, attempt: &Attempt) -> Statement {
    let (status, body, failure) = match &attempt.result {
        AttemptResult::Answered { status, body } => (Some(i64::from(*status)), Some(body.as_str()), None),
        AttemptResult::Failed(reason) => (None, None, Some(reason.as_str())),
    };
    Statement::new(
        "insert into callback_attempt (page_session_id, sequence, started_at, ended_at, answer_status,
           answer_body, failure)
         values ($1, $2, $3, $4, $5, $6, $7)",
        [
            callback.page_session_id.as_str().into(),
            callback.sequence.into(),
            attempt.started_at.into(),
            attempt.ended_at.into(),
            status.into(),
            body.into(),
            failure.into(),
        ],
    )
}

fn settle(callback: &ClaimedCallback, attempt: &Attempt, settlement: Settlement) -> Statement {
    let (state, due_at) = match settlement {
        Settlement::Delivered => ("DELIVERED", attempt.ended_at),
        Settlement::AgainAt(due_at) => ("DUE", due_at),
        Settlement::GivenUp => ("GIVEN_UP", attempt.ended_at),
    };
    Statement::new(
        "update callback set state = $1, due_at = $2, attempts = attempts + 1
         where page_session_id = $3 and sequence = $4 and fence = $5",
        [
            state.into(),
            due_at.into(),
            callback.page_session_id.as_str().into(),
            callback.sequence.into(),
            callback.fence.into(),
        ],
    )
}

fn read_claimed(row: &mut Row) -> Result<ClaimedCallback, StoreError> {
    Ok(ClaimedCallback {
        page_session_id: PageSessionId::new(row.text()?),
        sequence: row.int()?,
        merchant_id: MerchantId::new(row.text()?),
        url: row.text()?,
        attempts: row.int()?,
        fence: row.int()?,
    })
}
