//! The traces of a running node, which go to a collector if one is named.

use std::sync::Arc;

use kassa_engine::Clock as _;
use kassa_engine::{Random as _, SystemClock, SystemRandom, Traces, new_uuid};
use kassa_outgoing::{Network, OutgoingPolicy};
use kassa_traces::{Collector, NodeIdentity, TraceExporter};

use crate::failure::Failure;

/// The traces of a running node.
#[derive(Default)]
pub(crate) struct RunningTraces {
    exporter: Option<TraceExporter>,
    traces: Traces,
}

impl RunningTraces {
    /// Starts sending traces, if there is a collector. `ratio` is the share of the traces that is recorded.
    pub(crate) fn start(
        collector: Option<&Collector>,
        ratio: f64,
        policy: OutgoingPolicy,
    ) -> Result<Self, Failure> {
        let Some(collector) = collector else { return Ok(Self::default()) };
        let network = Network::new(policy).map_err(|error| Failure::Usage(format!("outgoing: {error}")))?;
        let instance = new_uuid(&SystemRandom, SystemClock.system_now());
        let node = NodeIdentity { version: env!("CARGO_PKG_VERSION"), instance };
        let exporter = TraceExporter::start(collector, node, Arc::new(network))
            .map_err(|error| Failure::Usage(format!("otlp_endpoint: {error}")))?;
        let traces = Traces::to(Arc::new(exporter.clone()), SystemRandom.ephemeral(), ratio);
        Ok(Self { exporter: Some(exporter), traces })
    }

    /// The traces for the engine.
    pub(crate) const fn traces(&self) -> &Traces {
        &self.traces
    }

    /// Sends what is left.
    pub(crate) async fn stop(self) {
        let Some(exporter) = self.exporter else { return };
        // The thread of the exporter needs this runtime for its last request.
        let _ = tokio::task::spawn_blocking(move || exporter.stop()).await;
    }
}
