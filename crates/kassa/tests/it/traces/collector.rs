//! A collector that decodes the protocol OTLP, and a receiver of callbacks that keeps the header `traceparent`.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::net::TcpListener;

/// A running collector.
#[derive(Clone)]
pub struct Collector {
    pub url: String,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    spans: Vec<Collected>,
    traceparents: Vec<String>,
}

/// A span that a node sent.
#[derive(Clone, Debug)]
pub struct Collected {
    /// The run of the node.
    pub instance: String,
    pub service: String,
    pub span: Span,
}

impl Collected {
    /// An attribute as text.
    pub fn attribute(&self, name: &str) -> String {
        attribute(&self.span.attributes, name)
    }

    pub fn trace(&self) -> String {
        hex(&self.span.trace_id)
    }

    pub fn id(&self) -> String {
        hex(&self.span.span_id)
    }

    pub fn parent(&self) -> String {
        hex(&self.span.parent_span_id)
    }
}

fn attribute(attributes: &[opentelemetry_proto::tonic::common::v1::KeyValue], name: &str) -> String {
    let found = attributes.iter().find(|attribute| attribute.key == name);
    match found.and_then(|attribute| attribute.value.as_ref()?.value.clone()) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        _ => String::new(),
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Collector {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let collector = Self { url, kept: Arc::default() };
        let routes = Router::new().route("/v1/traces", post(collect)).route("/callbacks", post(receive));
        let router = routes.with_state(collector.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        collector
    }

    /// Every span so far.
    pub fn spans(&self) -> Vec<Collected> {
        self.kept.lock().unwrap().spans.clone()
    }

    /// The headers `traceparent` of the callbacks so far; empty for a callback without one.
    pub fn traceparents(&self) -> Vec<String> {
        self.kept.lock().unwrap().traceparents.clone()
    }
}

async fn collect(State(collector): State<Collector>, headers: HeaderMap, body: Bytes) -> StatusCode {
    assert_eq!(headers["content-type"], "application/x-protobuf");
    let request = ExportTraceServiceRequest::decode(body).expect("the body is OTLP");
    for of_node in request.resource_spans {
        let attributes = of_node.resource.unwrap().attributes;
        let word = |name: &str| attribute(&attributes, name);
        for span in of_node.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            let (instance, service) = (word("service.instance.id"), word("service.name"));
            collector.kept.lock().unwrap().spans.push(Collected { instance, service, span });
        }
    }
    StatusCode::OK
}

async fn receive(State(collector): State<Collector>, headers: HeaderMap) -> StatusCode {
    let header = headers.get("traceparent").map_or("", |header| header.to_str().unwrap());
    collector.kept.lock().unwrap().traceparents.push(header.to_string());
    StatusCode::NO_CONTENT
}
