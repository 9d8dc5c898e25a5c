//! The data of one consumer: where they are stored, and their erasure.
//!
//! A scan reads the texts that can name a consumer, a page at a time. It finds payment sessions, and rows that belong
//! to none. The rows of a payment session are then found by its id, and by the ids of its page sessions.

mod columns;
mod identity;
mod mentions;
mod orders;
mod redaction;

use std::collections::{BTreeMap, BTreeSet};

use kassa_domain::lifecycle::Status;
use kassa_domain::{MerchantId, PageSessionId, Timestamp};
use kassa_sql::{Column, Row, Value, columns, sql};

use crate::audit::{NewAct, push_act, unit_with_act};
use crate::engine::{Statement, Unit};
use crate::inventory::Erasure;
use crate::reading::ReadColumn as _;
use crate::seal::{Purpose, UnreadableSeal};
use crate::{Store, StoreError};
use columns::{OWNED, SCANNED};

pub use identity::{ConsumerIdentity, ERASED, WrongIdentity};
pub use orders::RedactedOrders;

/// Rows that one statement of a scan reads.
const ROWS_AT_ONCE: i64 = 200;

/// A consumer, and the merchant in whose data Kassa looks for the consumer.
#[derive(Clone, Debug)]
pub struct ConsumerSearch {
    /// The address or the number.
    pub identity: ConsumerIdentity,
    /// The merchant; `None` for the rows of all merchants.
    pub merchant: Option<MerchantId>,
}

/// The place of a scan. The default is its beginning.
#[derive(Clone, Debug, Default)]
pub struct ScanPlace {
    column: usize,
    after: Option<Vec<Value<'static>>>,
}

/// A stored text about a consumer. The `Debug` output does not contain it.
pub struct ConsumerText {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The owning merchant, if the row has one.
    pub merchant_id: Option<MerchantId>,
    /// The payment session or page session that the row belongs to, if any.
    pub owner: Option<String>,
    /// The text, decrypted.
    pub text: String,
    key: Vec<Value<'static>>,
    stored: String,
    update: &'static str,
    purpose: Option<Purpose>,
    erasure: Erasure,
    is_erased_alone: bool,
}

impl ConsumerText {
    /// Whether the row is not found by its owner, and has to be erased where the scan finds it.
    #[must_use]
    pub const fn is_erased_alone(&self) -> bool {
        self.is_erased_alone
    }
}

/// The numbers of texts that cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnreadableTexts {
    /// Their key is missing.
    pub keys_missing: usize,
    /// Their key does not decrypt them.
    pub damaged: usize,
}

impl UnreadableTexts {
    /// Whether every text can be read.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.keys_missing == 0 && self.damaged == 0
    }

    /// Counts the texts of another place, too.
    pub const fn add(&mut self, other: Self) {
        self.keys_missing += other.keys_missing;
        self.damaged += other.damaged;
    }

    fn count(&mut self, why: &UnreadableSeal) {
        match why {
            UnreadableSeal::UnknownKey { .. } => self.keys_missing += 1,
            UnreadableSeal::Damaged { .. } => self.damaged += 1,
        }
    }
}

/// The texts that are found by their owner.
pub struct OwnedTexts {
    /// The texts that may be about the owner's consumer.
    pub texts: Vec<ConsumerText>,
    /// The texts that cannot be read.
    pub unreadable: UnreadableTexts,
}

/// One page of a scan.
pub struct ScanPage {
    /// The texts about the consumer.
    pub texts: Vec<ConsumerText>,
    /// The texts that cannot be read. They may be about the consumer.
    pub unreadable: UnreadableTexts,
    /// The place of the next page; `None` at the end.
    pub next: Option<ScanPlace>,
}

/// A page session of a consumer.
#[derive(Clone, Debug)]
pub struct ConsumerPageSession {
    /// The session.
    pub id: PageSessionId,
    /// The owning merchant.
    pub merchant_id: MerchantId,
    /// The status.
    pub status: Status,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
}

columns! {
    consumer_page_session { page_session_id, merchant_id, status, created_at, expires_at }
    begun_erasure { payment_session_id, merchant_id }
}

impl Store {
    /// The keyed hash that names the consumer in the audit trail; `None` if the store hashes no addresses.
    #[must_use]
    pub fn consumer_hash(&self, of: &ConsumerIdentity) -> Option<String> {
        self.email_hasher.as_ref().map(|hasher| of.hash(hasher))
    }

