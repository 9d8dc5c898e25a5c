//! The engine's methods, named by intention. Each reads, decides and commits, and notifies others only after the
//! commit.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use kassa_domain::id_check::IdVerdict;
use kassa_domain::lifecycle::Event;
use kassa_domain::page_session::{OrderReference, PageSession};
use kassa_domain::payment_session::{AcquiringChannel, Offer, PaymentSession, PaymentSystemKey};
use kassa_domain::{Actor, AuthorizationToken, MerchantId, PageSessionId, PaymentSessionId, Timestamp};
use kassa_store::{IdempotentAnswer, IdempotentOutcome, Message, StoreError};
use kassa_wire::hpp::SessionCreation;
use tokio_util::sync::CancellationToken;

use crate::advance::{Advanced, Occurrence, advance, complete_siblings_until};
use crate::audit::Requester;
use crate::callbacks;
use crate::change_log::log_change;
use crate::consumer::{self, Paid};
use crate::error::EngineError;
use crate::limits::LimitPause;
use crate::messages::{self, MessageChannel};
use crate::metrics::MessageResult;
use crate::operations::{self, SettleOutcome, StuckVerdict};
use crate::parts::EngineParts;
use crate::payment_accounts::OnlyAccount;
use crate::payment_system::{Consumer, Decision, Presentation, StartAddresses, StartChoice};
use crate::profiles::FilledCreation;
use crate::random::Random;
use crate::remote::{Adoption, PaymentClaim, PaymentStart, Visit};
use crate::session_timers::apply_timers_until;
use crate::suspension::require_takes_payments;
use crate::{audit, encryption, expiry, id_check, notifications, remote, traces};

/// Creates page sessions, changes them, and delivers their callbacks.
#[derive(Clone)]
pub struct Engine(Arc<EngineParts>);

/// The outcome of creating a page session with an idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageSessionCreation {
    /// The session was stored.
    Created,
    /// The key was used before.
    KeyUsed,
}

impl Engine {
    pub(crate) fn new(parts: Arc<EngineParts>) -> Self {
        Self(parts)
    }

    pub(crate) fn parts(&self) -> &EngineParts {
        &self.0
    }

    /// The source of ids.
    #[must_use]
    pub fn random(&self) -> &dyn Random {
        &*self.0.random
    }

    /// The present instant by a merchant's clock.
    #[must_use]
    pub fn now(&self, merchant: &MerchantId) -> Timestamp {
        self.0.clock.now(merchant)
    }

    /// Returns the amount of a payment session and the ways to pay it.
    pub fn offer(&self, payment: &PaymentSession) -> Result<Offer, EngineError> {
        Ok(self.0.payment_systems.of(payment)?.offer(payment)?)
    }

    /// Returns how the page lets the consumer pay.
    pub fn presentation(&self, payment: &PaymentSession) -> Result<Presentation, EngineError> {
        Ok(self.0.payment_systems.of(payment)?.presentation(payment)?)
    }

    /// Whether payment sessions can be at a payment system, so that merchants name them by its address.
    #[must_use]
    pub fn has_payment_sessions_elsewhere(&self) -> bool {
        self.0.payment_systems.has_payment_sessions_elsewhere()
    }

    /// The only account of a merchant at a payment system.
    pub async fn only_payment_account(&self, merchant: &MerchantId) -> Result<OnlyAccount, StoreError> {
        self.0.payment_accounts.only_account(merchant).await
    }

    /// Gives a creation the values of the profile that it names, or of the merchant's default profile, where it has no
    /// values of its own.
    pub async fn with_profile(
        &self,
        merchant: &MerchantId,
        creation: SessionCreation,
    ) -> Result<FilledCreation, StoreError> {
        self.0.profiles.apply(merchant, creation).await
    }

    /// Reads a payment session of a merchant at a remote payment system, and stores a copy of it.
    pub async fn adopt_payment_session(
        &self,
        merchant: &MerchantId,
        id: PaymentSessionId,
        system: PaymentSystemKey,
    ) -> Result<Adoption, EngineError> {
        remote::adopt(&self.0, merchant, id, system).await
    }

    /// A merchant placed an order itself at a remote payment system, with a token of its own. The open page sessions of
    /// the payment session are completed.
    pub async fn merchant_ordered(
        &self,
        merchant: &MerchantId,
        token: &AuthorizationToken,
        order: &OrderReference,
    ) -> Result<(), EngineError> {
        remote::merchant_ordered(&self.0, merchant, token, order).await
    }

    /// Stores a new page session, once per idempotency key if there is one. Refused for a suspended merchant.
    pub async fn create_page_session(
        &self,
        session: &PageSession,
        key: Option<&IdempotentAnswer>,
        actor: &Actor,
    ) -> Result<PageSessionCreation, EngineError> {
        require_takes_payments(&self.0, &session.merchant_id).await?;
        if let Some(key) = key {
            match self.0.store.create_page_session_once(session, key).await? {
                IdempotentOutcome::Done => {}
                IdempotentOutcome::KeyUsed | IdempotentOutcome::Stale => {
                    return Ok(PageSessionCreation::KeyUsed);
                }
            }
        } else {
            self.0.store.create_page_session(session).await?;
        }
        self.0.metrics.sessions.created();
        traces::created(&session.id);
        log_change(actor, "page session created", session.id.as_str());
        Ok(PageSessionCreation::Created)
    }

