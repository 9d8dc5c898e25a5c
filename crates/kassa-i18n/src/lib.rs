//! The languages of the consumer's pages and messages, and amounts of money in each locale.
//!
//! The texts are in `locales/`, one [Fluent](https://projectfluent.org) file for each language.

mod languages;
mod money;
mod texts;

pub use languages::{
    CorrectionError, Direction, Language, Languages, accepted_languages, languages_of_country,
};
pub use money::{currency_decimals, format_money};
pub use texts::{Texts, TextsError};
