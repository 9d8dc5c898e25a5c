//! Payment operations: recorded with their request, claimed under a lease, and settled together with the status change
//! that follows from their outcome.

mod backlog;

use kassa_domain::operation::{OperationKind, OperationState};
use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::Authorization;
use kassa_domain::{OperationId, PageSessionId, Timestamp};
use kassa_sql::{Row, columns, sql};

use crate::audit::{NewAct, count_act, unit_with_act};
use crate::callbacks::NO_LEASE;
use crate::engine::{Answer, Guard, Statement, Unit};
use crate::reading::{ReadColumn as _, stored_json};
use crate::seal::{DataSeal, Purpose};
use crate::timeline::insert_note;
use crate::{CommitOutcome, Note, Store, StoreError};

pub use backlog::OperationsBacklog;

/// A payment operation that is about to be recorded.
#[derive(Clone, Debug)]
pub struct NewOperation {
    /// The idempotency key of every attempt.
    pub id: OperationId,
    /// The request to the payment system.
    pub kind: OperationKind,
    /// The authorization that it spends or releases.
    pub authorization: Authorization,
    /// The bytes of every attempt.
    pub request: String,
    /// When it is recorded, by the time of leases.
    pub recorded_at: Timestamp,
    /// No attempt begins at or after this instant.
    pub gives_up_at: Timestamp,
    /// The lease of the node that records it, which makes the first attempt.
    pub leased_until: Timestamp,
}

/// A payment operation under a lease.
#[derive(Clone, Debug)]
pub struct ClaimedOperation {
    /// The idempotency key of every attempt.
    pub id: OperationId,
    /// The request to the payment system.
    pub kind: OperationKind,
    /// The authorization that it spends or releases.
    pub authorization: Authorization,
    /// The bytes of every attempt.
    pub request: String,
    /// The number of attempts that have ended.
    pub attempts: i64,
    /// No attempt begins at or after this instant.
    pub gives_up_at: Timestamp,
    /// The number of the claim. A write under an older one changes nothing.
    pub fence: i64,
}

/// A payment operation, as the timeline shows it.
#[derive(Clone, Debug)]
pub struct OperationRow {
    /// Its key.
    pub id: OperationId,
    /// The request to the payment system.
    pub kind: OperationKind,
    /// Its state.
    pub state: OperationState,
    /// The number of attempts that have ended.
    pub attempts: i64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// When the next attempt is due, or when it ended.
    pub due_at: Timestamp,
    /// The outcome of the latest attempt, in words.
    pub last_outcome: Option<String>,
}

/// The end of an operation, which is committed with the status change that follows from its outcome.
#[derive(Clone, Debug)]
pub struct OperationEnd {
    /// The operation, as it was claimed.
    pub id: OperationId,
    /// The number of the claim.
    pub fence: i64,
    /// The outcome, in words.
    pub outcome: String,
    /// When it ended, by the time of leases.
    pub at: Timestamp,
}

columns! {
    claimed_operation {
        operation_id = "payment_operation.operation_id",
        kind = "payment_operation.kind",
        authorization_row = "payment_operation.authorization_row",
        request = "payment_operation.request",
        attempts = "payment_operation.attempts",
        gives_up_at = "payment_operation.gives_up_at",
        fence = "payment_operation.fence",
    }
    operation { operation_id, kind, state, attempts, recorded_at, due_at, last_outcome }
}

impl ClaimedOperation {
    /// The page session whose operation it is.
    #[must_use]
    pub fn page_session_id(&self) -> &PageSessionId {
        page_session_of(&self.authorization)
    }

    /// The end of this operation with an outcome.
    #[must_use]
    pub fn ended(&self, outcome: String, at: Timestamp) -> OperationEnd {
        OperationEnd { id: self.id.clone(), fence: self.fence, outcome, at }
    }
}

impl NewOperation {
    /// The operation as the node that recorded it has claimed it.
    #[must_use]
    pub fn claimed(self) -> ClaimedOperation {
        let Self { id, kind, authorization, request, gives_up_at, .. } = self;
        ClaimedOperation { id, kind, authorization, request, attempts: 0, gives_up_at, fence: 1 }
    }
}

