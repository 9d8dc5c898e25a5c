//! The parts that the engine's functions share.

use std::sync::Arc;

use kassa_store::Store;

use crate::accounts::MerchantCache;
use crate::audit::ActLog;
use crate::callbacks::slots::DueCallbacks;
use crate::clock::Clock;
use crate::courier::Courier;
use crate::expiry::ClassRetention;
use crate::ids::new_uuid;
use crate::merchant_limits::MerchantLimits;
use crate::messages::MessageQueue;
use crate::metrics::Metrics;
use crate::news::News;
use crate::operations::queue::OperationQueue;
use crate::payment_accounts::PaymentAccounts;
use crate::payment_system::PaymentSystems;
use crate::profiles::Profiles;
use crate::random::Random;
use crate::reads::Reads;
use crate::requests::Requests;
use crate::shared_time::SharedTime;
use crate::traces::Traces;

/// The parts that the engine's functions share.
pub(crate) struct EngineParts {
    pub(crate) store: Store,
    pub(crate) reads: Reads,
    pub(crate) clock: Arc<dyn Clock>,
    /// The clock for leases and due dates.
    pub(crate) time: Arc<SharedTime>,
    pub(crate) random: Arc<dyn Random>,
    /// For correlation ids and jitter, which are drawn in no repeatable order.
    pub(crate) ephemeral_random: Arc<dyn Random>,
    pub(crate) courier: Arc<dyn Courier>,
    pub(crate) payment_systems: PaymentSystems,
    pub(crate) payment_accounts: PaymentAccounts,
    pub(crate) profiles: Profiles,
    pub(crate) merchants: Arc<MerchantCache>,
    pub(crate) callbacks: Arc<DueCallbacks>,
    pub(crate) operations: Arc<OperationQueue>,
    pub(crate) messages: MessageQueue,
    pub(crate) limits: MerchantLimits,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) traces: Traces,
    pub(crate) requests: Requests,
    pub(crate) acts: ActLog,
    pub(crate) news: News,
    pub(crate) retention_ms: i64,
    pub(crate) class_retention: ClassRetention,
    pub(crate) audit_retention_ms: Option<i64>,
}

impl EngineParts {
    pub(crate) fn new_correlation_id(&self) -> String {
        new_uuid(&*self.ephemeral_random, self.clock.system_now())
    }
}
