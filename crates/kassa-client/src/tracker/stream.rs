//! The stream of changes: each is reported until acknowledged, in order per session.
//!
//! A tracker claims a change for a lease and counts the claim. If the tracker crashes, another one reports the change
//! when the lease ends. Only the last claim can acknowledge it.

use futures_util::Stream;
use futures_util::stream::unfold;
use jiff::Timestamp;
use kassa_sql::{Row, columns, sql, values};
use kassa_wire::snapshot::SessionSnapshot;
use kassa_wire::status::SessionStatus;

use super::orders::{self, OrderState};
use super::state::Database;
use super::verdict::Source;
use super::{POLL_MS, StateError, Tracker};
use crate::clock::{instant, plus_ms};
use crate::merge::change_id;

/// A reported change that waits for its acknowledgement.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The change's id, the same in every report and from every tracker.
    pub change_id: String,
    /// The change's number among the reported changes of its session, from 1.
    pub sequence: i64,
    /// The session after the change.
    pub snapshot: SessionSnapshot,
    /// The source of its first observation.
    pub source: Source,
    /// The time of its first observation.
    pub observed_at: Timestamp,
    /// The state of the order, if the tracker places the order and the change is `COMPLETED`.
    pub order: Option<OrderState>,
    /// The number of reports of this change, including this one.
    pub attempt: i64,
    position: i64,
    claim: i64,
}

columns! {
    claimed { position, claim, sequence, snapshot, source, heard_at, attempts }
}

impl Tracker {
    /// Waits for the next change. The tracker reports it again when its lease ends, until [`Tracker::acknowledge`]. No
    /// later change of its session is reported meanwhile. Returns `None` after the tracker was stopped. While the
    /// database is unavailable, it waits.
    pub async fn next_change(&self) -> Option<Change> {
        self.next_changes(1).await.pop()
    }

    /// Waits for the next changes, `most` at most, each of another session. Returns none after the tracker was stopped.
    /// Every claimed change is returned.
    pub(super) async fn next_changes(&self, most: usize) -> Vec<Change> {
        let mut stopping = self.stopping.subscribe();
        loop {
            let changed = self.changed.notified();
            if *stopping.borrow_and_update() {
                return Vec::new();
            }
            let changes = self.or_default(self.claim_changes(most).await);
            if !changes.is_empty() {
                return changes;
            }
            let now = self.dependencies.clock.schedule_now();
            let next_poll = plus_ms(now, POLL_MS);
            let due = self.next_change_due_at().await.ok().flatten().filter(|due| *due > now);
            let next = due.map_or(next_poll, |due| due.min(next_poll));
            tokio::select! {
                () = self.dependencies.clock.sleep_until(next) => {}
                () = changed => {}
                // The tracker owns the sender, so it exists for as long as this future.
                _ = stopping.changed() => {}
            }
        }
    }

    /// Returns the next change if one is due now.
    pub async fn try_next_change(&self) -> Result<Option<Change>, StateError> {
        Ok(self.claim_changes(1).await?.pop())
    }

    async fn claim_changes(&self, most: usize) -> Result<Vec<Change>, StateError> {
        let now = self.dependencies.clock.schedule_now();
        let leased_until = plus_ms(now, self.options.lease_ms);
        let claim = move |db: &mut Database| {
            std::iter::repeat_with(|| claim(&mut *db, now, leased_until))
                .take(most)
                .map_while(Result::transpose)
                .collect()
        };
        self.state.run(claim).await
    }

    /// The changes as a stream; acknowledge each of them. It ends after the tracker was stopped.
    pub fn changes(&self) -> impl Stream<Item = Change> + Send + use<> {
        unfold(self.clone(), |tracker| async move {
            let change = tracker.next_change().await?;
            Some((change, tracker))
        })
    }

