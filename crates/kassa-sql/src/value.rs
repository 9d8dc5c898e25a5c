//! The values of statements and rows: text, whole numbers and null.

use std::borrow::Cow;
use std::fmt;

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

/// A value. It borrows its text if the statement runs at once, and owns it if another thread runs the statement.
///
/// The `Debug` output contains only the length of a text, because drivers of databases log values.
#[derive(Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// A whole number. Booleans are 0 and 1, because the engines do not agree on a type for them.
    Int(i64),
    /// Text.
    Text(Cow<'a, str>),
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Int(number) => write!(f, "Int({number})"),
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
        }
    }
}

impl Value<'_> {
    /// The value with its own copy of the text.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Int(number) => Value::Int(number),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
        }
    }

    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Int(_) => "a number",
            Self::Text(_) => "text",
        }
    }
}

/// The values of a statement that runs at once, in the order of their placeholders.
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from($value)),*] };
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl From<bool> for Value<'_> {
    fn from(is_so: bool) -> Self {
        Self::Int(is_so.into())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<Cow<'a, str>> for Value<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Text(text)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<'a> From<&'a Option<String>> for Value<'a> {
    fn from(text: &'a Option<String>) -> Self {
        text.as_ref().into()
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// A type that a column can be read as.
pub trait FromValue: Sized {
    /// Reads the value. An `Err` names the type that it has instead.
    ///
    /// # Errors
    /// If the value has another type.
    fn from_value(value: Value<'static>) -> Result<Self, &'static str>;
}

impl FromValue for i64 {
    fn from_value(value: Value<'static>) -> Result<Self, &'static str> {
        match value {
            Value::Int(number) => Ok(number),
            Value::Null | Value::Text(_) => Err(value.kind()),
        }
    }
}

impl FromValue for u32 {
    fn from_value(value: Value<'static>) -> Result<Self, &'static str> {
        Self::try_from(i64::from_value(value)?).map_err(|_| "a number that is too large or negative")
    }
}

impl FromValue for bool {
    fn from_value(value: Value<'static>) -> Result<Self, &'static str> {
        i64::from_value(value).map(|number| number != 0)
    }
}

impl FromValue for String {
    fn from_value(value: Value<'static>) -> Result<Self, &'static str> {
        match value {
            Value::Text(text) => Ok(text.into_owned()),
            Value::Null | Value::Int(_) => Err(value.kind()),
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value<'static>) -> Result<Self, &'static str> {
        match value {
            Value::Null => Ok(None),
            Value::Int(_) | Value::Text(_) => T::from_value(value).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_debug_output_of_a_value_does_not_contain_its_text() {
        let values: [Value<'_>; 3] = ["a secret".into(), 7_i64.into(), Value::Null];
        assert_eq!(format!("{values:?}"), "[Text(8 bytes), Int(7), Null]");
    }
}
