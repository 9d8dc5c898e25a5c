//! Sends the traces of a node to a collector, in OpenTelemetry's protocol OTLP over HTTP (docs/traces.md).
//!
//! OpenTelemetry's library collects spans into batches, encodes and repeats them, on a thread of its own. The requests
//! go through `kassa-outgoing`, so there is no second HTTP client. If the queue is full, the library drops the span.

mod client;
mod spans;

use std::sync::Arc;

use kassa_engine::{FinishedSpan, SpanSink};
use kassa_outgoing::Outgoing;
use opentelemetry::KeyValue;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanProcessor as _};

use client::OutgoingClient;

/// The path of traces below the address of a collector.
const PATH: &str = "/v1/traces";

/// The collector that traces go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Collector {
    /// A collector at this address, without the path `/v1/traces`.
    At(String),
    /// The collector that OpenTelemetry's own environment variables name.
    OfEnvironment,
}

/// The node that the traces are of.
#[derive(Clone, Debug)]
pub struct NodeIdentity {
    /// The version of Kassa.
    pub version: &'static str,
    /// An id of this run of the node.
    pub instance: String,
}

/// The reason why traces cannot be sent.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UnusableCollector(#[source] opentelemetry_otlp::ExporterBuildError);

/// Sends spans to a collector.
#[derive(Clone)]
pub struct TraceExporter(Arc<BatchSpanProcessor>);

impl TraceExporter {
    /// Starts sending. The address of the collector is the operator's, so the network needs no rules for merchants'
    /// addresses. Call it in the runtime that makes the requests.
    pub fn start(
        collector: &Collector,
        node: NodeIdentity,
        outgoing: Arc<dyn Outgoing>,
    ) -> Result<Self, UnusableCollector> {
        let client = OutgoingClient::new(outgoing);
        let builder = SpanExporter::builder().with_http().with_http_client(client);
        let builder = builder.with_protocol(Protocol::HttpBinary);
        let builder = match collector {
            Collector::At(address) => {
                builder.with_endpoint(format!("{}{PATH}", address.trim_end_matches('/')))
            }
            Collector::OfEnvironment => builder,
        };
        let exporter = builder.build().map_err(UnusableCollector)?;
        let mut processor = BatchSpanProcessor::builder(exporter).build();
        processor.set_resource(&resource(node));
        Ok(Self(Arc::new(processor)))
    }

    /// Sends what is left, for two seconds at most. Later spans are dropped. It blocks the thread.
    pub fn stop(&self) {
        if let Err(error) = self.0.shutdown_with_timeout(std::time::Duration::from_secs(2)) {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

impl SpanSink for TraceExporter {
    fn ended(&self, span: FinishedSpan) {
        self.0.on_end(spans::exported(span));
    }
}

/// The node, as each span names it. OpenTelemetry's own variables override the name and add attributes.
fn resource(NodeIdentity { version, instance }: NodeIdentity) -> Resource {
    let named = std::env::var_os("OTEL_SERVICE_NAME").is_some();
    let builder = Resource::builder().with_attributes([
        KeyValue::new("service.version", version),
        KeyValue::new("service.instance.id", instance),
    ]);
    if named { builder.build() } else { builder.with_service_name("kassa").build() }
}
