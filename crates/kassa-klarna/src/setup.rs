//! Klarna as a node is started with it.

use std::sync::Arc;

use kassa_engine::{Clock, PaymentAccounts, PaymentSystem};
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
    ) -> (Arc<dyn PaymentSystem>, Forwarder) {
        let Self { rules, outgoing } = self;
        let forwarder = Forwarder::new(&rules, accounts.clone(), clock.clone(), outgoing.clone());
        (Arc::new(Klarna::new(rules, accounts.clone(), clock.clone(), outgoing)), forwarder)
    }
}
