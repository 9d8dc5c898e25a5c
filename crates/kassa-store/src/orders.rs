//! Placed orders, customer tokens, and the stored answers of idempotency keys.

use kassa_domain::page_session::OrderReference;
use kassa_domain::{AuthorizationToken, MerchantId, OrderId, PaymentSessionId, Timestamp};
use kassa_sql::{Row, columns, sql};

use crate::engine::{Answer, Guard, Statement, Unit};
use crate::reading::ReadColumn as _;
use crate::seal::{DataSeal, Purpose};
use crate::{Store, StoreError};

/// A placed order. Its content is one JSON text; the other columns are for finding it.
#[derive(Clone, Debug)]
pub struct StoredOrder {
    /// Its id and its short reference.
    pub reference: OrderReference,
    /// The owning merchant.
    pub merchant_id: MerchantId,
    /// The payment session that it completed.
    pub payment_session_id: PaymentSessionId,
    /// The authorization with which it was placed. No two orders share one.
    pub authorization_token: AuthorizationToken,
    /// Counts the changes; guards each of them.
    pub version: i64,
    /// When it was placed.
    pub created_at: Timestamp,
    /// The order, as JSON.
    pub body: String,
}

/// The order of an authorization.
#[derive(Clone, Debug)]
pub enum SystemOrder {
    /// A row of this database, which is stored with the status change.
    Local(StoredOrder),
    /// An order that exists at the payment system. Only its reference is stored here.
    Remote(OrderReference),
}

impl SystemOrder {
    /// The two names of the order.
    #[must_use]
    pub fn reference(&self) -> &OrderReference {
        match self {
            Self::Local(order) => &order.reference,
            Self::Remote(reference) => reference,
        }
    }
}

/// A token with which a merchant charges a returning consumer.
#[derive(Clone, Debug)]
pub struct StoredCustomerToken {
    /// The token, which is a secret.
    pub token_id: String,
    /// The owning merchant.
    pub merchant_id: MerchantId,
    /// The number of changes. It guards each change.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// The token, as JSON.
    pub body: String,
}

/// The stored answer of an idempotency key, so that the same call again gets the same answer.
#[derive(Clone, Debug)]
pub struct IdempotentAnswer {
    /// The merchant's key.
    pub key: String,
    /// A fingerprint of the call.
    pub request_hash: String,
    /// The answer, as JSON.
    pub answer: String,
    /// When it was stored.
    pub created_at: Timestamp,
}

impl IdempotentAnswer {
    /// A key is valid for 24 hours (docs/wire.md#idempotency-keys). An older row is replaced.
    const LIFETIME_MS: i64 = kassa_domain::time::DAY_MS;

    /// Whether the key can be used for another call.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now.ms_since(self.created_at) >= Self::LIFETIME_MS
    }
}

/// The outcome of a change that may have an idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdempotentOutcome {
    /// It is durable.
    Done,
    /// Somebody else changed the row first. Read it again.
    Stale,
    /// Another call used the key meanwhile. Its answer counts.
    KeyUsed,
}

columns! {
    placed_order {
        order_id, klarna_reference, merchant_id, payment_session_id, authorization_token, version, created_at, body,
    }
    customer_token { token_id, merchant_id, version, created_at, body }
    idempotent_answer { idempotency_key, request_hash, answer, created_at }
}

impl Store {
    /// The order with this id.
    pub async fn order(&self, id: &OrderId) -> Result<Option<StoredOrder>, StoreError> {
        let statement = Statement::new(
            sql!("select {placed_order} from placed_order where order_id = $1", placed_order),
            [id.as_str().into()],
        );
        self.row(statement, |row| read_order(&self.seal, row)).await
    }

    /// Replaces the body of an order, guarded by the version at which it was read. Stores the answer of its key.
    pub async fn update_order(
        &self,
        order: &StoredOrder,
        body: &str,
        answer: Option<&IdempotentAnswer>,
    ) -> Result<IdempotentOutcome, StoreError> {
        let statement = Statement::new(
            "update placed_order set body = $1, version = version + 1 where order_id = $2 and version = $3",
            [
                self.seal.seal(Purpose::Order, body).into(),
                order.reference.order_id.as_str().into(),
                order.version.into(),
            ],
        );
        self.run_idempotent(Unit::of(statement.guarding(Guard::Order)), &order.merchant_id, answer).await
    }

    /// Stores a new customer token. An existing one is not changed.
    pub async fn create_customer_token(&self, token: &StoredCustomerToken) -> Result<(), StoreError> {
        let statement = Statement::new(
            "insert into customer_token (token_id, merchant_id, version, created_at, body)
             values ($1, $2, $3, $4, $5) on conflict do nothing",
            [
                token.token_id.as_str().into(),
                token.merchant_id.as_str().into(),
                token.version.into(),
                token.created_at.as_ms().into(),
                self.seal.seal(Purpose::CustomerToken, &token.body).into(),
            ],
        );
        self.run_unguarded(Unit::of(statement)).await.map(drop)
    }

    /// The customer token with this id.
    pub async fn customer_token(&self, token_id: &str) -> Result<Option<StoredCustomerToken>, StoreError> {
        let statement = Statement::new(
            sql!("select {customer_token} from customer_token where token_id = $1", customer_token),
            [token_id.into()],
        );
        self.row(statement, |row| read_customer_token(&self.seal, row)).await
    }

