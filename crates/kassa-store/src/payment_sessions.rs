//! Payment sessions and authorizations: the records of the sandbox payment system, and copies of the records of remote
//! payment systems.

use kassa_domain::page_session::OrderReference;
use kassa_domain::payment_session::{
    Authorization, AuthorizationState, PaymentCompletion, PaymentSession, PaymentSystemKey,
};
use kassa_domain::{AuthorizationToken, MerchantId, OrderId, PageSessionId, PaymentSessionId, Timestamp};
use kassa_sql::{Row, Value, columns, sql};

use crate::callbacks::insert_payment_callback;
use crate::engine::{Answer, Guard, Statement, Unit};
use crate::orders::{StoredOrder, insert_order};
use crate::page_sessions::{NewAuthorization, push_new_authorization, read_order_reference};
use crate::reading::{ReadColumn as _, stored_json};
use crate::seal::{DataSeal, Purpose};
use crate::{CommitOutcome, NewPaymentCallback, Store, StoreError};

/// An order placed with an authorization token, as one transaction.
#[derive(Clone, Debug)]
pub struct AuthorizationOrder {
    /// The order.
    pub order: StoredOrder,
    /// A fingerprint of the request: the same request again gets the same answer.
    pub request_hash: String,
    /// The version at which the payment session was read.
    pub payment_version: i64,
    /// The session under whose id the order's callbacks are stored ([`Authorization::callback_owner`]).
    pub callback_owner: PageSessionId,
}

/// The outcome of placing an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceOrderOutcome {
    /// The order is durable, and the payment session is complete.
    Placed,
    /// The authorization is no longer open. Read it again.
    AuthorizationSpent,
    /// The payment session has changed or is complete. Read it again.
    PaymentSessionChanged,
}

columns! {
    payment_session {
        payment_session_id, merchant_id, version, created_at, expires_at, body, authorization_token, order_id,
        klarna_reference, system, system_base_url, completed_at, started,
    }
    payment_authorization {
        authorization_token, merchant_id, payment_session_id, page_session_id, state, created_at, expires_at,
        category, body, order_id, order_request_hash, consumer, refusal,
    }
}

