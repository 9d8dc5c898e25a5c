//! The description of one operation: a method of a path.

use kassa_wire::error::ErrorCode;
use kassa_wire::schema::Schemas;
use kassa_wire::shape::Shaped;
use schemars::JsonSchema;
use serde_json::{Value, json};

/// The description of one operation. A constant beside the routes.
#[derive(Clone, Copy, Debug)]
pub struct ApiOperation {
    /// The id, which is unique in the document.
    pub id: &'static str,
    /// The effect of the operation, in a few words.
    pub summary: &'static str,
    /// The details, in whole sentences.
    pub about: &'static str,
    /// The callers that may call it.
    pub caller: CallerKind,
    /// The parameters.
    pub parameters: &'static [Parameter],
    /// The body of the request.
    pub body: Option<BodyDescription>,
    /// The answers that are no errors.
    pub answers: &'static [Answer],
    /// The error codes of this operation. Those that every operation can give are not among them.
    pub errors: &'static [ErrorCode],
    /// The shell variables that the example command keeps for later commands.
    pub kept: Option<Kept>,
}

/// The kind of callers that may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallerKind {
    /// A merchant, with one of its credentials.
    Merchant,
    /// An operator.
    Operator,
    /// Every caller. The operation asks for no login.
    Everyone,
}

/// A parameter of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The name. The name of a path parameter is in the path.
    pub name: &'static str,
    /// The part of the request.
    pub place: Place,
    /// The meaning, with its unit.
    pub about: &'static str,
    /// The values.
    pub values: Values,
    /// The value in the example: a text, or a shell variable in braces such as `{SESSION_ID}`. Without one, the example
    /// does not have the parameter.
    pub example: Option<&'static str>,
}

/// The part of a request that has a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The path.
    Path,
    /// The query.
    Query,
    /// A header.
    Header,
}

/// The values of a parameter.
#[derive(Clone, Copy, Debug)]
pub enum Values {
    /// Any text.
    Text,
    /// One of these words.
    Words(&'static [&'static str]),
    /// A whole number in this range.
    Integer {
        /// The minimum.
        min: i64,
        /// The maximum.
        max: i64,
        /// The value that counts if the parameter is absent, if there is one.
        default: Option<i64>,
    },
    /// An instant (RFC 3339).
    Instant,
}

/// The body of a request.
#[derive(Clone, Copy, Debug)]
pub struct BodyDescription {
    /// Adds the schema of the body.
    pub schema: fn(&mut Schemas) -> Value,
    /// Whether the body may be empty.
    pub is_optional: bool,
    /// An example that works, as JSON. Shell variables are in braces: `{SESSION_ID}`. The name of a file
    /// with the body follows an `@`.
    pub example: &'static str,
    /// The fields whose words are not in the table of the body.
    pub words: &'static [FieldWords],
}

/// The words of a field, which a rule outside of the table of the body checks.
#[derive(Clone, Copy, Debug)]
pub struct FieldWords {
    /// The name of the object in the document.
    pub object: &'static str,
    /// The field.
    pub field: &'static str,
    /// The words.
    pub words: fn() -> Vec<&'static str>,
}

/// An answer that is no error.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The meaning.
    pub about: &'static str,
    /// The body.
    pub content: Content,
    /// The headers beside those that every answer has.
    pub headers: &'static [AnswerHeader],
}

/// The body of an answer.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// There is none.
    Empty,
    /// JSON with this schema.
    Json(fn(&mut Schemas) -> Value),
    /// Another content type.
    Other(&'static str),
}

/// A header of an answer.
#[derive(Clone, Copy, Debug)]
pub struct AnswerHeader {
    /// The name, in the form in which HTTP/1.1 sends it.
    pub name: &'static str,
    /// The meaning.
    pub about: &'static str,
}

/// A value of the answer that the example command keeps in a shell variable.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// The variable.
    pub variable: &'static str,
    /// The part of the answer.
    pub from: KeptPart,
}

