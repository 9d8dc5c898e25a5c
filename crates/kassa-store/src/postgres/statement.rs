//! What PostgreSQL is to run for a statement.

use crate::engine::Statement;

/// Where the tables are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spread {
    OneServer,
    /// On several, by the page session (Citus).
    Servers,
}

/// The text as PostgreSQL is to run it. One that is guarded divides by the number of rows that it changed: where the
/// guard does not hold, the division fails, and with it the transaction, without a round trip to look at the number.
pub(super) fn text_of(statement: &Statement, spread: Spread) -> String {
    let sql = match spread {
        Spread::OneServer => statement.sql.postgres(),
        Spread::Servers => statement.over_servers.unwrap_or(statement.sql.postgres()),
    };
    match statement.guard {
        Some(_) => format!("with guarded as ({sql} returning 1) select 1 / count(*) from guarded"),
        None => sql.to_string(),
    }
}
