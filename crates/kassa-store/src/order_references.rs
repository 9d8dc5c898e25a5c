//! Short references of orders that the payment system did not tell with the order: scheduled reads of them, claimed
//! under a lease with a fence as confirmations are, and the reference when it is known.

use kassa_domain::page_session::{OrderReference, PageSession};
use kassa_domain::{PageSessionId, Timestamp};
use kassa_sql::{Row, columns, sql};

use crate::callbacks::NO_LEASE;
use crate::engine::{Answer, Guard, Statement, Unit};
use crate::reading::ReadColumn as _;
use crate::timeline::insert_note;
use crate::{CommitOutcome, Note, Store, StoreError};

/// The reads of a reference that are to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReferenceSchedule {
    /// Now, by the time of leases.
    pub completed_at: Timestamp,
    /// When the first read is due.
    pub due_at: Timestamp,
}

/// A scheduled read of a reference, under a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedReferenceRead {
    /// The page session whose order has no reference yet.
    pub page_session_id: PageSessionId,
    /// The number of reads that have ended.
    pub reads: i64,
    /// When the page session was completed, by the time of leases.
    pub completed_at: Timestamp,
    /// The number of the claim. A write under an older one changes nothing.
    pub fence: i64,
}

columns! {
    claimed_reference_read {
        page_session_id = "order_reference_read.page_session_id",
        reads = "order_reference_read.reads",
        completed_at = "order_reference_read.completed_at",
        fence = "order_reference_read.fence",
    }
}

impl Store {
    /// Claims reads of references that are due at `now` and have no lease, at most `limit` of them. Those with the
    /// fewest reads come first. If there are none, it only reads, because a node asks once a second.
    pub async fn claim_reference_reads(
        &self,
        now: Timestamp,
        leased_until: Timestamp,
        limit: i64,
    ) -> Result<Vec<ClaimedReferenceRead>, StoreError> {
        let due = Statement::new(
            "select 1 from order_reference_read where due_at <= $1 and leased_until <= $1 limit 1",
            [now.as_ms().into()],
        );
        if self.row(due, |row| Ok(row.only::<i64>()?)).await?.is_none() {
            return Ok(Vec::new());
        }
        let rows = self.run_unguarded(Unit::of(claim_due(now, leased_until, limit))).await?;
        rows.into_iter().map(|mut row| read_claimed(&mut row)).collect()
    }

    /// Ends a claim without a reference, and records the number of reads in all and when the next one is due. Changes
    /// nothing if another node claimed the read since.
    pub async fn repeat_reference_read_at(
        &self,
        claimed: &ClaimedReferenceRead,
        reads: i64,
        due_at: Timestamp,
    ) -> Result<(), StoreError> {
        let statement = Statement::new(
            "update order_reference_read set reads = $1, due_at = $2, leased_until = $3
             where page_session_id = $4 and fence = $5",
            [
                reads.into(),
                due_at.as_ms().into(),
                NO_LEASE.as_ms().into(),
                claimed.page_session_id.as_str().into(),
                claimed.fence.into(),
            ],
        );
        self.run_unguarded(Unit::of(statement)).await.map(drop)
    }

    /// Ends the reads of a reference, because there is nothing to read any more.
    pub async fn end_reference_reads(
        &self,
        of: &PageSessionId,
        note: Option<&Note>,
    ) -> Result<(), StoreError> {
        let mut unit = Unit::of(delete_reads(of));
        if let Some(note) = note {
            unit.push(insert_note(of, note));
        }
        self.run_unguarded(unit).await.map(drop)
    }

    /// Stores the reference of a page session's order in the page session and in its payment session, adds a note, and
    /// ends the reads. The version of the page session counts its events, so it stays. `Stale` if the reference was
    /// stored before.
    pub async fn store_order_reference(
        &self,
        session: &PageSession,
        order: &OrderReference,
        note: &Note,
    ) -> Result<CommitOutcome, StoreError> {
        let (order_id, reference) = (order.order_id.as_str(), order.klarna_reference.as_str());
        let of_page = Statement::new(
            "update page_session set klarna_reference = $1
             where page_session_id = $2 and order_id = $3 and klarna_reference = ''",
            [reference.into(), session.id.as_str().into(), order_id.into()],
        );
        let of_payment = Statement::new(
            sql!(
                "update payment_session set klarna_reference = $1, version = version + 1
                 where payment_session_id = $2 and order_id = $3 and klarna_reference = ''{and met}"
            ),
            [reference.into(), session.payment_session_id.as_str().into(), order_id.into()],
        );
        let mut unit = Unit::of(of_page.guarding(Guard::PageSession))
            .contending_for(session.payment_session_id.as_str());
        unit.push(of_payment);
        unit.push(insert_note(&session.id, note));
        unit.push(delete_reads(&session.id));
        match self.run(unit).await? {
            Answer::Committed(_) => Ok(CommitOutcome::Done),
            Answer::Refused(_) => Ok(CommitOutcome::Stale),
        }
    }
}

/// Schedules the reads of the reference, as a part of the unit that completes the page session.
pub(crate) fn insert_reference_schedule(session: &PageSession, schedule: ReferenceSchedule) -> Statement {
    Statement::new(
        sql!(
            "insert into order_reference_read (page_session_id, merchant_id, reads, completed_at, due_at, leased_until,
               fence)
             {values}$1, $2, 0, $3, $4, $5, 0{end}"
        ),
        [
            session.id.as_str().into(),
            session.merchant_id.as_str().into(),
            schedule.completed_at.as_ms().into(),
            schedule.due_at.as_ms().into(),
            NO_LEASE.as_ms().into(),
        ],
    )
}

fn delete_reads(of: &PageSessionId) -> Statement {
    Statement::new(
        sql!("delete from order_reference_read where page_session_id = $1{and met}"),
        [of.as_str().into()],
    )
}

fn claim_due(now: Timestamp, leased_until: Timestamp, limit: i64) -> Statement {
    Statement::new(
        sql!(
            "update order_reference_read set leased_until = $1, fence = fence + 1
             where page_session_id in (
               select page_session_id from order_reference_read
               where due_at <= $2 and leased_until <= $2
               order by reads, due_at limit $3 {skip locked})
             returning {claimed_reference_read}",
            claimed_reference_read
        ),
        [leased_until.as_ms().into(), now.as_ms().into(), limit.into()],
    )
    .or_over_servers(sql!(
        "with chosen as (
           select page_session_id from order_reference_read
           where due_at <= $2 and leased_until <= $2
           order by reads, due_at limit $3)
         update order_reference_read set leased_until = $1, fence = fence + 1
         from chosen
         where order_reference_read.page_session_id = chosen.page_session_id
           and order_reference_read.leased_until <= $2
         returning {claimed_reference_read}",
        claimed_reference_read
    ))
}

fn read_claimed(row: &mut Row) -> Result<ClaimedReferenceRead, StoreError> {
    Ok(ClaimedReferenceRead {
        page_session_id: PageSessionId::new(row.text(claimed_reference_read::page_session_id)?),
        reads: row.get(claimed_reference_read::reads)?,
        completed_at: row.instant(claimed_reference_read::completed_at)?,
        fence: row.get(claimed_reference_read::fence)?,
    })
}
