//! Kassa's feed: one long poll for the account replaces the reads of its sessions.
//!
//! The feed has every change after a session's registration, so the tracker reads sessions only rarely while it follows
//! the feed. If the feed fails, the tracker reads every session soon, and then on the schedule. The cursor is stored
//! with the changes of its page, so a crash loses no page.

use std::sync::atomic::Ordering;

use kassa_sql::values;

use super::observe::{Observation, PlannedObservation, observe};
use super::sessions::TrackedSession;
use super::state::Database;
use super::verdict::Source;
use super::{CallbackReceiver, Service, StateError, Tracker};
use crate::client::{ClientError, FeedScope, FeedUpdates};
use crate::clock::plus_ms;
use crate::ledger::RecordOutcome;

/// The number of consecutive failures after which the feed counts as lost.
const LOST_AFTER: u32 = 2;

/// The pause after a failed call, in milliseconds; it doubles with each further failure, up to a minute.
const PAUSE_MS: i64 = 250;

/// The pause between two pages, in milliseconds.
const BETWEEN_CALLS_MS: i64 = 20;

/// The reason for a failed step through the feed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FeedError {
    /// The service refused the call, or gave no answer.
    #[error("{0}")]
    NotRead(#[source] ClientError),
    /// The page could not be stored.
    #[error("{0}")]
    NotStored(#[source] StateError),
}

impl Tracker {
    pub(super) async fn follow_feed_forever(&self) {
        if matches!(self.state.run(cursor).await, Ok(Some(_))) {
            // An earlier run followed the feed, and read sessions rarely because of it.
            self.feed.note_tag();
            if self.feed.service == Service::Other {
                self.fall_back_to_reads().await;
            }
        }
        let mut failures = 0;
        loop {
            self.feed.until_offered().await;
            let pause_ms = match self.follow_feed().await {
                Ok(()) => {
                    failures = 0;
                    BETWEEN_CALLS_MS
                }
                Err(failure) => {
                    failures += 1;
                    self.note_failure(&failure, failures).await;
                    PAUSE_MS << failures.min(8)
                }
            };
            let clock = &self.dependencies.clock;
            clock.sleep_until(plus_ms(clock.schedule_now(), pause_ms)).await;
        }
    }

    /// Reads the next page of the feed. Its changes and its cursor become durable together.
    pub(super) async fn follow_feed(&self) -> Result<(), FeedError> {
        let cursor = self.state.run(cursor).await.map_err(FeedError::NotStored)?;
        let scope = match self.options.callbacks {
            CallbackReceiver::ThisTracker => FeedScope::Unacknowledged,
            CallbackReceiver::OtherSystem => FeedScope::Everything,
        };
        // The first call does not wait, so that the tracker learns at once whether there is a feed.
        let wait_s = if self.feed.is_delivering() { self.options.feed_wait_s } else { 0 };
        let read = self.client.read_feed(scope, cursor.as_deref(), wait_s).await;
        match read {
            Ok(page) => self.store_page(page.value).await.map_err(FeedError::NotStored),
            Err(error) if cursor.is_some() && error.http_status() == Some(400) => {
                // The service's database was replaced, so start again. Events that are already known change nothing.
                self.state.run(|db| store_cursor(db, None)).await.map_err(FeedError::NotStored)
            }
            Err(error) => Err(FeedError::NotRead(error)),
        }
    }

    async fn store_page(&self, page: FeedUpdates) -> Result<(), StateError> {
        if !self.feed.is_delivering.swap(true, Ordering::Relaxed) {
            tracing::info!("the feed is connected; the tracker now reads sessions only rarely");
        }
        self.feed.is_relied_on.store(true, Ordering::Relaxed);
        let at = self.dependencies.clock.schedule_now();
        let observed = |session| Observation { snapshot: session, event_id: None, source: Source::Feed, at };
        let observations: Vec<_> =
            page.events.into_iter().map(|event| self.plan(observed(event.session))).collect();
        let has_changes = self
            .state
            .run(move |db| {
                let mut has_changes = false;
                for planned in &observations {
                    has_changes |= observe_registered(db, planned)?;
                }
                store_cursor(db, Some(&page.cursor)).map(|()| has_changes)
            })
            .await?;
        if has_changes {
            self.wake();
        }
        Ok(())
    }

    async fn note_failure(&self, failure: &FeedError, failures: u32) {
        if let FeedError::NotRead(error) = failure
            && self.feed.service == Service::Unknown
            && matches!(error.http_status(), Some(401 | 403 | 404 | 405))
        {
            // The service is not Kassa, or does not offer its feed to this account.
            self.feed.note_refusal();
        } else if failures < LOST_AFTER {
            return;
        }
        if self.feed.is_delivering() {
            tracing::warn!(
                failure = failure.to_string(),
                "the feed is unavailable; the tracker reads sessions on the schedule meanwhile"
            );
        }
        self.fall_back_to_reads().await;
    }

    /// Plans a read of every session, as soon as the account's rate limit permits.
    async fn fall_back_to_reads(&self) {
        self.feed.is_delivering.store(false, Ordering::Relaxed);
        let is_first = self.feed.is_relied_on.swap(false, Ordering::Relaxed);
        if is_first && self.read_all_soon().await.is_err() {
            self.feed.is_relied_on.store(true, Ordering::Relaxed);
        }
    }

    async fn read_all_soon(&self) -> Result<(), StateError> {
        let now = self.dependencies.clock.schedule_now().as_millisecond();
        let sql = "update sessions set next_read_at = $1 where next_read_at > $1";
        self.state.run(move |db| db.execute(sql, values![now]).map(drop)).await?;
        self.read_planned.notify_one();
        Ok(())
    }
}

/// Observes an event if its session is registered. The feed has the events of the whole account.
fn observe_registered(db: &mut Database, planned: &PlannedObservation) -> Result<bool, StateError> {
    if TrackedSession::find(db, planned.session_id())?.is_none() {
        return Ok(false);
    }
    observe(db, planned).map(|recorded| recorded == RecordOutcome::New)
}

fn cursor(db: &mut Database) -> Result<Option<String>, StateError> {
    db.first("select value from notes where name = 'feed_cursor'", &[], |row| Ok(row.only()?))
}

fn store_cursor(db: &mut Database, cursor: Option<&str>) -> Result<(), StateError> {
    let stored = match cursor {
        Some(cursor) => {
            let sql = "insert into notes (name, value) values ('feed_cursor', $1)
                       on conflict (name) do update set value = excluded.value";
            db.execute(sql, values![cursor])
        }
        None => db.execute("delete from notes where name = 'feed_cursor'", &[]),
    };
    stored.map(drop)
}
