//! The request that places an order. Klarna compares it with the content that the consumer authorized.

use kassa_engine::Captures;
use serde_json::{Error, Map, Value, json};

/// The fields of the payment session that the order repeats, as Klarna wrote them.
const REPEATED: [&str; 10] = [
    "purchase_country",
    "purchase_currency",
    "locale",
    "order_amount",
    "order_tax_amount",
    "order_lines",
    "merchant_reference1",
    "merchant_reference2",
    "merchant_data",
    "merchant_urls",
];

/// Returns the body of the order for an authorized content.
pub(crate) fn request(authorized: &str, captures: Captures) -> Result<String, Error> {
    let content: Map<String, Value> = serde_json::from_str(authorized)?;
    let mut order: Map<String, Value> = REPEATED
        .into_iter()
        .filter_map(|name| {
            Some((name.to_string(), content.get(name).filter(|value| !value.is_null())?.clone()))
        })
        .collect();
    order.insert("auto_capture".to_string(), json!(captures == Captures::AtOnce));
    serde_json::to_string(&order)
}
