//! Reads: those that are due, within the account's allowance, and what comes of each.

use std::sync::PoisonError;

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;

use super::record::{Heard, Plan, record};
use super::schedule::{Pace, next_read_at};
use super::sessions::{Registration, Remembered, insert};
use super::state::{Database, values};
use super::verdict::Source;
use super::{LOOK_AGAIN_MS, StateError, Tracker};
use crate::client::SessionRead;
use crate::clock::{instant, plus_ms};
use crate::ledger::Recorded;
use crate::random::below;

/// Reads under way at once.
const SIDE_BY_SIDE: usize = 64;

/// So many reads must say that a session is gone before its end.
const NOT_FOUND_IS_BELIEVED_AFTER: u32 = 2;

/// A session whose turn it is.
struct Due {
    session_id: String,
    etag: Option<String>,
}

/// What a read ended in.
enum Ending {
    Heard { heard: Box<Heard>, etag: Option<String> },
    Unchanged,
    NotFound,
    Failed(String),
}

impl Ending {
    /// The word, as metrics have it.
    const fn as_str(&self) -> &'static str {
        match self {
            Self::Heard { .. } => "answered",
            Self::Unchanged => "unchanged",
            Self::NotFound => "not_found",
            Self::Failed(_) => "failed",
        }
    }
}

impl Tracker {
    /// Reads whatever is due, and answers with how many sessions it read. For those who drive the tracker themselves.
    pub async fn read_due(&self) -> Result<usize, StateError> {
        let due = self.claim_due(SIDE_BY_SIDE).await?;
        let count = due.len();
        for settled in join_all(due.into_iter().map(|due| self.read(due))).await {
            settled?;
        }
        Ok(count)
    }

    /// Takes what is due, so much at most and within the account's allowance.
    async fn claim_due(&self, most: usize) -> Result<Vec<Due>, StateError> {
        let now = self.surroundings.clock.now();
        let limit = self.allowed(now).min(i64::try_from(most).unwrap_or(i64::MAX));
        if limit == 0 || self.client.paused_until().is_some() {
            return Ok(Vec::new());
        }
        let leased_until = plus_ms(now, self.call_lease_ms);
        let due = self.state.run(move |db| claim(db, now, leased_until, limit)).await?;
        self.take_allowance(due.len());
        Ok(due)
    }

    pub(super) async fn read_forever(&self) {
        let mut under_way = FuturesUnordered::new();
        loop {
            let free = SIDE_BY_SIDE - under_way.len();
            let due = self.or_nothing(self.claim_due(free).await);
            under_way.extend(due.into_iter().map(|due| self.read(due)));
            tokio::select! {
                // What a read ended in and could not be written is read again when its lease ends.
                Some(_) = under_way.next() => {}
                () = self.rest(), if under_way.len() < SIDE_BY_SIDE => {}
            }
        }
    }

    async fn rest(&self) {
        let now = self.surroundings.clock.now();
        let latest = plus_ms(now, LOOK_AGAIN_MS);
        let soonest = self.client.paused_until().unwrap_or_else(|| plus_ms(now, 20)).min(latest);
        let next = self.next_read_due_at().await.ok().flatten().unwrap_or(latest);
        tokio::select! {
            () = self.surroundings.clock.sleep_until(next.clamp(soonest, latest)) => {}
            () = self.hurried.notified() => {}
        }
    }

    /// When the next read falls due.
    pub async fn next_read_due_at(&self) -> Result<Option<Timestamp>, StateError> {
        let sql = "select min(next_read_at) from sessions where next_read_at is not null";
        let next: Option<i64> = self.state.run(move |db| db.one(sql, &[], |row| row.get(0))).await?;
        Ok(next.map(instant))
    }

    /// Has a session read as soon as the account's allowance permits; registers it where it is not.
    pub async fn read_soon(&self, session_id: String, now: Timestamp) -> Result<(), StateError> {
        self.state
            .run(move |db| {
                insert(db, &Registration::of(&session_id), now, now)?;
                let sql = "update sessions set next_read_at = $1 where session_id = $2 and closed is null";
                db.execute(sql, values![now.as_millisecond(), &session_id]).map(drop)
            })
            .await?;
        self.hurried.notify_one();
        Ok(())
    }

    pub(super) fn allowed(&self, now: Timestamp) -> i64 {
        self.allowance.lock().unwrap_or_else(PoisonError::into_inner).now(now)
    }

    pub(super) fn take_allowance(&self, reads: usize) {
        let reads = i64::try_from(reads).unwrap_or(i64::MAX);
        self.allowance.lock().unwrap_or_else(PoisonError::into_inner).take(reads);
    }

