//! Confirmations: scheduled reads of a payment at its payment system. A claim is a lease with a fence, as for payment
//! operations. A page session has one confirmation at most.

use std::cmp::Reverse;

use kassa_domain::page_session::PageSession;
use kassa_domain::{PageSessionId, Timestamp};
use kassa_sql::{Row, columns, sql};

use crate::callbacks::NO_LEASE;
use crate::engine::{Statement, Unit};
use crate::reading::ReadColumn as _;
use crate::{Store, StoreError};

/// A confirmation under a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedConfirmation {
    /// The page session whose payment is read.
    pub page_session_id: PageSessionId,
    /// The number of reads since the consumer was last known to pay.
    pub reads: i64,
    /// When the consumer was last known to pay.
    pub started_at: Timestamp,
    /// No read begins at or after this instant.
    pub ends_at: Timestamp,
    /// The number of the claim. A write under an older one changes nothing.
    pub fence: i64,
}

/// Confirmations that were claimed together, in the two orders in which they are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimedConfirmations {
    /// Those whose consumers were known to pay most recently, the latest first.
    pub latest_started: Vec<ClaimedConfirmation>,
    /// Those that have been due for the longest time, in no order.
    pub longest_due: Vec<ClaimedConfirmation>,
}

/// The reads of a payment that are to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadSchedule {
    /// Now, by the time of leases.
    pub started_at: Timestamp,
    /// When the first read is due.
    pub due_at: Timestamp,
    /// No read begins at or after this instant.
    pub ends_at: Timestamp,
    /// Whether the consumer has just pressed Pay.
    pub pressed: PayButton,
}

/// Whether the consumer has pressed Pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayButton {
    /// The payment may be authorized.
    Pressed,
    /// The consumer has only opened the page.
    NotPressed,
}

/// When a confirmation reads next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextRead {
    /// At this instant.
    At(Timestamp),
    /// Never: the outcome is known, or there is nothing to read any more.
    Never,
}

columns! {
    claimed_confirmation {
        page_session_id = "payment_confirmation.page_session_id",
        reads = "payment_confirmation.reads",
        started_at = "payment_confirmation.started_at",
        ends_at = "payment_confirmation.ends_at",
        fence = "payment_confirmation.fence",
    }
}

impl Store {
    /// Schedules the reads of a page session's payment. If there is a schedule already, it starts again.
    pub async fn start_confirmation(
        &self,
        session: &PageSession,
        schedule: ReadSchedule,
    ) -> Result<(), StoreError> {
        let ReadSchedule { started_at, due_at, ends_at, pressed } = schedule;
        let pressed_at = match pressed {
            PayButton::Pressed => Some(started_at.as_ms()),
            PayButton::NotPressed => None,
        };
        let statement = Statement::new(
            "insert into payment_confirmation (page_session_id, merchant_id, state, reads, started_at, ends_at, due_at,
               leased_until, fence, pressed_at)
             values ($1, $2, 'DUE', 0, $3, $4, $5, $6, 0, $7)
             on conflict (page_session_id) do update
             set state = 'DUE', reads = 0, started_at = $3, ends_at = $4, due_at = $5, leased_until = $6,
                 fence = payment_confirmation.fence + 1,
                 pressed_at = coalesce($7, payment_confirmation.pressed_at)",
            [
                session.id.as_str().into(),
                session.merchant_id.as_str().into(),
                started_at.as_ms().into(),
                ends_at.as_ms().into(),
                due_at.as_ms().into(),
                NO_LEASE.as_ms().into(),
                pressed_at.into(),
            ],
        );
        self.run_unguarded(Unit::of(statement)).await.map(drop)
    }

    /// Whether the consumer has pressed Pay in this page session.
    pub async fn pay_button(&self, of: &PageSessionId) -> Result<PayButton, StoreError> {
        let statement = Statement::new(
            "select pressed_at from payment_confirmation where page_session_id = $1 and pressed_at is not null",
            [of.as_str().into()],
        );
        let pressed_at = self.row(statement, |row| Ok(row.only::<i64>()?)).await?;
        Ok(if pressed_at.is_some() { PayButton::Pressed } else { PayButton::NotPressed })
    }

    /// Makes the waiting confirmation of a page session due at `now`, if it has one.
    pub async fn hasten_confirmation(&self, of: &PageSessionId, now: Timestamp) -> Result<(), StoreError> {
        let statement = Statement::new(
            "update payment_confirmation set due_at = $1
             where page_session_id = $2 and state = 'DUE' and leased_until <= $1 and due_at > $1",
            [now.as_ms().into(), of.as_str().into()],
        );
        self.run_unguarded(Unit::of(statement)).await.map(drop)
    }

    /// Claims confirmations that are due at `now` and have no lease, at most `limit` of them. Four of five places go to
    /// the latest started, because those consumers wait; the rest go to the longest due, so that none starves.
    pub async fn claim_confirmations(
        &self,
        now: Timestamp,
        leased_until: Timestamp,
        limit: i64,
    ) -> Result<ClaimedConfirmations, StoreError> {
        let due = Statement::new(
            "select 1 from payment_confirmation
             where state = 'DUE' and due_at <= $1 and leased_until <= $1 limit 1",
            [now.as_ms().into()],
        );
        if self.row(due, |row| Ok(row.only::<i64>()?)).await?.is_none() {
            return Ok(ClaimedConfirmations::default());
        }
        let for_the_longest_due = (limit / 5).max(1);
        let longest_due = self.claim_by(claim_longest_due(now, leased_until, for_the_longest_due)).await?;
        let for_the_latest = limit - for_the_longest_due;
        let mut latest_started =
            self.claim_by(claim_latest_started(now, leased_until, for_the_latest)).await?;
        latest_started.sort_by_key(|claimed| Reverse(claimed.started_at));
        Ok(ClaimedConfirmations { latest_started, longest_due })
    }

    async fn claim_by(&self, statement: Statement) -> Result<Vec<ClaimedConfirmation>, StoreError> {
        let rows = self.run_unguarded(Unit::of(statement)).await?;
        rows.into_iter().map(|mut row| read_claimed(&mut row)).collect()
    }

    /// Ends a claim without a read, which is due again at `due_at`. Changes nothing if another node claimed the
    /// confirmation since.
    pub async fn postpone_read(
        &self,
        confirmation: &ClaimedConfirmation,
        due_at: Timestamp,
    ) -> Result<(), StoreError> {
        let statement = Statement::new(
            "update payment_confirmation set due_at = $1, leased_until = $2
             where page_session_id = $3 and fence = $4",
            [
                due_at.as_ms().into(),
                NO_LEASE.as_ms().into(),
                confirmation.page_session_id.as_str().into(),
                confirmation.fence.into(),
            ],
        );
        self.run_unguarded(Unit::of(statement)).await.map(drop)
    }

    /// Records a read and what follows from it, unless another node claimed the confirmation since.
    pub async fn end_read(
        &self,
        confirmation: &ClaimedConfirmation,
        outcome: &str,
        next: NextRead,
    ) -> Result<(), StoreError> {
        let (state, due_at) = match next {
            NextRead::At(due_at) => ("DUE", due_at),
            NextRead::Never => ("DONE", confirmation.ends_at),
        };
        let statement = Statement::new(
            "update payment_confirmation set state = $1, due_at = $2, leased_until = $3, last_outcome = $4,
               reads = reads + 1
             where page_session_id = $5 and fence = $6",
            [
                state.into(),
                due_at.as_ms().into(),
                NO_LEASE.as_ms().into(),
                outcome.into(),
                confirmation.page_session_id.as_str().into(),
                confirmation.fence.into(),
            ],
        );
        self.run_unguarded(Unit::of(statement)).await.map(drop)
    }
}

