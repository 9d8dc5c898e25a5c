//! The seam between SQL text and database engine: a unit of guarded statements, and the rows it answers with.

use kassa_domain::Timestamp;

use crate::StoreError;

/// A value that goes into or comes out of a statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.as_ms())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_string())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

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

/// One SQL statement. Placeholders are `$1`, `$2`, ... and first appear in this order.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sql: &'static str,
    /// What is asked instead where the tables are spread over servers that cannot be asked the same.
    pub(crate) over_servers: Option<&'static str>,
    pub(crate) values: Vec<Value>,
    pub(crate) guard: Option<Guard>,
}

impl Statement {
    pub(crate) fn new(sql: &'static str, values: impl Into<Vec<Value>>) -> Self {
        Self { sql, over_servers: None, values: values.into(), guard: None }
    }

    /// The same question, as it can be asked of tables that are spread over servers.
    pub(crate) fn or_over_servers(self, sql: &'static str) -> Self {
        Self { over_servers: Some(sql), ..self }
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

/// One row of an answer, read from left to right.
#[derive(Debug)]
pub(crate) struct Row {
    values: std::vec::IntoIter<Value>,
}

impl Row {
    pub(crate) fn new(values: Vec<Value>) -> Self {
        Self { values: values.into_iter() }
    }

    fn next(&mut self) -> Result<Value, StoreError> {
        self.values.next().ok_or_else(|| StoreError::Fault("a row is too short".to_string()))
    }

    pub(crate) fn text(&mut self) -> Result<String, StoreError> {
        self.optional_text()?.ok_or_else(|| StoreError::Fault("text is missing from a row".to_string()))
    }

    pub(crate) fn optional_text(&mut self) -> Result<Option<String>, StoreError> {
        match self.next()? {
            Value::Text(text) => Ok(Some(text)),
            Value::Null => Ok(None),
            Value::Int(_) => Err(StoreError::Fault("a number stands where text belongs".to_string())),
        }
    }

    pub(crate) fn int(&mut self) -> Result<i64, StoreError> {
        self.optional_int()?.ok_or_else(|| StoreError::Fault("a number is missing from a row".to_string()))
    }

    pub(crate) fn optional_int(&mut self) -> Result<Option<i64>, StoreError> {
        match self.next()? {
            Value::Int(number) => Ok(Some(number)),
            Value::Null => Ok(None),
            Value::Text(_) => Err(StoreError::Fault("text stands where a number belongs".to_string())),
        }
    }

    pub(crate) fn instant(&mut self) -> Result<Timestamp, StoreError> {
        self.int().map(Timestamp::from_ms)
    }

    /// Reads a word with the parser of its type.
    pub(crate) fn word<T>(&mut self, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
        let word = self.text()?;
        parse(&word).ok_or_else(|| StoreError::Fault(format!("an unknown word is stored: {word}")))
    }
}
