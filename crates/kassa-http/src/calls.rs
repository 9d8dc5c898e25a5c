//! The state that every API needs to answer a call: correlation ids, the caller's address, the log.

use std::net::IpAddr;
use std::sync::Arc;

use http::{Extensions, HeaderMap};
use ipnet::IpNet;
use kassa_engine::{Clock, HttpMetrics, LogThrottle, Monotonic, Random, Traces, new_nonce, new_uuid};

use crate::observation::{FinishedRequest, RequestObserver};
use crate::proxies;

/// Names calls and their callers.
#[derive(Clone)]
pub struct Calls(Arc<Parts>, Observers);

/// The observers of finished requests.
type Observers = Arc<[Arc<dyn RequestObserver>]>;

struct Parts {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    outage: LogThrottle,
    trusted_proxies: Vec<IpNet>,
    http_metrics: HttpMetrics,
    traces: Traces,
}

impl Calls {
    /// Creates the state. `random` is for short-lived values; only the trusted proxies may report a caller's address.
    #[must_use]
    pub fn new(
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        trusted_proxies: Vec<IpNet>,
        (http_metrics, traces): (HttpMetrics, Traces),
    ) -> Self {
        let outage = LogThrottle::default();
        let parts = Parts { clock, random, outage, trusted_proxies, http_metrics, traces };
        Self(Arc::new(parts), Observers::default())
    }

    pub(crate) fn traces(&self) -> &Traces {
        &self.0.traces
    }

    pub(crate) fn http_metrics(&self) -> &HttpMetrics {
        &self.0.http_metrics
    }

    /// The same, with observers of finished requests.
    #[must_use]
    pub fn observed_by(self, observers: impl IntoIterator<Item = Arc<dyn RequestObserver>>) -> Self {
        Self(self.0, observers.into_iter().collect())
    }

    /// Tells the observers that a request has its answer.
    pub(crate) fn finished(&self, request: &FinishedRequest<'_>) {
        for observer in self.1.iter() {
            observer.finished(request);
        }
    }

    /// The present moment, for durations.
    pub(crate) fn monotonic_now(&self) -> Monotonic {
        self.0.clock.monotonic_now()
    }

    /// A new correlation id.
    #[must_use]
    pub fn new_correlation_id(&self) -> String {
        new_uuid(&*self.0.random, self.0.clock.system_now())
    }

    /// A new nonce for a page's content security policy.
    #[must_use]
    pub fn new_nonce(&self) -> String {
        new_nonce(&*self.0.random)
    }

    /// The address of the caller: the other end of the connection, or the address that a trusted proxy reports.
    #[must_use]
    pub fn client(&self, headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
        proxies::client(&self.0.trusted_proxies, headers, extensions)
    }

    /// The proxies in front of this node.
    #[must_use]
    pub fn trusted_proxies(&self) -> &[IpNet] {
        &self.0.trusted_proxies
    }

    /// Whether the log may say now that the database is unavailable: at most once a second.
    pub(crate) fn may_log_outage(&self) -> Option<u64> {
        self.0.outage.may_log(self.0.clock.monotonic_now())
    }
}
