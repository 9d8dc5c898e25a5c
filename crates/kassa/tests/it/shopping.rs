//! Merchants that buy at random and record every answer, and the checks that compare the records with Kassa afterwards.

mod buyer;
mod dice;
mod proof;
mod purchase;

pub use buyer::Buyer;
pub use dice::{Dice, seed};
pub use proof::{all_callbacks_have_ended, prove};
pub use purchase::Purchase;
