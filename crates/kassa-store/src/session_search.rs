//! The console's search for page sessions, across all merchants or for one.
//!
//! Each statement reads a bounded number of rows from one index, so that its cost does not grow with history.

use kassa_domain::lifecycle::Status;
use kassa_domain::page_session::OrderReference;
use kassa_domain::{AuthorizationToken, MerchantId, PageSessionId, PaymentSessionId, Timestamp};
use kassa_sql::{Row, Sql, Value, columns, sql};

use crate::engine::Statement;
use crate::page_sessions::read_order_reference;
use crate::reading::ReadColumn as _;
use crate::{Store, StoreError};

/// A bound after every id, because ids are hexadecimal.
const LAST_ID: &str = "~";

/// A page session in the console's list.
#[derive(Clone, Debug)]
pub struct FoundSession {
    /// Its id.
    pub id: PageSessionId,
    /// The owning merchant.
    pub merchant_id: MerchantId,
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
    /// The order of the payment session, once there is one.
    pub order: Option<OrderReference>,
    /// The merchant's own reference; `None` in rows of earlier versions as well.
    pub merchant_reference: Option<String>,
    /// The amount in minor units; `None` in rows of earlier versions.
    pub amount: Option<i64>,
    /// The currency, by ISO 4217.
    pub currency: Option<String>,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortOrder {
    /// By creation, newest first.
    #[default]
    Newest,
    /// By creation, oldest first.
    Oldest,
    /// By amount in minor units, largest first.
    Largest,
    /// By amount in minor units, smallest first.
    Smallest,
}

/// A term to search by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchTerm {
    /// The id of a page session.
    PageSession(String),
    /// The id of a payment session.
    PaymentSession(String),
    /// The id of an order.
    Order(String),
    /// The short reference of an order.
    KlarnaReference(String),
    /// An authorization token.
    Authorization(String),
    /// One of the merchant's own references.
    MerchantReference(String),
    /// The order amount in minor units.
    Amount(i64),
    /// The consumer's e-mail address.
    Email(String),
}

/// The page sessions that a caller wants.
#[derive(Clone, Debug, Default)]
pub struct SearchFilter {
    /// Only those of this merchant.
    pub merchant: Option<MerchantId>,
    /// Only those with this status.
    pub status: Option<Status>,
    /// A lower bound of the ids. Empty for no bound.
    pub from_id: String,
    /// An upper bound of the ids, which is not included. `None` for no bound.
    pub to_id: Option<String>,
    /// The order. Those that are found by a term come newest first.
    pub sort: SortOrder,
    /// The list continues after this page session.
    pub after: Option<PageSessionId>,
    /// Maximum number of page sessions.
    pub limit: i64,
}

/// A page of the list.
#[derive(Clone, Debug, Default)]
pub struct SearchPage {
    /// The page sessions that were found.
    pub sessions: Vec<FoundSession>,
    /// The page session after which the list continues; `None` at its end.
    pub goes_on_after: Option<PageSessionId>,
}

columns! {
    found {
        page_session_id = "s.page_session_id",
        merchant_id = "s.merchant_id",
        payment_session_id = "s.payment_session_id",
        status = "s.status",
        created_at = "s.created_at",
        updated_at = "s.updated_at",
        expires_at = "s.expires_at",
        order_id = "coalesce(s.order_id, p.order_id)",
        klarna_reference = "coalesce(s.klarna_reference, p.klarna_reference)",
        merchant_reference1 = "p.merchant_reference1",
        order_amount = "p.order_amount",
        purchase_currency = "p.purchase_currency",
    }
}

/// Maximum number of rows that are read for one page of a list, wanted or not.
macro_rules! scanned {
    () => {
        "5000"
    };
}

