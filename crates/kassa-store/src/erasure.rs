//! Merchants for tests: made, and thrown away with all they had.

use kassa_domain::{MerchantId, Timestamp};
use kassa_sql::{Row, columns, sql};

use crate::engine::{Statement, Unit};
use crate::reading::ReadColumn as _;
use crate::{Store, StoreError};

/// What a merchant's history consists of. Rows that know no merchant go before those by which they are found.
const HISTORY: [&str; 12] = [
    "delete from callback_attempt
     where page_session_id in (select page_session_id from page_session where merchant_id = $1)",
    "delete from note where page_session_id in (select page_session_id from page_session where merchant_id = $1)",
    "delete from completion
     where payment_session_id in (select payment_session_id from payment_session where merchant_id = $1)",
    "delete from callback where merchant_id = $1",
    "delete from status_event where merchant_id = $1",
    "delete from page_session where merchant_id = $1",
    "delete from payment_authorization where merchant_id = $1",
    "delete from placed_order where merchant_id = $1",
    "delete from customer_token where merchant_id = $1",
    "delete from payment_session where merchant_id = $1",
    "delete from idempotent_answer where merchant_id = $1",
    "delete from message where merchant_id = $1",
];

/// What else there is of a merchant. The places of its feed outlive its history, so that no cursor is given twice.
const ACCOUNT: [&str; 4] = [
    "delete from feed where merchant_id = $1",
    "delete from test_merchant where merchant_id = $1",
    "delete from credential where merchant_id = $1",
    "delete from merchant where merchant_id = $1",
];

const CLOCK: &str = "delete from merchant_clock where merchant_id = $1";

/// A merchant that was made for a test.
#[derive(Clone, Debug)]
pub struct TestMerchant {
    /// Names it.
    pub id: MerchantId,
    /// As the page shows it.
    pub name: String,
    /// When it was made, by its maker's clock.
    pub made_at: Timestamp,
}

columns! {
    test_merchant { merchant_id = "m.merchant_id", name = "m.name", created_at = "t.created_at" }
}

impl Store {
    /// Notes that a merchant is made for a test, and by whom.
    pub async fn add_test_merchant(
        &self,
        id: &MerchantId,
        made_by: &MerchantId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let statement = Statement::new(
            "insert into test_merchant (merchant_id, made_by, created_at) values ($1, $2, $3)",
            [id.as_str().into(), made_by.as_str().into(), at.as_ms().into()],
        );
        self.run_unguarded(Unit::of(statement)).await.map(drop)
    }

    /// Who made a merchant for a test; `None` where it was not made for one.
    pub async fn maker_of_test_merchant(&self, id: &MerchantId) -> Result<Option<MerchantId>, StoreError> {
        let sql = "select made_by from test_merchant where merchant_id = $1";
        let found =
            self.row(Statement::new(sql, [id.as_str().into()]), |row| Ok(row.only::<String>()?)).await?;
        Ok(found.map(MerchantId::new))
    }

    /// The merchants that were made for tests, newest first.
    pub async fn test_merchants(&self, limit: i64) -> Result<Vec<TestMerchant>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {test_merchant}
             from test_merchant t join merchant m on m.merchant_id = t.merchant_id
             order by t.created_at desc, t.merchant_id desc limit $1",
                test_merchant
            ),
            [limit.into()],
        );
        let read = |row: &mut Row| {
            Ok(TestMerchant {
                id: MerchantId::new(row.text(test_merchant::merchant_id)?),
                name: row.get(test_merchant::name)?,
                made_at: row.instant(test_merchant::created_at)?,
            })
        };
        self.rows(statement, read).await
    }

    /// How many merchants that were made for tests have a credential that is active.
    pub async fn active_test_merchants(&self) -> Result<i64, StoreError> {
        let statement = Statement::new(
            "select count(distinct t.merchant_id)
             from test_merchant t join credential c on c.merchant_id = t.merchant_id
             where c.revoked_at is null",
            [],
        );
        Ok(self.row(statement, |row| Ok(row.only()?)).await?.unwrap_or_default())
    }

    /// Erases what a merchant did and what happened to it, and gives it the system's time.
    pub async fn erase_history(&self, of: &MerchantId) -> Result<(), StoreError> {
        self.erase(of, HISTORY.into_iter().chain([CLOCK])).await
    }

    /// Erases a merchant with all it had.
    pub async fn erase_merchant(&self, id: &MerchantId) -> Result<(), StoreError> {
        self.erase(id, HISTORY.into_iter().chain([CLOCK]).chain(ACCOUNT)).await
    }

    async fn erase(
        &self,
        of: &MerchantId,
        from: impl Iterator<Item = &'static str>,
    ) -> Result<(), StoreError> {
        let mut unit = Unit::default();
        for sql in from {
            unit.push(Statement::new(sql, [of.as_str().into()]));
        }
        self.run_unguarded(unit).await.map(drop)
    }
}
