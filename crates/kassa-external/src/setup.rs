//! The external payment system as a node is started with it.

use std::sync::Arc;
use std::time::Duration;

use kassa_domain::payment_session::OfferedCategory;
use kassa_engine::{Clock, PaymentCallMetrics, PaymentCallOrigin, Random};
use kassa_outgoing::Outgoing;

use crate::external::External;

/// The configured rules for calls to the external payment system.
#[derive(Clone)]
pub struct ExternalRules {
    /// The name of the payment system, for logs and answers.
    pub name: String,
    /// The address of the adapter.
    pub url: String,
    /// The origins to which browsers may be sent.
    pub redirect_origins: Vec<String>,
    /// The ways to pay that the page offers.
    pub categories: Vec<OfferedCategory>,
    /// The secrets that sign requests. There are two during a rotation.
    pub secrets: Vec<String>,
    /// The secrets that sign notifications. There are two during a rotation.
    pub notification_secrets: Vec<String>,
    /// The time for a read, and for starting a payment.
    pub read_timeout: Duration,
    /// The time for placing or releasing an order.
    pub order_timeout: Duration,
    /// Maximum number of reads per second.
    pub reads_per_second: u32,
}

/// The external payment system: the rules for calls to it, and the way that they go.
pub struct ExternalSetup {
    /// The address, the secrets, the times and the limits.
    pub rules: ExternalRules,
    /// The network. The operator gave the address, so the rules for the URLs of merchants do not apply.
    pub outgoing: Arc<dyn Outgoing>,
    /// The source of the ids of messages.
    pub random: Arc<dyn Random>,
}

impl ExternalSetup {
    /// Creates the payment system.
    #[must_use]
    pub fn start(self, clock: &Arc<dyn Clock>, metrics: &PaymentCallMetrics) -> Arc<External> {
        let outgoing = metrics.measuring(self.outgoing.clone(), "external", PaymentCallOrigin::Kassa);
        Arc::new(External::new(Self { outgoing, ..self }, clock.clone()))
    }
}
