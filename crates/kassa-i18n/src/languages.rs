//! The languages that have texts, and the choice among them.

mod accepted;
mod markets;

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Formatter};
use std::sync::{Arc, OnceLock};

use crate::{Texts, TextsError};
pub use accepted::accepted_languages;
pub use markets::languages_of_country;

/// A language of the page.
#[derive(Debug, PartialEq, Eq)]
pub struct Language {
    /// The tag, such as `sv`.
    pub tag: &'static str,
    /// The language's name for itself.
    pub name: &'static str,
    /// The direction of its writing.
    pub direction: Direction,
}

/// The direction of writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From left to right.
    LeftToRight,
    /// From right to left.
    RightToLeft,
}

/// A language, and its texts once somebody has needed them.
struct BuiltIn {
    language: Language,
    file: &'static str,
    texts: OnceLock<Texts>,
}

macro_rules! languages {
    ($(($tag:literal, $name:literal, $direction:ident))*) => {
        static BUILT_IN: [BuiltIn; [$($tag),*].len()] = [$(BuiltIn {
            language: Language { tag: $tag, name: $name, direction: Direction::$direction },
            file: include_str!(concat!("../locales/", $tag, ".ftl")),
            texts: OnceLock::new(),
        }),*];
    };
}

languages! {
    ("ar", "العربية", RightToLeft)
    ("bg", "Български", LeftToRight)
    ("cs", "Čeština", LeftToRight)
    ("da", "Dansk", LeftToRight)
    ("de", "Deutsch", LeftToRight)
    ("el", "Ελληνικά", LeftToRight)
    ("en", "English", LeftToRight)
    ("es", "Español", LeftToRight)
    ("et", "Eesti", LeftToRight)
    ("fi", "Suomi", LeftToRight)
    ("fr", "Français", LeftToRight)
    ("hr", "Hrvatski", LeftToRight)
    ("hu", "Magyar", LeftToRight)
    ("is", "Íslenska", LeftToRight)
    ("it", "Italiano", LeftToRight)
    ("lt", "Lietuvių", LeftToRight)
    ("lv", "Latviešu", LeftToRight)
    ("nb", "Norsk", LeftToRight)
    ("nl", "Nederlands", LeftToRight)
    ("pl", "Polski", LeftToRight)
    ("pt", "Português", LeftToRight)
    ("ro", "Română", LeftToRight)
    ("sk", "Slovenčina", LeftToRight)
    ("sl", "Slovenščina", LeftToRight)
    ("sv", "Svenska", LeftToRight)
    ("tr", "Türkçe", LeftToRight)
    ("uk", "Українська", LeftToRight)
}

impl Direction {
    /// The value of the attribute `dir`.
    #[must_use]
    pub const fn dir(self) -> &'static str {
        match self {
            Self::LeftToRight => "ltr",
            Self::RightToLeft => "rtl",
        }
    }
}

impl BuiltIn {
    fn of(locale: &str) -> Option<&'static Self> {
        let language = locale.split('-').next().unwrap_or_default();
        let is_norwegian = ["no", "nn"].iter().any(|tag| language.eq_ignore_ascii_case(tag));
        let tag = if is_norwegian { "nb" } else { language };
        BUILT_IN.iter().find(|one| one.language.tag.eq_ignore_ascii_case(tag))
    }

    fn english() -> &'static Self {
        Self::of("en").expect("English is a language of the page")
    }

    fn texts(&'static self) -> &'static Texts {
        self.texts.get_or_init(|| {
            Texts::read_tried(&self.language, &[self.file])
                .expect("the tests read the file of every language")
        })
    }
}

impl Language {
    /// Returns every language, in the order of the tags.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        BUILT_IN.iter().map(|one| &one.language)
    }

    /// Returns the language of a locale such as `sv-SE`, in any letter case; `None` if it has no texts.
    #[must_use]
    pub fn of(locale: &str) -> Option<&'static Self> {
        BuiltIn::of(locale).map(|one| &one.language)
    }

    /// Returns English, which is used instead of a language without texts.
    #[must_use]
    pub fn english() -> &'static Self {
        &BuiltIn::english().language
    }
}

/// The reason why a correction cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{tag}.ftl: {source}")]
pub struct CorrectionError {
    /// The name of the file, without its ending.
    pub tag: String,
    /// The reason.
    pub source: TextsError,
}

/// The texts of all languages, with an operator's corrections.
#[derive(Clone, Default)]
pub struct Languages(Arc<BTreeMap<&'static str, Texts>>);

impl Languages {
    /// Returns the texts that are part of the program.
    #[must_use]
    pub fn built_in() -> Self {
        Self::default()
    }

    /// Replaces texts by those of `files`: Fluent files, each with the tag of its language.
    ///
    /// # Errors
    ///
    /// A file is not Fluent, or has a text or an argument that the page does not know.
    pub fn corrected<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, CorrectionError> {
        let wrong = |tag: &str, source| CorrectionError { tag: tag.to_owned(), source };
        let read = |(tag, file): (&str, &str)| {
            let built_in = BUILT_IN.iter().find(|one| one.language.tag == tag);
            let built_in = built_in.ok_or_else(|| wrong(tag, TextsError::NoLanguage))?;
            let texts = Texts::read(&built_in.language, &[built_in.file, file]);
            Ok((built_in.language.tag, texts.map_err(|source| wrong(tag, source))?))
        };
        Ok(Self(Arc::new(files.into_iter().map(read).collect::<Result<_, _>>()?)))
    }

    /// Returns the texts of a language.
    #[must_use]
    pub fn texts(&self, language: &Language) -> &Texts {
        let built_in = || BuiltIn::of(language.tag).unwrap_or_else(BuiltIn::english).texts();
        self.0.get(language.tag).unwrap_or_else(built_in)
    }

    /// Returns the texts for the language of a locale such as `sv-SE`, or English for a language without texts.
    #[must_use]
    pub fn of(&self, locale: &str) -> &Texts {
        self.texts(Language::of(locale).unwrap_or_else(Language::english))
    }
}

impl Debug for Languages {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Languages").field(&self.0.keys().collect::<Vec<_>>()).finish()
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::files;
