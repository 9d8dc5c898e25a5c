//! The alert rules and the dashboard, with a real Prometheus from Debian's package: it scrapes a node, loads the rules,
//! and evaluates every expression of both.

mod expressions;
mod prometheus;

use std::collections::{BTreeMap, BTreeSet};

use kassa_engine::metric_descriptions;
use kassa_testkit::eventually;
use serde_json::{Value, json};

use crate::harness::{Configuration, Merchant, Node, Receiver, cart};
use crate::prose::anchor_of;
use crate::workspace::text;
use expressions::{Expression, base_name, expressions};
use prometheus::{Prometheus, promtool};

const RULES: &str = "deploy/alerts.yml";
const TESTS_OF_RULES: &str = "deploy/alerts.test.yml";

/// The labels that Prometheus adds.
const OF_PROMETHEUS: [&str; 5] = ["job", "instance", "le", "quantile", "alertname"];

/// Metrics without a series on a node without a payment system elsewhere, or before the first event of their kind.
const ONLY_ELSEWHERE: [&str; 2] =
    ["kassa_payment_system_calls_total", "kassa_payment_system_call_duration_seconds"];

/// Expressions with these metrics have no value in this test: no call is limited, and no endpoint fails for long.
const SELDOM: [&str; 3] = ["kassa_payment_system_", "kassa_limited_calls_total", "kassa_callback_breakers"];

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Each rule, by the name of its alert.
fn rules() -> BTreeMap<String, Value> {
    let file = yaml(RULES);
    let groups = file["groups"].as_array().unwrap();
    let rules = groups.iter().flat_map(|group| group["rules"].as_array().unwrap());
    rules.map(|rule| (rule["alert"].as_str().unwrap().to_string(), rule.clone())).collect()
}

#[test]
fn promtool_accepts_the_rules_and_their_unit_tests_pass() {
    promtool(&["check", "rules", "alerts.yml"]);
    promtool(&["test", "rules", "alerts.test.yml"]);
}

#[test]
fn each_alert_says_what_to_do_and_links_to_a_section() {
    let page = text("docs/operations.md");
    let sections: BTreeSet<String> =
        page.lines().filter_map(|line| Some(anchor_of(line.strip_prefix("###")?))).collect();
    for (alert, rule) in rules() {
        let word = |name: &str| rule["annotations"][name].as_str().unwrap_or_default();
        assert!(!word("summary").is_empty() && !word("description").is_empty(), "{alert}");
        let section = word("runbook").strip_prefix("docs/operations.md#").unwrap_or_default();
        assert!(sections.contains(section), "{alert}: {section} is no section of docs/operations.md");
        assert!(page.contains(&format!("`{alert}`")), "docs/operations.md does not name {alert}");
        assert!(["critical", "warning"].contains(&rule["labels"]["severity"].as_str().unwrap()), "{alert}");
    }
}

#[test]
fn each_alert_has_a_test_that_fires_it_and_one_that_does_not() {
    let file = yaml(TESTS_OF_RULES);
    let tests =
        file["tests"].as_array().unwrap().iter().flat_map(|test| test["alert_rule_test"].as_array().unwrap());
    let (mut fired, mut silent) = (BTreeSet::new(), BTreeSet::new());
    for test in tests {
        let alert = test["alertname"].as_str().unwrap().to_string();
        let fires = test["exp_alerts"].as_array().is_some_and(|alerts| !alerts.is_empty());
        if fires {
            fired.insert(alert)
        } else {
            silent.insert(alert)
        };
    }
    let alerts: BTreeSet<String> = rules().into_keys().collect();
    assert_eq!((&fired, &silent), (&alerts, &alerts));
}

