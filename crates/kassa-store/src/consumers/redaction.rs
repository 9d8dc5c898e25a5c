//! Replaces the data of a consumer in a stored text. Amounts, goods, statuses and ids stay.

use serde_json::{Map, Value};

use super::identity::{ConsumerIdentity, ERASED, json_of};
use crate::inventory::Erasure;
use crate::reading::stored_json;

/// Objects about a consumer: each text in them is replaced.
const OBJECTS: [&str; 6] =
    ["billing_address", "shipping_address", "customer", "consumer", "attachment", "payer"];

/// Fields about a consumer, wherever they are.
const FIELDS: [&str; 20] = [
    "attention",
    "city",
    "date_of_birth",
    "email",
    "family_name",
    "given_name",
    "last_four_ssn",
    "merchant_data",
    "national_identification_number",
    "organization_name",
    "organization_registration_id",
    "phone",
    "postal_code",
    "return_tracking_number",
    "return_tracking_uri",
    "street_address",
    "street_address2",
    "tracking_number",
    "tracking_uri",
    "vat_id",
];

/// Fields of such objects that do not identify anybody. Orders need them.
const KEPT: [&str; 4] = ["country", "type", "content_type", "organization_entity_type"];

/// The text without data of the consumer; `None` if it has none.
pub(super) fn erased(text: &str, how: Erasure, identity: &ConsumerIdentity) -> Option<String> {
    let erased = match how {
        Erasure::Replaced => replaced(text),
        Erasure::Redacted => in_json(text, Some(identity), Part::Record),
        Erasure::ReplacedIfMentioned => in_json(text, Some(identity), Part::Other),
        Erasure::Removed | Erasure::NotConsumer => return None,
    };
    (erased != text).then_some(erased)
}

/// The text of an order without the data of its consumer, without knowing the consumer; `None` if it has none.
pub(super) fn without_consumer(text: &str) -> Option<String> {
    let redacted = in_json(text, None, Part::Record);
    (redacted != text).then_some(redacted)
}

/// A mark in the place of a whole text. A JSON object stays one, because its readers expect that.
fn replaced(text: &str) -> String {
    match stored_json::<Map<String, Value>>(text) {
        Ok(_) => format!(r#"{{"erased":"{ERASED}"}}"#),
        Err(_) => ERASED.to_string(),
    }
}

/// The part of a JSON text that a value belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// An object about the consumer.
    Person,
    /// A record, in which some fields are about the consumer.
    Record,
    /// A text of the merchant, in which only mentions are replaced.
    Other,
}

fn in_json(text: &str, identity: Option<&ConsumerIdentity>, part: Part) -> String {
    let Some(mut value) = json_of(text) else {
        return identity.map_or_else(|| text.to_string(), |identity| identity.erased_from(text));
    };
    let before = value.clone();
    redact(&mut value, identity, part);
    // An unchanged text keeps its bytes.
    if value == before { text.to_string() } else { value.to_string() }
}

