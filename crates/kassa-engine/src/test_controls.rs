//! The records behind the test controls: merchants' clocks, the inbox, test merchants, export and import. They exist in
//! the sandbox only.

use std::sync::Arc;

use kassa_domain::merchant::MerchantSettings;
use kassa_domain::placed_order::Verdict;
use kassa_domain::{Actor, MerchantId, OrderId, PageSessionId, Timestamp};
use kassa_store::{
    DueNotification, Expired, FraudCheckCommit, ImportOutcome, MerchantClock, Message, StoreError,
    TestMerchant,
};
use serde_json::{Map, Value};

use crate::audit::{Act, ActKind, Requester, log_act, settings_act};
use crate::callbacks::report_due;
use crate::change_log::log_change;
use crate::error::EngineError;
use crate::parts::EngineParts;
use crate::payment_system::EndedFraudCheck;
use crate::session_timers::{AT_ONCE as TIMERS, apply_timers_of};

/// The outcome of ending a fraud check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FraudCheckEnd {
    /// The order is accepted or rejected, durably.
    Ended,
    /// The order is not pending.
    NotPending,
    /// The merchant has no such order.
    NoOrder,
}

/// Reads and changes the records of the test controls.
#[derive(Clone)]
pub struct TestControls(Arc<EngineParts>);

impl TestControls {
    pub(crate) fn new(engine: Arc<EngineParts>) -> Self {
        Self(engine)
    }

    /// Stores a merchant's clock setting.
    pub async fn set_clock(
        &self,
        of: &MerchantId,
        time: MerchantClock,
        actor: &Actor,
    ) -> Result<(), StoreError> {
        self.0.store.set_clock(of, time).await?;
        log_change(actor, "clock of a merchant set", of.as_str());
        // Page sessions may have expired by now.
        self.0.news.wake_all();
        Ok(())
    }

    /// Makes the merchant's callbacks due by its own clock.
    pub async fn give_callbacks_own_time(&self, of: &MerchantId, actor: &Actor) -> Result<(), StoreError> {
        self.0.store.give_callbacks_own_time(of).await?;
        log_change(actor, "callbacks of a merchant are due by its clock", of.as_str());
        Ok(())
    }

    /// Reads when the merchant's callbacks are due, and reports it to the delivery.
    pub async fn report_due_callbacks(&self, of: &MerchantId) -> Result<(), StoreError> {
        for (endpoint, due_at) in self.0.store.callbacks_due(of).await? {
            self.0.callbacks.report(&endpoint, due_at);
        }
        Ok(())
    }

    /// The dates at which the merchant's callbacks are due.
    pub async fn callbacks_due(&self, of: &MerchantId) -> Result<Vec<Timestamp>, StoreError> {
        let due = self.0.store.callbacks_due(of).await?;
        Ok(due.into_iter().map(|(_, due_at)| due_at).collect())
    }

    /// Whether a callback of the merchant is due at this instant.
    pub async fn is_callback_due(&self, of: &MerchantId, at: Timestamp) -> Result<bool, StoreError> {
        self.0.store.is_callback_due(of, at).await
    }

    /// The dates at which timers of the merchant's page sessions are due.
    pub async fn timers_due(&self, of: &MerchantId) -> Result<Vec<Timestamp>, StoreError> {
        Ok(self.0.store.timers_of(of, TIMERS).await?.into_iter().map(|timer| timer.due_at).collect())
    }

    /// Applies the timers of the merchant's page sessions that are due by its clock.
    pub async fn apply_due_timers(&self, of: &MerchantId) -> Result<(), EngineError> {
        apply_timers_of(&self.0, of).await
    }

    /// Ends the fraud check of one of the merchant's orders now. Its notification falls due at once.
    pub async fn end_fraud_check(
        &self,
        of: &MerchantId,
        id: &OrderId,
        verdict: Verdict,
        actor: &Actor,
    ) -> Result<FraudCheckEnd, EngineError> {
        let engine = &*self.0;
        loop {
            let order = engine.store.order(id).await?.filter(|order| order.merchant_id == *of);
            let Some(order) = order else { return Ok(FraudCheckEnd::NoOrder) };
            let ended = match &engine.payment_systems.sandbox {
                Some(sandbox) => sandbox.end_fraud_check(&order, verdict, engine.clock.now(of))?,
                None => None,
            };
            let Some(EndedFraudCheck { body, notification }) = ended else {
                return Ok(FraudCheckEnd::NotPending);
            };
            let authorization = engine.store.authorization(&order.authorization_token).await?;
            let due_at = engine.time.due_now_of(of);
            let notification = authorization.map(|authorization| DueNotification {
                page_session_id: authorization.callback_owner(),
                body: notification,
                due_at,
            });
            match engine.store.end_fraud_check(&order, &body, notification.as_ref()).await? {
                FraudCheckCommit::Done { endpoint } => {
                    log_change(actor, "fraud check of an order ended", id.as_str());
                    if let Some(endpoint) = endpoint {
                        report_due(engine, endpoint, due_at);
                    }
                    return Ok(FraudCheckEnd::Ended);
                }
                FraudCheckCommit::Stale => {}
            }
        }
    }

