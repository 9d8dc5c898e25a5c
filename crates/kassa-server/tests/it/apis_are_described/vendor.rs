//! The vendor's own descriptions of its APIs, in `vendor/` as JSON, compared with ours: paths, methods, parameters,
//! required fields, types and formats. Each difference is in a list with its reason.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{described_sandbox, in_runtime};

/// A text that is a part of a difference, and the reason. The first reason that matches counts.
const REASONS: &[(&str, &str)] = &[
    ("header User-Agent", "each client sends one, and Kassa does not read it"),
    ("header Klarna-Integrator", "Kassa does not read it"),
    ("acknowledgeOrder: no header Klarna-Idempotency-Key", "the call changes nothing"),
    ("triggerSendOut: no header Klarna-Idempotency-Key", "the sandbox sends no messages"),
    ("payment_session_url: not required", "the table is lenient, so that all bad fields are named together"),
    ("contact_information: not required", "the rules of the method decide, so that all bad fields are named"),
    ("method: not required", "the rules of the method decide, so that all bad fields are named"),
    ("manual_identification.customer", "Kassa does not send the consumer's data (docs/compatibility.md)"),
    ("getSessionById 200.customer: absent", "only identification of consumers fills it"),
    ("distributeHppSession: no status 204", "201 is the answer that every known client accepts"),
    ("distributeHppSession 201: a body", "`{}`: clients of the vendor parse it"),
    ("selected_shipping_option: absent", "only orders of Klarna Checkout have it"),
    ("date_of_birth: format", "an empty date counts as absent"),
    ("204: no body", "a 204 has no body (RFC 9110)"),
    ("refundOrder 201: no body", "the answer has the refund in its headers, as the service answers"),
    ("purchaseToken body.locale: not required", "the authorization has it"),
    ("purchaseToken body.purchase_country: not required", "the authorization has it"),
    ("purchaseToken body.purchase_currency: not required", "the authorization has it"),
    ("payment_method_reference: absent", "the sandbox has no payment methods with a reference"),
    ("body.authorization_token: absent", "the field is only in answers; a request with it is accepted"),
    ("body.client_token: absent", "the field is only in answers; a request with it is accepted"),
    ("body.expires_at: absent", "the field is only in answers; a request with it is accepted"),
    ("body.payment_method_categories: absent", "the field is only in answers; a request with it is accepted"),
    ("body.status: absent", "the field is only in answers; a request with it is accepted"),
];

#[test]
fn each_difference_from_the_vendors_descriptions_has_a_reason() {
    let ours = in_runtime(described_sandbox());
    let mut comparison = Comparison { ours: &ours, differences: BTreeSet::new(), compared: 0 };
    for vendors in [
        include_str!("vendor/klarna-hpp.json"),
        include_str!("vendor/klarna-ordermanagement.json"),
        include_str!("vendor/klarna-payments.json"),
    ] {
        comparison.compare_document(&serde_json::from_str(vendors).unwrap());
    }
    let reason = |difference: &String| REASONS.iter().find(|(part, _)| difference.contains(part));
    let unexplained: Vec<_> =
        comparison.differences.iter().filter(|difference| reason(difference).is_none()).collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}");
    for (part, reason) in REASONS {
        let is_used = comparison.differences.iter().any(|difference| difference.contains(part));
        assert!(is_used, "no difference has {part:?} any more ({reason})");
    }
    assert!(comparison.compared > 300, "{} fields were compared", comparison.compared);
}

struct Comparison<'a> {
    ours: &'a Value,
    differences: BTreeSet<String>,
    /// The number of fields.
    compared: usize,
}

/// A schema with its document.
#[derive(Clone, Copy)]
struct Schema<'a>(&'a Value, &'a Value);

impl<'a> Schema<'a> {
    fn resolved(self) -> Self {
        let Self(document, schema) = self;
        match schema["$ref"].as_str() {
            Some(reference) => Self(document, document.pointer(&reference[1..]).unwrap()).resolved(),
            None => self,
        }
    }

    fn part(self, name: &str) -> Option<Self> {
        Some(Self(self.0, self.1.get(name)?))
    }

    fn kind(self) -> &'a str {
        let kinds = &self.1["type"];
        let first = kinds.as_array().and_then(|kinds| kinds.iter().find(|kind| *kind != "null"));
        let is_object = self.1.get("properties").is_some();
        first.unwrap_or(kinds).as_str().unwrap_or(if is_object { "object" } else { "any" })
    }

    fn properties(self) -> Map<String, Value> {
        self.1["properties"].as_object().cloned().unwrap_or_default()
    }

    fn requires(self, field: &str) -> bool {
        self.1["required"].as_array().is_some_and(|required| required.contains(&json!(field)))
    }
}

