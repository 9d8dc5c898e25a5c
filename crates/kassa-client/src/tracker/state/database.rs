//! The interface between a piece of work and a database engine.
//!
//! Both engines run the same SQL, by the rules of `kassa_sql`. It avoids features that only one engine has: `max` and
//! `min` of two values, `insert or ignore`, a `sum` without a cast.

use kassa_sql::{Row, Sql, Value};

use super::StateError;

/// A step of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Begins a write transaction. Only one is open at a time, across all processes.
    Begin,
    /// Begins a read-only transaction on a snapshot.
    BeginRead,
    /// Begins a piece, which can be undone alone.
    BeginPiece,
    /// Keeps the changes of the piece.
    KeepPiece,
    /// Undoes the changes of the piece.
    UndoPiece,
    /// Makes the kept changes durable.
    Commit,
    /// Undoes the whole transaction.
    Rollback,
}

/// A database engine.
pub(super) trait Engine: Send {
    /// Carries out a step of a transaction.
    fn step(&mut self, step: Step) -> Result<(), StateError>;

    /// Runs a statement. Returns the number of affected rows.
    fn execute(&mut self, sql: Sql, values: &[Value<'_>]) -> Result<u64, StateError>;

    /// Runs a statement that returns rows.
    fn query(&mut self, sql: Sql, values: &[Value<'_>]) -> Result<Vec<Row>, StateError>;

    /// Runs a statement once for each row of values. Answers for each of them with the row that the statement returned
    /// or changed, if there is one.
    fn each(&mut self, sql: Sql, rows: &[Vec<Value<'_>>]) -> Result<Vec<Option<Row>>, StateError>;

    /// The maximum number of pieces in a group.
    fn largest_group(&self) -> usize;
}

/// The database, as a piece of work sees it.
pub(in crate::tracker) struct Database(Box<dyn Engine>);

impl Database {
    pub(super) fn on(engine: impl Engine + 'static) -> Self {
        Self(Box::new(engine))
    }

    pub(super) fn step(&mut self, step: Step) -> Result<(), StateError> {
        self.0.step(step)
    }

    pub(super) fn largest_group(&self) -> usize {
        self.0.largest_group()
    }

    /// Runs a statement. Returns the number of affected rows.
    pub(in crate::tracker) fn execute(
        &mut self,
        sql: impl Into<Sql>,
        values: &[Value<'_>],
    ) -> Result<u64, StateError> {
        self.0.execute(sql.into(), values)
    }

    /// Runs a statement once for each row of values. Answers for each of them with the row that the statement returned
    /// or changed, if there is one.
    ///
    /// PostgreSQL runs it as one statement for all rows of values, which must concern different rows of the table. A
    /// statement whose answer matters has the token `{many:...}` with a `returning` clause for the place of the values.
    pub(in crate::tracker) fn each(
        &mut self,
        sql: impl Into<Sql>,
        rows: &[Vec<Value<'_>>],
    ) -> Result<Vec<Option<Row>>, StateError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        self.0.each(sql.into(), rows)
    }

    /// Reads every row.
    pub(in crate::tracker) fn rows<T>(
        &mut self,
        sql: impl Into<Sql>,
        values: &[Value<'_>],
        read: impl Fn(&mut Row) -> Result<T, StateError>,
    ) -> Result<Vec<T>, StateError> {
        self.0.query(sql.into(), values)?.iter_mut().map(read).collect()
    }

    /// Reads the first row; `None` if there is none.
    pub(in crate::tracker) fn first<T>(
        &mut self,
        sql: impl Into<Sql>,
        values: &[Value<'_>],
        read: impl Fn(&mut Row) -> Result<T, StateError>,
    ) -> Result<Option<T>, StateError> {
        self.0.query(sql.into(), values)?.first_mut().map(read).transpose()
    }

    /// Reads the first row of a statement that always returns one.
    pub(in crate::tracker) fn one<T>(
        &mut self,
        sql: impl Into<Sql>,
        values: &[Value<'_>],
        read: impl Fn(&mut Row) -> Result<T, StateError>,
    ) -> Result<T, StateError> {
        let sql = sql.into();
        let none = || StateError::Fault(format!("no row came of {}", sql.sqlite()).into());
        self.first(sql, values, read)?.ok_or_else(none)
    }
}
