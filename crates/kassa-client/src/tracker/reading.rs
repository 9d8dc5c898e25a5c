//! Reads the sessions that are due, within the account's rate limit.
//!
//! The tracker claims a session by moving its next read to the end of a lease. If it crashes during a read, another run
//! reads the session when the lease ends.

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use kassa_sql::{columns, sql, values};

use super::observe::{Observation, PlannedObservation, observe};
use super::schedule::{ReadIntervals, next_read_at};
use super::sessions::{Registration, TrackedSession, insert};
use super::state::Database;
use super::verdict::{CloseReason, Source};
use super::{POLL_MS, StateError, Tracker};
use crate::client::ConditionalRead;
use crate::clock::{instant, plus_ms};
use crate::ledger::RecordOutcome;
use crate::random::below;

/// The maximum number of concurrent reads.
const CONCURRENT_READS: usize = 64;

/// The number of 404 answers before the session's end that close it.
const CLOSED_AFTER_NOT_FOUND: u32 = 2;

/// A session that was claimed for a read.
struct Due {
    session_id: String,
    etag: Option<String>,
}

columns! {
    due { session_id, etag }
}

/// The result of a read.
enum ReadResult {
    Observed { observation: Box<Observation>, etag: Option<String> },
    Unchanged,
    NotFound,
    Failed(String),
}

impl ReadResult {
    /// The value of the metric's label.
    const fn as_str(&self) -> &'static str {
        match self {
            Self::Observed { .. } => "answered",
            Self::Unchanged => "unchanged",
            Self::NotFound => "not_found",
            Self::Failed(_) => "failed",
        }
    }
}

impl Tracker {
    /// Reads the due sessions; returns their number. For programs that do not use [`Tracker::work_forever`].
    pub async fn read_due(&self) -> Result<usize, StateError> {
        let due = self.claim_due(CONCURRENT_READS).await?;
        let count = due.len();
        for stored in join_all(due.into_iter().map(|due| self.read(due))).await {
            stored?;
        }
        Ok(count)
    }

    /// Claims due sessions, `most` at most and within the account's rate limit.
    async fn claim_due(&self, most: usize) -> Result<Vec<Due>, StateError> {
        let now = self.dependencies.clock.schedule_now();
        let limit = self.available_reads(now).min(i64::try_from(most).unwrap_or(i64::MAX));
        if limit == 0 || self.client.paused_until().is_some() {
            return Ok(Vec::new());
        }
        let leased_until = plus_ms(now, self.call_lease_ms);
        let due = self.state.run(move |db| claim(db, now, leased_until, limit)).await?;
        self.spend_reads(due.len());
        Ok(due)
    }

    pub(super) async fn read_forever(&self) {
        let mut reads = FuturesUnordered::new();
        loop {
            let free = CONCURRENT_READS - reads.len();
            let due = self.or_default(self.claim_due(free).await);
            reads.extend(due.into_iter().map(|due| self.read(due)));
            tokio::select! {
                // If the result could not be stored, the session is read again when its lease ends.
                Some(_) = reads.next() => {}
                () = self.wait_for_due(), if reads.len() < CONCURRENT_READS => {}
            }
        }
    }

    async fn wait_for_due(&self) {
        let now = self.dependencies.clock.schedule_now();
        let latest = plus_ms(now, POLL_MS);
        let soonest = self.client.paused_until().unwrap_or_else(|| plus_ms(now, 20)).min(latest);
        let next = self.next_read_due_at().await.ok().flatten().unwrap_or(latest);
        tokio::select! {
            () = self.dependencies.clock.sleep_until(next.clamp(soonest, latest)) => {}
            () = self.read_planned.notified() => {}
        }
    }

    /// When the next read is due.
    pub async fn next_read_due_at(&self) -> Result<Option<Timestamp>, StateError> {
        let sql = "select min(next_read_at) from sessions where next_read_at is not null";
        let next: Option<i64> = self.state.run(move |db| db.one(sql, &[], |row| Ok(row.only()?))).await?;
        Ok(next.map(instant))
    }

    /// Plans a read as soon as the account's rate limit permits. It registers the session if necessary.
    pub async fn read_soon(&self, session_id: String, now: Timestamp) -> Result<(), StateError> {
        self.state
            .run(move |db| {
                insert(db, &Registration::of(&session_id), now, now)?;
                let sql = "update sessions set next_read_at = $1 where session_id = $2 and closed is null";
                db.execute(sql, values![now.as_millisecond(), &session_id]).map(drop)
            })
            .await?;
        self.read_planned.notify_one();
        Ok(())
    }

    pub(super) fn available_reads(&self, now: Timestamp) -> i64 {
        self.allowance.lock().now(now)
    }

    pub(super) fn spend_reads(&self, reads: usize) {
        let reads = i64::try_from(reads).unwrap_or(i64::MAX);
        self.allowance.lock().spend(reads);
    }

