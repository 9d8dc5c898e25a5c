//! What travels: JSON bodies, error codes, header names, callback body and signature.

pub mod callback;
pub mod error;
pub mod headers;
pub mod hpp;
pub mod kassa;
pub mod signature;
pub mod time;