/// Page sessions by id. `$1` and `$2` bound the ids, both excluded. The last two values are a status or empty, and how
/// many are wanted.
macro_rules! by_id {
    ($merchant:literal, $direction:literal, $status:literal, $limit:literal) => {
        sql!(
            concat!(
                "select {found}
                 from (
                   select * from (
                     select * from page_session where page_session_id > $1 and page_session_id < $2 ",
                $merchant,
                " order by page_session_id ",
                $direction,
                " limit ",
                scanned!(),
                ") scanned
                   where ",
                $status,
                " = '' or status = ",
                $status,
                " order by page_session_id ",
                $direction,
                " limit ",
                $limit,
                ") s
                 left join payment_session p on p.payment_session_id = s.payment_session_id
                 order by s.page_session_id ",
                $direction
            ),
            found
        )
    };
}

const NEWEST: Sql = by_id!("", "desc", "$3", "$4");
const OLDEST: Sql = by_id!("", "asc", "$3", "$4");
const NEWEST_OF_MERCHANT: Sql = by_id!("and merchant_id = $3", "desc", "$4", "$5");
const OLDEST_OF_MERCHANT: Sql = by_id!("and merchant_id = $3", "asc", "$4", "$5");

/// The last page session that [`by_id`] reads: the number after `offset` is one less than the maximum.
macro_rules! last_by_id {
    ($merchant:literal, $direction:literal) => {
        sql!(concat!(
            "select page_session_id from page_session where page_session_id > $1 and page_session_id < $2 ",
            $merchant,
            " order by page_session_id ",
            $direction,
            " limit 1 offset 4999"
        ))
    };
}

const LAST_OF_NEWEST: Sql = last_by_id!("", "desc");
const LAST_OF_OLDEST: Sql = last_by_id!("", "asc");
const LAST_OF_NEWEST_OF_MERCHANT: Sql = last_by_id!("and merchant_id = $3", "desc");
const LAST_OF_OLDEST_OF_MERCHANT: Sql = last_by_id!("and merchant_id = $3", "asc");

/// Page sessions by the amount of their payment sessions. They come after `$1`, `$2` and `$3`: the amount, the payment
/// session and the page session of the last one before. At most 1,000 payment sessions are read. `$4` is a merchant or
/// empty, `$5` a status or empty; `$6` and `$7` bound the ids. The bounds compare an expression, so that the database
/// reads the few page sessions of each payment session. PostgreSQL otherwise takes the bounds for a narrow range of ids
/// and reads that range instead: nearly the whole table.
macro_rules! by_amount {
    ($inside:literal, $after:literal, $direction:literal) => {
        sql!(
            concat!(
                "select {found}
                 from (
                   select * from payment_session
                   where order_amount is not null and (order_amount, payment_session_id) ",
                $inside,
                " ($1, $2)
                   order by order_amount ",
                $direction,
                ", payment_session_id ",
                $direction,
                " limit 1000) p
                 join page_session s on s.payment_session_id = p.payment_session_id
                 where (p.order_amount, p.payment_session_id, s.page_session_id) ",
                $after,
                " ($1, $2, $3)
                   and ($4 = '' or s.merchant_id = $4) and ($5 = '' or s.status = $5)
                   and s.page_session_id || '' > $6 and s.page_session_id || '' < $7
                 order by p.order_amount ",
                $direction,
                ", p.payment_session_id ",
                $direction,
                ", s.page_session_id ",
                $direction,
                " limit $8"
            ),
            found
        )
    };
}

const LARGEST: Sql = by_amount!("<=", "<", "desc");
const SMALLEST: Sql = by_amount!(">=", ">", "asc");

/// Page sessions of the payment sessions with the term `$1`, newest first, after the payment session `$2` and the page
/// session `$3`. The rest is as for [`by_amount`].
macro_rules! by_term {
    ($column:literal) => {
        sql!(
            concat!(
                "select {found}
                 from (
                   select * from payment_session where ",
                $column,
                " = $1 and payment_session_id <= $2
                   order by payment_session_id desc limit ",
                scanned!(),
                ") p
                 join page_session s on s.payment_session_id = p.payment_session_id
                 where (p.payment_session_id, s.page_session_id) < ($2, $3)
                   and ($4 = '' or s.merchant_id = $4) and ($5 = '' or s.status = $5)
                   and s.page_session_id || '' > $6 and s.page_session_id || '' < $7
                 order by p.payment_session_id desc, s.page_session_id desc limit $8"
            ),
            found
        )
    };
}

const BY_REFERENCE1: Sql = by_term!("merchant_reference1");
const BY_REFERENCE2: Sql = by_term!("merchant_reference2");
const BY_AMOUNT: Sql = by_term!("order_amount");
const BY_EMAIL: Sql = by_term!("email_hash");

/// Page sessions by a name that few have. `$1` is the name.
macro_rules! by_name {
    ($condition:literal) => {
        sql!(
            concat!(
                "select {found}
                 from page_session s left join payment_session p on p.payment_session_id = s.payment_session_id
                 where ",
                $condition,
                " and $2 <> '' and s.page_session_id < $3
                   and ($4 = '' or s.merchant_id = $4) and ($5 = '' or s.status = $5)
                   and s.page_session_id || '' > $6 and s.page_session_id || '' < $7
                 order by s.page_session_id desc limit $8"
            ),
            found
        )
    };
}

const BY_PAGE_SESSION: Sql = by_name!("s.page_session_id = $1");
const BY_PAYMENT_SESSION: Sql = by_name!("s.payment_session_id = $1");
const BY_ORDER: Sql = by_name!("s.order_id = $1");
const BY_KLARNA_REFERENCE: Sql = by_name!("s.klarna_reference = $1");
const BY_PLACED_ORDER: Sql =
    by_name!("s.payment_session_id in (select payment_session_id from placed_order where order_id = $1)");
const BY_PLACED_REFERENCE: Sql = by_name!(
    "s.payment_session_id in (select payment_session_id from placed_order where klarna_reference = $1)"
);

/// The keys of the last page session before.
struct After {
    amount: i64,
    payment_session_id: String,
    page_session_id: String,
}

impl Store {
    /// Page sessions of all merchants or of one, in this order. A page reads a bounded part of the list. If few of many
    /// are wanted, it may be short or empty although the list continues.
    pub async fn list_sessions(&self, wanted: &SearchFilter) -> Result<SearchPage, StoreError> {
        match wanted.sort {
            SortOrder::Newest | SortOrder::Oldest => self.list_by_creation(wanted).await,
            SortOrder::Largest | SortOrder::Smallest => self.list_by_amount(wanted).await,
        }
    }

    /// Page sessions that have this term, newest first.
    pub async fn search_sessions(
        &self,
        term: &SearchTerm,
        wanted: &SearchFilter,
    ) -> Result<SearchPage, StoreError> {
        let statements: &[Sql] = match term {
            SearchTerm::PageSession(_) => &[BY_PAGE_SESSION],
            SearchTerm::PaymentSession(_) | SearchTerm::Authorization(_) => &[BY_PAYMENT_SESSION],
            SearchTerm::Order(_) => &[BY_ORDER, BY_PLACED_ORDER],
            SearchTerm::KlarnaReference(_) => &[BY_KLARNA_REFERENCE, BY_PLACED_REFERENCE],
            SearchTerm::MerchantReference(_) => &[BY_REFERENCE1, BY_REFERENCE2],
            SearchTerm::Amount(_) => &[BY_AMOUNT],
            SearchTerm::Email(_) => &[BY_EMAIL],
        };
        let Some(term) = self.stored_term(term).await? else { return Ok(SearchPage::default()) };
        let after = self.after(wanted, i64::MAX, LAST_ID).await?;
        for sql in statements {
            let statement = Statement::new(*sql, [term.clone()].into_iter().chain(tail(wanted, &after)));
            let sessions = self.rows(statement, read_found).await?;
            if !sessions.is_empty() {
                return Ok(SearchPage { goes_on_after: last_if_full(&sessions, wanted), sessions });
            }
        }
        Ok(SearchPage::default())
    }

    /// The value of a term as the database has it; `None` if no row can have it.
    async fn stored_term(&self, term: &SearchTerm) -> Result<Option<Value<'static>>, StoreError> {
        Ok(match term {
            SearchTerm::PageSession(text)
            | SearchTerm::PaymentSession(text)
            | SearchTerm::Order(text)
            | SearchTerm::KlarnaReference(text)
            | SearchTerm::MerchantReference(text) => Some(text.clone().into()),
            SearchTerm::Amount(minor_units) => Some((*minor_units).into()),
            SearchTerm::Email(email) => self.email_hasher.as_ref().map(|hasher| hasher.hash(email).into()),
            SearchTerm::Authorization(token) => {
                let found = self.authorization(&AuthorizationToken::new(token)).await?;
                found.map(|authorization| authorization.payment_session_id.as_str().to_string().into())
            }
        })
    }

    async fn list_by_creation(&self, wanted: &SearchFilter) -> Result<SearchPage, StoreError> {
        let is_newest_first = wanted.sort == SortOrder::Newest;
        let sql = match (&wanted.merchant, is_newest_first) {
            (None, true) => NEWEST,
            (None, false) => OLDEST,
            (Some(_), true) => NEWEST_OF_MERCHANT,
            (Some(_), false) => OLDEST_OF_MERCHANT,
        };
        let (mut from, mut to) = (wanted.from_id.clone(), wanted.to_id.clone());
        match (&wanted.after, is_newest_first) {
            (None, _) => {}
            (Some(after), true) => to = Some(after.as_str().to_string()),
            (Some(after), false) => from = after.as_str().to_string(),
        }
        let bounds = [from, to.unwrap_or_else(|| LAST_ID.to_string())];
        let status = wanted.status.map_or("", Status::as_str);
        let mut values: Vec<_> = bounds.iter().map(|bound| bound.as_str().into()).collect();
        values.extend(wanted.merchant.as_ref().map(|merchant| merchant.as_str().into()));
        values.extend([status.into(), wanted.limit.into()]);
        let sessions = self.rows(Statement::new(sql, values), read_found).await?;
        let goes_on_after = match last_if_full(&sessions, wanted) {
            Some(last) => Some(last),
            None if wanted.status.is_some() => self.last_scanned(wanted, &bounds, is_newest_first).await?,
            None => None,
        };
        Ok(SearchPage { sessions, goes_on_after })
    }

    /// The last page session that was read for a page, if there may be more after it.
    async fn last_scanned(
        &self,
        wanted: &SearchFilter,
        [from, to]: &[String; 2],
        is_newest_first: bool,
    ) -> Result<Option<PageSessionId>, StoreError> {
        let sql = match (wanted.merchant.is_some(), is_newest_first) {
            (false, true) => LAST_OF_NEWEST,
            (false, false) => LAST_OF_OLDEST,
            (true, true) => LAST_OF_NEWEST_OF_MERCHANT,
            (true, false) => LAST_OF_OLDEST_OF_MERCHANT,
        };
        let merchant = wanted.merchant.as_ref().map(|merchant| merchant.as_str().into());
        let values = [from.as_str().into(), to.as_str().into()].into_iter().chain(merchant);
        self.row(Statement::new(sql, values), |row| Ok(PageSessionId::new(row.only::<String>()?))).await
    }

    async fn list_by_amount(&self, wanted: &SearchFilter) -> Result<SearchPage, StoreError> {
        let (sql, after) = match wanted.sort {
            SortOrder::Smallest => (SMALLEST, self.after(wanted, i64::MIN, "").await?),
            SortOrder::Largest | SortOrder::Newest | SortOrder::Oldest => {
                (LARGEST, self.after(wanted, i64::MAX, LAST_ID).await?)
            }
        };
        let first = Value::from(after.amount);
        let statement = Statement::new(sql, [first].into_iter().chain(tail(wanted, &after)));
        let sessions = self.rows(statement, read_found).await?;
        Ok(SearchPage { goes_on_after: last_if_full(&sessions, wanted), sessions })
    }

    /// The keys after which the list continues.
    async fn after(
        &self,
        wanted: &SearchFilter,
        first_amount: i64,
        first_id: &str,
    ) -> Result<After, StoreError> {
        let first = After {
            amount: first_amount,
            payment_session_id: first_id.to_string(),
            page_session_id: first_id.to_string(),
        };
        let Some(last) = &wanted.after else { return Ok(first) };
        let everything = SearchFilter { limit: 1, ..SearchFilter::default() };
        let statement = Statement::new(
            BY_PAGE_SESSION,
            [last.as_str().into()].into_iter().chain(tail(&everything, &first_of_all())),
        );
        let found = self.row(statement, read_found).await?;
        Ok(found.map_or(first, |found| After {
            amount: found.amount.unwrap_or(first_amount),
            payment_session_id: found.payment_session_id.as_str().to_string(),
            page_session_id: found.id.as_str().to_string(),
        }))
    }
}

fn first_of_all() -> After {
    After { amount: i64::MAX, payment_session_id: LAST_ID.to_string(), page_session_id: LAST_ID.to_string() }
}

/// The values from `$2` on.
fn tail(wanted: &SearchFilter, after: &After) -> [Value<'static>; 7] {
    let merchant = wanted.merchant.as_ref().map_or("", MerchantId::as_str);
    let to_id = wanted.to_id.as_deref().unwrap_or(LAST_ID);
    [
        after.payment_session_id.clone().into(),
        after.page_session_id.clone().into(),
        merchant.to_string().into(),
        wanted.status.map_or("", Status::as_str).into(),
        wanted.from_id.clone().into(),
        to_id.to_string().into(),
        wanted.limit.into(),
    ]
}

fn last_if_full(sessions: &[FoundSession], wanted: &SearchFilter) -> Option<PageSessionId> {
    let is_full = i64::try_from(sessions.len()).unwrap_or(i64::MAX) >= wanted.limit;
    sessions.last().filter(|_| is_full).map(|last| last.id.clone())
}

fn read_found(row: &mut Row) -> Result<FoundSession, StoreError> {
    Ok(FoundSession {
        id: PageSessionId::new(row.text(found::page_session_id)?),
        merchant_id: MerchantId::new(row.text(found::merchant_id)?),
        payment_session_id: PaymentSessionId::new(row.text(found::payment_session_id)?),
        status: row.word(found::status, Status::parse)?,
        created_at: row.instant(found::created_at)?,
        updated_at: row.instant(found::updated_at)?,
        expires_at: row.instant(found::expires_at)?,
        order: read_order_reference(row, found::order_id, found::klarna_reference)?,
        merchant_reference: row.get(found::merchant_reference1)?,
        amount: row.get(found::order_amount)?,
        currency: row.get(found::purchase_currency)?,
    })
}
