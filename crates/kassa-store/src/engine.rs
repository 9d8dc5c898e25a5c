//! The store's unit of work: guarded statements that are committed together or not at all, and the outcome.

use kassa_sql::{Row, Sql, Value};

/// The condition that a guarded statement protects. If a guarded statement does not change exactly one row, its unit
/// changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// The page session has not changed since the caller read it.
    PageSession,
    /// The payment session has not changed since the caller read it.
    PaymentSession,
    /// The caller's claim of the payment operation is the latest one.
    Operation,
    /// The caller's claim of the delivery is the latest one.
    Delivery,
    /// The authorization is still open.
    Authorization,
    /// The order has not changed since the caller read it.
    Order,
    /// The customer token has not changed since the caller read it.
    CustomerToken,
    /// The merchant's settings have not changed since the caller read them.
    Settings,
    /// The idempotency key is new.
    IdempotencyKey,
    /// The row does not exist yet.
    ImportedRow,
    /// There is no merchant with this id.
    NewMerchant,
    /// No credential has this username.
    NewUsername,
    /// The merchant exists.
    Merchant,
    /// The credential, or the operator, is active.
    ActiveCredential,
    /// The payment account exists.
    PaymentAccount,
    /// No profile of the merchant has this id.
    NewProfile,
    /// The profile exists.
    Profile,
    /// The database needs the key.
    AccountKey,
    /// There is a counter of administrative acts. This is always so.
    ActCounter,
    /// The head of the audit chain has not changed since the caller read it.
    ChainHead,
}

/// One SQL statement, with its values.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sql: Sql,
    /// The statement that runs instead if the tables are spread over servers, which cannot run the other one.
    pub(crate) over_servers: Option<&'static str>,
    pub(crate) values: Vec<Value<'static>>,
    pub(crate) guard: Option<Guard>,
    pub(crate) effect: Effect,
}

/// The effect of a statement on its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It may change them.
    Changes,
    /// It may change them, and the answer has a row for each of them, without a value that anybody reads. Its text ends
    /// with the token `{counted}`: on SQLite a `returning` clause costs a temporary table, and counting nothing.
    Counts,
    /// It locks them, so that the conditions of a guard stay true until a later statement changes them.
    Locks,
}

impl Statement {
    pub(crate) fn new<'a>(sql: impl Into<Sql>, values: impl IntoIterator<Item = Value<'a>>) -> Self {
        let values = values.into_iter().map(Value::into_owned).collect();
        Self { sql: sql.into(), over_servers: None, values, guard: None, effect: Effect::Changes }
    }

    /// Adds the same query in a form that tables spread over servers can answer.
    pub(crate) fn or_over_servers(self, sql: impl Into<Sql>) -> Self {
        Self { over_servers: Some(sql.into().postgres()), ..self }
    }

    /// Guards by rows that the statement locks and does not change.
    pub(crate) fn locking_for(self, guard: Guard) -> Self {
        Self { guard: Some(guard), effect: Effect::Locks, ..self }
    }

    pub(crate) fn counting(self) -> Self {
        Self { effect: Effect::Counts, ..self }
    }

    pub(crate) fn guarding(self, guard: Guard) -> Self {
        Self { guard: Some(guard), ..self }
    }
}

/// Statements that are committed together or not at all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unit {
    pub(crate) statements: Vec<Statement>,
    /// The id of the row that other units compete for. Units of a group lock their rows in the order of these ids, so
    /// that two groups do not wait for each other.
    pub(crate) contended_id: String,
}

impl Unit {
    pub(crate) fn of(statement: Statement) -> Self {
        Self { statements: vec![statement], contended_id: String::new() }
    }

    /// Names the row that other units compete for.
    pub(crate) fn contending_for(self, id: impl Into<String>) -> Self {
        Self { contended_id: id.into(), ..self }
    }

    pub(crate) fn push(&mut self, statement: Statement) {
        self.statements.push(statement);
    }

    /// Whether a statement after the first change can refuse the unit, so that the change must be undone.
    pub(crate) fn can_be_refused_late(&self) -> bool {
        let mut from_first_change =
            self.statements.iter().skip_while(|statement| statement.effect == Effect::Locks);
        from_first_change.by_ref().skip(1).any(|statement| statement.guard.is_some())
    }
}

/// The outcome of a unit.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The unit is durable. Its `returning` clauses gave these rows.
    Committed(Vec<Row>),
    /// The condition of this guard was not met. Nothing was changed.
    Refused(Guard),
}
