//! The feed of a merchant's events, in an order that no later commit can change.
//!
//! A status change is committed without a position in the feed, so that the hot path needs no counter. Each read of the
//! feed first gives a position to every visible event that has none. Only one unit at a time gives positions, and only
//! after the commit. So an event may come late, but never before a cursor that a client has used.

use kassa_domain::callback::CallbackState;
use kassa_domain::lifecycle::Status;
use kassa_domain::{EventId, MerchantId, PageSessionId, Timestamp};
use kassa_sql::{Row, Sql, columns, sql};

use crate::engine::{Statement, Unit};
use crate::reading::ReadColumn as _;
use crate::seal::{DataSeal, Purpose};
use crate::{Store, StoreError};

/// Maximum number of events that get a position for one page.
const PLACED_AT_ONCE: i64 = 1000;

/// Maximum number of positions that one statement reads.
const SCANNED_AT_ONCE: i64 = 1000;

/// Maximum number of statements for one page. It bounds the cost of a page if few of many events are wanted.
const SCANS_FOR_A_PAGE: usize = 10;

/// One event of the feed.
#[derive(Clone, Debug)]
pub struct FeedEvent {
    /// Its position in the merchant's feed; `None` if it has none yet.
    pub position: Option<i64>,
    /// The session.
    pub page_session_id: PageSessionId,
    /// Its number among the session's events.
    pub sequence: i64,
    /// The event's id.
    pub event_id: EventId,
    /// The name of the event.
    pub event: String,
    /// The status after the event.
    pub status: Status,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The body of its callback.
    pub body: String,
    /// The state of its callback; `None` if the event has none.
    pub callback_state: Option<CallbackState>,
}

impl FeedEvent {
    /// Whether the merchant has acknowledged the event: it answered the callback with 2xx.
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        self.callback_state == Some(CallbackState::Delivered)
    }
}

/// The events of the feed that a caller wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedFilter {
    /// All of them.
    All,
    /// Those whose callback was answered with 2xx.
    Acknowledged,
    /// Those whose callback was not answered with 2xx, or that have no callback.
    Unacknowledged,
}

/// A page of the feed.
#[derive(Clone, Debug)]
pub struct FeedPage {
    /// The wanted events, in order.
    pub events: Vec<FeedEvent>,
    /// The position up to which the feed was read. `events` has every wanted event up to there.
    pub read_to: i64,
    /// The last position of the feed at the time of the read.
    pub ends_at: i64,
    /// Whether the next page may have events at once.
    pub goes_on: bool,
}

columns! {
    feed_event {
        position = "e.position",
        page_session_id = "e.page_session_id",
        sequence = "e.sequence",
        event_id = "e.event_id",
        event = "e.event",
        status = "e.status",
        occurred_at = "e.occurred_at",
        body = "e.body",
        callback_state = "c.state",
    }
}

const SELECT_EVENT: Sql = sql!(
    "select {feed_event}
    from status_event e left join callback c
      on c.page_session_id = e.page_session_id and c.sequence = e.sequence
    where e.merchant_id = $1 and e.event_id = $2",
    feed_event
);

/// `$4` and `$5` say whether acknowledged events are wanted, and whether others are.
const SELECT_FEED: Sql = sql!(
    "select {feed_event}
    from status_event e left join callback c
      on c.page_session_id = e.page_session_id and c.sequence = e.sequence
    where e.merchant_id = $1 and e.position > $2 and e.position <= $3
      and case when c.state = 'DELIVERED' then cast($4 as bigint) else cast($5 as bigint) end = 1
    order by e.position limit $6",
    feed_event
);

impl Store {
    /// The merchant's events after a position, in order, at most `limit`. A page reads a bounded part of the feed. If
    /// few of many events are wanted, it may be empty. The next page begins after `read_to`.
    pub async fn feed(
        &self,
        of: &MerchantId,
        after: i64,
        wanted: FeedFilter,
        limit: usize,
    ) -> Result<FeedPage, StoreError> {
        let are_left = self.place_events(of, PLACED_AT_ONCE).await?;
        let ends_at = self.feed_ends_at(of).await?;
        let mut page = FeedPage { events: Vec::new(), read_to: after, ends_at, goes_on: are_left };
        for _ in 0..SCANS_FOR_A_PAGE {
            if page.read_to >= ends_at || page.events.len() >= limit {
                break;
            }
            self.scan(of, wanted, limit, &mut page).await?;
        }
        page.goes_on |= page.read_to < ends_at;
        Ok(page)
    }

