//! The OpenAPI document (version 3.1) of the APIs that a deployment serves.

use std::collections::BTreeMap;

use kassa_wire::error::{ErrorBody, ErrorCode};
use kassa_wire::schema::Schemas;
use serde_json::{Map, Value, json};

use crate::curl;
use crate::operation::{Answer, ApiOperation, CallerKind, Content, Parameter, Place};
use crate::plain_text::without_references;
use crate::recorded;
use crate::routes::{Described, Wire};

/// The errors that every operation can give.
pub(crate) const OF_EVERY_OPERATION: [ErrorCode; 8] = [
    ErrorCode::BadRequest,
    ErrorCode::NotThroughProxy,
    ErrorCode::UnknownHost,
    ErrorCode::CrossSiteRequest,
    ErrorCode::HeadTooLarge,
    ErrorCode::TooManyRequests,
    ErrorCode::InternalServerError,
    ErrorCode::TemporarilyUnavailable,
];

/// The errors of an operation with a body.
pub(crate) const OF_A_BODY: [ErrorCode; 2] = [ErrorCode::RequestTimeout, ErrorCode::RequestTooLarge];

/// The introduction, in Markdown.
pub(crate) const ABOUT: &str = include_str!("about.md");

/// The deployment that a document describes.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// The address of the APIs, without a trailing slash.
    pub base_url: String,
    /// The credential in the examples.
    pub credential: ExampleCredential,
    /// The version of Kassa.
    pub version: &'static str,
}

/// The credential in the example commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExampleCredential {
    /// The fixed credential of `kassa dev`.
    Fixed {
        /// The username.
        username: &'static str,
        /// The password.
        password: &'static str,
    },
    /// The shell variables `KASSA_USERNAME` and `KASSA_PASSWORD`.
    Variables,
}

/// Builds the document.
#[must_use]
pub fn document(operations: &[Described], deployment: &Deployment) -> Value {
    let mut builder = Builder { schemas: Schemas::default(), errors: Map::new(), deployment };
    builder.schemas.answer::<ErrorBody>();
    let mut paths: Map<String, Value> = Map::new();
    for described in operations {
        let path = paths.entry(described.path.as_str()).or_insert_with(|| json!({}));
        path[described.method.as_str().to_ascii_lowercase()] = builder.operation(described);
    }
    let mut document = json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Kassa",
            "version": deployment.version,
            "description": ABOUT.trim(),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": deployment.base_url}],
        "tags": tags(operations),
        "paths": paths,
        "components": {
            "securitySchemes": security_schemes(),
            "headers": common_headers(),
            "responses": builder.errors,
        },
    });
    builder.schemas.write_into(&mut document);
    without_references(&mut document);
    document
}

struct Builder<'a> {
    schemas: Schemas,
    /// The answers to refused calls, by name. Many operations share them.
    errors: Map<String, Value>,
    deployment: &'a Deployment,
}

impl Builder<'_> {
    fn operation(&mut self, described: &Described) -> Value {
        let Described { group, operation, .. } = described;
        let mut json = json!({
            "operationId": operation.id,
            "tags": [group.name],
            "summary": operation.summary,
        });
        if !operation.about.is_empty() {
            json["description"] = json!(operation.about);
        }
        json["security"] = security(operation.caller);
        if !operation.parameters.is_empty() {
            json["parameters"] = operation.parameters.iter().map(parameter).collect();
        }
        if let Some(body) = self.body(operation) {
            json["requestBody"] = body;
        }
        json["responses"] = self.responses(described);
        let command = curl::example(described, self.deployment);
        json["x-codeSamples"] = json!([{"lang": "Shell", "label": "curl", "source": command}]);
        json
    }

    fn body(&mut self, operation: &ApiOperation) -> Option<Value> {
        let body = operation.body.as_ref()?;
        let schema = (body.schema)(&mut self.schemas);
        for words in body.words {
            self.schemas.restrict(words.object, words.field, &(words.words)());
        }
        let example = curl::example_body(operation, self.deployment);
        let mut content = json!({"schema": schema});
        if let Some(example) = example {
            content["example"] = example;
        }
        Some(json!({"required": !body.is_optional, "content": {"application/json": content}}))
    }

    fn responses(&mut self, described: &Described) -> Value {
        let mut responses = Map::new();
        for answer in described.operation.answers {
            responses.insert(answer.status.to_string(), self.answer(answer, described));
        }
        for (status, codes) in errors_by_status(described.operation) {
            responses.insert(status.to_string(), self.error(status, &codes, described.group.wire));
        }
        responses.sort_keys();
        Value::Object(responses)
    }

    /// Adds the answer with these error codes, and returns the reference to it.
    fn error(&mut self, status: u16, codes: &[ErrorCode], wire: Wire) -> Value {
        let words: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
        let limited = if wire == Wire::Kassa { "" } else { ".limited" };
        let name = format!("{status}.{}{limited}", words.join("."));
        let reference = json!({"$ref": format!("#/components/responses/{name}")});
        self.errors.entry(name).or_insert_with(|| error(status, codes, wire));
        reference
    }

    fn answer(&mut self, answer: &Answer, described: &Described) -> Value {
        let mut headers = headers_of(described.group.wire);
        if described.group.wire == Wire::OrderManagement && answer.status < 300 {
            headers.insert("Transaction-Id".to_string(), header("An id of the call.", true));
        }
        for own in answer.headers {
            headers.insert(own.name.to_string(), header(own.about, false));
        }
        let mut json = json!({"description": answer.about, "headers": headers});
        match answer.content {
            Content::Empty => {}
            Content::Json(schema) => {
                let mut content = json!({"schema": schema(&mut self.schemas)});
                if let Some(example) = recorded::answer(described.operation.id) {
                    content["example"] = example;
                }
                json["content"] = json!({"application/json": content});
            }
            Content::Other(content_type) => {
                json["content"] = json!({content_type: {"schema": {"type": "string"}}});
            }
        }
        json
    }
}