    /// The merchant disables a session. [`Advanced::Confirming`] if an order of it has an unknown outcome after five
    /// seconds.
    pub async fn disable(&self, session: PageSession, actor: Actor) -> Result<Advanced, EngineError> {
        operations::disable(&self.0, session, actor).await
    }

    /// Refuses to begin a payment of a suspended merchant.
    pub async fn require_takes_payments(&self, merchant: &MerchantId) -> Result<(), EngineError> {
        require_takes_payments(&self.0, merchant).await
    }

    /// The consumer opens the page. A payment that was authorized or completed meanwhile changes the session first. If
    /// the merchant is suspended, the visit changes nothing else.
    pub async fn visit(&self, session: PageSession, actor: Actor) -> Result<Visit, EngineError> {
        remote::visit(&self.0, session, actor).await
    }

    /// The consumer pressed Pay in the form of a remote payment system's script. The payment may have begun there, so
    /// Kassa reads it, also for a suspended merchant.
    pub async fn payment_started(&self, session: &PageSession) -> Result<(), EngineError> {
        remote::started(&self.0, session).await
    }

    /// The consumer presses Pay, and pays on a page of the payment system. Refused for a suspended merchant.
    pub async fn start_payment(
        &self,
        session: PageSession,
        choice: StartChoice<'_>,
        addresses: &StartAddresses,
    ) -> Result<PaymentStart, EngineError> {
        remote::start_payment(&self.0, session, choice, addresses).await
    }

    /// A payment system says that a payment changed. The payment is read soon.
    pub async fn payment_notified(&self, of: &PaymentSessionId) -> Result<(), StoreError> {
        remote::notified(&self.0, of).await
    }

    /// The browser says what a remote payment system's script answered. The payment system is asked, and decides.
    pub async fn claim(
        &self,
        session: PageSession,
        claim: PaymentClaim,
        actor: Actor,
    ) -> Result<Advanced, EngineError> {
        remote::claim(&self.0, session, claim, actor).await
    }

    /// The consumer presses Back.
    pub async fn press_back(&self, session: PageSession, actor: Actor) -> Result<Advanced, EngineError> {
        consumer::press_back(&self.0, session, actor).await
    }

    /// The consumer presses Cancel and confirms it.
    pub async fn confirm_cancel(
        &self,
        session: PageSession,
        channel: AcquiringChannel,
        actor: Actor,
    ) -> Result<Advanced, EngineError> {
        consumer::confirm_cancel(&self.0, session, channel, actor).await
    }

    /// The event that Cancel raises in this channel.
    #[must_use]
    pub fn event_of_cancel(channel: AcquiringChannel) -> Event {
        consumer::cancelling(channel).event()
    }

    /// Asks the payment system whether this consumer may pay. Changes nothing here. A payment system with a form of its
    /// own decides nothing from these fields. Refused for a suspended merchant.
    pub async fn authorize(
        &self,
        payment: &PaymentSession,
        consumer: &Consumer,
        at: Timestamp,
    ) -> Result<Decision, EngineError> {
        require_takes_payments(&self.0, &payment.merchant_id).await?;
        Ok(match self.0.payment_systems.local_of(payment) {
            Some(local) => local.submit(payment, consumer, at).await,
            None => Decision::Incomplete(Vec::new()),
        })
    }

    /// Advances the session by the payment system's decision.
    pub async fn apply_decision(
        &self,
        session: PageSession,
        payment: &PaymentSession,
        category: &str,
        decision: Decision,
        actor: Actor,
    ) -> Result<Paid, EngineError> {
        consumer::apply_decision(&self.0, session, payment, category, decision, actor).await
    }

    /// The staff of the shop answers the check of the consumer's identity document.
    pub async fn answer_id_check(
        &self,
        session: PageSession,
        verdict: IdVerdict,
        actor: Actor,
    ) -> Result<Advanced, EngineError> {
        id_check::answer_id_check(&self.0, session, verdict, actor).await
    }

    /// Ends the check of an identity document without an answer, as its time does.
    pub async fn expire_id_check(&self, session: PageSession, actor: Actor) -> Result<Advanced, EngineError> {
        advance(&self.0, session, Occurrence::IdCheckExpired, actor).await
    }

    /// Times the consumer out, as the merchant's time limit does.
    pub async fn time_out(&self, session: PageSession, actor: Actor) -> Result<Advanced, EngineError> {
        advance(&self.0, session, Occurrence::ConsumerTimedOut, actor).await
    }

    /// Counts a report of a browser that the policy of a page refused something.
    pub fn count_policy_violation(&self) {
        self.0.metrics.operations.policy_violated();
    }

    /// The payment session that a page session hosts, with its offer.
    pub async fn hosted(&self, session: &PageSession) -> Result<(PaymentSession, Offer), EngineError> {
        consumer::hosted(&self.0, session).await
    }

