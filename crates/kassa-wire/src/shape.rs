//! Shapes: one table for each body, which defines both its Rust type and the rules of its fields.
//!
//! A body is read in two steps. First the table's rules check the JSON, and every invalid field is reported at
//! once. Then serde converts the JSON into the type, which cannot fail any more. `null` counts as absent, and unknown
//! fields are ignored (docs/wire.md#tolerant-in-form).

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::problems::Problems;

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
    /// One of these words, in any letter case.
    Word(&'static [&'static str]),
    /// A whole number in this range.
    Integer {
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
    problems.at("body");
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
                problems.at(here.to_string());
            }
            None => {}
        }
    }
}

fn check(value: &mut Value, rule: Rule, path: Path<'_>, problems: &mut Problems) {
    let is_good = match rule {
        Rule::Text { min, max } => {
            value.as_str().is_some_and(|text| (min..=max).contains(&text.chars().count()))
        }
        Rule::Matching(accepts) => value.as_str().is_some_and(accepts),
        Rule::Word(words) => {
            value.as_str().is_some_and(|text| words.iter().any(|word| word.eq_ignore_ascii_case(text)))
        }
        Rule::Integer { min, max } => value.as_i64().is_some_and(|number| (min..=max).contains(&number)),
        Rule::Flag => value.is_boolean(),
        Rule::Object(fields) => value
            .as_object_mut()
            .map(|object| check_fields(object, fields, Presence::Required, path, problems))
            .is_some(),
        Rule::List { of, min, max } => value.as_array_mut().is_some_and(|values| {
            check_items(values, *of, path, problems);
            (min..=max).contains(&values.len())
        }),
    };
    if !is_good {
        problems.at(path.to_string());
    }
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
            const FIELDS: &'static [$crate::shape::Field] = {
                use $crate::shape::{Field, Presence};
                &[
                    $(Field { name: stringify!($rfield), presence: Presence::Required, rule: $rrule },)*
                    $(Field { name: stringify!($ofield), presence: Presence::Optional, rule: $orule },)*
                ]
            };
        }
    };
}
pub(crate) use body;

#[cfg(test)]
mod tests;
