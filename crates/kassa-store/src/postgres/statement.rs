//! The text of a statement for PostgreSQL.

use std::borrow::Cow;

use kassa_sql::Column;
use kassa_sql::postgres::StatementName;
use kassa_sql::text::{CONDITION, MET};

use crate::engine::{Effect, Statement};

/// The placement of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spread {
    OneServer,
    /// On several servers, by the page session (Citus). Statements do not share settings of the session there.
    Servers,
}

/// Whether a statement depends on the guards before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dependence {
    /// The statement runs in any case.
    Independent,
    /// The statement changes nothing if a guard before it in its unit was refused.
    OnGuards,
}

/// The answer of a guarded statement: the number of rows that it changed or locked.
pub(super) const CHANGED: Column = Column::new(0, "changed");

/// The name of a statement in the form in which it is run.
pub(super) fn name_of(statement: &Statement, dependence: Dependence) -> StatementName {
    let form = if statement.guard.is_some() { "guarded" } else { "" };
    StatementName { sql: source_of(statement, dependence), form }
}

/// The text of the source, conditional if the statement depends on guards.
fn source_of(statement: &Statement, dependence: Dependence) -> &'static str {
    match (dependence, statement.sql.conditional()) {
        (Dependence::OnGuards, Some(conditional)) => conditional,
        (Dependence::OnGuards, None) | (Dependence::Independent, _) => statement.sql.postgres(),
    }
}

/// The text that PostgreSQL runs. A guarded statement answers with the number of rows that it changed or locked. On one
/// server it also sets the condition for the statements after it, so that the node need not read the number before it
/// sends them.
pub(super) fn text_of(statement: &Statement, dependence: Dependence, spread: Spread) -> Cow<'static, str> {
    let sql = match spread {
        Spread::OneServer => source_of(statement, dependence),
        Spread::Servers => statement.over_servers.unwrap_or(statement.sql.postgres()),
    };
    let returning = match statement.effect {
        Effect::Changes => " returning 1",
        Effect::Counts | Effect::Locks => "",
    };
    match (statement.guard, spread) {
        (None, _) => Cow::Borrowed(sql),
        (Some(_), Spread::Servers) => {
            Cow::Owned(format!("with guarded as ({sql}{returning}) select count(*) from guarded"))
        }
        (Some(_), Spread::OneServer) => Cow::Owned(format!(
            "with guarded as ({sql}{returning})
             select count(*), set_config('{CONDITION}', case count(*) when 1 then '{MET}' else '' end, false)
             from guarded"
        )),
    }
}
