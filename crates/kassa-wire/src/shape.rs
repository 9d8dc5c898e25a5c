//! Shapes: one table for each body, which defines both its Rust type and the rules of its fields.
//!
//! A body is read in two steps. First the table's rules check the JSON, and every invalid field is reported at
//! once. The check also writes each value in one form: numbers as numbers, words in the table's letter case, codes in
//! upper case. Then serde converts the JSON into the type, which cannot fail any more. `null` counts as absent, and
//! unknown fields are ignored (docs/wire.md#tolerant-in-form).

use std::borrow::Cow;
use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::problems::{FieldProblem, Problems};
use crate::tolerant::{WholeNumber, as_flag, as_integer, as_text};

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
    /// A text that this function accepts.
    Matching(fn(&str) -> bool),
    /// A code of so many letters, in any letter case. It is kept in upper case.
    Code(usize),
    /// The same, or an empty text, which clears the field.
    CodeOrEmpty(usize),
    /// One of these words, in any letter case.
    Word(&'static [&'static str]),
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
    /// `true` or `false`.
    Flag,
    /// An object with these fields.
    Object(&'static [Field]),
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
    /// The field may be absent.
    Optional,
}

/// A body that is checked by a table.
pub trait Shaped: DeserializeOwned {
    /// The table.
    const FIELDS: &'static [Field];

    /// Reads the body.
    ///
    /// # Errors
    /// Every invalid field.
    fn read(json: Value) -> Result<Self, Problems> {
        let fields = checked(json, Self::FIELDS, Presence::Required)?;
        serde_json::from_value(Value::Object(fields)).map_err(|_| problem_at_root())
    }
}

/// Checks a partial body, such as an update: its outermost object may lack required fields.
///
/// # Errors
/// Every invalid field.
pub fn read_partial<T: Shaped>(json: Value) -> Result<Map<String, Value>, Problems> {
    checked(json, T::FIELDS, Presence::Optional)
}

fn checked(json: Value, fields: &[Field], root: Presence) -> Result<Map<String, Value>, Problems> {
    let Value::Object(mut object) = json else { return Err(problem_at_root()) };
    let mut problems = Problems::default();
    check_fields(&mut object, fields, root, Path::Root, &mut problems);
    problems.or(object)
}

fn problem_at_root() -> Problems {
    let mut problems = Problems::default();
    problems.at("body", FieldProblem::NotA("an object"));
    problems
}

/// Checks the fields of an object, and removes fields that are `null`.
fn check_fields(
    object: &mut Map<String, Value>,
    fields: &[Field],
    presence: Presence,
    path: Path<'_>,
    problems: &mut Problems,
) {
    object.retain(|_, value| !value.is_null());
    for field in fields {
        let name = field.name.trim_start_matches("r#");
        let here = Path::Field(&path, name);
        match object.get_mut(name) {
            Some(value) => check(value, field.rule, here, problems),
            None if field.presence == Presence::Required && presence == Presence::Required => {
                problems.at(here.to_string(), FieldProblem::Missing);
            }
            None => {}
        }
    }
}

fn check(value: &mut Value, rule: Rule, path: Path<'_>, problems: &mut Problems) {
    let checked = match rule {
        Rule::Text { min, max } => check_text(value, |text| sized(text.chars().count(), min, max)),
        Rule::Matching(accepts) => {
            check_text(value, |text| accepts(text).then_some(()).ok_or(FieldProblem::Invalid))
        }
        Rule::Code(letters) => check_code(value, letters),
        Rule::CodeOrEmpty(_) if value.as_str() == Some("") => Ok(()),
        Rule::CodeOrEmpty(letters) => check_code(value, letters),
        Rule::Word(words) => check_word(value, words),
        Rule::Integer { min, max } => check_number(value, min, max, WholeNumber::exact),
        Rule::Rate { min, max } => check_number(value, min, max, |number| Some(number.truncated())),
        Rule::Flag => check_flag(value),
        Rule::Object(fields) => match value.as_object_mut() {
            Some(object) => {
                check_fields(object, fields, Presence::Required, path, problems);
                Ok(())
            }
            None => Err(FieldProblem::NotA("an object")),
        },
        Rule::List { of, min, max } => match value.as_array_mut() {
            Some(values) => {
                check_items(values, *of, path, problems);
                sized(values.len(), min, max)
            }
            None => Err(FieldProblem::NotA("a list")),
        },
    };
    if let Err(fault) = checked {
        problems.at(path.to_string(), fault);
    }
}