    async fn read(&self, due: Due) -> Result<(), StateError> {
        let read = self.client.read_session_since(&due.session_id, due.etag.as_deref(), None).await;
        let now = self.surroundings.clock.now();
        let ending = match read {
            // An answer about another session is a fault of the service, and must not be filed under either.
            Ok(SessionRead::Fresh { snapshot, .. }) if snapshot.session_id != due.session_id => {
                Ending::Failed("the service answered with another session".to_string())
            }
            Ok(SessionRead::Fresh { snapshot, etag }) => {
                if etag.is_some() {
                    self.feed.note_tag();
                }
                let heard = Heard { snapshot: *snapshot, event_id: None, source: Source::Read, at: now };
                Ending::Heard { heard: Box::new(heard), etag }
            }
            Ok(SessionRead::Unchanged) => Ending::Unchanged,
            Err(error) if error.is_not_found() => Ending::NotFound,
            Err(error) => Ending::Failed(error.to_string()),
        };
        self.settle(&due.session_id, ending, now).await
    }

    /// Writes down what a read ended in, and plans the next, in one transaction: news can be lost no more than the
    /// tag that would hide them.
    async fn settle(&self, session_id: &str, ending: Ending, now: Timestamp) -> Result<(), StateError> {
        let outcome = ending.as_str();
        let (heard, etag, failure, is_gone) = match ending {
            Ending::Heard { heard, etag } => (Some(heard), etag, None, false),
            Ending::Unchanged => (None, None, None, false),
            Ending::NotFound => (None, None, Some("404: expired, or not of this account".to_string()), true),
            Ending::Failed(reason) => (None, None, Some(reason), false),
        };
        self.monitor.session_read(session_id, outcome, failure.as_deref().filter(|_| !is_gone), now);
        let news = heard.map(|heard| (self.plan(&heard), *heard));
        let chance = below(&*self.surroundings.random, 1000);
        let pace = self.options.pace;
        let is_fed = self.feed.is_held();
        let settled =
            Settled { id: session_id.to_string(), etag, failure, is_gone, is_fed, now, chance, pace };
        let recorded = self.state.run(move |db| settled.write(db, news)).await?;
        if recorded == Some(Recorded::New) {
            self.ring();
        }
        Ok(())
    }
}

/// What is written of a read.
struct Settled {
    id: String,
    etag: Option<String>,
    failure: Option<String>,
    is_gone: bool,
    is_fed: bool,
    now: Timestamp,
    chance: i64,
    pace: Pace,
}

impl Settled {
    fn write(&self, db: &mut Database, news: Option<(Plan, Heard)>) -> Result<Option<Recorded>, StateError> {
        let recorded = news.map(|(plan, heard)| record(db, &heard, &plan)).transpose()?;
        let Some(mut session) = Remembered::find(db, &self.id)? else { return Ok(recorded) };
        session.failures = if self.failure.is_some() { session.failures.saturating_add(1) } else { 0 };
        let is_expired = self.is_gone && self.is_believed(&session);
        let next = next_read_at(&self.pace, &session.quiet(self.is_fed), self.now, self.chance);
        let next = (!is_expired && !session.is_closed).then(|| next.as_millisecond());
        let now = self.now.as_millisecond();
        let sql = "update sessions set last_read_at = $1, etag = coalesce($2, etag), failures = $3, last_failure = $4,
                     next_read_at = $5, closed = coalesce(closed, $6), closed_at = coalesce(closed_at, $7)
                   where session_id = $8";
        let (closed, closed_at) = (is_expired.then_some("expired"), is_expired.then_some(now));
        let failures = session.failures;
        db.execute(
            sql,
            values![now, &self.etag, failures, &self.failure, next, closed, closed_at, &self.id],
        )?;
        Ok(recorded)
    }

    /// A service that forgets a session before its end is asked once more before it is believed.
    fn is_believed(&self, session: &Remembered) -> bool {
        let is_over = session.expires_at.is_some_and(|end| end <= self.now);
        is_over || session.failures >= NOT_FOUND_IS_BELIEVED_AFTER
    }
}

/// Takes what is due, and keeps it from others until the lease ends.
fn claim(
    db: &mut Database,
    now: Timestamp,
    leased_until: Timestamp,
    limit: i64,
) -> Result<Vec<Due>, StateError> {
    let sql = "update sessions set next_read_at = $1
               where session_id in (select session_id from sessions where next_read_at <= $2
                                    order by next_read_at limit $3)
               returning session_id, etag";
    let (now, leased_until) = (now.as_millisecond(), leased_until.as_millisecond());
    db.rows(sql, values![leased_until, now, limit], |row| {
        Ok(Due { session_id: row.get(0)?, etag: row.get(1)? })
    })
}
