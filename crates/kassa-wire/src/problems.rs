//! The invalid fields of a body: all of them at once, each by its path and with its fault.

use std::fmt;

/// The maximum number of reported paths. It bounds the answer to a hostile body.
const MAX_PATHS: usize = 100;

/// The fault of a field. Its `Display` form is the wording of Bean Validation
/// (docs/wire.md#order-management-errors).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldProblem {
    /// The field is missing.
    Missing,
    /// The body has no such field.
    Unknown,
    /// The text has too few or too many characters, or the list has too few or too many values.
    Size {
        /// The minimum.
        min: usize,
        /// The maximum.
        max: usize,
    },
    /// The number is too low.
    LessThan(i64),
    /// The number is too high.
    MoreThan(i64),
    /// The value is none of these words.
    NoneOf(&'static [&'static str]),
    /// The value is of another type: this is the right one.
    NotA(&'static str),
    /// The value is not allowed for another reason.
    Invalid,
}

impl fmt::Display for FieldProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("must not be null"),
            Self::Unknown => f.write_str("is not a field of this body"),
            Self::Size { min, max } => write!(f, "size must be between {min} and {max}"),
            Self::LessThan(min) => write!(f, "must be greater than or equal to {min}"),
            Self::MoreThan(max) => write!(f, "must be less than or equal to {max}"),
            Self::NoneOf(words) => write!(f, "must match \"{}\"", words.join("|")),
            Self::NotA(kind) => write!(f, "must be {kind}"),
            Self::Invalid => f.write_str("is not valid"),
        }
    }
}

/// The invalid fields of a body, in the order in which the check found them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    found: Vec<(String, FieldProblem)>,
}

impl Problems {
    /// Adds an invalid field by its path, such as `order_lines[2].quantity`. A path is added once.
    pub fn at(&mut self, path: impl Into<String>, fault: FieldProblem) {
        let path = path.into();
        if self.found.len() < MAX_PATHS && !self.found.iter().any(|(known, _)| *known == path) {
            self.found.push((path, fault));
        }
    }

    /// Whether the body has no invalid field.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Returns the paths.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.found.iter().map(|(path, _)| path.as_str())
    }

    /// Returns those of these fields that are missing, if there are any; otherwise all problems.
    #[must_use]
    pub fn missing_first(self, fields: &[&str]) -> Self {
        let is_first = |(path, fault): &(String, FieldProblem)| {
            *fault == FieldProblem::Missing && fields.contains(&path.as_str())
        };
        match self.found.iter().any(is_first) {
            true => Self { found: self.found.into_iter().filter(is_first).collect() },
            false => self,
        }
    }

    /// Returns a message for each field in the wording of Bean Validation, such as `'captured_amount' must not be null`
    /// (docs/wire.md#order-management-errors).
    #[must_use]
    pub fn validation_messages(&self) -> Vec<String> {
        self.found.iter().map(|(path, fault)| format!("'{path}' {fault}")).collect()
    }

    /// Returns `value` if the body has no invalid field.
    ///
    /// # Errors
    /// The invalid fields, if there are any.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl IntoIterator for Problems {
    type Item = (String, FieldProblem);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.found.into_iter()
    }
}

/// Returns the message that names invalid fields, such as `Bad value: order_lines[2].quantity, locale`
/// (docs/wire.md#payments-errors).
#[must_use]
pub fn bad_value_message<T: AsRef<str>>(paths: impl IntoIterator<Item = T>) -> String {
    let paths: Vec<T> = paths.into_iter().collect();
    let paths: Vec<&str> = paths.iter().map(AsRef::as_ref).collect();
    format!("Bad value: {}", paths.join(", "))
}
