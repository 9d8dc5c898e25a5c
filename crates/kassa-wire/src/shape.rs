//! Shapes: one table for each body, which defines both its Rust type and the rules of its fields.
//!
//! A body is read in two steps. First the table's rules check the JSON, and find every invalid field. The check also
//! writes each value in one form: numbers as numbers, words in the table's letter case, codes in upper case. Then serde
//! converts the JSON into the type, which cannot fail any more. `null` counts as absent, and unknown fields are
//! ignored, if the table does not say otherwise (docs/wire.md#tolerant-in-form).
//!
//! A required field is required by serde, too: no reader makes such a type from `{}`.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::problems::{FieldProblem, Problems};

mod checker;
#[cfg(test)]
mod tests;

use checker::{Checker, ProblemOrder};

/// The rule for the value of a field.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// A text with a number of characters in this range.
    Text {
        /// The minimum.
        min: usize,
        /// The maximum.
        max: usize,
    },
    /// A text that has a form.
    Matching(TextForm),
    /// A code of so many letters, in any letter case. It is kept in upper case.
    Code(usize),
    /// The same, or an empty text, which clears the field.
    CodeOrEmpty(usize),
    /// One of these words, in any letter case.
    Word(&'static [&'static str]),
    /// One of these words, in exactly this form.
    ExactWord(&'static [&'static str]),
    /// A whole number in this range.
    Integer {
        /// The minimum.
        min: i64,
        /// The maximum.
        max: i64,
    },
    /// A number in this range after its fraction is dropped.
    Rate {
        /// The minimum.
        min: i64,
        /// The maximum.
        max: i64,
    },
    /// A finite number, which may have a fraction.
    Decimal,
    /// `true` or `false`.
    Flag,
    /// A value of one of these types. It is kept as it is, without tolerance in form.
    Exact(&'static [JsonType]),
    /// An object.
    Object(Shape),
    /// A text, or an object. A missing field of the object is reported by its own path, and an invalid one as the whole
    /// value.
    TextOr(Shape),
    /// A list with a number of values in this range.
    List {
        /// The rule for each value.
        of: &'static Rule,
        /// The minimum.
        min: usize,
        /// The maximum.
        max: usize,
    },
}

/// The form of a text.
#[derive(Clone, Copy, Debug)]
pub struct TextForm {
    /// Whether a text has the form.
    pub accepts: fn(&str) -> bool,
    /// A regular expression for the documentation. Every text that has the form matches it.
    pub pattern: &'static str,
    /// The maximum number of characters.
    pub max: usize,
}

/// A type of JSON values, for values that are kept exactly as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonType {
    /// `null`.
    Null,
    /// A text.
    Text,
    /// A whole number of 64 bits with a sign.
    Integer,
    /// A whole number of 64 bits that is not negative.
    Count,
    /// An HTTP status.
    HttpStatus,
    /// An object.
    Object,
    /// Any value.
    Anything,
}

impl JsonType {
    /// Whether a value has this type.
    #[must_use]
    pub fn includes(self, value: &Value) -> bool {
        match self {
            Self::Null => value.is_null(),
            Self::Text => value.is_string(),
            Self::Integer => value.is_i64(),
            Self::Count => value.is_u64(),
            Self::HttpStatus => value.as_u64().is_some_and(|status| status <= u16::MAX.into()),
            Self::Object => value.is_object(),
            Self::Anything => true,
        }
    }
}

/// One field of a body.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The field's name on the wire. A Rust keyword starts with `r#`.
    pub name: &'static str,
    /// Whether the field must be present.
    pub presence: Presence,
    /// The rule for the field's value.
    pub rule: Rule,
}

/// Whether a field must be present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// The field must be present.
    Required,
    /// The field may be absent, or `null`.
    Optional,
    /// The field may be absent, and has a default. It may not be `null`.
    Defaulted,
}

/// The fields of an object.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The name of the object in the documentation.
    pub name: &'static str,
    /// The fields.
    pub fields: &'static [Field],
    /// The rule for fields that are not among them.
    pub unknown: UnknownFields,
}

/// The rule for the unknown fields of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownFields {
    /// They are ignored, because the vendor ignores them.
    Ignored,
    /// They are refused, which reveals misspelled fields. Only Kassa's own APIs do so.
    Refused,
}

/// A body that is checked by a table.
pub trait Shaped: DeserializeOwned {
    /// The table.
    const SHAPE: Shape;

    /// Reads the body. The invalid fields are in the order of the table.
    ///
    /// # Errors
    /// Every invalid field.
    fn read(json: Value) -> Result<Self, Problems> {
        Self::read_in(ProblemOrder::Table, json)
    }

    /// Reads the body. The invalid fields are in the order of the body, and after them the missing ones. So the first
    /// one is the one that a reader of the text meets first.
    ///
    /// # Errors
    /// Every invalid field.
    fn read_in_body_order(json: Value) -> Result<Self, Problems> {
        Self::read_in(ProblemOrder::Body, json)
    }

