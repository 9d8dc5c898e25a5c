//! The timeline of a page session: everything that its rows say, in one order, for every reader.
//!
//! The API, the command, the lab and the console show what is put together here. No other code merges the rows.

mod entries;
mod head;
mod masked;
mod money;
mod order;
mod request;
mod steps;

use std::sync::Arc;

use kassa_domain::page_session::{OrderReference, PageSession};
use kassa_domain::payment_session::{Authorization, PaymentSession};
use kassa_domain::{AuthorizationToken, MerchantId};
use kassa_store::{
    AttemptRow, EventRow, Message, MessageAttempt, NoteRow, OperationRow, PaymentCallbackRow,
    RecordedRequest, StoreError, StoredCustomerToken, StoredOrder,
};
use kassa_wire::kassa::{TimelineEntry, TimelineHead};

use crate::error::EngineError;
use crate::keys::Keys;
use crate::parts::EngineParts;

use masked::Secrets;

pub use entries::{history_actor, history_attempt};

/// Reads the timelines of page sessions. Changes nothing. The caller checks whose a page session is.
#[derive(Clone)]
pub struct Timelines(Arc<Parts>);

struct Parts {
    engine: Arc<EngineParts>,
    keys: Keys,
}

/// A page session with everything that happened to it.
#[derive(Clone, Debug)]
pub struct SessionHistory {
    /// Its present state.
    pub head: TimelineHead,
    /// The timeline, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// The rows from which the timeline was made.
    pub rows: HistoryRows,
}

/// The rows about a page session.
#[derive(Clone, Debug)]
pub struct HistoryRows {
    /// The status changes, oldest first.
    pub events: Vec<EventRow>,
    /// The callbacks to the payment session's own URLs.
    pub payments_callbacks: Vec<PaymentCallbackRow>,
    /// The attempts of all callbacks, oldest first.
    pub attempts: Vec<AttemptRow>,
    /// The notes, oldest first.
    pub notes: Vec<NoteRow>,
    /// The payment operations, oldest first.
    pub operations: Vec<OperationRow>,
    /// The messages, oldest first.
    pub messages: Vec<Message>,
    /// The attempts to send the messages, oldest first.
    pub message_attempts: Vec<MessageAttempt>,
    /// The finished requests about the page session and its payment session.
    pub requests: Vec<RecordedRequest>,
    /// The payment session, until it is deleted.
    pub payment: Option<PaymentSession>,
    /// The authorizations of the payment session that are known by their token.
    pub authorizations: Vec<Authorization>,
    /// The order, if it is a row of this database.
    pub order: Option<StoredOrder>,
    /// The customer tokens that the authorizations became.
    pub customer_tokens: Vec<StoredCustomerToken>,
}

impl HistoryRows {
    /// The tokens that URLs and answers of the merchant can repeat.
    fn secrets(&self, session: &PageSession) -> Secrets {
        let of_payment = self.payment.as_ref().and_then(|payment| payment.authorization_token.clone());
        let of_rows = self.authorizations.iter().map(|authorization| authorization.token.clone());
        Secrets::new(session.authorization_token.clone().into_iter().chain(of_payment).chain(of_rows))
    }
}

impl Timelines {
    pub(crate) fn new(engine: Arc<EngineParts>, keys: Keys) -> Self {
        Self(Arc::new(Parts { engine, keys }))
    }

    /// Reads the history of a page session, expired or not.
    pub async fn history(&self, session: &PageSession) -> Result<SessionHistory, EngineError> {
        let rows = self.0.rows(session).await?;
        let engine = &self.0.engine;
        let now = engine.clock.now(&session.merchant_id);
        let head = head::head(session, rows.payment.as_ref(), &engine.payment_systems, now);
        let timeline = steps::timeline(engine, session, &rows, now)?;
        Ok(SessionHistory { head, timeline, rows })
    }
}

impl Parts {
    async fn rows(&self, session: &PageSession) -> Result<HistoryRows, StoreError> {
        // A reader sees the requests of this node that were answered before.
        self.engine.requests.write_queue().await;
        let store = &self.engine.store;
        // In this order a callback is never shown as delivered without the attempt that delivered it.
        let events = store.events(&session.id).await?;
        let payments_callbacks = store.payment_callbacks(&session.id).await?;
        let attempts = store.attempts(&session.id).await?;
        let notes = store.notes(&session.id).await?;
        let operations = store.operations(&session.id).await?;
        let messages = store.messages_about(&session.id).await?;
        let message_attempts = store.message_attempts(&session.id).await?;
        let mut requests = store.recorded_requests(&session.id, &session.payment_session_id).await?;
        // Correlation ids are ordered by time, also while the clock of the merchant is stopped.
        requests.sort_by(|one, other| {
            (one.began_at, &one.correlation_id).cmp(&(other.began_at, &other.correlation_id))
        });
        let payment = store.payment_session(&session.payment_session_id).await?;
        let authorizations = self.authorizations(session, payment.as_ref()).await?;
        let order = self.order(session, payment.as_ref(), &authorizations).await?;
        let customer_tokens = self.customer_tokens(&session.merchant_id, &authorizations).await?;
        Ok(HistoryRows {
            events,
            payments_callbacks,
            attempts,
            notes,
            operations,
            messages,
            message_attempts,
            requests,
            payment,
            authorizations,
            order,
            customer_tokens,
        })
    }

    /// The authorizations that the page session or its payment session names.
    async fn authorizations(
        &self,
        session: &PageSession,
        payment: Option<&PaymentSession>,
    ) -> Result<Vec<Authorization>, StoreError> {
        let latest = payment.and_then(|payment| payment.authorization_token.clone());
        let mut tokens: Vec<AuthorizationToken> =
            session.authorization_token.clone().into_iter().chain(latest).collect();
        tokens.dedup();
        let mut found = Vec::new();
        for token in tokens {
            found.extend(self.engine.store.authorization(&token).await?);
        }
        Ok(found)
    }

    /// The order of the page session, or else the order that completed its payment session.
    async fn order(
        &self,
        session: &PageSession,
        payment: Option<&PaymentSession>,
        authorizations: &[Authorization],
    ) -> Result<Option<StoredOrder>, StoreError> {
        let of_session = session.order.clone().map(|order| order.order_id);
        let of_payment = || completing_order(payment).map(|order| order.order_id);
        let of_authorization = || authorizations.iter().find_map(|one| one.order_id.clone());
        match of_session.or_else(of_payment).or_else(of_authorization) {
            Some(id) => self.engine.store.order(&id).await,
            None => Ok(None),
        }
    }

    async fn customer_tokens(
        &self,
        merchant: &MerchantId,
        authorizations: &[Authorization],
    ) -> Result<Vec<StoredCustomerToken>, StoreError> {
        let mut found = Vec::new();
        for authorization in authorizations {
            let id = self.keys.customer_token_of(&authorization.token);
            found.extend(self.engine.store.customer_token(&id).await?);
        }
        found.retain(|token| token.merchant_id == *merchant);
        Ok(found)
    }
}

fn completing_order(payment: Option<&PaymentSession>) -> Option<OrderReference> {
    payment?.completion.clone()?.order()
}
