//! The payment systems of a deployment. Each payment session names the one that has it.

use std::sync::Arc;

use kassa_domain::payment_session::{PaymentSession, PaymentSystemKey};

use super::{LocalPayments, PaymentSystem};
use crate::error::EngineError;

/// The payment systems of a deployment.
#[derive(Clone, Default)]
pub struct PaymentSystems {
    /// The sandbox, if it is on.
    pub sandbox: Option<Arc<dyn LocalPayments>>,
    /// Klarna, if it is on.
    pub klarna: Option<Arc<dyn PaymentSystem>>,
}

impl PaymentSystems {
    /// Whether there is a payment system that is reached over the network.
    pub(crate) fn has_remote(&self) -> bool {
        self.klarna.is_some()
    }

    /// The payment system that has a payment session.
    pub(crate) fn of(&self, payment: &PaymentSession) -> Result<&dyn PaymentSystem, EngineError> {
        let found: Option<&dyn PaymentSystem> = match &payment.system {
            PaymentSystemKey::Sandbox => self.sandbox.as_deref().map(|sandbox| sandbox as &dyn PaymentSystem),
            PaymentSystemKey::Klarna { .. } => self.klarna.as_deref(),
        };
        found.ok_or_else(|| EngineError::NoPaymentSystem(payment.id.clone()))
    }

    /// The payment system that has a payment session, if its records are rows of this database.
    pub(crate) fn local_of(&self, payment: &PaymentSession) -> Option<&dyn LocalPayments> {
        match &payment.system {
            PaymentSystemKey::Sandbox => self.sandbox.as_deref(),
            PaymentSystemKey::Klarna { .. } => None,
        }
    }
}
