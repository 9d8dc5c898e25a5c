//! Klarna as a node is started with it.

use std::sync::Arc;

use kassa_engine::{Clock, PaymentAccounts, PaymentCallMetrics, PaymentCallOrigin, PaymentSystem};
use kassa_outgoing::Outgoing;

use crate::klarna::{Klarna, KlarnaRules};
use crate::pass_through::Forwarder;

/// Klarna as a payment system: the rules for calls to it, and the way that they go.
pub struct KlarnaSetup {
    /// The base URLs, the script, the times and the limits.
    pub rules: KlarnaRules,
    /// The network. The operator listed the base URLs, so the rules for the URLs of merchants do not apply.
    pub outgoing: Arc<dyn Outgoing>,
}

impl KlarnaSetup {
    /// Creates the payment system, and the forwarder of merchants' calls.
    #[must_use]
    pub fn start(
        self,
        accounts: &PaymentAccounts,
        clock: &Arc<dyn Clock>,
        metrics: &PaymentCallMetrics,
    ) -> (Arc<dyn PaymentSystem>, Forwarder) {
        let Self { rules, outgoing } = self;
        let measured = |origin| metrics.measuring(outgoing.clone(), "klarna", origin);
        let (own, passed_on) = (measured(PaymentCallOrigin::Kassa), measured(PaymentCallOrigin::Merchant));
        let forwarder = Forwarder::new(&rules, accounts.clone(), clock.clone(), passed_on);
        (Arc::new(Klarna::new(rules, accounts.clone(), clock.clone(), own)), forwarder)
    }
}
