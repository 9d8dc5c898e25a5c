//! The payment systems that a node is started with.

use std::sync::Arc;

use kassa_engine::{Clock, LocalPayments, PaymentAccounts, PaymentSystems};
use kassa_klarna::{Forwarder, KlarnaSetup};

/// The payment systems that a node is started with.
#[derive(Default)]
pub struct PaymentSetup {
    /// The sandbox, if it is on.
    pub sandbox: Option<Arc<dyn LocalPayments>>,
    /// Klarna, if it is on.
    pub klarna: Option<KlarnaSetup>,
}

/// The sandbox alone.
impl<S: LocalPayments + 'static> From<Arc<S>> for PaymentSetup {
    fn from(sandbox: Arc<S>) -> Self {
        Self { sandbox: Some(sandbox), klarna: None }
    }
}

impl PaymentSetup {
    /// Puts the payment systems together, and the forwarder of merchants' calls to Klarna.
    pub(crate) fn start(
        self,
        accounts: &PaymentAccounts,
        clock: &Arc<dyn Clock>,
    ) -> (PaymentSystems, Option<Forwarder>) {
        let (klarna, forwarder) = self.klarna.map(|klarna| klarna.start(accounts, clock)).unzip();
        (PaymentSystems { sandbox: self.sandbox, klarna }, forwarder)
    }
}
