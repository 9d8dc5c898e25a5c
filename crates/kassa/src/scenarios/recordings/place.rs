//! The place of a mistake in a recording: the file, the entry, and the field.

use std::fmt;
use std::path::Path;

/// A part of a recording, for messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    file: &'a Path,
    /// The word for an entry in this format, and its number from 1.
    entry: Option<(&'static str, usize)>,
    field: &'a str,
}

/// A recording that cannot be replayed: the place, and what was expected there. It shows no value, because a recording
/// has tokens and passwords.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WrongRecording(String);

impl fmt::Display for WrongRecording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'a> Place<'a> {
    pub(super) fn file(file: &'a Path) -> Self {
        Self { file, entry: None, field: "" }
    }

    /// The entry with this number, from 1.
    pub(super) fn entry(self, word: &'static str, number: usize) -> Self {
        Self { entry: Some((word, number)), ..self }
    }

    pub(super) fn at(self, field: &'a str) -> Self {
        Self { field, ..self }
    }

    /// The number of the entry; 0 for the file as a whole.
    pub(super) fn number(self) -> usize {
        self.entry.map_or(0, |(_, number)| number)
    }

    pub(super) fn wrong(self, expected: &str) -> WrongRecording {
        let entry = self.entry.map(|(word, number)| format!("{word} {number}: ")).unwrap_or_default();
        let field = if self.field.is_empty() { String::new() } else { format!("{}: ", self.field) };
        WrongRecording(format!("{}: {entry}{field}{expected}", self.file.display()))
    }
}