fn parameter(parameter: &Parameter) -> Value {
    let place = match parameter.place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
    };
    json!({
        "name": parameter.name,
        "in": place,
        "required": parameter.place == Place::Path,
        "description": parameter.about,
        "schema": parameter.schema(),
    })
}

/// The error codes of an operation by their HTTP status.
fn errors_by_status(operation: &ApiOperation) -> BTreeMap<u16, Vec<ErrorCode>> {
    let of_login = (operation.caller != CallerKind::Everyone).then_some(ErrorCode::Unauthorized);
    let of_role = (operation.caller == CallerKind::Operator).then_some(ErrorCode::Forbidden);
    let of_body = operation.body.iter().flat_map(|_| OF_A_BODY);
    let codes = operation
        .errors
        .iter()
        .copied()
        .chain(OF_EVERY_OPERATION)
        .chain(of_login)
        .chain(of_role)
        .chain(of_body);
    let mut by_status: BTreeMap<u16, Vec<ErrorCode>> = BTreeMap::new();
    for code in codes {
        let codes = by_status.entry(code.http_status()).or_default();
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    by_status
}

fn error(status: u16, codes: &[ErrorCode], wire: Wire) -> Value {
    let meanings: Vec<String> =
        codes.iter().map(|code| format!("- `{}`: {}", code.as_str(), code.meaning())).collect();
    let words: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    let mut headers = headers_of(wire);
    match status {
        401 => _ = headers.insert("WWW-Authenticate".to_string(), header("`Basic realm=\"kassa\"`", true)),
        429 | 503 => {
            headers
                .insert("Retry-After".to_string(), header("The seconds to wait before the next call.", true));
        }
        _ => {}
    }
    json!({
        "description": meanings.join("\n"),
        "headers": headers,
        "content": {"application/json": {"schema": {
            "allOf": [
                {"$ref": "#/components/schemas/ErrorBody"},
                {"properties": {"error_code": {"enum": words}}},
            ],
        }}},
    })
}

/// The headers of every answer.
fn headers_of(wire: Wire) -> Map<String, Value> {
    let reference = |name: &str| (name.to_string(), json!({"$ref": format!("#/components/headers/{name}")}));
    let limits = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"];
    let limits = limits.into_iter().filter(|_| wire != Wire::Kassa);
    ["Klarna-Correlation-Id"].into_iter().chain(limits).map(reference).collect()
}

fn header(about: &str, is_required: bool) -> Value {
    let mut json = json!({"description": about, "schema": {"type": "string"}});
    if is_required {
        json["required"] = json!(true);
    }
    json
}

fn common_headers() -> Value {
    json!({
        "Klarna-Correlation-Id": header("The id of the call in the server's log.", true),
        "X-RateLimit-Limit": header("If there is a limit: the calls per second, such as `40, 40;w=1`.", false),
        "X-RateLimit-Remaining": header("If there is a limit: the further calls until the reset.", false),
        "X-RateLimit-Reset": header("If there is a limit: the seconds until the reset.", false),
    })
}

fn security(caller: CallerKind) -> Value {
    match caller {
        CallerKind::Merchant => json!([{"merchant": []}]),
        CallerKind::Operator => json!([{"operator": []}]),
        CallerKind::Everyone => json!([]),
    }
}

fn security_schemes() -> Value {
    json!({
        "merchant": {
            "type": "http",
            "scheme": "basic",
            "description": "The username and the password of one of the merchant's credentials.",
        },
        "operator": {
            "type": "http",
            "scheme": "basic",
            "description": "The name and the password of an operator, from `kassa operator create`.",
        },
    })
}

fn tags(operations: &[Described]) -> Value {
    let mut tags: Vec<Value> = Vec::new();
    for Described { group, .. } in operations {
        if !tags.iter().any(|tag| tag["name"] == group.name) {
            tags.push(json!({"name": group.name, "description": group.about}));
        }
    }
    Value::Array(tags)
}
