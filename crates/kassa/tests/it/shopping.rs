//! Merchants with their consumers, who note every answer, and what must hold of it after whatever happened.

mod buyer;
mod dice;
mod proof;
mod purchase;

pub use buyer::Buyer;
pub use dice::{Dice, seed};
pub use proof::{all_callbacks_have_ended, prove};
pub use purchase::Purchase;