    /// An operator settles the stuck operation of a page session.
    pub async fn settle_stuck(
        &self,
        id: &PageSessionId,
        verdict: StuckVerdict,
        by: &Requester,
    ) -> Result<SettleOutcome, EngineError> {
        operations::settle_stuck(&self.0, id, verdict, by).await
    }

    /// Waits as long as the redirect of this session's consumer to the merchant has to be delayed.
    pub async fn before_redirect(&self, session: &PageSession) -> Result<(), StoreError> {
        self.0.courier.before_redirect(session, &self.0.reads).await
    }

    /// Whether the merchant may send a message about this session to this recipient now. Counts it.
    pub fn admit_message(
        &self,
        session: &PageSession,
        channel: MessageChannel,
        recipient: &str,
    ) -> Result<(), LimitPause> {
        let now = self.0.clock.monotonic_now();
        let admitted = self.0.limits.send(&session.merchant_id, &session.id, recipient, now);
        admitted.inspect_err(|_| {
            self.0.metrics.node.limited("message");
            self.0.metrics.sessions.message(channel.as_str(), MessageResult::Limited);
        })
    }

    /// Whether a message of this channel reaches anybody.
    #[must_use]
    pub fn offers(&self, channel: MessageChannel) -> bool {
        self.0.messages.offers(channel)
    }

    /// Accepts a message to a consumer, in this locale. A worker sends it soon.
    pub async fn accept_message(
        &self,
        message: &Message,
        channel_and_locale: (MessageChannel, &str),
        actor: &Actor,
    ) -> Result<(), StoreError> {
        messages::accept(&self.0, message, channel_and_locale, actor).await
    }

    /// Delivers callbacks until `stop`. Attempts under way then are finished.
    pub async fn deliver_until(&self, stop: CancellationToken) {
        callbacks::deliver_until(self.0.clone(), stop).await;
    }

    /// Carries out payment operations until `stop`. Attempts under way then are finished.
    pub async fn carry_out_until(&self, stop: CancellationToken) {
        operations::carry_out_until(self.0.clone(), stop).await;
    }

    /// Reads payments at remote payment systems on a schedule until `stop`.
    pub async fn confirm_until(&self, stop: CancellationToken) {
        remote::confirmations::confirm_until(self.0.clone(), stop).await;
    }

    /// Reads the short references of orders at remote payment systems on a schedule until `stop`.
    pub async fn read_references_until(&self, stop: CancellationToken) {
        remote::references::read_references_until(self.0.clone(), stop).await;
    }

    /// Puts everything that is committed into the audit trail now. Background work does so twice a second.
    pub async fn chain_now(&self) -> Result<(), StoreError> {
        audit::chain_now(&self.0).await
    }

    /// Removes old entries of the audit trail now. Background work does so once an hour.
    pub async fn shorten_trail_now(&self) -> Result<(), StoreError> {
        expiry::shorten_trail(&self.0).await
    }

    /// Puts status changes and administrative acts into the audit trail until `stop`.
    pub async fn chain_until(&self, stop: CancellationToken) {
        audit::chain_until(self.0.clone(), stop).await;
    }

    /// Completes the sessions whose completion by a sibling was interrupted, until `stop`.
    pub async fn complete_until(&self, stop: CancellationToken) {
        complete_siblings_until(&self.0, stop).await;
    }

    /// Applies events that time causes, until `stop`.
    pub async fn apply_timers_until(&self, stop: CancellationToken) {
        apply_timers_until(&self.0, stop).await;
    }

    /// Writes the finished requests that wait in memory.
    pub async fn write_requests(&self) {
        self.0.requests.write_queue().await;
    }

    /// Runs all background jobs of a node until `stop`. Returns one future for each job.
    #[must_use]
    pub fn background_work(&self, stop: &CancellationToken) -> [BoxFuture<'static, ()>; 12] {
        let job = || (self.0.clone(), stop.clone());
        let (deliver, send, carry_out, confirm, reference) = (job(), job(), job(), job(), job());
        let (complete, time, exchange, expire, chain, learn) = (job(), job(), job(), job(), job(), job());
        [
            Box::pin(callbacks::deliver_until(deliver.0, deliver.1)),
            Box::pin(messages::send_until(send.0, send.1)),
            Box::pin(operations::carry_out_until(carry_out.0, carry_out.1)),
            Box::pin(remote::confirmations::confirm_until(confirm.0, confirm.1)),
            Box::pin(remote::references::read_references_until(reference.0, reference.1)),
            Box::pin(async move { complete_siblings_until(&complete.0, complete.1).await }),
            Box::pin(async move { apply_timers_until(&time.0, time.1).await }),
            Box::pin(async move { notifications::exchange_until(&exchange.0, exchange.1).await }),
            Box::pin(async move { expiry::expire_until(&expire.0, expire.1).await }),
            Box::pin(self.0.requests.clone().write_until(stop.clone())),
            Box::pin(audit::chain_until(chain.0, chain.1)),
            Box::pin(async move { encryption::learn_scope_until(&learn.0, learn.1).await }),
        ]
    }
}
