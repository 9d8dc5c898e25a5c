//! The stream of changes: each at least once until acknowledged, in order per session.

use futures_util::Stream;
use futures_util::stream::unfold;
use jiff::Timestamp;
use kassa_sql::{Row, columns, sql, values};

use super::orders::{self, OrderOutcome, OrderState};
use super::state::Database;
use super::verdict::Source;
use super::{LOOK_AGAIN_MS, StateError, Tracker};
use crate::clock::{instant, plus_ms};
use crate::news::change_id;
use crate::snapshot::Snapshot;
use crate::status::Status;

/// A change that was handed over and waits to be acknowledged.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Names the change: the same however often it is handed over, and whoever hands it over.
    pub change_id: String,
    /// Its place among the changes of the session that were told, from 1.
    pub sequence: i64,
    /// The session after the change.
    pub snapshot: Snapshot,
    /// How it was heard of first.
    pub source: Source,
    /// When it was heard of first.
    pub heard_at: Timestamp,
    /// What became of the session's order, where the tracker was to place it and the change is `COMPLETED`.
    pub order: Option<OrderOutcome>,
    /// How often it was handed over, this time included.
    pub attempt: i64,
    position: i64,
    claim: i64,
}

columns! {
    claimed { position, claim, sequence, snapshot, source, heard_at, attempts }
}

impl Tracker {
    /// Waits for the next change. It stays unacknowledged until [`Tracker::acknowledge`], and is handed over again
    /// when its lease ends. While it is under way, no later change of its session is handed over. None comes once the
    /// tracker was stopped; while the state cannot be used, it waits.
    pub async fn next_change(&self) -> Option<Told> {
        self.next_changes(1).await.pop()
    }

    /// Waits for the next changes, so many at most and of as many sessions; none once the tracker was stopped. A change
    /// is not claimed and then left alone.
    pub(super) async fn next_changes(&self, most: usize) -> Vec<Told> {
        let mut stopping = self.stopping.subscribe();
        loop {
            let changed = self.changed.notified();
            if *stopping.borrow_and_update() {
                return Vec::new();
            }
            let told = self.or_nothing(self.claim_changes(most).await);
            if !told.is_empty() {
                return told;
            }
            let now = self.surroundings.clock.now();
            let look_again = plus_ms(now, LOOK_AGAIN_MS);
            let due = self.next_change_due_at().await.ok().flatten().filter(|due| *due > now);
            let next = due.map_or(look_again, |due| due.min(look_again));
            tokio::select! {
                () = self.surroundings.clock.sleep_until(next) => {}
                () = changed => {}
                // The sender lives as long as this tracker.
                _ = stopping.changed() => {}
            }
        }
    }

    /// The next change, if one is due now.
    pub async fn try_next_change(&self) -> Result<Option<Told>, StateError> {
        Ok(self.claim_changes(1).await?.pop())
    }

    async fn claim_changes(&self, most: usize) -> Result<Vec<Told>, StateError> {
        let now = self.surroundings.clock.now();
        let leased_until = plus_ms(now, self.options.lease_ms);
        let claim = move |db: &mut Database| {
            std::iter::repeat_with(|| claim(&mut *db, now, leased_until))
                .take(most)
                .map_while(Result::transpose)
                .collect()
        };
        self.state.run(claim).await
    }

    /// The changes as a stream, each to be acknowledged. It ends once the tracker was stopped.
    pub fn changes(&self) -> impl Stream<Item = Told> + Send + use<> {
        unfold(self.clone(), |tracker| async move {
            let told = tracker.next_change().await?;
            Some((told, tracker))
        })
    }

    /// Ends a change: it is never handed over again. Says `false` where it was handed over anew meanwhile, or was
    /// acknowledged before.
    pub async fn acknowledge(&self, told: &Told) -> Result<bool, StateError> {
        let (position, claim) = (told.position, told.claim);
        let now = self.surroundings.clock.now().as_millisecond();
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

    /// Puts a change off: it is handed over again at that time.
    pub async fn postpone(&self, told: &Told, until: Timestamp) -> Result<(), StateError> {
        let (position, claim) = (told.position, told.claim);
        let until = until.as_millisecond();
        self.state
            .run(move |db| {
                let sql = "update changes set due_at = $1
                           where position = $2 and claim = $3 and acknowledged_at is null";
                db.execute(sql, values![until, position, claim]).map(drop)
            })
            .await
    }

    /// When the next change falls due.
    pub async fn next_change_due_at(&self) -> Result<Option<Timestamp>, StateError> {
        let sql = "select min(due_at) from changes where acknowledged_at is null";
        let next: Option<i64> = self.state.run(move |db| db.one(sql, &[], |row| Ok(row.only()?))).await?;
        Ok(next.map(instant))
    }
}

/// Takes the first change that is due, or rather the first of its session: what happened before it and came after it
/// is sorted in here, and gets its number now.
fn claim(db: &mut Database, now: Timestamp, leased_until: Timestamp) -> Result<Option<Told>, StateError> {
    let Some(position) = first_due(db, now)? else { return Ok(None) };
    let sql = sql!(
        "update changes set claim = claim + 1, attempts = attempts + 1, due_at = $1,
                 sequence = coalesce(sequence,
                   (select s.sequence + 1 from sessions s where s.session_id = changes.session_id))
               where position = $2
               returning {claimed}",
        claimed
    );
    let mut told = db.one(sql, values![leased_until.as_millisecond(), position], read_claimed)?;
    if told.snapshot.status == Status::Completed {
        let order = orders::find(db, &told.snapshot.session_id)?;
        told.order = order.filter(|order| order.state != OrderState::Awaited);
    }
    note_told(db, &told)?;
    Ok(Some(told))
}

fn read_claimed(row: &mut Row) -> Result<Told, StateError> {
    let snapshot: Snapshot = serde_json::from_str(&row.text(claimed::snapshot)?)?;
    Ok(Told {
        position: row.get(claimed::position)?,
        claim: row.get(claimed::claim)?,
        change_id: change_id(&snapshot),
        sequence: row.get(claimed::sequence)?,
        snapshot,
        source: Source::of(&row.text(claimed::source)?),
        heard_at: instant(row.get(claimed::heard_at)?),
        order: None,
        attempt: row.get(claimed::attempts)?,
    })
}

/// The earliest unacknowledged change of the first session that has one due and none under way.
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

/// What is older than this comes too late from now on.
fn note_told(db: &mut Database, told: &Told) -> Result<(), StateError> {
    let sql = "update sessions set sequence = $1, told_status = $2, told_updated_at = $3
               where session_id = $4 and sequence < $1";
    let snapshot = &told.snapshot;
    let at = snapshot.updated_at.as_millisecond();
    db.execute(sql, values![told.sequence, snapshot.status.as_str(), at, &snapshot.session_id]).map(drop)
}
