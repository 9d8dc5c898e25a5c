//! The text of a statement for PostgreSQL.

use crate::engine::Statement;

/// The placement of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spread {
    OneServer,
    /// On several servers, by the page session (Citus).
    Servers,
}

/// The text that PostgreSQL runs. A guarded statement divides by the number of rows that it changed. If it changed
/// none, the division fails, and the transaction with it, without a round trip to read the number.
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
