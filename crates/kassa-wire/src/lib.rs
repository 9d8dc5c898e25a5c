//! The wire: JSON bodies and their rules, error codes, header names, and the callback's body and signature.

mod nothing;

pub mod audit;
pub mod callback;
pub mod cart;
pub mod cross_site;
pub mod customer_tokens;
pub mod error;
pub mod headers;
pub mod hpp;
pub mod id;
pub mod kassa;
pub mod lab;
pub mod one_line;
pub mod order_management;
pub mod payments;
pub mod people;
pub mod problems;
pub mod schema;
pub mod sdk;
pub mod shape;
pub mod signature;
pub mod snapshot;
pub mod status;
pub mod stored;
pub mod time;
pub mod tolerant;

pub use nothing::Nothing;
