//! The retention of contact data: orders stay, and the data of their consumers are replaced.

use kassa_domain::MerchantId;
use kassa_sql::{Row, columns, sql};

use super::redaction::without_consumer;
use crate::engine::{Statement, Unit};
use crate::seal::Purpose;
use crate::{Store, StoreError};

/// Orders that one statement reads.
const ORDERS_AT_ONCE: i64 = 50;

columns! {
    order_contact { order_id, merchant_id, body }
}

/// One page of orders whose contact data were replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedactedOrders {
    /// The last order of the page.
    pub last: String,
    /// The number of orders that were changed.
    pub changed: usize,
}

impl Store {
    /// Replaces the contact data in the next orders after `place` whose ids are before `first_kept_id`. Orders of
    /// merchants for whom `keeps` is true stay as they are. `None` at the end.
    pub async fn redact_orders(
        &self,
        place: &str,
        first_kept_id: &str,
        keeps: impl Fn(&MerchantId) -> bool,
    ) -> Result<Option<RedactedOrders>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {order_contact} from placed_order where order_id > $1 and order_id < $2
                 order by order_id limit $3",
                order_contact
            ),
            [place.into(), first_kept_id.into(), ORDERS_AT_ONCE.into()],
        );
        let read = |row: &mut Row| {
            let merchant = MerchantId::new(row.text(order_contact::merchant_id)?);
            Ok((row.text(order_contact::order_id)?, merchant, row.text(order_contact::body)?))
        };
        let orders = self.rows(statement, read).await?;
        let Some(last) = orders.last().map(|(id, _, _)| id.clone()) else { return Ok(None) };
        let mut changed = 0;
        for (id, _, stored) in orders.into_iter().filter(|(_, merchant, _)| !keeps(merchant)) {
            changed += usize::from(self.redact_order(&id, stored).await?);
        }
        Ok(Some(RedactedOrders { last, changed }))
    }

    /// Replaces the contact data in an order. If somebody else changes the order meanwhile, it reads the order again.
    async fn redact_order(&self, id: &str, mut stored: String) -> Result<bool, StoreError> {
        loop {
            // A text whose key is missing stays as it is. `kassa encryption reencrypt` names it.
            let Ok(text) = self.seal.open(Purpose::Order, stored.clone()) else { return Ok(false) };
            let Some(redacted) = without_consumer(&text) else { return Ok(false) };
            let sealed = self.seal.seal(Purpose::Order, &redacted).into_owned();
            let update = Statement::new(
                "update placed_order set body = $1, version = version + 1 where order_id = $2 and body = $3
                 returning 1",
                [sealed.into(), id.into(), stored.into()],
            );
            if !self.run_unguarded(Unit::of(update)).await?.is_empty() {
                return Ok(true);
            }
            let again = Statement::new("select body from placed_order where order_id = $1", [id.into()]);
            let Some(body) = self.row(again, |row| Ok(row.only::<String>()?)).await? else {
                return Ok(false);
            };
            stored = body;
        }
    }
}