impl Store {
    /// Records the operation that places the order of a page session, guarded by the versions at which the session and
    /// its payment session were read. The version of the payment session changes, so that of two page sessions of one
    /// payment session only one records an order.
    pub async fn record_order_operation(
        &self,
        session: &PageSession,
        payment_version: i64,
        operation: &NewOperation,
    ) -> Result<CommitOutcome, StoreError> {
        let open = Statement::new(
            "update page_session set open_operation_id = $1
             where page_session_id = $2 and version = $3 and open_operation_id is null",
            [operation.id.as_str().into(), session.id.as_str().into(), session.version.into()],
        );
        let payment_session_id = &session.payment_session_id;
        let claim = Statement::new(
            "update payment_session set version = version + 1
             where payment_session_id = $1 and version = $2 and order_id is null",
            [payment_session_id.as_str().into(), payment_version.into()],
        );
        let mut unit = Unit::of(claim.guarding(Guard::PaymentSession))
            .contending_for(payment_session_id.as_str())
            .contending_for(session.id.as_str());
        unit.push(open.guarding(Guard::PageSession));
        unit.push(insert_operation(&self.seal, operation)?);
        match self.run(unit).await? {
            Answer::Committed(_) => Ok(CommitOutcome::Done),
            Answer::Refused(_) => Ok(CommitOutcome::Stale),
        }
    }

    /// Adds a note about a released authorization, and the operation that releases it if there is one.
    pub async fn record_release(
        &self,
        of: &PageSessionId,
        note: &Note,
        operation: Option<&NewOperation>,
    ) -> Result<(), StoreError> {
        let mut unit = Unit::of(insert_note(of, note));
        if let Some(operation) = operation {
            unit.push(insert_operation(&self.seal, operation)?);
        }
        self.run_unguarded(unit).await.map(drop)
    }

    /// Claims operations that are due at `now` and have no lease, at most `limit` of them, longest due first. If there
    /// are none, it only reads, because a node asks once a second.
    pub async fn claim_operations(
        &self,
        now: Timestamp,
        leased_until: Timestamp,
        limit: i64,
    ) -> Result<Vec<ClaimedOperation>, StoreError> {
        let due = Statement::new(
            "select 1 from payment_operation
             where state = 'DUE' and due_at <= $1 and leased_until <= $1 limit 1",
            [now.as_ms().into()],
        );
        if self.row(due, |row| Ok(row.only::<i64>()?)).await?.is_none() {
            return Ok(Vec::new());
        }
        let unit = Unit::of(claim_due(now, leased_until, limit));
        let rows = self.run_unguarded(unit).await?;
        Ok(rows.into_iter().filter_map(|mut row| self.readable_claim(&mut row)).collect())
    }

    /// An operation that was claimed. If one cannot be read, the others are carried out all the same.
    fn readable_claim(&self, row: &mut Row) -> Option<ClaimedOperation> {
        let read = read_claimed(&self.seal, row);
        read.inspect_err(|error| {
            tracing::error!(%error, "a payment operation cannot be read; it is claimed again when its lease ends");
        })
        .ok()
    }

    /// Claims a stuck operation of a page session, for an operator who settles it. Returns `None` if the session has
    /// none.
    pub async fn claim_stuck_operation(
        &self,
        of: &PageSessionId,
        act: &NewAct,
    ) -> Result<Option<ClaimedOperation>, StoreError> {
        let statement = Statement::new(
            sql!(
                "update payment_operation set fence = fence + 1
                 where page_session_id = $1 and state = 'STUCK'
                 returning {claimed_operation}",
                claimed_operation
            ),
            [of.as_str().into()],
        );
        let mut unit = unit_with_act();
        unit.push(count_act());
        unit.push(insert_act_of_stuck(act, of));
        unit.push(statement);
        let rows = self.run_unguarded(unit).await?;
        rows.into_iter().next().map(|mut row| read_claimed(&self.seal, &mut row)).transpose()
    }

