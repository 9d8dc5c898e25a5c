//! Reads Fluent files, and writes the texts in them.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentError, FluentResource};
use fluent_syntax::ast::Entry;
use fluent_syntax::parser::ParserError;

use super::Texts;
use crate::Language;

/// The reason why the texts of a language cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TextsError {
    /// The file is not Fluent.
    #[error("line {line}: {source}")]
    Syntax {
        /// The line, counted from 1.
        line: usize,
        /// The reason.
        source: ParserError,
    },
    /// The file has a text that no page shows.
    #[error("{0}: no page shows a text of this name")]
    Unknown(String),
    /// A text is missing, or has no value.
    #[error("{0}: the text is missing")]
    Missing(&'static str),
    /// A text has an argument that it does not get, or mentions a text that does not exist.
    #[error("{name}: {source}")]
    Unresolved {
        /// The name of the text.
        name: &'static str,
        /// The reason.
        source: FluentError,
    },
    /// The page has no such language.
    #[error("the page has no language with this tag; expected one of {}", tags())]
    NoLanguage,
}

/// The tags of all languages.
fn tags() -> String {
    Language::all().map(|language| language.tag).collect::<Vec<_>>().join(", ")
}

/// The messages of one language.
pub(super) struct Bundle(FluentBundle<FluentResource>);

impl Bundle {
    /// Reads the files. A message of a later file replaces that of an earlier one.
    pub(super) fn of(language: &Language, files: &[&str]) -> Result<Self, TextsError> {
        let locale = language.tag.parse().expect("the tags in the table of languages are tags");
        let mut bundle = FluentBundle::new_concurrent(vec![locale]);
        // Marks around arguments would make a text message longer. The files of right-to-left languages have them.
        bundle.set_use_isolating(false);
        for file in files {
            let resource = resource(file)?;
            if let Some(unknown) = names(&resource).find(|name| !Texts::NAMES.contains(name)) {
                return Err(TextsError::Unknown(unknown.to_owned()));
            }
            bundle.add_resource_overriding(resource);
        }
        Ok(Self(bundle))
    }

    /// Writes a text, if its message exists and needs only these arguments.
    pub(super) fn checked(
        &self,
        name: &'static str,
        arguments: &FluentArgs<'_>,
    ) -> Result<String, TextsError> {
        let message = self.0.get_message(name).and_then(|message| message.value());
        let pattern = message.ok_or(TextsError::Missing(name))?;
        let mut errors = Vec::new();
        let text = self.0.format_pattern(pattern, Some(arguments), &mut errors).into_owned();
        match errors.pop() {
            Some(source) => Err(TextsError::Unresolved { name, source }),
            None if text.trim().is_empty() => Err(TextsError::Missing(name)),
            None => Ok(text),
        }
    }

    /// Writes a text that was checked when the files were read.
    pub(super) fn written(&self, name: &'static str, arguments: &FluentArgs<'_>) -> String {
        self.checked(name, arguments).unwrap_or_default()
    }
}

fn resource(file: &str) -> Result<FluentResource, TextsError> {
    FluentResource::try_new(file.to_owned()).map_err(|(_, errors)| {
        let source = errors.into_iter().next().expect("a file that cannot be read has an error");
        TextsError::Syntax { line: 1 + file[..source.pos.start].matches('\n').count(), source }
    })
}

fn names(resource: &FluentResource) -> impl Iterator<Item = &str> {
    resource.entries().filter_map(|entry| match entry {
        Entry::Message(message) => Some(message.id.name),
        Entry::Term(_)
        | Entry::Comment(_)
        | Entry::GroupComment(_)
        | Entry::ResourceComment(_)
        | Entry::Junk { .. } => None,
    })
}
