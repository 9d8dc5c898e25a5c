//! The collector of traces, and the share of recorded traces: the settings, and OpenTelemetry's own variables.

use kassa_traces::Collector;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::Config;
use crate::environment::{http_url, variable};

/// Variables of OpenTelemetry that name a collector.
const OF_ENVIRONMENT: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// The variable that switches OpenTelemetry off.
const DISABLED: &str = "OTEL_SDK_DISABLED";

const EXPECTED_RATIO: &str = "trace_ratio is a number from 0 to 1";

impl Config {
    /// The collector of traces, if there is one.
    pub(crate) fn collector(&self) -> Option<Collector> {
        match &self.otlp_endpoint {
            Some(address) => (!is_disabled(variable)).then(|| Collector::At(address.clone())),
            None => collector_of_environment(),
        }
    }
}

/// The collector that OpenTelemetry's own variables name, if there is one.
pub(crate) fn collector_of_environment() -> Option<Collector> {
    of_environment(variable)
}

fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Option<Collector> {
    let is_named = OF_ENVIRONMENT.iter().any(|name| variable(name).is_some_and(|value| !value.is_empty()));
    (is_named && !is_disabled(variable)).then_some(Collector::OfEnvironment)
}

fn is_disabled(variable: impl Fn(&str) -> Option<String>) -> bool {
    variable(DISABLED).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// Reads the address of a collector.
pub(super) fn endpoint(text: &str) -> Result<String, &'static str> {
    let has_scheme = text.starts_with("http://") || text.starts_with("https://");
    let url = http_url(text).ok().filter(|_| has_scheme);
    url.ok_or("otlp_endpoint is an http or https URL, such as http://127.0.0.1:4318")
}

/// Reads the share of the traces that is recorded.
pub(super) fn ratio(text: &str) -> Result<f64, &'static str> {
    text.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio)).ok_or(EXPECTED_RATIO)
}

pub(super) fn deserialize_endpoint<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    endpoint(&String::deserialize(from)?).map(Some).map_err(D::Error::custom)
}

pub(super) fn deserialize_ratio<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    let ratio = f64::deserialize(from)?;
    if (0.0..=1.0).contains(&ratio) { Ok(ratio) } else { Err(D::Error::custom(EXPECTED_RATIO)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_are_off_unless_a_collector_is_named() {
        assert_eq!(of_environment(|_| None), None);
        assert_eq!(of_environment(|_| Some(String::new())), None);
        let named = |name: &str| (name == OF_ENVIRONMENT[1]).then(|| "http://127.0.0.1:4318".to_string());
        assert_eq!(of_environment(named), Some(Collector::OfEnvironment));
        let disabled = |name: &str| if name == DISABLED { Some("true".to_string()) } else { named(name) };
        assert_eq!(of_environment(disabled), None);
    }

    #[test]
    fn an_endpoint_is_a_url_and_a_ratio_a_share() {
        assert_eq!(endpoint("http://127.0.0.1:4318"), Ok("http://127.0.0.1:4318".to_string()));
        for wrong in ["", "127.0.0.1:4318", "grpc://127.0.0.1:4317", "http://"] {
            assert!(endpoint(wrong).is_err(), "{wrong}");
        }
        assert_eq!(ratio("0.25"), Ok(0.25));
        for wrong in ["", "-0.1", "1.1", "NaN", "10%"] {
            assert!(ratio(wrong).is_err(), "{wrong}");
        }
    }
}