fn redact(value: &mut Value, identity: Option<&ConsumerIdentity>, part: Part) {
    match value {
        Value::String(text) if part == Part::Person => {
            if !text.is_empty() {
                *text = ERASED.to_string();
            }
        }
        Value::String(text) => *text = in_json(text, identity, part),
        Value::Array(values) => values.iter_mut().for_each(|value| redact(value, identity, part)),
        Value::Object(fields) => {
            for (name, value) in &mut *fields {
                let part = part_of_field(part, name, value);
                redact(value, identity, part);
            }
            erase_names(fields, identity);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Erases the mentions in the names of fields.
fn erase_names(fields: &mut Map<String, Value>, identity: Option<&ConsumerIdentity>) {
    let Some(identity) = identity.filter(|identity| fields.keys().any(|name| identity.is_in(name))) else {
        return;
    };
    let renamed =
        std::mem::take(fields).into_iter().map(|(name, value)| (identity.erased_from(&name), value));
    *fields = renamed.collect();
}

fn part_of_field(part: Part, name: &str, value: &Value) -> Part {
    match part {
        Part::Person if KEPT.contains(&name) => Part::Record,
        // A payment operation has the stored details of its consumer as a text of JSON, which it parses later.
        Part::Record if name == "consumer" && value.as_str().and_then(json_of).is_some() => Part::Record,
        Part::Record if OBJECTS.contains(&name) || FIELDS.contains(&name) => Part::Person,
        Part::Person | Part::Record | Part::Other => part,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ada() -> ConsumerIdentity {
        ConsumerIdentity::parse(Some("ada@example.se"), None).unwrap()
    }

    fn redacted(value: &Value) -> Value {
        let text = erased(&value.to_string(), Erasure::Redacted, &ada());
        text.map_or_else(|| value.clone(), |text| stored_json(&text).unwrap())
    }

    #[test]
    fn names_and_addresses_are_replaced_and_amounts_stay() {
        let body = json!({
            "order_amount": 1000, "purchase_country": "SE",
            "billing_address": {"given_name": "Ada", "country": "SE", "region": "", "title": "Dr"},
            "customer": {"date_of_birth": "1990-01-01", "type": "person"},
            "order_lines": [{"name": "Shoes", "quantity": 1}],
            "merchant_reference1": "of ada@example.se", "attachment": {"body": "{\"a\":1}", "content_type": "x"},
        });
        assert_eq!(
            redacted(&body),
            json!({
                "order_amount": 1000, "purchase_country": "SE",
                "billing_address": {"given_name": ERASED, "country": "SE", "region": "", "title": ERASED},
                "customer": {"date_of_birth": ERASED, "type": "person"},
                "order_lines": [{"name": "Shoes", "quantity": 1}],
                "merchant_reference1": "of [erased]", "attachment": {"body": ERASED, "content_type": "x"},
            })
        );
    }

    #[test]
    fn json_within_a_text_of_json_is_redacted_too() {
        let inner = json!({"billing_address": {"city": "Lund"}, "order_amount": 7}).to_string();
        let outer = json!({"body": inner, "consumer": "{\"email\":\"x\"}"});
        let body: Value = stored_json(redacted(&outer)["body"].as_str().unwrap()).unwrap();
        assert_eq!(body, json!({"billing_address": {"city": ERASED}, "order_amount": 7}));
        let consumer: Value = stored_json(redacted(&outer)["consumer"].as_str().unwrap()).unwrap();
        assert_eq!(consumer, json!({"email": ERASED}), "the readers of an operation parse it");
    }

    #[test]
    fn mentions_in_the_names_of_fields_and_behind_escapes_are_erased() {
        let text = r#"{"ada@example.se":{"note":"to:\nada@example.se"}}"#;
        let erased = erased(text, Erasure::ReplacedIfMentioned, &ada()).unwrap();
        assert_eq!(erased, r#"{"[erased]":{"note":"to:\n[erased]"}}"#);
    }

    #[test]
    fn erasing_twice_changes_nothing() {
        let body = json!({"shipping_address": {"email": "ada@example.se"}, "n": [1]});
        let once = redacted(&body);
        assert_eq!(erased(&once.to_string(), Erasure::Redacted, &ada()), None);
        assert_eq!(erased(ERASED, Erasure::Replaced, &ada()), None);
        let headers = erased("{\"x\":\"y\"}", Erasure::Replaced, &ada()).unwrap();
        assert_eq!(erased(&headers, Erasure::Replaced, &ada()), None);
    }

    #[test]
    fn a_text_of_the_merchant_loses_only_mentions() {
        let urls = json!({"success": "https://shop.example/?mail=ada%40example.se", "city": "Lund"});
        let erased = erased(&urls.to_string(), Erasure::ReplacedIfMentioned, &ada()).unwrap();
        let expected = json!({"success": "https://shop.example/?mail=[erased]", "city": "Lund"});
        assert_eq!(stored_json::<Value>(&erased).unwrap(), expected);
    }
}
