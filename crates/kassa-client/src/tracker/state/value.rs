//! What travels between a piece of work and its database: values in, rows out. Text and whole numbers are all there is.

use super::StateError;

/// A value for a placeholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tracker) enum Value<'a> {
    Null,
    Int(i64),
    Text(&'a str),
}

/// The values of a statement, in the order of their placeholders.
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::tracker::state::Value::from($value)),*] };
}
pub(in crate::tracker) use values;

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

/// Neither engine is asked for a boolean: they do not agree on what one is.
impl From<bool> for Value<'_> {
    fn from(is_so: bool) -> Self {
        Self::Int(is_so.into())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
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

/// A column of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tracker) enum Column {
    Null,
    Int(i64),
    Text(String),
}

/// A row of an answer.
#[derive(Debug)]
pub(in crate::tracker) struct Row(Vec<Column>);

impl Row {
    pub(super) const fn new(columns: Vec<Column>) -> Self {
        Self(columns)
    }

    /// A column, from 0.
    pub(in crate::tracker) fn get<T: FromColumn>(&self, index: usize) -> Result<T, StateError> {
        let column = self.0.get(index);
        let other =
            || StateError(format!("column {index} holds {column:?}, which is not what belongs there"));
        column.and_then(T::of).ok_or_else(other)
    }
}

/// What a column can be read as.
pub(in crate::tracker) trait FromColumn: Sized {
    /// None where it holds something else.
    fn of(column: &Column) -> Option<Self>;
}

impl FromColumn for i64 {
    fn of(column: &Column) -> Option<Self> {
        match column {
            Column::Int(number) => Some(*number),
            Column::Null | Column::Text(_) => None,
        }
    }
}

impl FromColumn for u32 {
    fn of(column: &Column) -> Option<Self> {
        Self::try_from(i64::of(column)?).ok()
    }
}

impl FromColumn for bool {
    fn of(column: &Column) -> Option<Self> {
        i64::of(column).map(|number| number != 0)
    }
}

impl FromColumn for String {
    fn of(column: &Column) -> Option<Self> {
        match column {
            Column::Text(text) => Some(text.clone()),
            Column::Null | Column::Int(_) => None,
        }
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    fn of(column: &Column) -> Option<Self> {
        if *column == Column::Null { Some(None) } else { T::of(column).map(Some) }
    }
}