impl Comparison<'_> {
    fn differ(&mut self, difference: String) {
        self.differences.insert(difference);
    }

    fn compare_document(&mut self, vendors: &Value) {
        for (path, operations) in vendors["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let Some(id) = operation["operationId"].as_str() else { continue };
                match self.operation(path, method) {
                    Some(ours) => self.compare_operation(id, Schema(vendors, operation), &ours),
                    None => self.differ(format!("{id}: absent")),
                }
            }
        }
    }

    /// Our operation at this path. Its parameters may have other names.
    fn operation(&self, path: &str, method: &str) -> Option<Value> {
        let shape = |path: &str| -> Vec<String> {
            let segment = |segment: &str| if segment.starts_with('{') { "{}" } else { segment }.to_string();
            path.split('/').map(segment).collect()
        };
        let paths = self.ours["paths"].as_object().unwrap();
        let (_, operations) = paths.iter().find(|(ours, _)| shape(ours) == shape(path))?;
        operations.get(method).cloned()
    }

    fn compare_operation(&mut self, id: &str, vendors: Schema<'_>, ours: &Value) {
        for parameter in vendors.1["parameters"].as_array().into_iter().flatten() {
            let Schema(_, parameter) = Schema(vendors.0, parameter).resolved();
            let is_ours = |own: &&Value| own["in"] == parameter["in"] && own["name"] == parameter["name"];
            let place = parameter["in"].as_str().unwrap();
            let is_there = ours["parameters"].as_array().into_iter().flatten().any(|own| is_ours(&own));
            if place != "path" && !is_there {
                self.differ(format!("{id}: no {place} {}", parameter["name"].as_str().unwrap()));
            }
        }
        self.compare_bodies(id, vendors, ours);
        for (status, answer) in vendors.1["responses"].as_object().unwrap() {
            self.compare_answer(id, status, Schema(vendors.0, answer).resolved(), ours);
        }
    }

    fn compare_bodies(&mut self, id: &str, vendors: Schema<'_>, ours: &Value) {
        let own = content(Schema(self.ours, &ours["requestBody"]));
        let body = vendors.part("requestBody").map(Schema::resolved).and_then(content);
        match (body, own) {
            (Some(body), Some(own)) => {
                let own = (own.0.clone(), own.1.clone());
                self.compare(&format!("{id} body"), body, Schema(&own.0, &own.1), Direction::Request);
            }
            (None, None) => {}
            (Some(_), None) => self.differ(format!("{id}: no body")),
            (None, Some(_)) => self.differ(format!("{id}: a body")),
        }
    }

    fn compare_answer(&mut self, id: &str, status: &str, vendors: Schema<'_>, ours: &Value) {
        let Some(own) = ours["responses"].get(status) else {
            return self.differ(format!("{id}: no status {status}"));
        };
        if !status.starts_with('2') {
            return;
        }
        let document = self.ours.clone();
        match (content(vendors), content(Schema(&document, own).resolved())) {
            (Some(body), Some(own)) => self.compare(&format!("{id} {status}"), body, own, Direction::Answer),
            (None, None) => {}
            (Some(_), None) => self.differ(format!("{id} {status}: no body")),
            (None, Some(_)) => self.differ(format!("{id} {status}: a body")),
        }
    }

    fn compare(&mut self, at: &str, vendors: Schema<'_>, ours: Schema<'_>, direction: Direction) {
        let (vendors, ours) = (vendors.resolved(), ours.resolved());
        self.compared += 1;
        if vendors.kind() != ours.kind() {
            return self.differ(format!("{at}: type {} is {}", vendors.kind(), ours.kind()));
        }
        let format = |schema: Schema<'_>| schema.1["format"].as_str().unwrap_or("none").to_string();
        // Our numbers have 64 bits, which include those of 32.
        if vendors.kind() != "integer" && format(vendors) != format(ours) {
            self.differ(format!("{at}: format {} is {}", format(vendors), format(ours)));
        }
        if let (Some(one), Some(other)) = (vendors.part("items"), ours.part("items")) {
            self.compare(&format!("{at}[]"), one, other, direction);
        }
        for (name, field) in vendors.properties() {
            let at = format!("{at}.{name}");
            let properties = ours.properties();
            let Some(own) = properties.get(&name) else {
                self.differ(format!("{at}: absent"));
                continue;
            };
            match (vendors.requires(&name), ours.requires(&name), direction) {
                (true, false, _) => self.differ(format!("{at}: not required")),
                (false, true, Direction::Request) => self.differ(format!("{at}: required")),
                (true, true, _) | (false, false, _) | (false, true, Direction::Answer) => {}
            }
            self.compare(&at, Schema(vendors.0, &field), Schema(ours.0, own), direction);
        }
    }
}

/// Whether the caller writes a body, or Kassa does. Kassa may always send what the vendor sends sometimes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Request,
    Answer,
}

/// The schema of the JSON body.
fn content(message: Schema<'_>) -> Option<Schema<'_>> {
    let (_, content) = message.1["content"].as_object()?.iter().next()?;
    Some(Schema(message.0, content.get("schema")?))
}
