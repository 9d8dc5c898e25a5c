//! The feed of a merchant's events, in an order that no later commit can change.
//!
//! A change is committed without a place in the feed, so that the hot path needs no counter. Reading the feed first
//! gives a place to every event that has become visible and has none yet. Places are given by one unit at a time,
//! and only after the commit: an event can come late, but never before a cursor that has passed.

use kassa_domain::lifecycle::Status;
use kassa_domain::{EventId, MerchantId, PageSessionId, Timestamp};

use crate::engine::{Row, Statement, Unit};
use crate::{Store, StoreError};

/// Events that get a place in one unit at most.
const PLACED_AT_ONCE: i64 = 1000;

/// One event as the feed shows it.
#[derive(Clone, Debug)]
pub struct FeedEvent {
    /// Its place in the merchant's feed; `None` where it was not read from the feed.
    pub position: Option<i64>,
    /// The session.
    pub page_session_id: PageSessionId,
    /// Its place among the session's events.
    pub sequence: i64,
    /// Names it.
    pub event_id: EventId,
    /// What happened.
    pub event: String,
    /// Where the session arrived.
    pub status: Status,
    /// When.
    pub occurred_at: Timestamp,
    /// What a callback sends.
    pub body: String,
    /// `BLOCKED`, `DUE`, `DELIVERED` or `GIVEN_UP`; `None` where the event calls nobody back.
    pub callback_state: Option<String>,
}

impl FeedEvent {
    /// Whether the merchant has acknowledged it: answered its callback with 2xx.
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        self.callback_state.as_deref() == Some("DELIVERED")
    }
}

const SELECT_EVENT: &str = "select e.position, e.page_session_id, e.sequence, e.event_id, e.event, e.status,
      e.occurred_at, e.body, c.state
    from status_event e left join callback c
      on c.page_session_id = e.page_session_id and c.sequence = e.sequence
    where e.merchant_id = $1 and e.event_id = $2";

const SELECT_FEED: &str = "select e.position, e.page_session_id, e.sequence, e.event_id, e.event, e.status,
      e.occurred_at, e.body, c.state
    from status_event e left join callback c
      on c.page_session_id = e.page_session_id and c.sequence = e.sequence
    where e.merchant_id = $1 and e.position > $2 order by e.position limit $3";

impl Store {
    /// Gives a place to events of the merchant that have none. Says whether some may be left.
    pub async fn place_events(&self, of: &MerchantId) -> Result<bool, StoreError> {
        let unplaced = Statement::new(
            "select 1 from status_event where merchant_id = $1 and position is null limit 1",
            [of.as_str().into()],
        );
        if self.row(unplaced, Row::int).await?.is_none() {
            return Ok(false);
        }
        let statement = Statement::new(
            "update status_event set position = placed.position
             from (
               select page_session_id, sequence,
                 (select coalesce(max(position), 0) from status_event
                  where merchant_id = $1 and position is not null)
                 + row_number() over (order by occurred_at, page_session_id, sequence) as position
               from status_event where merchant_id = $1 and position is null
               order by occurred_at, page_session_id, sequence limit $2) placed
             where status_event.page_session_id = placed.page_session_id
               and status_event.sequence = placed.sequence
             returning 1",
            [of.as_str().into(), PLACED_AT_ONCE.into()],
        );
        let placed = self.run_unguarded(Unit::of(statement)).await?.len();
        Ok(i64::try_from(placed).unwrap_or(i64::MAX) >= PLACED_AT_ONCE)
    }

    /// The merchant's events after a position, in order, so many at most.
    pub async fn feed(&self, of: &MerchantId, after: i64, limit: i64) -> Result<Vec<FeedEvent>, StoreError> {
        let statement = Statement::new(SELECT_FEED, [of.as_str().into(), after.into(), limit.into()]);
        self.rows(statement, read_event).await
    }

    /// One event of the merchant.
    pub async fn event(&self, of: &MerchantId, id: &EventId) -> Result<Option<FeedEvent>, StoreError> {
        let statement = Statement::new(SELECT_EVENT, [of.as_str().into(), id.as_str().into()]);
        self.row(statement, read_event).await
    }

    /// Makes the callback of an event due again, with its whole schedule before it. `false` where the event calls
    /// nobody back.
    pub async fn redeliver_event(&self, event: &FeedEvent, now: Timestamp) -> Result<bool, StoreError> {
        let statement = Statement::new(
            "update callback set state = 'DUE', attempts = 0, due_at = $1, fence = fence + 1
             where page_session_id = $2 and sequence = $3
             returning 1",
            [now.into(), event.page_session_id.as_str().into(), event.sequence.into()],
        );
        Ok(!self.run_unguarded(Unit::of(statement)).await?.is_empty())
    }

    /// Makes the given-up callbacks of one session due again. Says how many.
    pub async fn redeliver_session(&self, of: &PageSessionId, now: Timestamp) -> Result<usize, StoreError> {
        let statement = Statement::new(
            "update callback set state = 'DUE', attempts = 0, due_at = $1, fence = fence + 1
             where page_session_id = $2 and state = 'GIVEN_UP'
             returning 1",
            [now.into(), of.as_str().into()],
        );
        Ok(self.run_unguarded(Unit::of(statement)).await?.len())
    }

    /// Makes the merchant's callbacks due again that were given up and whose events were committed since then.
    /// Says how many.
    pub async fn redeliver_since(
        &self,
        of: &MerchantId,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let statement = Statement::new(
            "update callback set state = 'DUE', attempts = 0, due_at = $1, fence = fence + 1
             where merchant_id = $2 and state = 'GIVEN_UP' and committed_at >= $3
             returning 1",
            [now.into(), of.as_str().into(), since.into()],
        );
        Ok(self.run_unguarded(Unit::of(statement)).await?.len())
    }
}

fn read_event(row: &mut Row) -> Result<FeedEvent, StoreError> {
    Ok(FeedEvent {
        position: row.optional_int()?,
        page_session_id: PageSessionId::new(row.text()?),
        sequence: row.int()?,
        event_id: EventId::new(row.text()?),
        event: row.text()?,
        status: row.word(Status::parse)?,
        occurred_at: row.instant()?,
        body: row.text()?,
        callback_state: row.optional_text()?,
    })
}
