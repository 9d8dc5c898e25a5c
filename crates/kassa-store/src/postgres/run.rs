//! The outcome of a unit that was sent.

use kassa_sql::{Row, SqlError};

use super::statement::CHANGED;
use crate::engine::{Answer, Effect, Guard, Statement};

/// The rows that the statements of a unit answered with, and the guard that was refused.
#[derive(Default)]
pub(super) struct UnitRun {
    rows: Vec<Row>,
    pub(super) refusal: Option<Refusal>,
    may_have_changed: bool,
}

/// A refused guard.
#[derive(Clone, Copy)]
pub(super) struct Refusal {
    pub(super) guard: Guard,
    /// Whether statements of the unit before the guard may have changed something.
    pub(super) is_late: bool,
}

impl UnitRun {
    /// Adds the answer of the unit's next statement.
    pub(super) fn add(&mut self, statement: &Statement, mut rows: Vec<Row>) -> Result<(), SqlError> {
        let is_late = self.may_have_changed;
        self.may_have_changed |= statement.effect != Effect::Locks;
        let Some(guard) = statement.guard else {
            self.rows.append(&mut rows);
            return Ok(());
        };
        let changed: i64 = rows.first_mut().map_or(Ok(0), |row| row.get(CHANGED))?;
        if changed != 1 && self.refusal.is_none() {
            self.refusal = Some(Refusal { guard, is_late });
        }
        Ok(())
    }

    /// The guard of the unit was refused, before anything was changed.
    pub(super) const fn refuse(&mut self, guard: Guard) {
        self.refusal = Some(Refusal { guard, is_late: false });
    }

    /// The unit was not refused, and one of its statements may have answered with a row.
    pub(super) fn accept(&mut self, answer: Option<Row>) {
        self.refusal = None;
        self.rows.extend(answer);
    }

    pub(super) fn answer(self) -> Answer {
        match self.refusal {
            None => Answer::Committed(self.rows),
            Some(refusal) => Answer::Refused(refusal.guard),
        }
    }
}
