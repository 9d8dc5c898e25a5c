//! The descriptions of the operations of the sandbox's API.

mod captures;
mod customer_tokens;
mod orders;
mod payments;

pub(super) use captures::*;
pub(super) use customer_tokens::*;
pub(super) use orders::*;
pub(super) use payments::*;
