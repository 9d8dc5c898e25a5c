//! The records that are rows of this database: the payment sessions and authorizations of the sandbox and of the
//! external payment system, and the sandbox's customer tokens and orders.

mod authorize;

use std::sync::Arc;

use kassa_domain::payment_session::{Authorization, Offer, PaymentSession, PaymentSystemKey};
use kassa_domain::{Actor, AuthorizationToken, MerchantId, OrderId, PaymentSessionId, Timestamp};
use kassa_store::{
    AuthorizationOrder, CommitOutcome, IdempotentAnswer, IdempotentOutcome, Notification, PlaceOrderOutcome,
    StoreError, StoredCustomerToken, StoredOrder,
};

use crate::advance::complete_siblings_or_later;
use crate::callbacks::of_payments::{CausingChange, begin_payment_callbacks, payment_callbacks};
use crate::change_log::log_change;
use crate::error::EngineError;
use crate::keys::Keys;
use crate::links::Links;
use crate::parts::EngineParts;
use crate::random::Random;
use crate::suspension::require_takes_payments;

/// Reads and changes these records.
#[derive(Clone)]
pub struct Payments(Arc<Parts>);

struct Parts {
    engine: Arc<EngineParts>,
    keys: Keys,
    links: Links,
}

impl Payments {
    pub(crate) fn new(engine: Arc<EngineParts>, keys: Keys, links: Links) -> Self {
        Self(Arc::new(Parts { engine, keys, links }))
    }

    /// The source of ids and tokens.
    #[must_use]
    pub fn random(&self) -> &dyn Random {
        &*self.0.engine.random
    }