    async fn read(&self, due: Due) -> Result<(), StateError> {
        let read = self.client.read_session_since(&due.session_id, due.etag.as_deref(), None).await;
        let now = self.dependencies.clock.schedule_now();
        let result = match read {
            // An answer about another session is a fault of the service. It must not be stored for either.
            Ok(ConditionalRead::Changed { snapshot, .. }) if snapshot.session_id != due.session_id => {
                ReadResult::Failed("the service answered with another session".to_string())
            }
            Ok(ConditionalRead::Changed { snapshot, etag }) => {
                if etag.is_some() {
                    self.feed.note_tag();
                }
                let observation =
                    Observation { snapshot: *snapshot, event_id: None, source: Source::Read, at: now };
                ReadResult::Observed { observation: Box::new(observation), etag }
            }
            Ok(ConditionalRead::Unchanged) => ReadResult::Unchanged,
            Err(error) if error.is_not_found() => ReadResult::NotFound,
            Err(error) => ReadResult::Failed(error.to_string()),
        };
        self.store_result(&due.session_id, result, now).await
    }

    /// Stores the result of a read and plans the next one, in one transaction. If the `ETag` were stored without the
    /// change, later reads would answer "unchanged" and the change would be lost.
    async fn store_result(
        &self,
        session_id: &str,
        result: ReadResult,
        now: Timestamp,
    ) -> Result<(), StateError> {
        let outcome = result.as_str();
        let (observation, etag, failure, is_not_found) = match result {
            ReadResult::Observed { observation, etag } => (Some(observation), etag, None, false),
            ReadResult::Unchanged => (None, None, None, false),
            ReadResult::NotFound => {
                (None, None, Some("404: expired, or not of this account".to_string()), true)
            }
            ReadResult::Failed(reason) => (None, None, Some(reason), false),
        };
        self.monitor.session_read(session_id, outcome, failure.as_deref().filter(|_| !is_not_found), now);
        let observation = observation.map(|observation| self.plan(*observation));
        let chance = below(&*self.dependencies.random, 1000);
        let pace = self.options.pace;
        let feed_is_delivering = self.feed.is_delivering();
        let update = ReadUpdate {
            id: session_id.to_string(),
            etag,
            failure,
            is_not_found,
            feed_is_delivering,
            now,
            chance,
            pace,
        };
        let recorded = self.state.run(move |db| update.write(db, observation)).await?;
        if recorded == Some(RecordOutcome::New) {
            self.wake();
        }
        Ok(())
    }
}

/// The row update after a read.
struct ReadUpdate {
    id: String,
    etag: Option<String>,
    failure: Option<String>,
    is_not_found: bool,
    feed_is_delivering: bool,
    now: Timestamp,
    chance: i64,
    pace: ReadIntervals,
}

impl ReadUpdate {
    fn write(
        &self,
        db: &mut Database,
        observation: Option<PlannedObservation>,
    ) -> Result<Option<RecordOutcome>, StateError> {
        let recorded = observation.map(|planned| observe(db, &planned)).transpose()?;
        let Some(mut session) = TrackedSession::find(db, &self.id)? else { return Ok(recorded) };
        session.failures = if self.failure.is_some() { session.failures.saturating_add(1) } else { 0 };
        let is_expired = self.is_not_found && self.closes(&session);
        let next = next_read_at(&self.pace, &session.quiet(self.feed_is_delivering), self.now, self.chance);
        let next = (!is_expired && !session.is_closed).then(|| next.as_millisecond());
        let now = self.now.as_millisecond();
        let sql = "update sessions set last_read_at = $1, etag = coalesce($2, etag), failures = $3, last_failure = $4,
                     next_read_at = $5, closed = coalesce(closed, $6), closed_at = coalesce(closed_at, $7)
                   where session_id = $8";
        let (closed, closed_at) =
            (is_expired.then_some(CloseReason::Expired.as_str()), is_expired.then_some(now));
        let failures = session.failures;
        db.execute(
            sql,
            values![now, &self.etag, failures, &self.failure, next, closed, closed_at, &self.id],
        )?;
        Ok(recorded)
    }

    /// Whether a 404 closes the session. Before the session's end, a second 404 must confirm the first.
    fn closes(&self, session: &TrackedSession) -> bool {
        let is_over = session.expires_at.is_some_and(|end| end <= self.now);
        is_over || session.failures >= CLOSED_AFTER_NOT_FOUND
    }
}

/// Claims due sessions, so that no other tracker reads them until the lease ends.
fn claim(
    db: &mut Database,
    now: Timestamp,
    leased_until: Timestamp,
    limit: i64,
) -> Result<Vec<Due>, StateError> {
    let sql = sql!(
        "update sessions set next_read_at = $1
               where session_id in (select session_id from sessions where next_read_at <= $2
                                    order by next_read_at limit $3)
               returning {due}",
        due
    );
    let (now, leased_until) = (now.as_millisecond(), leased_until.as_millisecond());
    db.rows(sql, values![leased_until, now, limit], |row| {
        Ok(Due { session_id: row.get(due::session_id)?, etag: row.get(due::etag)? })
    })
}
