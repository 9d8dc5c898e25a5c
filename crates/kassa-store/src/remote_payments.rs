//! Copies of the payment sessions of remote payment systems. A read at the payment system replaces the copy.

use kassa_domain::page_session::OrderReference;
use kassa_domain::payment_session::{PaymentSession, PaymentSystemKey};
use kassa_domain::{AuthorizationToken, OrderId, PaymentSessionId, Timestamp};
use kassa_sql::sql;

use crate::engine::{Answer, Guard, Statement, Unit};
use crate::payment_sessions::{insert_completion, word_of};
use crate::seal::Purpose;
use crate::{CommitOutcome, Store, StoreError};

/// The part of a copy that a read at the payment system replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteContent {
    /// The content, as JSON. Only the payment system and the page read it.
    pub body: String,
    /// From this instant on, the payment session cannot be used.
    pub expires_at: Timestamp,
    /// The authorization that can be used, if any.
    pub authorization_token: Option<AuthorizationToken>,
}

impl Store {
    /// Stores the copy of a remote payment session, unless there is a payment session with its id.
    pub async fn adopt_payment_session(&self, session: &PaymentSession) -> Result<(), StoreError> {
        let PaymentSystemKey::Klarna { base_url } = &session.system else {
            return Err(StoreError::Fault("only payment sessions at Klarna are adopted".into()));
        };
        let values = [
            session.id.as_str().into(),
            session.merchant_id.as_str().into(),
            session.version.into(),
            session.created_at.as_ms().into(),
            session.expires_at.as_ms().into(),
            self.seal.seal(Purpose::PaymentSession, &session.body).into(),
            session.authorization_token.as_ref().map(|token| self.seal.seal_token(token)).into(),
            word_of(&session.system).into(),
            base_url.as_str().into(),
        ];
        let statement = Statement::new(
            "insert into payment_session (payment_session_id, merchant_id, version, created_at, expires_at, body,
               authorization_token, system, system_base_url, read_at, merchant_reference1, merchant_reference2,
               order_amount, purchase_currency, email_hash)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $4, $10, $11, $12, $13, $14)
             on conflict (payment_session_id) do nothing",
            values.into_iter().chain(self.search_terms(&session.body)),
        );
        self.run_unguarded(Unit::of(statement)).await.map(drop)
    }

    /// Replaces the content of a copy by a newer read, guarded by the version at which the copy was read.
    pub async fn refresh_payment_session(
        &self,
        id: &PaymentSessionId,
        version: i64,
        content: &RemoteContent,
        read_at: Timestamp,
    ) -> Result<CommitOutcome, StoreError> {
        let values = [
            self.seal.seal(Purpose::PaymentSession, &content.body).into(),
            content.expires_at.as_ms().into(),
            content.authorization_token.as_ref().map(|token| self.seal.seal_token(token)).into(),
            read_at.as_ms().into(),
        ];
        let guard = [id.as_str().into(), version.into()];
        let statement = Statement::new(
            "update payment_session set body = $1, expires_at = $2, authorization_token = $3, read_at = $4,
               version = version + 1, merchant_reference1 = $5, merchant_reference2 = $6, order_amount = $7,
               purchase_currency = $8, email_hash = $9
             where payment_session_id = $10 and version = $11 and order_id is null",
            values.into_iter().chain(self.search_terms(&content.body)).chain(guard),
        );
        match self.run(Unit::of(statement.guarding(Guard::PaymentSession))).await? {
            Answer::Committed(_) => Ok(CommitOutcome::Done),
            Answer::Refused(_) => Ok(CommitOutcome::Stale),
        }
    }

    /// Records that an order completed a payment session which Kassa did not place: this order, or one whose id the
    /// payment system does not tell. The open page sessions are to follow. `Stale` if an order completed it before.
    pub async fn complete_payment_session_elsewhere(
        &self,
        id: &PaymentSessionId,
        order: Option<&OrderReference>,
        at: Timestamp,
    ) -> Result<CommitOutcome, StoreError> {
        let complete = Statement::new(
            sql!(
                "update payment_session set order_id = $1, klarna_reference = $2, completed_at = $3,
                   version = version + 1
                 where payment_session_id = $4 and order_id is null and completed_at is null"
            ),
            [
                order.map(|order| &order.order_id).map(OrderId::as_str).into(),
                order.map(|order| order.klarna_reference.as_str()).into(),
                order.is_none().then(|| at.as_ms()).into(),
                id.as_str().into(),
            ],
        );
        let mut unit = Unit::of(complete.guarding(Guard::PaymentSession)).contending_for(id.as_str());
        unit.push(insert_completion(id, at));
        match self.run(unit).await? {
            Answer::Committed(_) => Ok(CommitOutcome::Done),
            Answer::Refused(_) => Ok(CommitOutcome::Stale),
        }
    }
}
