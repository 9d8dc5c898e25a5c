//! The seam: what a piece of work can ask of a database, and what an engine has to offer for it.
//!
//! Both engines run the same text, by the rules of `kassa_sql`. The text avoids features that only one engine has: `max`
//! and `min` of two values, `insert or ignore`, a `sum` that is not cast.

use kassa_sql::{Row, Sql, Value};

use super::StateError;

/// A step of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// One writer at a time, in however many processes, from here to the end of the transaction.
    Begin,
    /// A transaction that changes nothing and sees one moment.
    BeginLooking,
    /// What follows is undone on its own where it fails.
    BeginPiece,
    /// The piece stands.
    KeepPiece,
    /// The piece is undone.
    UndoPiece,
    /// What stands is durable.
    Commit,
    /// Nothing stands.
    GiveUp,
}

/// What a database engine does.
pub(super) trait Engine: Send {
    /// Takes a step of a transaction.
    fn step(&mut self, step: Step) -> Result<(), StateError>;

    /// Runs a statement; answers with the number of rows that it touched.
    fn execute(&mut self, sql: Sql, values: &[Value<'_>]) -> Result<u64, StateError>;

    /// Runs a statement that answers with rows.
    fn query(&mut self, sql: Sql, values: &[Value<'_>]) -> Result<Vec<Row>, StateError>;

    /// So many pieces make a group at most.
    fn largest_group(&self) -> usize;
}

/// What a piece of work runs its statements on.
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

    /// Runs a statement; answers with the number of rows that it touched.
    pub(in crate::tracker) fn execute(
        &mut self,
        sql: impl Into<Sql>,
        values: &[Value<'_>],
    ) -> Result<u64, StateError> {
        self.0.execute(sql.into(), values)
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

    /// Reads the first row, if there is one.
    pub(in crate::tracker) fn first<T>(
        &mut self,
        sql: impl Into<Sql>,
        values: &[Value<'_>],
        read: impl Fn(&mut Row) -> Result<T, StateError>,
    ) -> Result<Option<T>, StateError> {
        self.0.query(sql.into(), values)?.first_mut().map(read).transpose()
    }

    /// Reads the first row, which is always there.
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
