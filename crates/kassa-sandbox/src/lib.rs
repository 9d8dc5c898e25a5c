//! The sandbox payment system. It decides about payments by the consumer's e-mail address, and keeps its records in
//! this database. Its API for merchants is Klarna Payments, customer tokens and Order Management.

mod payments_api;
mod sandbox;

pub use payments_api::routes;
pub use sandbox::Sandbox;