#[test]
fn expressions_use_only_metrics_and_labels_that_exist() {
    let known: BTreeMap<String, &[&str]> =
        metric_descriptions().into_iter().map(|metric| (metric.name, metric.labels)).collect();
    let mut used = BTreeSet::new();
    for Expression { place, promql } in expressions() {
        for (metric, labels) in expressions::selectors(&promql) {
            let base = base_name(&metric, &known).unwrap_or_else(|| panic!("{place}: there is no {metric}"));
            for label in labels {
                let exists =
                    known[&base].contains(&label.as_str()) || OF_PROMETHEUS.contains(&label.as_str());
                assert!(exists, "{place}: {metric} has no label {label}");
            }
            used.insert(base);
        }
    }
    // A metric that neither an alert nor the dashboard uses is one that an engineer on call does not find.
    let unused: Vec<_> = known.keys().filter(|metric| !used.contains(*metric)).collect();
    assert!(unused.is_empty(), "neither alerts nor dashboard use {unused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_prometheus_scrapes_a_node_and_evaluates_every_expression() {
    let configuration = Configuration::with("FOLDER/kassa.db", "");
    let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    let node = configuration.node();
    let receiver = Receiver::start().await;
    let merchant = node.merchant(&account);
    let prometheus = Prometheus::scraping(&[node.operator().url.as_str()]);
    traffic(&node, &merchant, &receiver).await;
    prometheus.has_scraped(2).await;
    traffic(&node, &merchant, &receiver).await;
    prometheus.has_scraped(2).await;

    rules_are_evaluated(&prometheus).await;
    series_are_as_documented(&prometheus).await;
    for Expression { place, promql } in expressions() {
        eventually(&format!("a value of {place}"), async || has_value(&prometheus, &promql).await).await;
    }
}

/// Whether an expression has a value. An error of Prometheus ends the test.
async fn has_value(prometheus: &Prometheus, promql: &str) -> Result<(), String> {
    let answer = prometheus.query(promql).await;
    assert_eq!(answer["status"], "success", "{promql}: {answer}");
    let is_alert = promql.contains(['>', '<']) || promql.contains("== 0") || promql.starts_with("absent");
    let is_seldom = SELDOM.iter().any(|metric| promql.contains(metric));
    let values = answer["data"]["result"].as_array().map_or(0, Vec::len);
    if values > 0 || is_alert || is_seldom { Ok(()) } else { Err(answer.to_string()) }
}

/// Prometheus has loaded every rule, and each evaluation succeeds.
async fn rules_are_evaluated(prometheus: &Prometheus) {
    let expected = rules().len();
    eventually("an evaluation of every rule", async || {
        let answer = prometheus.get("/api/v1/rules").await;
        let rules = answer["data"]["groups"][0]["rules"].as_array().cloned().unwrap_or_default();
        assert!(rules.iter().all(|rule| rule["health"] != "err"), "{answer}");
        let evaluated = rules.iter().filter(|rule| rule["health"] == "ok").count();
        if evaluated == expected { Ok(()) } else { Err(answer.to_string()) }
    })
    .await;
}

/// Each series has the labels of the documentation and no others, and each metric has a series.
async fn series_are_as_documented(prometheus: &Prometheus) {
    let known: BTreeMap<String, &[&str]> =
        metric_descriptions().into_iter().map(|metric| (metric.name, metric.labels)).collect();
    let mut missing: BTreeSet<&str> = known.keys().map(String::as_str).collect();
    for metric in ONLY_ELSEWHERE {
        missing.remove(metric);
    }
    let series = prometheus.series("{__name__=~\"kassa_.+|process_.+\"}").await;
    for one in &series {
        let name = one["__name__"].as_str().unwrap();
        let base = base_name(name, &known).unwrap_or_else(|| panic!("{name} is not documented"));
        let labels = one.as_object().unwrap().keys().map(String::as_str);
        let own = labels.filter(|label| *label != "__name__" && !OF_PROMETHEUS.contains(label));
        let (own, documented): (BTreeSet<&str>, BTreeSet<&str>) =
            (own.collect(), known[&base].iter().copied().collect());
        assert_eq!(own, documented, "{name}");
        missing.remove(base.as_str());
    }
    let not_here = ["kassa_callback_breakers", "kassa_limited_calls_total"];
    missing.retain(|metric| !not_here.contains(metric));
    assert!(missing.is_empty(), "no series of {missing:?}");
}

/// A purchase of each kind, a message, a failed login, and a path that does not exist.
async fn traffic(node: &Node, merchant: &Merchant, receiver: &Receiver) {
    let urls = json!({"status_update": receiver.url});
    let paid = merchant.page_session(&json!({}), &urls).await;
    for act in ["enter", "approve"] {
        merchant.act(&paid, act).await.expect(200);
    }
    let cancelled = merchant.page_session(&json!({}), &urls).await;
    for act in ["enter", "cancel"] {
        merchant.act(&cancelled, act).await.expect(200);
    }
    let nobody_answers = json!({"status_update": "http://127.0.0.1:9/gone"});
    let unheard = merchant.page_session(&json!({}), &nobody_answers).await;
    merchant.act(&unheard, "enter").await.expect(200);
    let message = json!({"method": "email", "contact_information": {"email": "a@shop.example"}});
    let open = merchant.page_session(&json!({}), &urls).await;
    merchant.post(&format!("/hpp/v1/sessions/{open}/distribution"), &message).await.expect(201);
    order_after_one_attempt(merchant, &urls).await;
    Merchant::new(&node.url, "nobody", "wrong").get("/hpp/v1/sessions/x").await.expect(401);
    merchant.get("/no/such/path").await.expect(404);
}

/// The payment system gives no answer to the first attempt at the order.
async fn order_after_one_attempt(merchant: &Merchant, urls: &Value) {
    let options = json!({"place_order_mode": "PLACE_ORDER"});
    let created = merchant.page_session_for(&cart("ECOMMERCE"), &options, urls).await;
    let token = created.word("redirect_url").split("/pay/").last().unwrap().to_string();
    let page = format!("/pay/{token}");
    merchant.browse(&page, None).await.unwrap().expect(200);
    let form =
        "email=customer%2Border-unknown-1%40email.se&one_time_code=123456&payment_method_category=pay_later";
    merchant.browse(&format!("{page}/pay"), Some(form)).await.unwrap();
}