impl Store {
    /// Stores a new payment session.
    pub async fn create_payment_session(&self, session: &PaymentSession) -> Result<(), StoreError> {
        let values = [
            session.id.as_str().into(),
            session.merchant_id.as_str().into(),
            session.version.into(),
            session.created_at.as_ms().into(),
            session.expires_at.as_ms().into(),
            self.seal.seal(Purpose::PaymentSession, &session.body).into(),
            word_of(&session.system).into(),
        ];
        let statement = Statement::new(
            sql!(
                "insert into payment_session (payment_session_id, merchant_id, version, created_at, expires_at, body,
               system, merchant_reference1, merchant_reference2, order_amount, purchase_currency, email_hash)
             {values}$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12{end}{many: from given}"
            ),
            values.into_iter().chain(self.search_terms(&session.body)),
        );
        self.run_unguarded(Unit::of(statement)).await.map(drop)
    }

    /// The payment session with this id.
    pub async fn payment_session(&self, id: &PaymentSessionId) -> Result<Option<PaymentSession>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {payment_session} from payment_session where payment_session_id = $1",
                payment_session
            ),
            [id.as_str().into()],
        );
        self.row(statement, |row| read_payment_session(&self.seal, row)).await
    }

    /// Replaces the body of a payment session, if it is incomplete and has the version at which it was read.
    pub async fn update_payment_session(
        &self,
        id: &PaymentSessionId,
        version: i64,
        body: &str,
    ) -> Result<CommitOutcome, StoreError> {
        let statement = Statement::new(
            "update payment_session set body = $1, version = version + 1, merchant_reference1 = $2,
               merchant_reference2 = $3, order_amount = $4, purchase_currency = $5, email_hash = $6
             where payment_session_id = $7 and version = $8 and order_id is null",
            self.body_of_version(id, version, body),
        );
        let unit = Unit::of(statement.guarding(Guard::PaymentSession));
        match self.run(unit).await? {
            Answer::Committed(_) => Ok(CommitOutcome::Done),
            Answer::Refused(_) => Ok(CommitOutcome::Stale),
        }
    }

    /// Replaces the body, as [`Self::update_payment_session`] does, and removes the latest authorization, because that
    /// was for another cart.
    pub async fn update_payment_session_cart(
        &self,
        id: &PaymentSessionId,
        version: i64,
        body: &str,
    ) -> Result<CommitOutcome, StoreError> {
        let statement = Statement::new(
            "update payment_session set body = $1, authorization_token = null, version = version + 1,
               merchant_reference1 = $2, merchant_reference2 = $3, order_amount = $4, purchase_currency = $5,
               email_hash = $6
             where payment_session_id = $7 and version = $8 and order_id is null",
            self.body_of_version(id, version, body),
        );
        let unit = Unit::of(statement.guarding(Guard::PaymentSession));
        match self.run(unit).await? {
            Answer::Committed(_) => Ok(CommitOutcome::Done),
            Answer::Refused(_) => Ok(CommitOutcome::Stale),
        }
    }

    /// The values of a change of the body: the body, its search terms, the id and the version.
    fn body_of_version<'a>(
        &self,
        id: &'a PaymentSessionId,
        version: i64,
        body: &'a str,
    ) -> impl Iterator<Item = Value<'a>> + use<'a> {
        let terms = self.search_terms(body);
        let sealed = self.seal.seal(Purpose::PaymentSession, body);
        [sealed.into()].into_iter().chain(terms).chain([id.as_str().into(), version.into()])
    }

    /// The authorization with this token.
    pub async fn authorization(
        &self,
        token: &AuthorizationToken,
    ) -> Result<Option<Authorization>, StoreError> {
        for form in self.seal.forms(token) {
            let statement = Statement::new(
                sql!(
                    "select {payment_authorization} from payment_authorization where authorization_token = $1",
                    payment_authorization
                ),
                [form.into()],
            );
            let found = self.row(statement, |row| read_authorization(&self.seal, row)).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Releases an authorization that is still open. Returns `Stale` if it is not open.
    pub async fn release_authorization(
        &self,
        token: &AuthorizationToken,
    ) -> Result<CommitOutcome, StoreError> {
        self.change_authorization(token, |form| {
            Statement::new(
                "update payment_authorization set state = 'RELEASED' where authorization_token = $1 and state = 'OPEN'",
                [form.into()],
            )
        })
        .await
    }

    /// Stores the hash of the first request for an order of an authorization, and returns the stored hash. `None` if
    /// there is no such authorization.
    pub async fn first_order_request(
        &self,
        token: &AuthorizationToken,
        hash: &str,
    ) -> Result<Option<String>, StoreError> {
        let keep = |form: String| {
            Statement::new(
                "update payment_authorization set order_request_hash = $1
                 where authorization_token = $2 and order_request_hash is null",
                [hash.into(), form.into()],
            )
        };
        match self.change_authorization(token, keep).await? {
            CommitOutcome::Done | CommitOutcome::Stale => {}
        }
        Ok(self.authorization(token).await?.and_then(|found| found.order_request_hash))
    }

    /// Stores the reason why the first order with an open authorization was refused. Returns `Stale` if the
    /// authorization is no longer open, or has a refusal.
    pub async fn refuse_authorization(
        &self,
        token: &AuthorizationToken,
        refusal: &str,
    ) -> Result<CommitOutcome, StoreError> {
        self.change_authorization(token, |form| {
            Statement::new(
                "update payment_authorization set refusal = $1
                 where authorization_token = $2 and state = 'OPEN' and refusal is null",
                [refusal.into(), form.into()],
            )
        })
        .await
    }

    /// Changes the authorization with this token, in the form in which the token is stored.
    async fn change_authorization(
        &self,
        token: &AuthorizationToken,
        change: impl Fn(String) -> Statement,
    ) -> Result<CommitOutcome, StoreError> {
        for form in self.seal.forms(token) {
            match self.run(Unit::of(change(form).guarding(Guard::Authorization))).await? {
                Answer::Committed(_) => return Ok(CommitOutcome::Done),
                Answer::Refused(_) => {}
            }
        }
        Ok(CommitOutcome::Stale)
    }

    /// Stores an authorization without a page session. It becomes the latest one of the payment session.
    pub async fn authorize_payment_session(
        &self,
        new_authorization: &NewAuthorization,
        at: Timestamp,
    ) -> Result<CommitOutcome, StoreError> {
        let of = &new_authorization.authorization.payment_session_id;
        let lock = lock_payment_session(of, new_authorization.payment_version);
        let mut unit = Unit::of(lock).contending_for(of.as_str());
        push_new_authorization(&self.seal, &mut unit, new_authorization, at);
        match self.run(unit).await? {
            Answer::Committed(_) => Ok(CommitOutcome::Done),
            Answer::Refused(_) => Ok(CommitOutcome::Stale),
        }
    }

    /// Spends an authorization on an order, completes the payment session and stores the order's callbacks, in one
    /// transaction.
    pub async fn place_order(
        &self,
        placing: &AuthorizationOrder,
        callbacks: &[NewPaymentCallback],
    ) -> Result<PlaceOrderOutcome, StoreError> {
        for form in self.seal.forms(&placing.order.authorization_token) {
            match self.run(order_unit(&self.seal, placing, &form, callbacks)).await? {
                Answer::Committed(_) => return Ok(PlaceOrderOutcome::Placed),
                Answer::Refused(Guard::PaymentSession) => {
                    return Ok(PlaceOrderOutcome::PaymentSessionChanged);
                }
                Answer::Refused(_) => {}
            }
        }
        Ok(PlaceOrderOutcome::AuthorizationSpent)
    }
}

/// Places an order with an authorization whose token is stored in this form.
fn order_unit(
    seal: &DataSeal,
    placing: &AuthorizationOrder,
    stored_token: &str,
    callbacks: &[NewPaymentCallback],
) -> Unit {
    let order = &placing.order;
    let (of, token) = (&order.payment_session_id, &order.authorization_token);
    let mut unit = Unit::of(lock_authorization(stored_token)).contending_for(of.as_str());
    let complete = complete_payment_session(seal, of, placing.payment_version, token, &order.reference);
    unit.push(complete.guarding(Guard::PaymentSession));
    unit.push(spend_authorization(placing, stored_token));
    unit.push(insert_order(seal, order));
    unit.push(insert_completion(of, order.created_at));
    for callback in callbacks {
        unit.push(insert_payment_callback(seal, callback));
    }
    unit
}

/// Locks an authorization that is open and was not refused.
fn lock_authorization(stored_token: &str) -> Statement {
    Statement::new(
        sql!(
            "select 1 from payment_authorization
             where authorization_token = $1 and state = 'OPEN' and refusal is null {update}"
        ),
        [stored_token.into()],
    )
    .locking_for(Guard::Authorization)
}

/// Locks a payment session that has not changed since it was read, and has no order.
pub(crate) fn lock_payment_session(of: &PaymentSessionId, version: i64) -> Statement {
    Statement::new(
        sql!(
            "select 1 from payment_session
             where payment_session_id = $1 and version = $2 and order_id is null {update}"
        ),
        [of.as_str().into(), version.into()],
    )
    .locking_for(Guard::PaymentSession)
}

fn spend_authorization(placing: &AuthorizationOrder, stored_token: &str) -> Statement {
    Statement::new(
        sql!(
            "update payment_authorization set state = 'ORDERED', order_id = $1, order_request_hash = $2
         where authorization_token = $3 and state = 'OPEN' and refusal is null{and met}"
        ),
        [
            placing.order.reference.order_id.as_str().into(),
            placing.request_hash.as_str().into(),
            stored_token.into(),
        ],
    )
}

pub(crate) fn insert_authorization(seal: &DataSeal, authorization: &Authorization) -> Statement {
    Statement::new(
        sql!(
            "insert into payment_authorization (authorization_token, merchant_id, payment_session_id,
           page_session_id, state, created_at, expires_at, category, body, order_id, order_request_hash, consumer,
           refusal)
         {values}$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13{end}"
        ),
        [
            seal.seal_token(&authorization.token).into(),
            authorization.merchant_id.as_str().into(),
            authorization.payment_session_id.as_str().into(),
            authorization.callback_owner().as_str().to_string().into(),
            authorization.state.as_str().into(),
            authorization.created_at.as_ms().into(),
            authorization.expires_at.as_ms().into(),
            authorization.category.as_str().into(),
            seal.seal(Purpose::Authorization, &authorization.body).into(),
            authorization.order_id.as_ref().map(OrderId::as_str).into(),
            authorization.order_request_hash.as_deref().into(),
            seal.seal_optional(Purpose::EnteredDetails, authorization.consumer.as_deref()),
            authorization.refusal.as_deref().into(),
        ],
    )
}

