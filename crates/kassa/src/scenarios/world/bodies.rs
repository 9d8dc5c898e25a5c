//! The default bodies of the merchant's requests.

use serde_json::{Map, Value, json};

/// The body that creates a page session for a payment session. Every merchant URL leads to the shop.
pub(in crate::scenarios) fn page_session(kassa: &str, shop: &str, payment: &str) -> Map<String, Value> {
    let url = |way: &str| format!("{shop}/{way}?sid={{{{session_id}}}}");
    table(json!({
        "payment_session_url": format!("{kassa}/payments/v1/sessions/{payment}"),
        "merchant_urls": {
            "success": url("success") + "&token={{authorization_token}}&order={{order_id}}",
            "back": url("back"),
            "cancel": url("cancel"),
            "error": url("error"),
            "failure": url("failure"),
            "status_update": url("callbacks"),
        },
    }))
}

/// Returns a table with changed fields. Nested tables are merged, not replaced.
pub(in crate::scenarios) fn changed(
    table: &Map<String, Value>,
    changes: &Map<String, Value>,
) -> Map<String, Value> {
    let mut table = table.clone();
    for (name, change) in changes {
        let value = match (table.get(name), change) {
            (Some(Value::Object(inner)), Value::Object(changes)) => Value::Object(changed(inner, changes)),
            _ => change.clone(),
        };
        table.insert(name.clone(), value);
    }
    table
}

/// A cart of one line, for a consumer in Sweden.
pub(in crate::scenarios) fn cart() -> Map<String, Value> {
    table(json!({
        "purchase_country": "SE",
        "purchase_currency": "SEK",
        "locale": "sv-SE",
        "order_amount": 9999,
        "order_tax_amount": 1870,
        "order_lines": [{
            "name": "Running shoe", "quantity": 1, "unit_price": 9999, "tax_rate": 2300,
            "total_amount": 9999, "total_tax_amount": 1870,
        }],
    }))
}

fn table(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}
