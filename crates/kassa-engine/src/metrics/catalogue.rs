//! The list of all metrics: what each means, and which labels it has. `docs/metrics.md` is generated from it.

use std::fmt;

use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Metric, Registry};

/// The name of a metric, with its meaning.
#[derive(Clone, Debug)]
pub struct MetricDescription {
    /// The name, without the endings that Prometheus adds, such as `_bucket`.
    pub name: String,
    /// `counter`, `gauge`, `histogram` or `info`.
    pub kind: &'static str,
    /// The labels.
    pub labels: &'static [&'static str],
    /// The meaning, in one sentence without a period.
    pub meaning: &'static str,
}

/// A registry that describes what is in it.
pub(super) struct Catalogue {
    root: Registry,
    described: Vec<MetricDescription>,
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Catalogue").field("described", &self.described).finish_non_exhaustive()
    }
}

impl Catalogue {
    pub(super) fn new() -> Self {
        Self { root: Registry::default(), described: Vec::new() }
    }

    /// The metrics whose names begin with `prefix` and an underscore.
    pub(super) fn group(&mut self, prefix: &'static str) -> MetricGroup<'_> {
        let registry = self.root.sub_registry_with_prefix(prefix);
        MetricGroup { prefix, registry, described: &mut self.described }
    }

    pub(super) fn registry(&self) -> &Registry {
        &self.root
    }

    pub(super) fn described(&self) -> &[MetricDescription] {
        &self.described
    }
}

/// Metrics with the same prefix.
pub(super) struct MetricGroup<'a> {
    prefix: &'static str,
    registry: &'a mut Registry,
    described: &'a mut Vec<MetricDescription>,
}

impl MetricGroup<'_> {
    /// Adds a metric without labels.
    pub(super) fn add(&mut self, name: &'static str, meaning: &'static str, metric: impl Metric) {
        self.add_with(name, &[], meaning, metric);
    }

    /// Adds a metric with labels. A clone of the metric is what the code changes.
    pub(super) fn add_with(
        &mut self,
        name: &'static str,
        labels: &'static [&'static str],
        meaning: &'static str,
        metric: impl Metric,
    ) {
        let (kind, ending) = match metric.metric_type() {
            MetricType::Counter => ("counter", "_total"),
            MetricType::Info => ("info", "_info"),
            MetricType::Gauge => ("gauge", ""),
            MetricType::Histogram => ("histogram", ""),
            MetricType::Unknown => ("unknown", ""),
        };
        let name_in_full = format!("{}_{name}{ending}", self.prefix);
        self.described.push(MetricDescription { name: name_in_full, kind, labels, meaning });
        self.registry.register(name, meaning, metric);
    }
}
