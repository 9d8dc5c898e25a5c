//! Traces in OpenTelemetry's protocol: one trace for each page session, from the call that creates it to the callback,
//! on every node.

mod collector;

use std::collections::BTreeSet;

use http::Method;
use kassa_testkit::{eventually, fresh_postgres};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use serde_json::{Value, json};

use crate::harness::{Configuration, Dev, Merchant, Node, Signal, cart, kassa};
use crate::klarna::front::Front;
use collector::{Collected, Collector, hex};

/// The span of a caller, as the standard W3C Trace Context writes it.
const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// A consumer whose order has an unknown outcome after the first attempt.
const FORM: &str =
    "email=customer%2Border-unknown-1%40email.se&one_time_code=123456&payment_method_category=pay_later";

/// A configuration whose traces go to this collector.
fn traced(database: &str, collector: &str, more: &str) -> Configuration {
    Configuration::with(database, &format!("otlp_endpoint = \"{collector}\"\n{more}"))
        .overriding("KASSA_DRAIN_S", "0")
        .overriding("OTEL_BSP_SCHEDULE_DELAY", "100")
}

/// A page session, and the path of its page.
struct Opened {
    id: String,
    page: String,
}

async fn create(merchant: &Merchant, collector: &Collector) -> Opened {
    let urls = json!({"status_update": format!("{}/callbacks", collector.url)});
    let options = json!({"place_order_mode": "PLACE_ORDER"});
    let created = merchant.page_session_for(&cart("ECOMMERCE"), &options, &urls).await;
    let token = created.word("redirect_url").split("/pay/").last().unwrap().to_string();
    Opened { id: created.word("session_id").to_string(), page: format!("/pay/{token}") }
}

/// The consumer opens the page and pays.
async fn pay(browser: &Merchant, page: &str) {
    browser.browse(page, None).await.unwrap().expect(200);
    browser.browse(&format!("{page}/pay"), Some(FORM)).await.unwrap();
}

async fn completed(merchant: &Merchant, session: &str) {
    let is_completed = async || {
        let read = merchant.read(session).await;
        if read["status"] == "COMPLETED" { Ok(()) } else { Err(read) }
    };
    eventually("a completed page session", is_completed).await;
}

fn stop(node: &mut Node) {
    node.signal("TERM");
    assert_eq!(node.ended(), Some(0));
}