fn sized(size: usize, min: usize, max: usize) -> Result<(), FieldProblem> {
    if (min..=max).contains(&size) { Ok(()) } else { Err(FieldProblem::Size { min, max }) }
}

/// Checks a text, and writes a number as a text.
fn check_text(
    value: &mut Value,
    check: impl Fn(&str) -> Result<(), FieldProblem>,
) -> Result<(), FieldProblem> {
    let text = as_text(value).ok_or(FieldProblem::NotA("a text"))?;
    check(&text)?;
    if let Cow::Owned(text) = text {
        *value = Value::String(text);
    }
    Ok(())
}

fn check_code(value: &mut Value, letters: usize) -> Result<(), FieldProblem> {
    let text = value.as_str().ok_or(FieldProblem::NotA("a text"))?;
    if text.len() != letters || !text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err(FieldProblem::Invalid);
    }
    *value = Value::String(text.to_ascii_uppercase());
    Ok(())
}

fn check_word(value: &mut Value, words: &'static [&'static str]) -> Result<(), FieldProblem> {
    let text = value.as_str().ok_or(FieldProblem::NotA("a text"))?;
    let word =
        words.iter().find(|word| word.eq_ignore_ascii_case(text)).ok_or(FieldProblem::NoneOf(words))?;
    *value = Value::String((*word).to_string());
    Ok(())
}

fn check_number(
    value: &mut Value,
    min: i64,
    max: i64,
    read: fn(WholeNumber) -> Option<i64>,
) -> Result<(), FieldProblem> {
    let number = as_integer(value).and_then(read).ok_or(FieldProblem::NotA("a whole number"))?;
    if number < min {
        return Err(FieldProblem::LessThan(min));
    }
    if number > max {
        return Err(FieldProblem::MoreThan(max));
    }
    *value = Value::from(number);
    Ok(())
}

fn check_flag(value: &mut Value) -> Result<(), FieldProblem> {
    let flag = as_flag(value).ok_or(FieldProblem::NotA("true or false"))?;
    *value = Value::Bool(flag);
    Ok(())
}

fn check_items(values: &mut [Value], of: Rule, path: Path<'_>, problems: &mut Problems) {
    for (index, value) in values.iter_mut().enumerate() {
        check(value, of, Path::Index(&path, index), problems);
    }
}

/// The path of a value in the body. It becomes text only if the value is invalid.
#[derive(Clone, Copy)]
enum Path<'a> {
    Root,
    Field(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(Self::Root, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// A text of `min` to `max` characters.
pub(crate) const fn text(min: usize, max: usize) -> Rule {
    Rule::Text { min, max }
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

/// An object of this type.
pub(crate) const fn object<T: Shaped>() -> Rule {
    Rule::Object(T::FIELDS)
}

/// A list of `min` to `max` values.
pub(crate) const fn list(of: &'static Rule, min: usize, max: usize) -> Rule {
    Rule::List { of, min, max }
}

/// Defines a body: its type and the table of its fields.
macro_rules! body {
    ($(#[$doc:meta])* $name:ident {
        required { $($(#[$rdoc:meta])* $rfield:ident: $rtype:ty = $rrule:expr,)* }
        optional { $($(#[$odoc:meta])* $ofield:ident: $otype:ty = $orule:expr,)* }
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $name {
            $($(#[$rdoc])* pub $rfield: $rtype,)*
            $($(#[$odoc])* #[serde(skip_serializing_if = "Option::is_none")] pub $ofield: Option<$otype>,)*
        }

        impl $crate::shape::Shaped for $name {
            const FIELDS: &'static [$crate::shape::Field] = &[
                $($crate::shape::required(stringify!($rfield), $rrule),)*
                $($crate::shape::optional(stringify!($ofield), $orule),)*
            ];
        }
    };
}
pub(crate) use body;

#[cfg(test)]
mod tests;
