//! What a consumer reads, per language and locale: the texts of the page, and amounts of money.

mod money;
mod texts;

pub use money::format_money;
pub use texts::Texts;