/// The spans of a page session's trace.
fn trace_of(collector: &Collector, session: &str) -> Vec<Collected> {
    let spans = collector.spans();
    let first = spans
        .iter()
        .find(|one| one.attribute("kassa.page_session_id") == session && one.span.parent_span_id.is_empty());
    let trace = first.unwrap_or_else(|| panic!("no first span in {spans:?}")).trace();
    spans.into_iter().filter(|one| one.trace() == trace).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purchase_on_two_nodes_is_one_connected_trace() {
    let Some(database) = fresh_postgres().await else { return };
    let collector = Collector::start().await;
    let configuration = traced(&database, &collector.url, "");
    let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    let (mut first, mut second) = (configuration.node(), configuration.node());
    let session = create(&first.merchant(&account), &collector).await;
    pay(&second.merchant(&account), &session.page).await;
    completed(&second.merchant(&account), &session.id).await;
    eventually("both callbacks", async || collector.traceparents().len() >= 2).await;
    stop(&mut first);
    stop(&mut second);

    let trace = trace_of(&collector, &session.id);
    let ids: BTreeSet<String> = trace.iter().map(Collected::id).collect();
    let without_parent: Vec<_> = trace.iter().filter(|one| one.parent().is_empty()).collect();
    assert_eq!(without_parent.len(), 1, "{without_parent:?}");
    assert_eq!(without_parent[0].span.name, "POST /hpp/v1/sessions");
    for one in trace.iter().filter(|one| !one.parent().is_empty()) {
        assert!(ids.contains(&one.parent()), "{} has no parent in its trace", one.span.name);
    }
    let nodes: BTreeSet<&str> = trace.iter().map(|one| one.instance.as_str()).collect();
    assert_eq!(nodes.len(), 2, "spans of both nodes");
    assert!(trace.iter().all(|one| one.service == "kassa"));
    let names: BTreeSet<&str> = trace.iter().map(|one| one.span.name.as_str()).collect();
    for name in [
        "POST /hpp/v1/sessions",
        "GET /pay/{token}",
        "POST /pay/{token}/pay",
        "status IN_PROGRESS",
        "payment operation PLACE_ORDER",
        "status COMPLETED",
        "callback",
        "GET /hpp/v1/sessions/{session_id}",
    ] {
        assert!(names.contains(name), "no {name} in {names:?}");
    }
    callbacks_name_their_spans(&collector, &trace);
    spans_contain_no_secret(&collector, &account, &session);
}

/// Each callback has the header of its own span.
fn callbacks_name_their_spans(collector: &Collector, trace: &[Collected]) {
    let callbacks = trace.iter().filter(|one| one.span.name == "callback");
    let expected: BTreeSet<String> = callbacks
        .inspect(|one| assert_eq!(one.span.kind, SpanKind::Client as i32))
        .map(|one| format!("00-{}-{}-01", one.trace(), one.id()))
        .collect();
    assert_eq!(collector.traceparents().into_iter().collect::<BTreeSet<_>>(), expected);
}

/// No span contains a password, a token, or data of a consumer.
fn spans_contain_no_secret(collector: &Collector, account: &Value, session: &Opened) {
    let token = session.page.strip_prefix("/pay/").unwrap();
    let all = format!("{:?}", collector.spans());
    let password = account["password"].as_str().unwrap();
    let secret = account["callback_secret"].as_str().unwrap();
    for secret in [token, password, secret, "email.se", "customer", "123456", "127.0.0.1"] {
        assert!(!all.contains(secret), "a span contains {secret}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_to_the_payment_system_are_parts_of_the_work_that_made_them() {
    let collector = Collector::start().await;
    let front = Front::start("");
    let mut command = front.command();
    command.env("KASSA_OTLP_ENDPOINT", &collector.url).env("OTEL_BSP_SCHEDULE_DELAY", "100");
    let mut node = Node::announced(command);
    let urls = json!({"status_update": format!("{}/callbacks", collector.url)});
    let session = front.page_session(&json!({"place_order_mode": "CAPTURE_ORDER"}), &urls).await;
    front.browser().browse(&session.path, None).await.unwrap().expect(200);
    let token = front.authorize(&session.payment).await;
    let form = "answer=approved&payment_method_category=pay_later";
    front.browser().browse(&format!("{}/claim", session.path), Some(form)).await.unwrap();
    completed(&front.merchant(), &session.id).await;
    stop(&mut node);

    let trace = trace_of(&collector, &session.id);
    let parts = |name: &str| -> BTreeSet<&str> {
        let whole = trace.iter().find(|one| one.span.name == name).unwrap_or_else(|| panic!("no {name}"));
        let parts = trace.iter().filter(|one| one.parent() == whole.id());
        parts.map(|one| one.span.name.as_str()).collect()
    };
    assert!(parts("POST /hpp/v1/sessions").contains("GET klarna"), "the payment session is read");
    assert!(parts("POST /pay/{token}/claim").contains("GET klarna"), "the claim is checked");
    let of_operation = parts("payment operation PLACE_ORDER");
    assert!(
        of_operation.contains("POST klarna") && of_operation.contains("status COMPLETED"),
        "{of_operation:?}"
    );
    let all = format!("{:?}", collector.spans());
    let password = front.double.announced["password"].as_str().unwrap();
    for secret in [token.as_str(), session.path.as_str(), &format!("\"{password}\"")] {
        assert!(!all.contains(secret), "a span contains {secret}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_callers_trace_and_the_trace_of_the_page_session_are_linked() {
    let collector = Collector::start().await;
    let configuration = traced("FOLDER/kassa.db", &collector.url, "");
    let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    let mut node = configuration.node();
    let merchant = node.merchant(&account);
    let payment = merchant.payment_session("ECOMMERCE").await;
    let body = json!({"payment_session_url": format!("{}/payments/v1/sessions/{payment}", merchant.url)});
    let header = [("traceparent", CALLER)];
    let created = merchant.send("/hpp/v1/sessions", &header, "application/json", &body.to_string()).await;
    let session = created.expect(201).word("session_id").to_string();
    merchant.call_with(Method::GET, &format!("/hpp/v1/sessions/{session}"), &header).await.expect(200);
    stop(&mut node);

    let spans = collector.spans();
    let (trace_id, span_id) = (CALLER.split('-').nth(1).unwrap(), CALLER.split('-').nth(2).unwrap());
    let of_caller: Vec<_> = spans.iter().filter(|one| one.trace() == trace_id).collect();
    assert_eq!(of_caller.len(), 2, "{spans:?}");
    let first = trace_of(&collector, &session).remove(0);
    for one in &of_caller {
        assert_eq!(one.parent(), span_id);
        let links: Vec<_> =
            one.span.links.iter().map(|link| (hex(&link.trace_id), hex(&link.span_id))).collect();
        assert_eq!(links, [(first.trace(), first.id())], "{}", one.span.name);
    }
    assert_eq!(first.span.name, "page session created");
    assert_eq!(hex(&first.span.links[0].span_id), of_caller[0].id());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_ratio_0_nothing_is_recorded_and_the_callback_says_so() {
    let collector = Collector::start().await;
    let configuration = traced("FOLDER/kassa.db", &collector.url, "trace_ratio = 0.0");
    let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    let mut node = configuration.node();
    let merchant = node.merchant(&account);
    let session = create(&merchant, &collector).await;
    merchant.browse(&session.page, None).await.unwrap().expect(200);
    eventually("the callback", async || !collector.traceparents().is_empty()).await;
    stop(&mut node);
    assert!(collector.spans().is_empty(), "{:?}", collector.spans());
    assert!(collector.traceparents()[0].ends_with("-00"), "{:?}", collector.traceparents());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_collector_a_node_works_and_stops_as_before() {
    // Nothing listens on port 9.
    let collector = Collector::start().await;
    let configuration = traced("FOLDER/kassa.db", "http://127.0.0.1:9", "");
    let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    let mut node = configuration.node();
    let merchant = node.merchant(&account);
    let session = create(&merchant, &collector).await;
    pay(&merchant, &session.page).await;
    completed(&merchant, &session.id).await;
    stop(&mut node);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_environment_of_opentelemetry_switches_traces_on() {
    let collector = Collector::start().await;
    let mut command = kassa();
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url).env("OTEL_SERVICE_NAME", "checkout");
    let dev = Dev::launch(command, &[]);
    let session = dev.merchant().page_session(&json!({}), &json!({})).await;
    dev.stop(Signal::Terminate);
    assert!(trace_of(&collector, &session).iter().all(|one| one.service == "checkout"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_setting_no_span_is_made() {
    let collector = Collector::start().await;
    let configuration = Configuration::with("FOLDER/kassa.db", "");
    let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    let node = configuration.node();
    let merchant = node.merchant(&account);
    let session = create(&merchant, &collector).await;
    merchant.browse(&session.page, None).await.unwrap().expect(200);
    eventually("the callback", async || !collector.traceparents().is_empty()).await;
    assert_eq!(collector.traceparents(), [""], "no header without traces");
}