fn claim_longest_due(now: Timestamp, leased_until: Timestamp, limit: i64) -> Statement {
    Statement::new(
        sql!(
            "update payment_confirmation set leased_until = $1, fence = fence + 1
             where page_session_id in (
               select page_session_id from payment_confirmation
               where state = 'DUE' and due_at <= $2 and leased_until <= $2
               order by due_at limit $3 {skip locked})
             returning {claimed_confirmation}",
            claimed_confirmation
        ),
        [leased_until.as_ms().into(), now.as_ms().into(), limit.into()],
    )
    .or_over_servers(sql!(
        "with chosen as (
           select page_session_id from payment_confirmation
           where state = 'DUE' and due_at <= $2 and leased_until <= $2
           order by due_at limit $3)
         update payment_confirmation set leased_until = $1, fence = fence + 1
         from chosen
         where payment_confirmation.page_session_id = chosen.page_session_id
           and payment_confirmation.state = 'DUE' and payment_confirmation.leased_until <= $2
         returning {claimed_confirmation}",
        claimed_confirmation
    ))
}

fn claim_latest_started(now: Timestamp, leased_until: Timestamp, limit: i64) -> Statement {
    Statement::new(
        sql!(
            "update payment_confirmation set leased_until = $1, fence = fence + 1
             where page_session_id in (
               select page_session_id from payment_confirmation
               where state = 'DUE' and due_at <= $2 and leased_until <= $2
               order by started_at desc limit $3 {skip locked})
             returning {claimed_confirmation}",
            claimed_confirmation
        ),
        [leased_until.as_ms().into(), now.as_ms().into(), limit.into()],
    )
    .or_over_servers(sql!(
        "with chosen as (
           select page_session_id from payment_confirmation
           where state = 'DUE' and due_at <= $2 and leased_until <= $2
           order by started_at desc limit $3)
         update payment_confirmation set leased_until = $1, fence = fence + 1
         from chosen
         where payment_confirmation.page_session_id = chosen.page_session_id
           and payment_confirmation.state = 'DUE' and payment_confirmation.leased_until <= $2
         returning {claimed_confirmation}",
        claimed_confirmation
    ))
}

fn read_claimed(row: &mut Row) -> Result<ClaimedConfirmation, StoreError> {
    Ok(ClaimedConfirmation {
        page_session_id: PageSessionId::new(row.text(claimed_confirmation::page_session_id)?),
        reads: row.get(claimed_confirmation::reads)?,
        started_at: row.instant(claimed_confirmation::started_at)?,
        ends_at: row.instant(claimed_confirmation::ends_at)?,
        fence: row.get(claimed_confirmation::fence)?,
    })
}