    /// Reads one page of the texts that can name a consumer. Returns those that do, and those of these owners that are
    /// found only by a scan.
    pub async fn scan_consumer(
        &self,
        search: &ConsumerSearch,
        owners: &BTreeSet<String>,
        place: &ScanPlace,
    ) -> Result<ScanPage, StoreError> {
        let of = &SCANNED[place.column];
        let after = place.after.clone().unwrap_or_else(|| of.first.to_vec());
        let keys = of.first.len();
        let statement =
            Statement::new(of.select, after.into_iter().chain(std::iter::once(ROWS_AT_ONCE.into())));
        let rows = self.rows(statement, |row| read_scanned(row, keys)).await?;
        let is_last = i64::try_from(rows.len()).is_ok_and(|count| count < ROWS_AT_ONCE);
        let last = rows.last().map(|row| row.key.clone());
        let mut page = ScanPage {
            texts: Vec::new(),
            unreadable: UnreadableTexts::default(),
            next: next_place(place, last, is_last),
        };
        for row in rows {
            if search.merchant.as_ref().is_some_and(|merchant| *merchant != row.merchant_id) {
                continue;
            }
            let text = match self.opened(of.purpose, row.text.clone()) {
                Ok(text) => text,
                Err(why) => {
                    page.unreadable.count(&why);
                    continue;
                }
            };
            let is_owned = of.is_erased_by_scan && owners.contains(&row.owner);
            if is_owned || search.identity.is_in(&text) {
                page.texts.push(ConsumerText {
                    table: of.table,
                    column: of.column,
                    merchant_id: Some(row.merchant_id),
                    owner: Some(row.owner).filter(|owner| !owner.is_empty()),
                    text,
                    key: row.key,
                    stored: row.text,
                    update: of.update,
                    purpose: of.purpose,
                    erasure: of.erasure,
                    is_erased_alone: of.is_erased_by_scan,
                });
            }
        }
        Ok(page)
    }

    /// The texts of a payment session or a page session that may be about its consumer, and that are found by its id.
    pub async fn owned_texts(&self, owner: &str) -> Result<OwnedTexts, StoreError> {
        let (mut texts, mut unreadable) = (Vec::new(), UnreadableTexts::default());
        for of in &OWNED {
            let statement = Statement::new(of.select, [owner.into()]);
            for stored in self.rows(statement, |row| Ok(row.only::<String>()?)).await? {
                let text = match self.opened(of.purpose, stored.clone()) {
                    Ok(text) => text,
                    Err(why) => {
                        unreadable.count(&why);
                        continue;
                    }
                };
                texts.push(ConsumerText {
                    table: of.table,
                    column: of.column,
                    merchant_id: None,
                    owner: Some(owner.to_string()),
                    text,
                    key: vec![owner.to_string().into()],
                    stored,
                    update: of.update,
                    purpose: of.purpose,
                    erasure: of.erasure,
                    is_erased_alone: false,
                });
            }
        }
        Ok(OwnedTexts { texts, unreadable })
    }

    /// Erases the consumer from a text. Returns whether anything was changed.
    pub async fn erase_text(
        &self,
        of: &ConsumerText,
        identity: &ConsumerIdentity,
    ) -> Result<bool, StoreError> {
        let Some(erased) = redaction::erased(&of.text, of.erasure, identity) else { return Ok(false) };
        let sealed = match of.purpose {
            Some(purpose) => self.seal.seal(purpose, &erased).into_owned(),
            None => erased,
        };
        let stored = std::iter::once(of.stored.as_str().into());
        let values = std::iter::once(sealed.into()).chain(of.key.clone()).chain(stored);
        let changed = self.run_unguarded(Unit::of(Statement::new(of.update, values))).await?;
        Ok(!changed.is_empty())
    }

    fn opened(&self, purpose: Option<Purpose>, stored: String) -> Result<String, UnreadableSeal> {
        match purpose {
            Some(purpose) => self.seal.open(purpose, stored),
            None => Ok(stored),
        }
    }

    /// The payment session of a page session. Any other id stays as it is.
    pub async fn payment_session_of_owner(&self, owner: &str) -> Result<String, StoreError> {
        let sql = "select payment_session_id from page_session where page_session_id = $1";
        let found = self.row(Statement::new(sql, [owner.into()]), |row| Ok(row.only::<String>()?)).await?;
        Ok(found.unwrap_or_else(|| owner.to_string()))
    }

