//! Timers of page sessions: events that time causes. A timer belongs to one version of its page session. If the page
//! session changed since, the timer has nothing to do.

use kassa_domain::lifecycle::Event;
use kassa_domain::page_session::PageSession;
use kassa_domain::{MerchantId, PageSessionId, Timestamp};
use kassa_sql::{Row, columns, sql};

use crate::engine::{Statement, Unit};
use crate::reading::ReadColumn as _;
use crate::{Store, StoreError};

/// An event that is due at an instant, unless the page session changes before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewTimer {
    /// The event.
    pub event: Event,
    /// When it is due, by the merchant's clock.
    pub due_at: Timestamp,
}

/// A stored timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionTimer {
    /// The page session.
    pub page_session_id: PageSessionId,
    /// The owning merchant, whose clock decides.
    pub merchant_id: MerchantId,
    /// The version of the page session to which the timer belongs.
    pub version: i64,
    /// The event.
    pub event: Event,
    /// When it is due, by the merchant's clock.
    pub due_at: Timestamp,
}

columns! {
    session_timer { page_session_id, merchant_id, version, event, due_at }
}

impl Store {
    /// The timers that are due at this instant, the oldest first, at most `limit` of them.
    pub async fn timers_until(&self, until: Timestamp, limit: i64) -> Result<Vec<SessionTimer>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {session_timer} from session_timer where due_at <= $1 order by due_at limit $2",
                session_timer
            ),
            [until.as_ms().into(), limit.into()],
        );
        self.rows(statement, read_timer).await
    }

    /// The timers of a merchant, at most `limit` of them.
    pub async fn timers_of(
        &self,
        merchant: &MerchantId,
        limit: i64,
    ) -> Result<Vec<SessionTimer>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {session_timer} from session_timer where merchant_id = $1 order by due_at limit $2",
                session_timer
            ),
            [merchant.as_str().into(), limit.into()],
        );
        self.rows(statement, read_timer).await
    }

    /// Deletes a timer, unless a later change of the page session replaced it.
    pub async fn end_timer(&self, timer: &SessionTimer) -> Result<(), StoreError> {
        let statement = Statement::new(
            "delete from session_timer where page_session_id = $1 and version = $2",
            [timer.page_session_id.as_str().into(), timer.version.into()],
        );
        self.run_unguarded(Unit::of(statement)).await.map(drop)
    }
}

/// Sets the timer of a page session, as a part of the unit that changes its status.
pub(crate) fn set_timer(session: &PageSession, timer: NewTimer) -> Statement {
    Statement::new(
        sql!(
            "insert into session_timer (page_session_id, merchant_id, version, event, due_at)
             {values}$1, $2, $3, $4, $5{end}
             on conflict (page_session_id) do update
             set version = excluded.version, event = excluded.event, due_at = excluded.due_at"
        ),
        [
            session.id.as_str().into(),
            session.merchant_id.as_str().into(),
            session.version.into(),
            timer.event.name().into(),
            timer.due_at.as_ms().into(),
        ],
    )
}

fn read_timer(row: &mut Row) -> Result<SessionTimer, StoreError> {
    Ok(SessionTimer {
        page_session_id: PageSessionId::new(row.text(session_timer::page_session_id)?),
        merchant_id: MerchantId::new(row.text(session_timer::merchant_id)?),
        version: row.get(session_timer::version)?,
        event: row.word(session_timer::event, Event::parse)?,
        due_at: row.instant(session_timer::due_at)?,
    })
}