    /// Replaces the body of a customer token, guarded by the version at which it was read.
    pub async fn update_customer_token(
        &self,
        token: &StoredCustomerToken,
        body: &str,
        answer: Option<&IdempotentAnswer>,
    ) -> Result<IdempotentOutcome, StoreError> {
        let statement = Statement::new(
            "update customer_token set body = $1, version = version + 1 where token_id = $2 and version = $3",
            [
                self.seal.seal(Purpose::CustomerToken, body).into(),
                token.token_id.as_str().into(),
                token.version.into(),
            ],
        );
        self.run_idempotent(Unit::of(statement.guarding(Guard::CustomerToken)), &token.merchant_id, answer)
            .await
    }

    /// Places an order with a customer token, guarded by the version at which the token was read. Stores the answer of
    /// its key.
    pub async fn place_token_order(
        &self,
        token: &StoredCustomerToken,
        order: &StoredOrder,
        answer: Option<&IdempotentAnswer>,
    ) -> Result<IdempotentOutcome, StoreError> {
        let statement = Statement::new(
            "update customer_token set version = version + 1 where token_id = $1 and version = $2",
            [token.token_id.as_str().into(), token.version.into()],
        );
        let mut unit = Unit::of(statement.guarding(Guard::CustomerToken));
        unit.push(insert_order(&self.seal, order));
        self.run_idempotent(unit, &token.merchant_id, answer).await
    }

    /// The stored answer of a merchant's key.
    pub async fn idempotent_answer(
        &self,
        merchant: &MerchantId,
        key: &str,
    ) -> Result<Option<IdempotentAnswer>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {idempotent_answer} from idempotent_answer
             where merchant_id = $1 and idempotency_key = $2",
                idempotent_answer
            ),
            [merchant.as_str().into(), key.into()],
        );
        self.row(statement, |row| read_idempotent_answer(&self.seal, row)).await
    }

    async fn run_idempotent(
        &self,
        mut unit: Unit,
        merchant: &MerchantId,
        answer: Option<&IdempotentAnswer>,
    ) -> Result<IdempotentOutcome, StoreError> {
        if let Some(answer) = answer {
            unit.push(keep_answer(&self.seal, merchant, answer));
        }
        match self.run(unit).await? {
            Answer::Committed(_) => Ok(IdempotentOutcome::Done),
            Answer::Refused(Guard::IdempotencyKey) => Ok(IdempotentOutcome::KeyUsed),
            Answer::Refused(_) => Ok(IdempotentOutcome::Stale),
        }
    }
}

pub(crate) fn keep_answer(seal: &DataSeal, merchant: &MerchantId, answer: &IdempotentAnswer) -> Statement {
    Statement::new(
        sql!(
            "insert into idempotent_answer (merchant_id, idempotency_key, request_hash, answer, created_at)
         {values}$1, $2, $3, $4, $5{end}
         on conflict (merchant_id, idempotency_key) do update
         set request_hash = excluded.request_hash, answer = excluded.answer, created_at = excluded.created_at
         where idempotent_answer.created_at <= $6"
        ),
        [
            merchant.as_str().into(),
            answer.key.as_str().into(),
            answer.request_hash.as_str().into(),
            seal.seal(Purpose::IdempotentAnswer, &answer.answer).into(),
            answer.created_at.as_ms().into(),
            answer.created_at.plus_ms(-IdempotentAnswer::LIFETIME_MS).as_ms().into(),
        ],
    )
    .guarding(Guard::IdempotencyKey)
}

pub(crate) fn insert_order(seal: &DataSeal, order: &StoredOrder) -> Statement {
    Statement::new(
        sql!(
            "insert into placed_order (order_id, klarna_reference, merchant_id, payment_session_id,
           authorization_token, version, created_at, body)
         {values}$1, $2, $3, $4, $5, $6, $7, $8{end}"
        ),
        [
            order.reference.order_id.as_str().into(),
            order.reference.klarna_reference.as_str().into(),
            order.merchant_id.as_str().into(),
            order.payment_session_id.as_str().into(),
            seal.seal_token(&order.authorization_token).into(),
            order.version.into(),
            order.created_at.as_ms().into(),
            seal.seal(Purpose::Order, &order.body).into(),
        ],
    )
}

fn read_order(seal: &DataSeal, row: &mut Row) -> Result<StoredOrder, StoreError> {
    Ok(StoredOrder {
        reference: OrderReference {
            order_id: OrderId::new(row.text(placed_order::order_id)?),
            klarna_reference: row.get(placed_order::klarna_reference)?,
        },
        merchant_id: MerchantId::new(row.text(placed_order::merchant_id)?),
        payment_session_id: PaymentSessionId::new(row.text(placed_order::payment_session_id)?),
        authorization_token: seal.token(row, placed_order::authorization_token)?,
        version: row.get(placed_order::version)?,
        created_at: row.instant(placed_order::created_at)?,
        body: seal.text(row, placed_order::body, Purpose::Order)?,
    })
}

fn read_customer_token(seal: &DataSeal, row: &mut Row) -> Result<StoredCustomerToken, StoreError> {
    Ok(StoredCustomerToken {
        token_id: row.get(customer_token::token_id)?,
        merchant_id: MerchantId::new(row.text(customer_token::merchant_id)?),
        version: row.get(customer_token::version)?,
        created_at: row.instant(customer_token::created_at)?,
        body: seal.text(row, customer_token::body, Purpose::CustomerToken)?,
    })
}

fn read_idempotent_answer(seal: &DataSeal, row: &mut Row) -> Result<IdempotentAnswer, StoreError> {
    Ok(IdempotentAnswer {
        key: row.get(idempotent_answer::idempotency_key)?,
        request_hash: row.get(idempotent_answer::request_hash)?,
        answer: seal.text(row, idempotent_answer::answer, Purpose::IdempotentAnswer)?,
        created_at: row.instant(idempotent_answer::created_at)?,
    })
}