    /// The page sessions of a payment session.
    pub async fn consumer_page_sessions(&self, of: &str) -> Result<Vec<ConsumerPageSession>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {consumer_page_session} from page_session where payment_session_id = $1
                 order by page_session_id",
                consumer_page_session
            ),
            [of.into()],
        );
        let read = |row: &mut Row| {
            Ok(ConsumerPageSession {
                id: PageSessionId::new(row.text(consumer_page_session::page_session_id)?),
                merchant_id: MerchantId::new(row.text(consumer_page_session::merchant_id)?),
                status: row.word(consumer_page_session::status, Status::parse)?,
                created_at: row.instant(consumer_page_session::created_at)?,
                expires_at: row.instant(consumer_page_session::expires_at)?,
            })
        };
        self.rows(statement, read).await
    }

    /// Whether the payment of a payment session is still open: it can be paid, an order can be placed with its
    /// authorization, or the outcome of an operation is unknown. `ended_before` is the latest expiry of a payment
    /// session whose authorizations have expired, too.
    pub async fn is_payment_open(&self, id: &str, ended_before: Timestamp) -> Result<bool, StoreError> {
        let is_unpaid = Statement::new(
            "select 1 from payment_session
             where payment_session_id = $1 and order_id is null and completed_at is null and expires_at > $2",
            [id.into(), ended_before.as_ms().into()],
        );
        let is_ordering = Statement::new(
            "select 1 from page_session where payment_session_id = $1 and open_operation_id is not null limit 1",
            [id.into()],
        );
        if self.has_row(is_unpaid).await? || self.has_row(is_ordering).await? {
            return Ok(true);
        }
        for page in self.consumer_page_sessions(id).await? {
            let has_operation = Statement::new(
                "select 1 from payment_operation where page_session_id = $1 and state <> 'DONE' limit 1",
                [page.id.as_str().into()],
            );
            if self.has_row(has_operation).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn has_row(&self, statement: Statement) -> Result<bool, StoreError> {
        Ok(self.row(statement, |_| Ok(())).await?.is_some())
    }

    /// Records that the data of a consumer in these payment sessions are about to be erased, with the act. Each payment
    /// session has its owning merchant.
    pub async fn begin_erasure(
        &self,
        consumer_hash: &str,
        payment_sessions: &BTreeMap<String, MerchantId>,
        at: Timestamp,
        act: &NewAct,
    ) -> Result<(), StoreError> {
        let mut unit = unit_with_act();
        for (id, merchant) in payment_sessions {
            unit.push(Statement::new(
                "insert into consumer_erasure (payment_session_id, consumer_hash, merchant_id, begun_at)
                 values ($1, $2, $3, $4) on conflict do nothing",
                [id.as_str().into(), consumer_hash.into(), merchant.as_str().into(), at.as_ms().into()],
            ));
        }
        push_act(&mut unit, act);
        self.run_unguarded(unit).await.map(drop)
    }

    /// The payment sessions of erasures that have begun and not ended, with their owning merchants. Those of one
    /// merchant, or of all merchants.
    pub async fn begun_erasure(
        &self,
        consumer_hash: &str,
        of: Option<&MerchantId>,
    ) -> Result<BTreeMap<String, MerchantId>, StoreError> {
        let statement = Statement::new(
            sql!("select {begun_erasure} from consumer_erasure where consumer_hash = $1", begun_erasure),
            [consumer_hash.into()],
        );
        let read = |row: &mut Row| {
            let merchant = MerchantId::new(row.text(begun_erasure::merchant_id)?);
            Ok((row.text(begun_erasure::payment_session_id)?, merchant))
        };
        let begun = self.rows(statement, read).await?;
        Ok(begun.into_iter().filter(|(_, merchant)| of.is_none_or(|of| of == merchant)).collect())
    }

    /// Records that the erasure of a consumer in these payment sessions has ended.
    pub async fn end_erasure<'a>(
        &self,
        consumer_hash: &str,
        payment_sessions: impl Iterator<Item = &'a String>,
    ) -> Result<(), StoreError> {
        let mut unit = Unit::default();
        for id in payment_sessions {
            unit.push(Statement::new(
                "delete from consumer_erasure where payment_session_id = $1 and consumer_hash = $2",
                [id.as_str().into(), consumer_hash.into()],
            ));
        }
        self.run_unguarded(unit).await.map(drop)
    }
}

/// A row of a scan.
struct ScannedRow {
    key: Vec<Value<'static>>,
    merchant_id: MerchantId,
    owner: String,
    text: String,
}

fn read_scanned(row: &mut Row, keys: usize) -> Result<ScannedRow, StoreError> {
    let key = (0..keys).map(|place| Ok(row.text(Column::new(place, "key"))?.into()));
    Ok(ScannedRow {
        key: key.collect::<Result<_, StoreError>>()?,
        merchant_id: MerchantId::new(row.text(Column::new(keys, "merchant_id"))?),
        owner: row.text(Column::new(keys + 1, "owner"))?,
        text: row.text(Column::new(keys + 2, "text"))?,
    })
}

/// The place after a page: further in the same column, or at the beginning of the next one.
fn next_place(place: &ScanPlace, last: Option<Vec<Value<'static>>>, is_last: bool) -> Option<ScanPlace> {
    match last.filter(|_| !is_last) {
        Some(after) => Some(ScanPlace { column: place.column, after: Some(after) }),
        None => {
            let column = place.column + 1;
            (column < SCANNED.len()).then_some(ScanPlace { column, after: None })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::data_inventory;

    /// The effect of the erasure on each column, by its name.
    fn handled() -> BTreeSet<(String, &'static str)> {
        let owned = OWNED.iter().map(|of| (format!("{}.{}", of.table, of.column), of.erasure.words()));
        let scanned = SCANNED.iter().map(|of| (format!("{}.{}", of.table, of.column), of.erasure.words()));
        owned.chain(scanned).collect()
    }

    #[test]
    fn the_erasure_handles_the_columns_of_the_inventory_and_no_other() {
        let named = data_inventory().flat_map(|table| {
            let erased = table.sensitive.iter().filter(|column| column.erasure != Erasure::NotConsumer);
            erased.map(|column| (format!("{}.{}", table.name, column.name), column.erasure.words()))
        });
        // One hash is removed together with the body, and the other one at the end of the erasure.
        let named: BTreeSet<_> = named.filter(|(name, _)| !name.ends_with("_hash")).collect();
        assert_eq!(handled(), named);
    }
}
