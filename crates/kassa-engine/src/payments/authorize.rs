//! Authorizes a payment session without a page session, as the vendor's browser SDK does in the merchant's own shop.

use kassa_domain::Actor;
use kassa_domain::payment_session::{Authorization, PaymentSession};
use kassa_store::{CommitOutcome, NewAuthorization};

use super::{Payments, log_if_done};
use crate::callbacks::of_payments::{CausingChange, begin_payment_callbacks, payment_callbacks};
use crate::error::EngineError;
use crate::payment_system::Approval;

impl Payments {
    /// Stores an authorization of a payment session that has no page session, together with its callback. Older tokens
    /// of the payment session become invalid. Returns `Stale` if the payment session has changed since it was read, or
    /// is complete. Refused for a suspended merchant.
    pub async fn authorize_payment_session(
        &self,
        payment: &PaymentSession,
        category: &str,
        approval: Approval,
        actor: &Actor,
    ) -> Result<CommitOutcome, EngineError> {
        self.require_takes_payments(&payment.merchant_id).await?;
        let engine = &*self.0.engine;
        let authorization = self.direct_authorization(payment, category, approval);
        let calls = match engine.payment_systems.local_of(payment) {
            Some(local) => local.call_about_authorization(&authorization)?.into_iter().collect(),
            None => Vec::new(),
        };
        let committed_at = authorization.created_at;
        let cause = CausingChange {
            owner: &authorization.callback_owner(),
            direct_at: Some(payment.version),
            merchant_id: &payment.merchant_id,
            committed_at,
        };
        let (callbacks, first_attempts) = payment_callbacks(engine, cause, calls).await?;
        let new_authorization =
            NewAuthorization { authorization, payment_version: payment.version, order: None, callbacks };
        let committed = engine.store.authorize_payment_session(&new_authorization, committed_at).await?;
        log_if_done(committed, actor, "payment session authorized", payment.id.as_str());
        if committed == CommitOutcome::Done {
            begin_payment_callbacks(engine, new_authorization.callbacks, first_attempts);
        }
        Ok(committed)
    }

    fn direct_authorization(
        &self,
        payment: &PaymentSession,
        category: &str,
        approval: Approval,
    ) -> Authorization {
        let Approval { token, consumer } = approval;
        let now = self.now(&payment.merchant_id);
        Authorization { consumer, ..Authorization::of(payment, token, category, now) }
    }
}
