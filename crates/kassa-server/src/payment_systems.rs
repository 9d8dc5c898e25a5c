//! The payment systems that a node is started with.

use std::sync::Arc;

use kassa_engine::{
    Clock, LocalPayments, PaymentAccounts, PaymentCallMetrics, PaymentSystems, RedirectPayments,
};
use kassa_external::{External, ExternalSetup};
use kassa_klarna::{Forwarder, KlarnaSetup};

/// The payment systems that a node is started with.
#[derive(Default)]
pub struct PaymentSetup {
    /// The sandbox, if it is on.
    pub sandbox: Option<Arc<dyn LocalPayments>>,
    /// Klarna, if it is on.
    pub klarna: Option<KlarnaSetup>,
    /// The external payment system, if it is on.
    pub external: Option<ExternalSetup>,
}

/// The payment systems of a node that runs, with the parts that have routes of their own.
pub(crate) struct StartedPayments {
    /// The payment systems.
    pub(crate) systems: PaymentSystems,
    /// Sends merchants' calls to Klarna, if it is on.
    pub(crate) forwarder: Option<Forwarder>,
    /// The external payment system, if it is on.
    pub(crate) external: Option<Arc<External>>,
}

/// The sandbox alone.
impl<S: LocalPayments + 'static> From<Arc<S>> for PaymentSetup {
    fn from(sandbox: Arc<S>) -> Self {
        Self { sandbox: Some(sandbox), ..Self::default() }
    }
}

impl PaymentSetup {
    /// Puts the payment systems together.
    pub(crate) fn start(
        self,
        accounts: &PaymentAccounts,
        clock: &Arc<dyn Clock>,
        metrics: &PaymentCallMetrics,
    ) -> StartedPayments {
        let (klarna, forwarder) = self.klarna.map(|klarna| klarna.start(accounts, clock, metrics)).unzip();
        let external = self.external.map(|external| external.start(clock, metrics));
        let redirecting = external.clone().map(|external| external as Arc<dyn RedirectPayments>);
        let systems = PaymentSystems { sandbox: self.sandbox, klarna, external: redirecting };
        StartedPayments { systems, forwarder, external }
    }
}