    #[doc(hidden)]
    fn read_in(order: ProblemOrder, json: Value) -> Result<Self, Problems> {
        let fields = checked(json, Self::SHAPE, Presence::Required, order)?;
        serde_json::from_value(Value::Object(fields)).map_err(|_| problem_at_root())
    }
}

/// Checks a partial body, such as an update: its outermost object may lack required fields.
///
/// # Errors
/// Every invalid field.
pub fn read_partial<T: Shaped>(json: Value) -> Result<Map<String, Value>, Problems> {
    checked(json, T::SHAPE, Presence::Optional, ProblemOrder::Table)
}

fn checked(
    json: Value,
    shape: Shape,
    root: Presence,
    order: ProblemOrder,
) -> Result<Map<String, Value>, Problems> {
    let Value::Object(mut object) = json else { return Err(problem_at_root()) };
    Checker::check_body(&mut object, shape, root, order).or(object)
}

fn problem_at_root() -> Problems {
    let mut problems = Problems::default();
    problems.at("body", FieldProblem::NotA("an object"));
    problems
}

/// A text of `min` to `max` characters.
pub(crate) const fn text(min: usize, max: usize) -> Rule {
    Rule::Text { min, max }
}

/// Any text.
pub(crate) const TEXT: Rule = text(0, usize::MAX);

/// Any whole number.
pub(crate) const ANY_INTEGER: Rule = integer(i64::MIN, i64::MAX);

/// Any number of these values.
pub(crate) const fn list_of(of: &'static Rule) -> Rule {
    list(of, 0, usize::MAX)
}

/// A whole number from `min` to `max`.
pub(crate) const fn integer(min: i64, max: i64) -> Rule {
    Rule::Integer { min, max }
}

/// A required field.
pub(crate) const fn required(name: &'static str, rule: Rule) -> Field {
    Field { name, presence: Presence::Required, rule }
}

/// An optional field.
pub(crate) const fn optional(name: &'static str, rule: Rule) -> Field {
    Field { name, presence: Presence::Optional, rule }
}

/// A field with a default.
pub(crate) const fn defaulted(name: &'static str, rule: Rule) -> Field {
    Field { name, presence: Presence::Defaulted, rule }
}

/// An object of this type.
pub(crate) const fn object<T: Shaped>() -> Rule {
    Rule::Object(T::SHAPE)
}

/// An object with this name and these fields. Unknown ones are ignored.
pub(crate) const fn object_of(name: &'static str, fields: &'static [Field]) -> Rule {
    Rule::Object(Shape { name, fields, unknown: UnknownFields::Ignored })
}

/// A text in a form. `pattern` matches every text that `accepts` accepts.
pub(crate) const fn matching(pattern: &'static str, max: usize, accepts: fn(&str) -> bool) -> Rule {
    Rule::Matching(TextForm { accepts, pattern, max })
}

/// A list of `min` to `max` values.
pub(crate) const fn list(of: &'static Rule, min: usize, max: usize) -> Rule {
    Rule::List { of, min, max }
}

/// Defines a body: its type and the table of its fields. `unknown Refused` after the name refuses unknown fields.
macro_rules! body {
    ($(#[$doc:meta])* $name:ident $(unknown $unknown:ident)? {
        required { $($(#[$rdoc:meta])* $rfield:ident: $rtype:ty = $rrule:expr,)* }
        $(defaulted { $($(#[$ddoc:meta])* $dfield:ident: $dtype:ty = $drule:expr,)* })?
        optional { $($(#[$odoc:meta])* $ofield:ident: $otype:ty = $orule:expr,)* }
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub struct $name {
            $($(#[$rdoc])* pub $rfield: $rtype,)*
            $($($(#[$ddoc])* #[serde(default)] pub $dfield: $dtype,)*)?
            $($(#[$odoc])* #[serde(skip_serializing_if = "Option::is_none")] pub $ofield: Option<$otype>,)*
        }

        impl $crate::shape::Shaped for $name {
            const SHAPE: $crate::shape::Shape = $crate::shape::Shape {
                name: stringify!($name),
                fields: &[
                    $($crate::shape::required(stringify!($rfield), $rrule),)*
                    $($($crate::shape::defaulted(stringify!($dfield), $drule),)*)?
                    $($crate::shape::optional(stringify!($ofield), $orule),)*
                ],
                unknown: $crate::shape::body!(@unknown $($unknown)?),
            };
        }
    };
    (@unknown) => { $crate::shape::UnknownFields::Ignored };
    (@unknown $unknown:ident) => { $crate::shape::UnknownFields::$unknown };
}
pub(crate) use body;

/// Checks a value by a rule, outside of a body. Returns the value as it is kept, or `None` if it is refused.
#[cfg(test)]
pub(crate) fn checked_alone(value: Value, rule: Rule) -> Option<Value> {
    let mut value = value;
    Checker::check_alone(&mut value, rule).or(value).ok()
}
