//! The expressions of the alert rules and of the dashboard, and the metrics and labels that they use.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::workspace::text;

/// An expression in the language of Prometheus.
pub struct Expression {
    /// The alert or the panel.
    pub place: String,
    pub promql: String,
}

/// Every expression of the rules and of the dashboard.
pub fn expressions() -> Vec<Expression> {
    let rules = super::rules().into_iter().map(|(alert, rule)| {
        let promql = rule["expr"].as_str().unwrap().to_string();
        Expression { place: alert, promql }
    });
    let dashboard: Value = serde_json::from_str(&text("deploy/grafana-dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| {
        let title = panel["title"].as_str().unwrap();
        let targets = panel["targets"].as_array().cloned().unwrap_or_default();
        targets.into_iter().map(move |target| Expression {
            place: format!("the panel {title}"),
            promql: without_variables(target["expr"].as_str().unwrap()),
        })
    });
    let all: Vec<_> = rules.chain(targets).collect();
    assert!(all.len() > 60, "only {} expressions", all.len());
    all
}

/// Replaces the variables of the dashboard, as Grafana does.
fn without_variables(promql: &str) -> String {
    let promql = promql.replace("$__rate_interval", "1m").replace("$job", ".*").replace("$instance", ".*");
    assert!(!promql.contains('$'), "an unknown variable: {promql}");
    promql
}

/// Each metric that an expression uses, with the labels that it selects by.
pub fn selectors(promql: &str) -> Vec<(String, Vec<String>)> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut found = Vec::new();
    let mut rest = promql;
    while let Some(start) = rest.find(|letter: char| is_part(letter) || letter == '"') {
        rest = &rest[start..];
        if let Some(text) = rest.strip_prefix('"') {
            rest = text.split_once('"').expect("a text ends").1;
            continue;
        }
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        rest = behind;
        if !word.starts_with("kassa_") && !word.starts_with("process_") {
            continue;
        }
        let matchers = behind.strip_prefix('{').and_then(|inside| inside.split_once('}'));
        let labels = matchers.map(|(matchers, _)| labels_of(matchers)).unwrap_or_default();
        found.push((word.to_string(), labels));
    }
    found
}

/// The labels of matchers such as `job=~".*",status="503"`.
fn labels_of(matchers: &str) -> Vec<String> {
    let parts = matchers.split('"').step_by(2);
    let labels = parts.map(|part| part.trim_matches(|letter: char| " ,\n=!~".contains(letter)).to_string());
    labels.filter(|label| !label.is_empty()).collect()
}

/// The documented name of a metric, without the ending of a series of a histogram.
pub fn base_name(metric: &str, known: &BTreeMap<String, &[&str]>) -> Option<String> {
    let endings = ["", "_bucket", "_sum", "_count"];
    let bases = endings.iter().filter_map(|ending| metric.strip_suffix(ending));
    bases.map(str::to_string).find(|base| known.contains_key(base))
}
