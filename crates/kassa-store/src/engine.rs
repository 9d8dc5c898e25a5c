//! The store's unit of work: guarded statements that happen together or not at all, and what became of them.

use kassa_sql::{Row, Sql, Value};

/// What a guarded statement protects. A unit one of whose guards does not change exactly one row changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// The page session stands where the caller read it.
    PageSession,
    /// The payment session stands where the caller read it.
    PaymentSession,
    /// The authorization is still open.
    Authorization,
    /// The order stands where the caller read it.
    Order,
    /// The customer token stands where the caller read it.
    CustomerToken,
    /// The merchant's settings are as the caller read them.
    Settings,
    /// The idempotency key is new.
    IdempotencyKey,
    /// The row is not there already.
    ImportedRow,
    /// There is no merchant of this id.
    NewMerchant,
    /// No credential has this username.
    NewUsername,
}

/// One SQL statement, with its values.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sql: Sql,
    /// What is asked instead if the tables are spread over servers that cannot be asked the same.
    pub(crate) over_servers: Option<&'static str>,
    pub(crate) values: Vec<Value<'static>>,
    pub(crate) guard: Option<Guard>,
}

impl Statement {
    pub(crate) fn new<'a>(sql: impl Into<Sql>, values: impl IntoIterator<Item = Value<'a>>) -> Self {
        let values = values.into_iter().map(Value::into_owned).collect();
        Self { sql: sql.into(), over_servers: None, values, guard: None }
    }

    /// The same question, as it can be asked of tables that are spread over servers.
    pub(crate) fn or_over_servers(self, sql: impl Into<Sql>) -> Self {
        Self { over_servers: Some(sql.into().postgres()), ..self }
    }

    pub(crate) fn guarding(self, guard: Guard) -> Self {
        Self { guard: Some(guard), ..self }
    }
}

/// Statements that happen together or not at all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unit {
    pub(crate) statements: Vec<Statement>,
}

impl Unit {
    pub(crate) fn of(statement: Statement) -> Self {
        Self { statements: vec![statement] }
    }

    pub(crate) fn push(&mut self, statement: Statement) {
        self.statements.push(statement);
    }

    /// Whether a refusal can come when something was already written, so that it must be undone.
    pub(crate) fn can_be_refused_late(&self) -> bool {
        self.statements.iter().skip(1).any(|statement| statement.guard.is_some())
    }
}

/// What became of a unit.
#[derive(Debug)]
pub(crate) enum Answer {
    /// It is durable; these rows its `returning` clauses gave.
    Committed(Vec<Row>),
    /// This guard did not hold; nothing was changed.
    Refused(Guard),
}
