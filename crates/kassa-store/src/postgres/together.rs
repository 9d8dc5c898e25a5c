//! Units that run as one statement: units of a group with the same statements, each with its own values.
//!
//! The units must not compete for a row, because none of them would see the change of another one.

use kassa_sql::postgres::{ManyStep, ManySteps, PreparedMany};
use kassa_sql::{Row, SqlError};

use super::run::UnitRun;
use crate::engine::{Guard, Statement, Unit};

/// Units that run as one statement, which is prepared on a connection.
pub(super) struct Together<'a> {
    /// Their places in the group.
    pub(super) places: Vec<usize>,
    /// The guard of each of them.
    pub(super) guard: Option<Guard>,
    pub(super) steps: PreparedMany<'a>,
}

impl Together<'_> {
    /// Reads the answer: the units that are not in it were refused.
    pub(super) fn add_answers(&self, rows: Vec<Row>, runs: &mut [UnitRun]) -> Result<(), SqlError> {
        if let Some(guard) = self.guard {
            self.places.iter().for_each(|place| runs[*place].refuse(guard));
        }
        for row in rows {
            let (place, answer) = row.split_place()?;
            let unknown = || SqlError::Fault(format!("no unit has the place {place}").into());
            let unit = self.places.get(place).ok_or_else(unknown)?;
            runs[*unit].accept(answer);
        }
        Ok(())
    }
}

/// Puts units together that have the same statements and do not compete for a row. Returns their places. Units that
/// compete for a row are neighbours.
pub(super) fn put_together(units: &[&Unit]) -> Vec<Vec<usize>> {
    let mut parts: Vec<Vec<usize>> = Vec::new();
    for (place, unit) in units.iter().enumerate() {
        let is_same = |part: &&mut Vec<usize>| has_same_statements(units[part[0]], unit);
        match parts.iter_mut().rfind(is_same) {
            Some(part) if !competes(units[part[part.len() - 1]], unit) => part.push(place),
            Some(_) | None => parts.push(vec![place]),
        }
    }
    parts
}

fn competes(one: &Unit, other: &Unit) -> bool {
    !other.contended_id.is_empty() && one.contended_id == other.contended_id
}

fn has_same_statements(one: &Unit, other: &Unit) -> bool {
    let is_same = |(one, other): (&Statement, &Statement)| one.sql == other.sql && one.guard == other.guard;
    one.statements.len() == other.statements.len()
        && one.statements.iter().zip(&other.statements).all(is_same)
}

/// The statements of these units, each with the values of all units; `None` if they cannot run as one.
pub(super) fn steps_of<'a>(units: &[&'a Unit], places: &[usize]) -> Option<ManySteps<'a>> {
    let step = |(index, statement): (usize, &Statement)| ManyStep {
        sql: statement.sql,
        is_guard: statement.guard.is_some(),
        rows: places.iter().map(|place| &*units[*place].statements[index].values).collect(),
    };
    ManySteps::of(units[places[0]].statements.iter().enumerate().map(step).collect())
}

#[cfg(test)]
mod tests {
    use kassa_sql::{Sql, sql};

    use super::*;

    const CREATE: Sql = sql!(
        "insert into test_merchant (merchant_id, made_by, created_at) {values}$1, $2, $3{end}{many: from given}"
    );
    const SETTLE: Sql =
        sql!("update console_session set used_at = $1{many: from given} where token_hash = $2");

    fn unit(sql: Sql, id: &str, contended_id: &str) -> Unit {
        Unit::of(Statement::new(sql, [id.into()])).contending_for(contended_id)
    }

    fn places(units: &[Unit]) -> Vec<Vec<usize>> {
        put_together(&units.iter().collect::<Vec<_>>())
    }

    #[test]
    fn units_with_the_same_statements_run_together() {
        let units =
            [unit(CREATE, "a", ""), unit(SETTLE, "b", "b"), unit(CREATE, "c", ""), unit(SETTLE, "d", "d")];
        assert_eq!(places(&units), [[0, 2], [1, 3]]);
    }

    #[test]
    fn units_that_compete_for_a_row_run_one_after_the_other() {
        let units = ["a", "a", "b", "b", "c"].map(|id| unit(SETTLE, id, id));
        assert_eq!(places(&units), [vec![0], vec![1, 2], vec![3, 4]]);
    }
}
