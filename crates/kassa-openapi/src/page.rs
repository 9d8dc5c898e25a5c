//! `/docs`: the description of the APIs as a page. It needs no script, and sends no request to another system.

use askama::Template;
use kassa_developer_page::{JsonToken, format_json};
use kassa_wire::error::ErrorCode;
use serde_json::Value;

use crate::curl;
use crate::document::{ABOUT, Deployment, ExampleCredential, OF_A_BODY, OF_EVERY_OPERATION};
use crate::operation::{ApiOperation, CallerKind, Parameter, Place, Values};
use crate::plain_text::plain;
use crate::recorded;
use crate::routes::Described;
use fields::FieldRow;
use rich_text::{RichText, TextPiece, rich_texts};

mod fields;
mod rich_text;

/// The content of the page.
#[derive(Template)]
#[template(path = "docs.html")]
struct DocsPage {
    introduction: Vec<RichText>,
    groups: Vec<GroupView>,
    /// The errors of every operation.
    errors: Vec<ErrorView>,
    base_url: String,
    /// Whether the examples have a placeholder in the place of a credential.
    needs_credential: bool,
}

struct GroupView {
    name: &'static str,
    anchor: String,
    about: RichText,
    operations: Vec<OperationView>,
}

/// One operation on the page.
struct OperationView {
    id: &'static str,
    method: String,
    path: String,
    summary: &'static str,
    about: RichText,
    caller: &'static str,
    parameters: Vec<ParameterView>,
    fields: Vec<FieldRow>,
    command: String,
    /// The shell variables that the command needs, with the operations that give them.
    needs: Vec<Need>,
    answers: Vec<AnswerView>,
    errors: Vec<ErrorView>,
}

/// A shell variable that a command needs, and the operation that gives it.
struct Need {
    variable: &'static str,
    giver: &'static str,
    summary: &'static str,
}

struct ParameterView {
    name: &'static str,
    place: &'static str,
    about: RichText,
    limits: String,
}

struct AnswerView {
    status: u16,
    about: RichText,
    headers: Vec<(&'static str, RichText)>,
    example: Vec<JsonToken>,
}

struct ErrorView {
    status: u16,
    code: &'static str,
    meaning: RichText,
}

/// Renders the page of a document.
pub(crate) fn render(
    operations: &[Described],
    document: &Value,
    deployment: &Deployment,
) -> Result<String, askama::Error> {
    let common = OF_EVERY_OPERATION.into_iter().chain(OF_A_BODY).chain([ErrorCode::Unauthorized]);
    let mut errors: Vec<ErrorView> = common.map(error).collect();
    errors.sort_by_key(|error| error.status);
    let page = DocsPage {
        introduction: rich_texts(ABOUT),
        groups: groups(operations, document, deployment),
        errors,
        base_url: deployment.base_url.clone(),
        needs_credential: deployment.credential == ExampleCredential::Variables,
    };
    page.render()
}

fn groups(operations: &[Described], document: &Value, deployment: &Deployment) -> Vec<GroupView> {
    let mut groups: Vec<GroupView> = Vec::new();
    for described in operations {
        let name = described.group.name;
        let view = operation(described, operations, document, deployment);
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.operations.push(view),
            None => groups.push(GroupView {
                name,
                anchor: name.to_ascii_lowercase().replace(' ', "-"),
                about: RichText::of(described.group.about),
                operations: vec![view],
            }),
        }
    }
    groups
}

fn operation(
    described: &Described,
    all: &[Described],
    document: &Value,
    deployment: &Deployment,
) -> OperationView {
    let operation = described.operation;
    let command = curl::example(described, deployment);
    OperationView {
        id: operation.id,
        method: described.method.to_string(),
        path: described.path.clone(),
        summary: operation.summary,
        about: RichText::of(operation.about),
        caller: match operation.caller {
            CallerKind::Merchant => "for merchants",
            CallerKind::Operator => "for operators",
            CallerKind::Everyone => "public",
        },
        parameters: operation.parameters.iter().map(parameter).collect(),
        fields: fields::of_body(document, &described.path, described.method.as_str()),
        needs: needs(operation, &command, all),
        command,
        answers: answers(operation),
        errors: operation.errors.iter().copied().map(error).collect(),
    }
}

/// The variables in a command that other operations keep.
fn needs(operation: &ApiOperation, command: &str, all: &[Described]) -> Vec<Need> {
    let mut needs: Vec<Need> = Vec::new();
    for giver in all.iter().map(|described| described.operation) {
        let Some(kept) = giver.kept else { continue };
        let is_needed = giver.id != operation.id && command.contains(&format!("${}", kept.variable));
        if is_needed && !needs.iter().any(|need| need.variable == kept.variable) {
            needs.push(Need { variable: kept.variable, giver: giver.id, summary: giver.summary });
        }
    }
    needs
}

fn answers(operation: &ApiOperation) -> Vec<AnswerView> {
    let example = recorded::answer(operation.id).map(|json| format_json(&json.to_string()));
    let mut example = example.unwrap_or_default();
    let view = |answer: &crate::operation::Answer| AnswerView {
        status: answer.status,
        about: RichText::of(answer.about),
        headers: answer.headers.iter().map(|header| (header.name, RichText::of(header.about))).collect(),
        example: std::mem::take(&mut example),
    };
    operation.answers.iter().map(view).collect()
}

fn parameter(parameter: &Parameter) -> ParameterView {
    let limits = match parameter.values {
        Values::Text => String::new(),
        Values::Words(words) => words.join(", "),
        Values::Integer { min, max: i64::MAX, .. } => format!("{min} or more"),
        Values::Integer { min, max, default: None } => format!("{min} to {max}"),
        Values::Integer { min, max, default: Some(default) } => format!("{min} to {max}, default {default}"),
        Values::Instant => "an instant (RFC 3339)".to_string(),
    };
    let place = match parameter.place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
    };
    ParameterView { name: parameter.name, place, about: RichText::of(parameter.about), limits }
}

fn error(code: ErrorCode) -> ErrorView {
    ErrorView {
        status: code.http_status(),
        code: code.as_str(),
        meaning: RichText::of(&plain(code.meaning())),
    }
}
