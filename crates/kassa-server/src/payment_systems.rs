//! The payment systems that a node is started with.

use std::sync::Arc;

use kassa_engine::{Clock, LocalPayments, PaymentAccounts, PaymentSystem, PaymentSystems};
use kassa_klarna::{Klarna, KlarnaRules};
use kassa_outgoing::Outgoing;

/// The payment systems that a node is started with.
#[derive(Default)]
pub struct PaymentSetup {
    /// The sandbox, if it is on.
    pub sandbox: Option<Arc<dyn LocalPayments>>,
    /// Klarna, if it is on.
    pub klarna: Option<KlarnaSetup>,
}

/// Klarna as a payment system: the rules for calls to it, and the way that they go.
pub struct KlarnaSetup {
    /// The base URLs, the script, the times and the limits.
    pub rules: KlarnaRules,
    /// The network. The operator listed the base URLs, so the rules for the URLs of merchants do not apply.
    pub outgoing: Arc<dyn Outgoing>,
}

/// The sandbox alone.
impl<S: LocalPayments + 'static> From<Arc<S>> for PaymentSetup {
    fn from(sandbox: Arc<S>) -> Self {
        Self { sandbox: Some(sandbox), klarna: None }
    }
}

impl PaymentSetup {
    /// Puts the payment systems together.
    pub(crate) fn start(self, accounts: &PaymentAccounts, clock: &Arc<dyn Clock>) -> PaymentSystems {
        let klarna = self.klarna.map(|KlarnaSetup { rules, outgoing }| {
            let klarna: Arc<dyn PaymentSystem> =
                Arc::new(Klarna::new(rules, accounts.clone(), clock.clone(), outgoing));
            klarna
        });
        PaymentSystems { sandbox: self.sandbox, klarna }
    }
}
