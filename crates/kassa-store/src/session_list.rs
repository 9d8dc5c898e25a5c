//! A merchant's page sessions, newest first.

use kassa_domain::lifecycle::Status;
use kassa_domain::page_session::OrderReference;
use kassa_domain::{MerchantId, PageSessionId, PaymentSessionId, Timestamp};
use kassa_sql::{Row, columns, sql};

use crate::engine::Statement;
use crate::page_sessions::read_order_reference;
use crate::reading::ReadColumn as _;
use crate::{Store, StoreError};

/// Maximum number of sessions that are read for one page, wanted or not.
const SCANNED_FOR_A_PAGE: i64 = 5000;

/// A session in the list.
#[derive(Clone, Debug)]
pub struct ListedSession {
    /// Its id.
    pub id: PageSessionId,
    /// The payment session that it hosts.
    pub payment_session_id: PaymentSessionId,
    /// Its status.
    pub status: Status,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its status last changed.
    pub updated_at: Timestamp,
    /// The instant from which on it cannot be paid.
    pub expires_at: Timestamp,
    /// The order, once there is one.
    pub order: Option<OrderReference>,
}

/// The sessions that a caller wants.
#[derive(Clone, Debug)]
pub struct SessionFilter {
    /// Only those with this status.
    pub status: Option<Status>,
    /// Only those created after this instant.
    pub created_after: Option<Timestamp>,
    /// A lower bound of the ids of sessions created after that instant. The list ends there. Empty for no bound.
    pub oldest: String,
    /// Only those older than this one. The list continues after it.
    pub before: Option<PageSessionId>,
    /// Maximum number of sessions.
    pub limit: i64,
}

/// A page of the list.
#[derive(Clone, Debug)]
pub struct SessionPage {
    /// The wanted sessions, newest first.
    pub sessions: Vec<ListedSession>,
    /// The session after which the list continues; `None` at its end.
    pub goes_on_before: Option<PageSessionId>,
}

/// A bound after every id, because ids are hexadecimal.
const NO_BOUND: &str = "~";

columns! {
    listed {
        page_session_id, payment_session_id, status, created_at, updated_at, expires_at, order_id, klarna_reference,
    }
}

impl Store {
    /// The merchant's sessions, newest first. A page reads a bounded part of the list. If few of many sessions are
    /// wanted, a page may be short or empty although the list continues.
    pub async fn sessions_of(
        &self,
        of: &MerchantId,
        wanted: &SessionFilter,
    ) -> Result<SessionPage, StoreError> {
        let sessions = self.rows(select(of, wanted), read_listed).await?;
        let is_full = i64::try_from(sessions.len()).unwrap_or(i64::MAX) >= wanted.limit;
        let goes_on_before = match sessions.last().filter(|_| is_full) {
            Some(last) => Some(last.id.clone()),
            None => self.scanned_to(of, wanted).await?,
        };
        Ok(SessionPage { sessions, goes_on_before })
    }

    /// The last session that was read for a page, if there may be more after it.
    async fn scanned_to(
        &self,
        of: &MerchantId,
        wanted: &SessionFilter,
    ) -> Result<Option<PageSessionId>, StoreError> {
        let before = wanted.before.as_ref().map_or(NO_BOUND, PageSessionId::as_str);
        let statement = Statement::new(
            "select page_session_id from page_session where merchant_id = $1 and page_session_id < $2
               and page_session_id >= $3
             order by page_session_id desc limit 1 offset $4",
            [
                of.as_str().into(),
                before.into(),
                wanted.oldest.as_str().into(),
                (SCANNED_FOR_A_PAGE - 1).into(),
            ],
        );
        self.row(statement, |row| Ok(PageSessionId::new(row.only::<String>()?))).await
    }
}

fn select(of: &MerchantId, wanted: &SessionFilter) -> Statement {
    Statement::new(
        sql!(
            "select {listed}
         from (
           select * from page_session
           where merchant_id = $1 and page_session_id < $2 and page_session_id >= $3
           order by page_session_id desc limit $4) newest
         where created_at > $5 and ($6 = '' or status = $6)
         order by page_session_id desc limit $7",
            listed
        ),
        [
            of.as_str().into(),
            wanted.before.as_ref().map_or(NO_BOUND, PageSessionId::as_str).into(),
            wanted.oldest.as_str().into(),
            SCANNED_FOR_A_PAGE.into(),
            wanted.created_after.unwrap_or(Timestamp::from_ms(i64::MIN)).as_ms().into(),
            wanted.status.map_or("", Status::as_str).into(),
            wanted.limit.into(),
        ],
    )
}

fn read_listed(row: &mut Row) -> Result<ListedSession, StoreError> {
    Ok(ListedSession {
        id: PageSessionId::new(row.text(listed::page_session_id)?),
        payment_session_id: PaymentSessionId::new(row.text(listed::payment_session_id)?),
        status: row.word(listed::status, Status::parse)?,
        created_at: row.instant(listed::created_at)?,
        updated_at: row.instant(listed::updated_at)?,
        expires_at: row.instant(listed::expires_at)?,
        order: read_order_reference(row, listed::order_id, listed::klarna_reference)?,
    })
}
