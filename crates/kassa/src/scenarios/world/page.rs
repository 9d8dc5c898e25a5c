//! The consumer's page without scripts: its test ids, and the order that its form names.

use std::collections::BTreeSet;

/// A page as the consumer sees it.
#[derive(Clone, Debug, Default)]
pub(in crate::scenarios) struct Page {
    pub(in crate::scenarios) test_ids: BTreeSet<String>,
    /// The fingerprint of the order that the form sends back as seen by the consumer.
    pub(in crate::scenarios) order_seen: Option<String>,
}

impl Page {
    pub(in crate::scenarios) fn of(html: &str) -> Self {
        let seen = html.split("name=\"order_seen\"").nth(1);
        Self {
            test_ids: values(html, "data-testid=\"").collect(),
            order_seen: seen.and_then(|rest| values(rest, "value=\"").next()),
        }
    }
}

fn values(html: &str, attribute: &str) -> impl Iterator<Item = String> {
    html.split(attribute).skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_string()))
}
