//! The texts of the consumer page in each language, and amounts of money in each locale.

mod money;
mod texts;

pub use money::format_money;
pub use texts::Texts;
