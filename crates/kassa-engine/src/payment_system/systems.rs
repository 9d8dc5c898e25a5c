//! The payment systems of a deployment. Each payment session names the one that has it.

use std::sync::Arc;

use kassa_domain::payment_session::{PaymentSession, PaymentSystemKey};

use super::{LocalPayments, PaymentSystem, RedirectPayments};
use crate::error::EngineError;

/// The payment systems of a deployment.
#[derive(Clone, Default)]
pub struct PaymentSystems {
    /// The sandbox, if it is on.
    pub sandbox: Option<Arc<dyn LocalPayments>>,
    /// Klarna, if it is on.
    pub klarna: Option<Arc<dyn PaymentSystem>>,
    /// The external payment system, if it is on.
    pub external: Option<Arc<dyn RedirectPayments>>,
}

impl PaymentSystems {
    /// Whether there is a payment system that is reached over the network.
    pub(crate) fn has_remote(&self) -> bool {
        self.klarna.is_some() || self.external.is_some()
    }

    /// Whether consumers can start payments on a page of a payment system.
    pub(crate) fn starts_payments(&self) -> bool {
        self.external.is_some()
    }

    /// Whether payment sessions can be at a payment system, so that merchants name them by its address.
    pub(crate) fn has_payment_sessions_elsewhere(&self) -> bool {
        self.klarna.is_some()
    }

    /// The payment system of the payment sessions that merchants create at Kassa.
    pub(crate) fn of_new_payment_sessions(&self) -> PaymentSystemKey {
        match self.external {
            Some(_) => PaymentSystemKey::External,
            None => PaymentSystemKey::Sandbox,
        }
    }

    /// The payment system that has a payment session.
    pub(crate) fn of(&self, payment: &PaymentSession) -> Result<&dyn PaymentSystem, EngineError> {
        let found: Option<&dyn PaymentSystem> = match &payment.system {
            PaymentSystemKey::Sandbox => self.sandbox.as_deref().map(|sandbox| sandbox as &dyn PaymentSystem),
            PaymentSystemKey::Klarna { .. } => self.klarna.as_deref(),
            PaymentSystemKey::External => {
                self.external.as_deref().map(|external| external as &dyn PaymentSystem)
            }
        };
        found.ok_or_else(|| EngineError::NoPaymentSystem(payment.id.clone()))
    }

    /// The payment system that has a payment session, if its records are rows of this database.
    pub(crate) fn local_of(&self, payment: &PaymentSession) -> Option<&dyn LocalPayments> {
        match &payment.system {
            PaymentSystemKey::Sandbox => self.sandbox.as_deref(),
            PaymentSystemKey::Klarna { .. } | PaymentSystemKey::External => None,
        }
    }

    /// The payment system that has a payment session, if it shows its own page.
    pub(crate) fn redirecting_of(&self, payment: &PaymentSession) -> Option<&dyn RedirectPayments> {
        match &payment.system {
            PaymentSystemKey::Sandbox | PaymentSystemKey::Klarna { .. } => None,
            PaymentSystemKey::External => self.external.as_deref(),
        }
    }
}
