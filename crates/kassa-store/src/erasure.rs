//! Test merchants: their creation, and the deletion of a merchant with all its data.

use kassa_domain::{MerchantId, Timestamp};
use kassa_sql::{Row, columns, sql};

use crate::audit::{NewAct, push_act, unit_with_act};
use crate::engine::{Statement, Unit};
use crate::messages::DELETE_MESSAGES_OF_MERCHANT;
use crate::reading::ReadColumn as _;
use crate::{Store, StoreError};

/// Deletes a merchant's history. Rows without a merchant id are deleted before the rows that lead to them.
const HISTORY: [&str; 19] = [
    "delete from callback_attempt
     where page_session_id in (select page_session_id from callback where merchant_id = $1)",
    "delete from note where page_session_id in (select page_session_id from page_session where merchant_id = $1)",
    "delete from completion
     where payment_session_id in (select payment_session_id from payment_session where merchant_id = $1)",
    "delete from payment_operation where merchant_id = $1",
    "delete from payment_confirmation where merchant_id = $1",
    "delete from order_reference_read where merchant_id = $1",
    "delete from session_timer where merchant_id = $1",
    "delete from callback where merchant_id = $1",
    "delete from status_event where merchant_id = $1",
    "delete from page_session where merchant_id = $1",
    "delete from payment_authorization where merchant_id = $1",
    "delete from placed_order where merchant_id = $1",
    "delete from customer_token where merchant_id = $1",
    "delete from payment_session where merchant_id = $1",
    "delete from idempotent_answer where merchant_id = $1",
    DELETE_MESSAGES_OF_MERCHANT[0],
    DELETE_MESSAGES_OF_MERCHANT[1],
    DELETE_MESSAGES_OF_MERCHANT[2],
    "delete from recorded_request where merchant_id = $1",
];

/// Deletes the rest of a merchant. The last position of the feed stays, so that no cursor and no place in the audit
/// trail is used twice.
const ACCOUNT: [&str; 5] = [
    "delete from profile where merchant_id = $1",
    "delete from payment_account where merchant_id = $1",
    "delete from test_merchant where merchant_id = $1",
    "delete from credential where merchant_id = $1",
    "delete from merchant where merchant_id = $1",
];

const CLOCK: &str = "delete from merchant_clock where merchant_id = $1";

/// A merchant that was made for a test.
#[derive(Clone, Debug)]
pub struct TestMerchant {
    /// The merchant's id.
    pub id: MerchantId,
    /// The name that the page shows.
    pub name: String,
    /// The creation date, by its maker's clock.
    pub made_at: Timestamp,
}

columns! {
    test_merchant { merchant_id = "m.merchant_id", name = "m.name", created_at = "t.created_at" }
}

impl Store {
    /// Stores that a merchant was made for a test, and who made it.
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

    /// The merchant that made this test merchant; `None` if it is no test merchant.
    pub async fn maker_of_test_merchant(&self, id: &MerchantId) -> Result<Option<MerchantId>, StoreError> {
        let sql = "select made_by from test_merchant where merchant_id = $1";
        let found =
            self.row(Statement::new(sql, [id.as_str().into()]), |row| Ok(row.only::<String>()?)).await?;
        Ok(found.map(MerchantId::new))
    }

    /// The test merchants, newest first.
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

    /// The number of test merchants with an active credential.
    pub async fn active_test_merchants(&self) -> Result<i64, StoreError> {
        let statement = Statement::new(
            "select count(distinct t.merchant_id)
             from test_merchant t join credential c on c.merchant_id = t.merchant_id
             where c.revoked_at is null",
            [],
        );
        Ok(self.row(statement, |row| Ok(row.only()?)).await?.unwrap_or_default())
    }

    /// Deletes a merchant's history, and gives it the system's time.
    pub async fn erase_history(&self, of: &MerchantId, act: &NewAct) -> Result<(), StoreError> {
        self.erase(of, HISTORY.into_iter().chain([CLOCK]), act).await
    }

    /// Deletes a merchant with all its data.
    pub async fn erase_merchant(&self, id: &MerchantId, act: &NewAct) -> Result<(), StoreError> {
        self.erase(id, HISTORY.into_iter().chain([CLOCK]).chain(ACCOUNT), act).await
    }

    async fn erase(
        &self,
        of: &MerchantId,
        from: impl Iterator<Item = &'static str>,
        act: &NewAct,
    ) -> Result<(), StoreError> {
        let mut unit = unit_with_act();
        for sql in from {
            unit.push(Statement::new(sql, [of.as_str().into()]));
        }
        push_act(&mut unit, act);
        self.run_unguarded(unit).await.map(drop)
    }
}
