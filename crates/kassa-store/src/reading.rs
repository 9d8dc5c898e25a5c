//! Reads a column of a row as a type of the domain.

use kassa_domain::{Actor, Endpoint, Timestamp};
use kassa_sql::{Column, Row};
use serde::de::DeserializeOwned;

use crate::StoreError;
use crate::callbacks::endpoint_of_row;

/// Reads columns.
pub(crate) trait ReadColumn {
    fn instant(&mut self, column: Column) -> Result<Timestamp, StoreError>;

    fn optional_instant(&mut self, column: Column) -> Result<Option<Timestamp>, StoreError>;

    /// Reads a word with the parser of its type.
    fn word<T>(&mut self, column: Column, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError>;

    /// Reads a word that may be missing.
    fn optional_word<T>(
        &mut self,
        column: Column,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, StoreError>;

    /// Reads the two columns that name an actor. `None` in rows of older nodes, which did not store it, and in rows of
    /// newer nodes whose actors this program does not know.
    fn actor(&mut self, kind: Column, name: Column) -> Result<Option<Actor>, StoreError>;

    /// Reads the three columns of a callback's endpoint.
    fn endpoint(&mut self, key: Column, origin: Column, clock: Column) -> Result<Endpoint, StoreError>;

    /// Reads JSON that Kassa wrote.
    fn json<T: DeserializeOwned>(&mut self, column: Column) -> Result<T, StoreError>;
}

impl ReadColumn for Row {
    fn instant(&mut self, column: Column) -> Result<Timestamp, StoreError> {
        Ok(Timestamp::from_ms(self.get(column)?))
    }

    fn optional_instant(&mut self, column: Column) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.get::<Option<i64>>(column)?.map(Timestamp::from_ms))
    }

    fn word<T>(&mut self, column: Column, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
        parsed(&self.text(column)?, parse)
    }

    fn optional_word<T>(
        &mut self,
        column: Column,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        self.get::<Option<String>>(column)?.map(|word| parsed(&word, parse)).transpose()
    }

    fn actor(&mut self, kind: Column, name: Column) -> Result<Option<Actor>, StoreError> {
        let (kind, name): (Option<String>, Option<String>) = (self.get(kind)?, self.get(name)?);
        Ok(kind.and_then(|kind| Actor::of(&kind, name.as_deref())))
    }

    fn endpoint(&mut self, key: Column, origin: Column, clock: Column) -> Result<Endpoint, StoreError> {
        Ok(endpoint_of_row(&self.text(key)?, self.get(origin)?, self.get(clock)?))
    }

    fn json<T: DeserializeOwned>(&mut self, column: Column) -> Result<T, StoreError> {
        Ok(stored_json(&self.text(column)?)?)
    }
}

/// Reads JSON that the store wrote. It is the only reader of this crate.
pub(crate) fn stored_json<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text)
}

fn parsed<T>(word: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
    parse(word).ok_or_else(|| StoreError::Fault(format!("an unknown word is stored: {word}").into()))
}