/// A part of an answer.
#[derive(Clone, Copy, Debug)]
pub enum KeptPart {
    /// A field of the JSON object.
    Field(&'static str),
    /// A header.
    Header(&'static str),
    /// The whole body. It is kept in a file with the name of the variable.
    Body,
}

impl ApiOperation {
    /// An operation of a merchant.
    #[must_use]
    pub const fn new(id: &'static str, summary: &'static str) -> Self {
        Self {
            id,
            summary,
            about: "",
            caller: CallerKind::Merchant,
            parameters: &[],
            body: None,
            answers: &[],
            errors: &[],
            kept: None,
        }
    }

    /// Adds the details.
    #[must_use]
    pub const fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    /// Sets the kind of callers.
    #[must_use]
    pub const fn by(self, caller: CallerKind) -> Self {
        Self { caller, ..self }
    }

    /// Adds the parameters.
    #[must_use]
    pub const fn takes(self, parameters: &'static [Parameter]) -> Self {
        Self { parameters, ..self }
    }

    /// Adds the body of the request.
    #[must_use]
    pub const fn body(self, body: BodyDescription) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Adds the answers.
    #[must_use]
    pub const fn answers(self, answers: &'static [Answer]) -> Self {
        Self { answers, ..self }
    }

    /// Adds the error codes.
    #[must_use]
    pub const fn refuses(self, errors: &'static [ErrorCode]) -> Self {
        Self { errors, ..self }
    }

    /// Keeps a part of the answer for later examples.
    #[must_use]
    pub const fn keeps(self, variable: &'static str, from: KeptPart) -> Self {
        Self { kept: Some(Kept { variable, from }), ..self }
    }
}

impl Parameter {
    /// A path parameter, with the shell variable of the example.
    #[must_use]
    pub const fn path(name: &'static str, variable: &'static str, about: &'static str) -> Self {
        Self { name, place: Place::Path, about, values: Values::Text, example: Some(variable) }
    }

    /// An optional parameter of the query.
    #[must_use]
    pub const fn query(name: &'static str, values: Values, about: &'static str) -> Self {
        Self { name, place: Place::Query, about, values, example: None }
    }

    /// An optional header.
    #[must_use]
    pub const fn header(name: &'static str, about: &'static str) -> Self {
        Self { name, place: Place::Header, about, values: Values::Text, example: None }
    }

    /// Restricts the values.
    #[must_use]
    pub const fn one_of(self, words: &'static [&'static str]) -> Self {
        Self { values: Values::Words(words), ..self }
    }

    /// Adds the value of the example.
    #[must_use]
    pub const fn such_as(self, example: &'static str) -> Self {
        Self { example: Some(example), ..self }
    }

    /// The JSON Schema of the values.
    pub(crate) fn schema(&self) -> Value {
        match self.values {
            Values::Text => json!({"type": "string"}),
            Values::Words(words) => json!({"type": "string", "enum": words}),
            Values::Integer { min, max, default } => {
                let mut schema =
                    json!({"type": "integer", "format": "int64", "minimum": min, "maximum": max});
                if let Some(default) = default {
                    schema["default"] = json!(default);
                }
                schema
            }
            Values::Instant => json!({"type": "string", "format": "date-time"}),
        }
    }
}

impl BodyDescription {
    /// A body that a table checks, with an example.
    #[must_use]
    pub const fn of<T: Shaped + JsonSchema>(example: &'static str) -> Self {
        Self { schema: Schemas::request::<T>, is_optional: false, example, words: &[] }
    }

    /// The body of an update, whose fields may all be absent.
    #[must_use]
    pub const fn update<T: Shaped + JsonSchema>(example: &'static str) -> Self {
        Self { schema: Schemas::update::<T>, is_optional: false, example, words: &[] }
    }

    /// Lets the body be empty.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self { is_optional: true, ..self }
    }

    /// Adds the words of fields that a rule outside of the table checks.
    #[must_use]
    pub const fn with_words(self, words: &'static [FieldWords]) -> Self {
        Self { words, ..self }
    }
}

impl Answer {
    /// An answer without a body.
    #[must_use]
    pub const fn empty(status: u16, about: &'static str) -> Self {
        Self { status, about, content: Content::Empty, headers: &[] }
    }

    /// An answer in JSON.
    #[must_use]
    pub const fn json<T: JsonSchema>(status: u16, about: &'static str) -> Self {
        Self { status, about, content: Content::Json(Schemas::answer::<T>), headers: &[] }
    }

    /// An answer with another content type.
    #[must_use]
    pub const fn other(status: u16, content_type: &'static str, about: &'static str) -> Self {
        Self { status, about, content: Content::Other(content_type), headers: &[] }
    }

    /// Adds headers.
    #[must_use]
    pub const fn with(self, headers: &'static [AnswerHeader]) -> Self {
        Self { headers, ..self }
    }
}

impl AnswerHeader {
    /// A header of an answer.
    #[must_use]
    pub const fn new(name: &'static str, about: &'static str) -> Self {
        Self { name, about }
    }
}
