//! The feed of a Kassa: one held call for the account, in place of the reads of all its quiet sessions.
//!
//! The feed has every change, so no read is needed while it is held, but for what happened before a session was
//! registered. Where it is lost, every session is read soon, and by the schedule from then on.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use kassa_sql::values;
use tokio::sync::Notify;

use super::record::{Heard, Plan, record};
use super::sessions::Remembered;
use super::state::Database;
use super::verdict::Source;
use super::{Callbacks, Service, StateError, Tracker};
use crate::client::{ClientError, FeedPage, FeedScope};
use crate::clock::plus_ms;
use crate::ledger::Recorded;

/// So many calls must fail one after the other before the feed counts as lost.
const LOST_AFTER: u32 = 2;

/// The pause after a call that failed, in milliseconds; it doubles with each further failure, up to a minute.
const PAUSE_MS: i64 = 250;

/// Pages of a feed that always has more come no faster, in milliseconds.
const BETWEEN_CALLS_MS: i64 = 20;

/// What is known of the service's feed.
#[derive(Debug)]
pub(super) struct FeedLink {
    is_offered: AtomicBool,
    /// It was asked for, and refused.
    is_refused: AtomicBool,
    is_held: AtomicBool,
    /// Sessions may have been left to it, in this life or in one before.
    is_relied_on: AtomicBool,
    /// Rung when it is offered.
    offered: Notify,
    service: Service,
}

impl FeedLink {
    pub(super) fn of(service: Service) -> Self {
        Self {
            is_offered: AtomicBool::new(service == Service::Kassa),
            is_refused: AtomicBool::default(),
            is_held: AtomicBool::default(),
            is_relied_on: AtomicBool::new(true),
            offered: Notify::default(),
            service,
        }
    }

    /// Whether changes are told by the feed at present.
    pub(super) fn is_held(&self) -> bool {
        self.is_held.load(Ordering::Relaxed)
    }

    /// A read carried a tag, so the service may be Kassa.
    pub(super) fn note_tag(&self) {
        let may_be_kassa = self.service == Service::Unknown && !self.is_refused.load(Ordering::Relaxed);
        if may_be_kassa && !self.is_offered.swap(true, Ordering::Relaxed) {
            self.offered.notify_one();
        }
    }

    fn note_refusal(&self) {
        self.is_refused.store(true, Ordering::Relaxed);
        self.is_offered.store(false, Ordering::Relaxed);
    }

    /// Waits until the service may have a feed.
    async fn until_offered(&self) {
        while !self.is_offered.load(Ordering::Relaxed) {
            self.offered.notified().await;
        }
    }
}

/// Why a part of the feed could not be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Interrupted {
    /// The service refused, or gave no answer.
    Unread(ClientError),
    /// What it gave could not be kept.
    Unkept(StateError),
}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread(error) => error.fmt(f),
            Self::Unkept(error) => error.fmt(f),
        }
    }
}

impl Tracker {
    pub(super) async fn follow_feed_forever(&self) {
        if matches!(self.state.run(cursor).await, Ok(Some(_))) {
            // A life before held the feed, and left sessions to it.
            self.feed.note_tag();
            if self.feed.service == Service::Other {
                self.give_up_feed().await;
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
                Err(interrupted) => {
                    failures += 1;
                    self.note_interruption(&interrupted, failures).await;
                    PAUSE_MS << failures.min(8)
                }
            };
            let clock = &self.surroundings.clock;
            clock.sleep_until(plus_ms(clock.now(), pause_ms)).await;
        }
    }