pub(crate) fn authorize_payment_session(
    seal: &DataSeal,
    authorization: &Authorization,
    version: i64,
) -> Statement {
    Statement::new(
        sql!(
            "update payment_session set authorization_token = $1, version = version + 1
         where payment_session_id = $2 and version = $3 and order_id is null{and met}"
        ),
        [
            seal.seal_token(&authorization.token).into(),
            authorization.payment_session_id.as_str().into(),
            version.into(),
        ],
    )
}

pub(crate) fn complete_payment_session(
    seal: &DataSeal,
    of: &PaymentSessionId,
    version: i64,
    token: &AuthorizationToken,
    order: &OrderReference,
) -> Statement {
    Statement::new(
        sql!(
            "update payment_session set authorization_token = $1, order_id = $2, klarna_reference = $3,
           version = version + 1
         where payment_session_id = $4 and version = $5 and order_id is null{and met}"
        ),
        [
            seal.seal_token(token).into(),
            order.order_id.as_str().into(),
            order.klarna_reference.as_str().into(),
            of.as_str().into(),
            version.into(),
        ],
    )
}

/// Has the open page sessions follow. The row may be there already: a page session can read a completion before the
/// order's own commit.
pub(crate) fn insert_completion(of: &PaymentSessionId, at: Timestamp) -> Statement {
    Statement::new(
        sql!(
            "insert into completion (payment_session_id, completed_at) {values}$1, $2{end}
             on conflict (payment_session_id) do nothing"
        ),
        [of.as_str().into(), at.as_ms().into()],
    )
}

