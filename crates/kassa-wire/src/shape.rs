//! Shapes: one table a body, which is both its Rust type and what may stand in each of its fields.
//!
//! A body is read in two steps. The table is asked first, and names every bad field at once; only then is the
//! JSON taken over into the type, which cannot fail any more. `null` counts as absent, unknown fields are
//! ignored (spec 1.1).

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::problems::Problems;

/// What a field may hold.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Text of so many characters.
    Text {
        /// At least.
        min: usize,
        /// At most.
        max: usize,
    },
    /// Text that this function accepts.
    Matching(fn(&str) -> bool),
    /// One of these words, in any letter case.
    Word(&'static [&'static str]),
    /// A whole number in this range.
    Integer {
        /// At least.
        min: i64,
        /// At most.
        max: i64,
    },
    /// `true` or `false`.
    Flag,
    /// An object with these fields.
    Object(&'static [Field]),
    /// So many values of one kind.
    List {
        /// What each may be.
        of: &'static Rule,
        /// At least.
        min: usize,
        /// At most.
        max: usize,
    },
}

/// One field of a body.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name on the wire; a Rust keyword carries its `r#`.
    pub name: &'static str,
    /// Whether it must be there.
    pub presence: Presence,
    /// What it may hold.
    pub rule: Rule,
}

/// Whether a field must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must.
    Required,
    /// It may be left out.
    Optional,
}

/// A body that is read against its table.
pub trait Shaped: DeserializeOwned {
    /// The table.
    const FIELDS: &'static [Field];

    /// Reads the body.
    ///
    /// # Errors
    /// Every bad field.
    fn read(json: Value) -> Result<Self, Problems> {
        let fields = checked(json, Self::FIELDS, Presence::Required)?;
        serde_json::from_value(Value::Object(fields)).map_err(|_| problem_at_root())
    }
}

/// Checks a partial body, such as an update: fields may be missing from its outermost object.
///
/// # Errors
/// Every bad field.
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

/// Checks an object, and drops what counts as absent.
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

/// Where a value stands; written out only for a problem.
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

/// Text of `min` to `max` characters.
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

/// Writes a body once: its type, and the table of its fields.
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