    /// Takes the next part of the feed: its news and its cursor become durable together.
    pub(super) async fn follow_feed(&self) -> Result<(), Interrupted> {
        let cursor = self.state.run(cursor).await.map_err(Interrupted::Unkept)?;
        let scope = match self.options.callbacks {
            Callbacks::ComeHere => FeedScope::Unacknowledged,
            Callbacks::GoElsewhere => FeedScope::Everything,
        };
        // Whether there is a feed is to be known at once; only then is there something to wait for.
        let wait_s = if self.feed.is_held() { self.options.feed_wait_s } else { 0 };
        let read = self.client.read_feed(scope, cursor.as_deref(), wait_s).await;
        match read {
            Ok(page) => self.take(page.value).await.map_err(Interrupted::Unkept),
            Err(error) if cursor.is_some() && error.http_status() == Some(400) => {
                // The cursor is another database's. What is told again from the beginning is known here.
                self.state.run(|db| keep_cursor(db, None)).await.map_err(Interrupted::Unkept)
            }
            Err(error) => Err(Interrupted::Unread(error)),
        }
    }

    async fn take(&self, page: FeedPage) -> Result<(), StateError> {
        if !self.feed.is_held.swap(true, Ordering::Relaxed) {
            tracing::info!("the feed is held; sessions are read hardly any more");
        }
        self.feed.is_relied_on.store(true, Ordering::Relaxed);
        let at = self.surroundings.clock.now();
        let heard = |session| Heard { snapshot: session, event_id: None, source: Source::Feed, at };
        let planned = |heard: Heard| (self.plan(&heard), heard);
        let news: Vec<_> = page.events.into_iter().map(|event| planned(heard(event.session))).collect();
        let has_news = self
            .state
            .run(move |db| {
                let mut has_news = false;
                for (plan, heard) in &news {
                    has_news |= take_registered(db, heard, plan)?;
                }
                keep_cursor(db, Some(&page.cursor)).map(|()| has_news)
            })
            .await?;
        if has_news {
            self.ring();
        }
        Ok(())
    }

    async fn note_interruption(&self, interrupted: &Interrupted, failures: u32) {
        if let Interrupted::Unread(error) = interrupted
            && self.feed.service == Service::Unknown
            && matches!(error.http_status(), Some(401 | 403 | 404 | 405))
        {
            // It is not Kassa, or does not offer its feed to this account.
            self.feed.note_refusal();
        } else if failures < LOST_AFTER {
            return;
        }
        if self.feed.is_held() {
            tracing::warn!(
                interrupted = interrupted.to_string(),
                "the feed is lost; sessions are read meanwhile"
            );
        }
        self.give_up_feed().await;
    }

    /// What was left to the feed is read as soon as the account's allowance permits.
    async fn give_up_feed(&self) {
        self.feed.is_held.store(false, Ordering::Relaxed);
        let is_first = self.feed.is_relied_on.swap(false, Ordering::Relaxed);
        if is_first && self.read_all_soon().await.is_err() {
            self.feed.is_relied_on.store(true, Ordering::Relaxed);
        }
    }

    async fn read_all_soon(&self) -> Result<(), StateError> {
        let now = self.surroundings.clock.now().as_millisecond();
        let sql = "update sessions set next_read_at = $1 where next_read_at > $1";
        self.state.run(move |db| db.execute(sql, values![now]).map(drop)).await?;
        self.hurried.notify_one();
        Ok(())
    }
}

/// Takes an event of a session that is followed. The feed has those of the whole account.
fn take_registered(db: &mut Database, heard: &Heard, plan: &Plan) -> Result<bool, StateError> {
    if Remembered::find(db, &heard.snapshot.session_id)?.is_none() {
        return Ok(false);
    }
    record(db, heard, plan).map(|recorded| recorded == Recorded::New)
}

fn cursor(db: &mut Database) -> Result<Option<String>, StateError> {
    db.first("select value from notes where name = 'feed_cursor'", &[], |row| Ok(row.only()?))
}

fn keep_cursor(db: &mut Database, cursor: Option<&str>) -> Result<(), StateError> {
    let kept = match cursor {
        Some(cursor) => {
            let sql = "insert into notes (name, value) values ('feed_cursor', $1)
                       on conflict (name) do update set value = excluded.value";
            db.execute(sql, values![cursor])
        }
        None => db.execute("delete from notes where name = 'feed_cursor'", &[]),
    };
    kept.map(drop)
}