fn read_payment_session(seal: &DataSeal, row: &mut Row) -> Result<PaymentSession, StoreError> {
    let order = read_order_reference(row, payment_session::order_id, payment_session::klarna_reference)?;
    let unnamed = row.get::<Option<i64>>(payment_session::completed_at)?;
    Ok(PaymentSession {
        id: PaymentSessionId::new(row.text(payment_session::payment_session_id)?),
        system: read_system(row)?,
        merchant_id: MerchantId::new(row.text(payment_session::merchant_id)?),
        version: row.get(payment_session::version)?,
        created_at: row.instant(payment_session::created_at)?,
        expires_at: row.instant(payment_session::expires_at)?,
        body: seal.text(row, payment_session::body, Purpose::PaymentSession)?,
        authorization_token: seal.optional_token(row, payment_session::authorization_token)?,
        completion: order
            .map(PaymentCompletion::Order)
            .or_else(|| unnamed.map(|_| PaymentCompletion::UnnamedOrder)),
        started: seal
            .optional_text(row, payment_session::started, Purpose::StartedPayment)?
            .map(|text| stored_json(&text))
            .transpose()?,
    })
}

/// The word of Klarna in the column `system`.
const KLARNA: &str = "KLARNA";

/// The word of the external payment system in the column `system`.
const EXTERNAL: &str = "EXTERNAL";

/// The word of a payment system in the column `system`, which is null for the sandbox.
pub(crate) fn word_of(system: &PaymentSystemKey) -> Option<&'static str> {
    match system {
        PaymentSystemKey::Sandbox => None,
        PaymentSystemKey::Klarna { .. } => Some(KLARNA),
        PaymentSystemKey::External => Some(EXTERNAL),
    }
}

fn read_system(row: &mut Row) -> Result<PaymentSystemKey, StoreError> {
    let system = row.get::<Option<String>>(payment_session::system)?;
    let base_url = row.get::<Option<String>>(payment_session::system_base_url)?;
    match (system.as_deref(), base_url) {
        (None, None) => Ok(PaymentSystemKey::Sandbox),
        (Some(KLARNA), Some(base_url)) => Ok(PaymentSystemKey::Klarna { base_url }),
        (Some(EXTERNAL), None) => Ok(PaymentSystemKey::External),
        (system, _) => Err(StoreError::Fault(format!("unknown payment system {system:?}").into())),
    }
}

fn read_authorization(seal: &DataSeal, row: &mut Row) -> Result<Authorization, StoreError> {
    use payment_authorization as of;
    // The owner of the callbacks: without a page session it is the payment session.
    let (owner, payment_session_id) = (row.text(of::page_session_id)?, row.text(of::payment_session_id)?);
    Ok(Authorization {
        token: seal.token(row, of::authorization_token)?,
        merchant_id: MerchantId::new(row.text(of::merchant_id)?),
        payment_session_id: PaymentSessionId::new(&payment_session_id),
        page_session_id: Some(owner).filter(|owner| *owner != payment_session_id).map(PageSessionId::new),
        state: row.word(of::state, AuthorizationState::parse)?,
        created_at: row.instant(of::created_at)?,
        expires_at: row.instant(of::expires_at)?,
        category: row.get(of::category)?,
        body: seal.text(row, of::body, Purpose::Authorization)?,
        order_id: row.get::<Option<String>>(of::order_id)?.map(OrderId::new),
        order_request_hash: row.get(of::order_request_hash)?,
        consumer: seal.optional_text(row, of::consumer, Purpose::EnteredDetails)?,
        refusal: row.get(of::refusal)?,
    })
}