    /// One event of the merchant.
    pub async fn event(&self, of: &MerchantId, id: &EventId) -> Result<Option<FeedEvent>, StoreError> {
        let statement = Statement::new(SELECT_EVENT, [of.as_str().into(), id.as_str().into()]);
        self.row(statement, |row| read_event(&self.seal, row)).await
    }

    /// Gives positions to events of the merchant that have none, at most `limit`. Returns whether some may remain
    /// without one.
    pub async fn place_events(&self, of: &MerchantId, limit: i64) -> Result<bool, StoreError> {
        let unplaced = Statement::new(
            "select 1 from status_event where merchant_id = $1 and position is null limit 1",
            [of.as_str().into()],
        );
        if self.row(unplaced, |row| Ok(row.only::<i64>()?)).await?.is_none() {
            return Ok(false);
        }
        let mut unit = Unit::of(lock_feed(of)).contending_for(of.as_str());
        unit.push(place(of, limit));
        unit.push(remember_last_position(of));
        let placed = self.run_unguarded(unit).await?.len();
        Ok(i64::try_from(placed).unwrap_or(i64::MAX) >= limit)
    }

    async fn feed_ends_at(&self, of: &MerchantId) -> Result<i64, StoreError> {
        let sql = "select last_position from feed where merchant_id = $1";
        Ok(self.row(Statement::new(sql, [of.as_str().into()]), |row| Ok(row.only()?)).await?.unwrap_or(0))
    }

    /// Reads the next positions. All positions up to `ends_at` were given before, so no event can appear between them.
    async fn scan(
        &self,
        of: &MerchantId,
        wanted: FeedFilter,
        limit: usize,
        page: &mut FeedPage,
    ) -> Result<(), StoreError> {
        let up_to = page.ends_at.min(page.read_to.saturating_add(SCANNED_AT_ONCE));
        let missing = limit.saturating_sub(page.events.len());
        let statement = Statement::new(
            SELECT_FEED,
            [
                of.as_str().into(),
                page.read_to.into(),
                up_to.into(),
                i64::from(wanted != FeedFilter::Unacknowledged).into(),
                i64::from(wanted != FeedFilter::Acknowledged).into(),
                i64::try_from(missing).unwrap_or(i64::MAX).into(),
            ],
        );
        let found = self.rows(statement, |row| read_event(&self.seal, row)).await?;
        let is_full = found.len() >= missing;
        let last = found.last().and_then(|event| event.position);
        page.read_to = last.filter(|_| is_full).unwrap_or(up_to);
        page.events.extend(found);
        Ok(())
    }
}

/// Locks the merchant's feed, so that only one unit at a time gives positions.
fn lock_feed(of: &MerchantId) -> Statement {
    Statement::new(
        "insert into feed (merchant_id, last_position) values ($1, 0)
         on conflict (merchant_id) do update set last_position = feed.last_position",
        [of.as_str().into()],
    )
}

/// Gives positions in the order of the events. Events of one session keep their order, because each has another
/// instant.
fn place(of: &MerchantId, limit: i64) -> Statement {
    Statement::new(
        "update status_event set position = placed.position
         from (
           select page_session_id, sequence, (select last_position from feed where merchant_id = $1)
             + row_number() over (order by occurred_at, page_session_id, sequence) as position
           from (
             select page_session_id, sequence, occurred_at from status_event
             where merchant_id = $1 and position is null
             order by occurred_at, page_session_id, sequence limit $2) unplaced) placed
         where status_event.page_session_id = placed.page_session_id
           and status_event.sequence = placed.sequence
         returning 1",
        [of.as_str().into(), limit.into()],
    )
}

fn remember_last_position(of: &MerchantId) -> Statement {
    Statement::new(
        "update feed set last_position = (
           select max(position) from status_event where merchant_id = $1 and position is not null)
         where merchant_id = $1 and last_position < (
           select max(position) from status_event where merchant_id = $1 and position is not null)",
        [of.as_str().into()],
    )
}

fn read_event(seal: &DataSeal, row: &mut Row) -> Result<FeedEvent, StoreError> {
    Ok(FeedEvent {
        position: row.get(feed_event::position)?,
        page_session_id: PageSessionId::new(row.text(feed_event::page_session_id)?),
        sequence: row.get(feed_event::sequence)?,
        event_id: EventId::new(row.text(feed_event::event_id)?),
        event: row.get(feed_event::event)?,
        status: row.word(feed_event::status, Status::parse)?,
        occurred_at: row.instant(feed_event::occurred_at)?,
        body: seal.text(row, feed_event::body, Purpose::EventBody)?,
        callback_state: row.optional_word(feed_event::callback_state, CallbackState::parse)?,
    })
}