    /// Makes the waiting operation of a page session due now, unless a node has claimed it.
    pub async fn hasten_operation(&self, of: &PageSessionId, now: Timestamp) -> Result<(), StoreError> {
        let statement = Statement::new(
            "update payment_operation set due_at = $1
             where page_session_id = $2 and state = 'DUE' and leased_until <= $1 and due_at > $1",
            [now.as_ms().into(), of.as_str().into()],
        );
        self.run_unguarded(Unit::of(statement)).await.map(drop)
    }

    /// Records an attempt without a known outcome, and when the next one is due. Changes nothing if another node
    /// claimed the operation since.
    pub async fn repeat_operation_at(
        &self,
        operation: &ClaimedOperation,
        outcome: &str,
        due_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.run_unguarded(Unit::of(end_attempt(operation, OperationState::Due, outcome, due_at)))
            .await
            .map(drop)
    }

    /// Ends an operation without a status change, and adds a note if another node did not claim the operation since.
    pub async fn end_operation(
        &self,
        operation: &ClaimedOperation,
        state: OperationState,
        outcome: &str,
        at: Timestamp,
        note: &Note,
    ) -> Result<CommitOutcome, StoreError> {
        let end = end_attempt(operation, state, outcome, at).guarding(Guard::Operation);
        let mut unit = Unit::of(end);
        unit.push(insert_note(operation.page_session_id(), note));
        match self.run(unit).await? {
            Answer::Committed(_) => Ok(CommitOutcome::Done),
            Answer::Refused(_) => Ok(CommitOutcome::Stale),
        }
    }

    /// The operations of a page session, oldest first.
    pub async fn operations(&self, of: &PageSessionId) -> Result<Vec<OperationRow>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {operation} from payment_operation where page_session_id = $1 order by recorded_at",
                operation
            ),
            [of.as_str().into()],
        );
        self.rows(statement, read_operation).await
    }
}

/// Locks an operation whose claim is the latest one, and that has not ended.
pub(crate) fn lock_operation(of: &PageSessionId, end: &OperationEnd) -> Statement {
    Statement::new(
        sql!(
            "select 1 from payment_operation
             where page_session_id = $1 and operation_id = $2 and fence = $3 and state <> 'DONE' {update}"
        ),
        [of.as_str().into(), end.id.as_str().into(), end.fence.into()],
    )
    .locking_for(Guard::Operation)
}

/// Ends an operation under its claim, as a part of the unit that commits its outcome.
pub(crate) fn end_claimed(of: &PageSessionId, end: &OperationEnd) -> Statement {
    Statement::new(
        sql!(
            "update payment_operation set state = 'DONE', last_outcome = $1, due_at = $2, leased_until = $3,
               attempts = attempts + 1
             where page_session_id = $4 and operation_id = $5 and fence = $6{and met}"
        ),
        [
            end.outcome.as_str().into(),
            end.at.as_ms().into(),
            NO_LEASE.as_ms().into(),
            of.as_str().into(),
            end.id.as_str().into(),
            end.fence.into(),
        ],
    )
}

fn page_session_of(authorization: &Authorization) -> &PageSessionId {
    authorization.page_session_id.as_ref().expect("only a page session records operations")
}

pub(crate) fn insert_operation(seal: &DataSeal, new: &NewOperation) -> Result<Statement, StoreError> {
    let authorization = &new.authorization;
    let authorization_row = serde_json::to_string(authorization)?;
    Ok(Statement::new(
        sql!(
            "insert into payment_operation (page_session_id, operation_id, kind, merchant_id, payment_session_id,
               authorization_row, request, state, attempts, recorded_at, gives_up_at, due_at, leased_until, fence)
             {values}$1, $2, $3, $4, $5, $6, $7, 'DUE', 0, $8, $9, $8, $10, 1{end}"
        ),
        [
            page_session_of(authorization).as_str().into(),
            new.id.as_str().into(),
            new.kind.as_str().into(),
            authorization.merchant_id.as_str().into(),
            authorization.payment_session_id.as_str().into(),
            seal.seal(Purpose::OperationAuthorization, &authorization_row).into(),
            seal.seal(Purpose::OperationRequest, &new.request).into(),
            new.recorded_at.as_ms().into(),
            new.gives_up_at.as_ms().into(),
            new.leased_until.as_ms().into(),
        ],
    ))
}

