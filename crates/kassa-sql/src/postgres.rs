//! Connections to PostgreSQL, or to a database that speaks its protocol.
//!
//! A [`Target`] describes the place of a database and the settings of a connection; [`Target::connect`] makes a
//! [`Session`].

mod many;
mod server_check;
mod server_error;
mod session;
mod target;
mod tls;
mod wire;

pub use many::{ManyStep, ManySteps, PreparedMany};
pub use server_error::{ConnectError, ServerError};
pub use session::{
    Canceller, Listening, Prepared, ServerNotification, Session, SimpleQueryResult, StatementName,
};
pub use target::Target;