    /// The address of a path of this system.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        self.0.links.url(path)
    }

    /// Whether the consumer's browser may be sent to an address of a merchant.
    #[must_use]
    pub fn may_redirect_to(&self, address: &str) -> bool {
        self.0.links.may_redirect_to(address)
    }

    /// The present instant by a merchant's clock.
    #[must_use]
    pub fn now(&self, merchant: &MerchantId) -> Timestamp {
        self.0.engine.clock.now(merchant)
    }

    /// Waits this long, by the node's own clock. The time counts from this call, not from the first poll.
    pub fn sleep(&self, duration_ms: i64) -> impl Future<Output = ()> + use<> {
        let clock = &self.0.engine.clock;
        clock.sleep_until(clock.monotonic_now().plus_ms(duration_ms))
    }

    /// Whether this system signed a client token's header and payload.
    #[must_use]
    pub fn has_signed_client_token(&self, signed: &str, signature: &[u8]) -> bool {
        self.0.keys.has_signed_client_token(signed, signature)
    }

    /// The signature of a client token's header and payload (HS256).
    #[must_use]
    pub fn client_token_signature(&self, signed: &str) -> [u8; 32] {
        self.0.keys.client_token_signature(signed)
    }

    /// The id of the customer token that an authorization becomes. It is always the same.
    #[must_use]
    pub fn customer_token_of(&self, authorization: &AuthorizationToken) -> String {
        self.0.keys.customer_token_of(authorization)
    }

    /// The payment system of the payment sessions that merchants create here.
    #[must_use]
    pub fn system_of_new_sessions(&self) -> PaymentSystemKey {
        self.0.engine.payment_systems.of_new_payment_sessions()
    }

    /// The amount of a payment session and the ways to pay it.
    pub fn offer(&self, payment: &PaymentSession) -> Result<Offer, EngineError> {
        Ok(self.0.engine.payment_systems.of(payment)?.offer(payment)?)
    }

    /// Refuses to begin a payment of a suspended merchant.
    pub async fn require_takes_payments(&self, merchant: &MerchantId) -> Result<(), EngineError> {
        require_takes_payments(&self.0.engine, merchant).await
    }

    /// Stores a new payment session. Refused for a suspended merchant.
    pub async fn create_payment_session(
        &self,
        session: &PaymentSession,
        actor: &Actor,
    ) -> Result<(), EngineError> {
        self.require_takes_payments(&session.merchant_id).await?;
        self.0.engine.store.create_payment_session(session).await?;
        log_change(actor, "payment session created", session.id.as_str());
        Ok(())
    }

    /// The payment session with this id, expired or not.
    pub async fn payment_session(&self, id: &PaymentSessionId) -> Result<Option<PaymentSession>, StoreError> {
        self.0.engine.store.payment_session(id).await
    }

    /// Replaces the content of a payment session, guarded by the version that was read.
    pub async fn update_payment_session(
        &self,
        id: &PaymentSessionId,
        version: i64,
        body: &str,
        actor: &Actor,
    ) -> Result<CommitOutcome, StoreError> {
        let committed = self.0.engine.store.update_payment_session(id, version, body).await?;
        log_if_done(committed, actor, "payment session changed", id.as_str());
        self.publish_content(committed, id);
        Ok(committed)
    }

    /// Replaces the content of a payment session with another cart, which makes its authorizations invalid.
    pub async fn update_payment_session_cart(
        &self,
        id: &PaymentSessionId,
        version: i64,
        body: &str,
        actor: &Actor,
    ) -> Result<CommitOutcome, StoreError> {
        let committed = self.0.engine.store.update_payment_session_cart(id, version, body).await?;
        log_if_done(committed, actor, "payment session changed, with another cart", id.as_str());
        self.publish_content(committed, id);
        Ok(committed)
    }

    /// Tells the open pages of a payment session, on every node, that its content changed.
    fn publish_content(&self, committed: CommitOutcome, id: &PaymentSessionId) {
        if committed == CommitOutcome::Done {
            self.0.engine.news.wake_pages(id);
            self.0.engine.store.announce(Notification::PaymentSessionChanged(id.clone()));
        }
    }

    /// The authorization with this token, in any state.
    pub async fn authorization(
        &self,
        token: &AuthorizationToken,
    ) -> Result<Option<Authorization>, StoreError> {
        self.0.engine.store.authorization(token).await
    }

    /// Releases an authorization that has no order.
    pub async fn release_authorization(
        &self,
        authorization: &Authorization,
        actor: &Actor,
    ) -> Result<CommitOutcome, StoreError> {
        let committed = self.0.engine.store.release_authorization(&authorization.token).await?;
        let of = authorization.payment_session_id.as_str();
        log_if_done(committed, actor, "authorization of a payment session released", of);
        Ok(committed)
    }

    /// Keeps the hash of the first request for an order of an authorization, and returns the hash that is kept.
    pub async fn first_order_request(
        &self,
        token: &AuthorizationToken,
        hash: &str,
    ) -> Result<String, StoreError> {
        let kept = self.0.engine.store.first_order_request(token, hash).await?;
        Ok(kept.unwrap_or_else(|| hash.to_string()))
    }

    /// Keeps the refusal of an order, so that every later call with the token gets the same one.
    pub async fn refuse_authorization(
        &self,
        authorization: &Authorization,
        refusal: &str,
        actor: &Actor,
    ) -> Result<CommitOutcome, StoreError> {
        let committed = self.0.engine.store.refuse_authorization(&authorization.token, refusal).await?;
        let of = authorization.payment_session_id.as_str();
        log_if_done(committed, actor, "orders of a payment session refused", of);
        Ok(committed)
    }

    /// Places an order with an authorization, together with its callbacks. It completes the payment session; the page
    /// sessions follow ([`Payments::complete_page_sessions`]).
    pub async fn place_order(
        &self,
        placing: &AuthorizationOrder,
        actor: &Actor,
    ) -> Result<PlaceOrderOutcome, EngineError> {
        let engine = &*self.0.engine;
        let calls = match &engine.payment_systems.sandbox {
            Some(sandbox) => sandbox.calls_about_order(&placing.order)?,
            None => Vec::new(),
        };
        let cause = CausingChange {
            owner: &placing.callback_owner,
            direct_at: None,
            merchant_id: &placing.order.merchant_id,
            committed_at: placing.order.created_at,
        };
        let (callbacks, first_attempts) = payment_callbacks(engine, cause, calls).await?;
        let placed = engine.store.place_order(placing, &callbacks).await?;
        if placed == PlaceOrderOutcome::Placed {
            log_change(actor, "order placed", placing.order.reference.order_id.as_str());
            begin_payment_callbacks(engine, callbacks, first_attempts);
        }
        Ok(placed)
    }

    /// Completes the open page sessions of a payment session that an order has completed. After a failure or a crash
    /// the node does it later.
    pub async fn complete_page_sessions(&self, of: &PaymentSessionId) {
        complete_siblings_or_later(&self.0.engine, of).await;
    }

    /// The order with this id.
    pub async fn order(&self, id: &OrderId) -> Result<Option<StoredOrder>, StoreError> {
        self.0.engine.store.order(id).await
    }

    /// Replaces an order's body, guarded by the version that was read, and keeps the answer for its idempotency key.
    pub async fn update_order(
        &self,
        order: &StoredOrder,
        body: &str,
        answer: Option<&IdempotentAnswer>,
        actor: &Actor,
    ) -> Result<IdempotentOutcome, StoreError> {
        let outcome = self.0.engine.store.update_order(order, body, answer).await?;
        log_if_changed(outcome, actor, "order changed", order.reference.order_id.as_str());
        Ok(outcome)
    }

    /// Stores a customer token, unless it exists.
    pub async fn create_customer_token(
        &self,
        token: &StoredCustomerToken,
        actor: &Actor,
    ) -> Result<(), StoreError> {
        self.0.engine.store.create_customer_token(token).await?;
        log_change(actor, "customer token of a merchant created", token.merchant_id.as_str());
        Ok(())
    }

    /// The customer token with this id.
    pub async fn customer_token(&self, id: &str) -> Result<Option<StoredCustomerToken>, StoreError> {
        self.0.engine.store.customer_token(id).await
    }

    /// Replaces a customer token's body, guarded by the version that was read.
    pub async fn update_customer_token(
        &self,
        token: &StoredCustomerToken,
        body: &str,
        answer: Option<&IdempotentAnswer>,
        actor: &Actor,
    ) -> Result<IdempotentOutcome, StoreError> {
        let outcome = self.0.engine.store.update_customer_token(token, body, answer).await?;
        log_if_changed(outcome, actor, "customer token of a merchant changed", token.merchant_id.as_str());
        Ok(outcome)
    }

    /// Places an order with a customer token, once per idempotency key. Refused for a suspended merchant.
    pub async fn place_token_order(
        &self,
        token: &StoredCustomerToken,
        order: &StoredOrder,
        answer: Option<&IdempotentAnswer>,
        actor: &Actor,
    ) -> Result<IdempotentOutcome, EngineError> {
        self.require_takes_payments(&token.merchant_id).await?;
        let outcome = self.0.engine.store.place_token_order(token, order, answer).await?;
        log_if_changed(outcome, actor, "order placed", order.reference.order_id.as_str());
        Ok(outcome)
    }

    /// The answer that was given to an idempotency key.
    pub async fn idempotent_answer(
        &self,
        of: &MerchantId,
        key: &str,
    ) -> Result<Option<IdempotentAnswer>, StoreError> {
        self.0.engine.store.idempotent_answer(of, key).await
    }
}

fn log_if_done(committed: CommitOutcome, actor: &Actor, change: &'static str, object: &str) {
    match committed {
        CommitOutcome::Done => log_change(actor, change, object),
        CommitOutcome::Stale => {}
    }
}

fn log_if_changed(outcome: IdempotentOutcome, actor: &Actor, change: &'static str, object: &str) {
    match outcome {
        IdempotentOutcome::Done => log_change(actor, change, object),
        IdempotentOutcome::Stale | IdempotentOutcome::KeyUsed => {}
    }
}