    /// Acknowledges a change, so that it is never reported again. Returns `false` if it was reported again meanwhile,
    /// or was already acknowledged.
    pub async fn acknowledge(&self, change: &Change) -> Result<bool, StateError> {
        let (position, claim) = (change.position, change.claim);
        let now = self.dependencies.clock.schedule_now().as_millisecond();
        let changed = self
            .state
            .run(move |db| {
                let sql = "update changes set acknowledged_at = $1
                           where position = $2 and claim = $3 and acknowledged_at is null";
                db.execute(sql, values![now, position, claim])
            })
            .await?;
        self.changed.notify_waiters();
        Ok(changed == 1)
    }

    /// Postpones a change: it is reported again at the given time.
    pub async fn postpone(&self, change: &Change, until: Timestamp) -> Result<(), StateError> {
        let (position, claim) = (change.position, change.claim);
        let until = until.as_millisecond();
        self.state
            .run(move |db| {
                let sql = "update changes set due_at = $1
                           where position = $2 and claim = $3 and acknowledged_at is null";
                db.execute(sql, values![until, position, claim]).map(drop)
            })
            .await
    }

    /// When the next change is due.
    pub async fn next_change_due_at(&self) -> Result<Option<Timestamp>, StateError> {
        let sql = "select min(due_at) from changes where acknowledged_at is null";
        let next: Option<i64> = self.state.run(move |db| db.one(sql, &[], |row| Ok(row.only()?))).await?;
        Ok(next.map(instant))
    }
}

/// Claims the earliest unacknowledged change of the first session with a due change. Changes that arrived out of order
/// are sorted here, because a change gets its number when it is claimed.
fn claim(db: &mut Database, now: Timestamp, leased_until: Timestamp) -> Result<Option<Change>, StateError> {
    let Some(position) = first_due(db, now)? else { return Ok(None) };
    let sql = sql!(
        "update changes set claim = claim + 1, attempts = attempts + 1, due_at = $1,
                 sequence = coalesce(sequence,
                   (select s.sequence + 1 from sessions s where s.session_id = changes.session_id))
               where position = $2
               returning {claimed}",
        claimed
    );
    let mut change = db.one(sql, values![leased_until.as_millisecond(), position], read_claimed)?;
    if change.snapshot.status() == SessionStatus::Completed {
        let order = orders::find(db, &change.snapshot.session_id)?;
        change.order = order.filter(|order| *order != OrderState::Awaited);
    }
    store_reported(db, &change)?;
    Ok(Some(change))
}

fn read_claimed(row: &mut Row) -> Result<Change, StateError> {
    let snapshot: SessionSnapshot = serde_json::from_str(&row.text(claimed::snapshot)?)?;
    Ok(Change {
        position: row.get(claimed::position)?,
        claim: row.get(claimed::claim)?,
        change_id: change_id(&snapshot),
        sequence: row.get(claimed::sequence)?,
        snapshot,
        source: row.text(claimed::source)?.parse()?,
        observed_at: instant(row.get(claimed::heard_at)?),
        order: None,
        attempt: row.get(claimed::attempts)?,
    })
}

/// The earliest unacknowledged change of the first session with a due change and no claimed one.
fn first_due(db: &mut Database, now: Timestamp) -> Result<Option<i64>, StateError> {
    let sql = "select (select e.position from changes e
                       where e.session_id = c.session_id and e.acknowledged_at is null
                       order by e.is_final, e.updated_at, e.position limit 1)
               from changes c
               where c.acknowledged_at is null and c.due_at <= $1
                 and not exists (select 1 from changes u
                                 where u.session_id = c.session_id and u.acknowledged_at is null
                                   and u.sequence is not null and u.due_at > $1)
               order by c.due_at limit 1";
    db.first(sql, values![now.as_millisecond()], |row| Ok(row.only()?))
}

/// Stores the last reported change of the session. From now on, older changes are overtaken.
fn store_reported(db: &mut Database, change: &Change) -> Result<(), StateError> {
    let sql = "update sessions set sequence = $1, told_status = $2, told_updated_at = $3
               where session_id = $4 and sequence < $1";
    let snapshot = &change.snapshot;
    let at = snapshot.updated_at.as_ms();
    db.execute(sql, values![change.sequence, snapshot.status().as_str(), at, &snapshot.session_id]).map(drop)
}
