//! One way to talk to two databases: SQLite, and PostgreSQL with the feature `postgres`.
//!
//! A program writes each statement once and runs it on either engine. This crate has what both engines need for that:
//! [`Value`]s go in, [`Row`]s come out, [`sql!`] writes a text, [`columns!`] names the columns of a row, and a
//! [`Schema`] brings the tables up to date. [`SqliteFile`] and `postgres::Session` are the connections. The crate knows
//! no table of its callers, and does not decide what is one transaction: a caller groups its statements as it needs.
//!
//! The engines share these rules. Placeholders are `$1`, `$2` and so on, and appear first in that order. There are
//! text, whole numbers and null, and nothing else.

mod error;
mod migration;
#[cfg(feature = "postgres")]
pub mod postgres;
mod row;
mod sqlite;
#[doc(hidden)]
pub mod text;
mod value;

pub use error::{Cause, SqlError};
pub use migration::Schema;
pub use row::{Column, Row};
pub use sqlite::{SqliteFile, SqliteTransaction};
pub use text::Sql;
pub use value::{FromValue, Value};