fn claim_due(now: Timestamp, leased_until: Timestamp, limit: i64) -> Statement {
    Statement::new(
        sql!(
            "update payment_operation set leased_until = $1, fence = fence + 1
             where (page_session_id, operation_id) in (
               select page_session_id, operation_id from payment_operation
               where state = 'DUE' and due_at <= $2 and leased_until <= $2
               order by due_at limit $3 {skip locked})
             returning {claimed_operation}",
            claimed_operation
        ),
        [leased_until.as_ms().into(), now.as_ms().into(), limit.into()],
    )
    // Tables that are spread over servers cannot skip locked rows. The condition is checked again, because another node
    // may have claimed a chosen row meanwhile.
    .or_over_servers(sql!(
        "with chosen as (
           select page_session_id, operation_id from payment_operation
           where state = 'DUE' and due_at <= $2 and leased_until <= $2
           order by due_at limit $3)
         update payment_operation set leased_until = $1, fence = fence + 1
         from chosen
         where payment_operation.page_session_id = chosen.page_session_id
           and payment_operation.operation_id = chosen.operation_id
           and payment_operation.state = 'DUE' and payment_operation.leased_until <= $2
         returning {claimed_operation}",
        claimed_operation
    ))
}

fn end_attempt(
    operation: &ClaimedOperation,
    state: OperationState,
    outcome: &str,
    due_at: Timestamp,
) -> Statement {
    Statement::new(
        "update payment_operation set state = $1, last_outcome = $2, due_at = $3, leased_until = $4,
           attempts = attempts + 1
         where page_session_id = $5 and operation_id = $6 and fence = $7 and state <> 'DONE'",
        [
            state.as_str().into(),
            outcome.into(),
            due_at.as_ms().into(),
            NO_LEASE.as_ms().into(),
            operation.page_session_id().as_str().into(),
            operation.id.as_str().into(),
            operation.fence.into(),
        ],
    )
}

/// Records the act of an operator if the page session has a stuck operation.
fn insert_act_of_stuck(act: &NewAct, of: &PageSessionId) -> Statement {
    Statement::new(
        "insert into administrative_act (act_id, recorded_at, content, sequence)
         select cast($1 as text), cast($2 as bigint), cast($3 as text), last_sequence from act_counter
         where name = 'act' and exists (
           select 1 from payment_operation where page_session_id = $4 and state = 'STUCK')",
        [
            act.id.as_str().into(),
            act.recorded_at.as_ms().into(),
            act.content.as_str().into(),
            of.as_str().into(),
        ],
    )
}

fn read_claimed(seal: &DataSeal, row: &mut Row) -> Result<ClaimedOperation, StoreError> {
    let column = claimed_operation::authorization_row;
    let authorization = seal.text(row, column, Purpose::OperationAuthorization)?;
    Ok(ClaimedOperation {
        id: OperationId::new(row.text(claimed_operation::operation_id)?),
        kind: row.word(claimed_operation::kind, OperationKind::parse)?,
        authorization: stored_json(&authorization)?,
        request: seal.text(row, claimed_operation::request, Purpose::OperationRequest)?,
        attempts: row.get(claimed_operation::attempts)?,
        gives_up_at: row.instant(claimed_operation::gives_up_at)?,
        fence: row.get(claimed_operation::fence)?,
    })
}

fn read_operation(row: &mut Row) -> Result<OperationRow, StoreError> {
    Ok(OperationRow {
        id: OperationId::new(row.text(operation::operation_id)?),
        kind: row.word(operation::kind, OperationKind::parse)?,
        state: row.word(operation::state, OperationState::parse)?,
        attempts: row.get(operation::attempts)?,
        recorded_at: row.instant(operation::recorded_at)?,
        due_at: row.instant(operation::due_at)?,
        last_outcome: row.get(operation::last_outcome)?,
    })
}