    /// The merchant's page sessions and authorizations that expired after one instant, up to another.
    pub async fn expired_between(
        &self,
        of: &MerchantId,
        after: Timestamp,
        up_to: Timestamp,
    ) -> Result<Vec<Expired>, StoreError> {
        self.0.store.expired_between(of, after, up_to).await
    }

    /// The merchant's tables, or those of one session.
    pub async fn export(
        &self,
        of: &MerchantId,
        one: Option<&PageSessionId>,
    ) -> Result<Map<String, Value>, StoreError> {
        self.0.requests.write_queue().await;
        self.0.store.export(of, one).await
    }

    /// Adds exported rows to the merchant.
    pub async fn import(
        &self,
        of: &MerchantId,
        tables: &Map<String, Value>,
        by: &Requester,
    ) -> Result<ImportOutcome, StoreError> {
        let act = Act::on(ActKind::HistoryImported, of.as_str());
        let imported = self.0.store.import(of, tables, &self.0.acts.record(&act, by)?).await?;
        match imported {
            ImportOutcome::Done(_) => log_act(&act, by),
            ImportOutcome::AlreadyThere | ImportOutcome::Unreadable(_) => {}
        }
        Ok(imported)
    }

    /// The messages to the merchant's consumers.
    pub async fn messages(&self, of: &MerchantId) -> Result<Vec<Message>, StoreError> {
        self.0.store.messages(of).await
    }

    /// Deletes the messages to the merchant's consumers.
    pub async fn clear_messages(&self, of: &MerchantId, actor: &Actor) -> Result<(), StoreError> {
        self.0.store.clear_messages(of).await?;
        log_change(actor, "messages of a merchant deleted", of.as_str());
        Ok(())
    }

    /// Marks a merchant as made for tests.
    pub async fn add_test_merchant(
        &self,
        id: &MerchantId,
        made_by: &MerchantId,
        at: Timestamp,
        actor: &Actor,
    ) -> Result<(), StoreError> {
        self.0.store.add_test_merchant(id, made_by, at).await?;
        log_change(actor, "merchant marked as made for tests", id.as_str());
        Ok(())
    }

    /// The merchant that made this test merchant.
    pub async fn maker_of_test_merchant(&self, id: &MerchantId) -> Result<Option<MerchantId>, StoreError> {
        self.0.store.maker_of_test_merchant(id).await
    }

    /// The newest test merchants.
    pub async fn test_merchants(&self, limit: i64) -> Result<Vec<TestMerchant>, StoreError> {
        self.0.store.test_merchants(limit).await
    }

    /// Deletes a merchant with all its data. Its credentials are refused from the next call on.
    pub async fn erase_merchant(&self, id: &MerchantId, by: &Requester) -> Result<(), StoreError> {
        let act = Act::on(ActKind::MerchantDeleted, id.as_str());
        self.0.merchants.erase(id, &self.0.acts.record(&act, by)?).await?;
        log_act(&act, by);
        Ok(())
    }

    /// Deletes all data of a merchant and its settings. Its credentials and callback secrets stay.
    pub async fn reset_merchant(&self, id: &MerchantId, by: &Requester) -> Result<(), StoreError> {
        // A record that is written later would belong to nothing.
        self.0.requests.write_queue().await;
        let act = Act::on(ActKind::MerchantReset, id.as_str());
        self.0.store.erase_history(id, &self.0.acts.record(&act, by)?).await?;
        let keep_secrets = |settings: &mut MerchantSettings| {
            let callback_secrets = std::mem::take(&mut settings.callback_secrets);
            *settings = MerchantSettings { callback_secrets, ..MerchantSettings::default() };
        };
        let record = |before: &MerchantSettings, after: &MerchantSettings| {
            self.0.acts.record(&settings_act(id, before, after)?, by)
        };
        self.0.merchants.change_settings(id, keep_secrets, record).await?;
        log_act(&act, by);
        Ok(())
    }
}
