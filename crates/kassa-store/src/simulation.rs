//! A writer that works in the caller's place, so that a whole run can be repeated from a seed; and a saboteur,
//! which proves that a simulation would notice a lost write.

use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use crate::StoreError;
use crate::engine::{Answer, Unit};
use crate::sqlite::commit_group;

/// A write that is lost: a defect on purpose.
#[derive(Clone, Debug)]
pub struct Sabotage {
    /// How the statement begins that is lost, such as `insert into callback (`.
    pub statement: &'static str,
    /// Which of them, from 1: every n-th is lost.
    pub every: usize,
}

/// The connection, used in turn by whoever runs a unit.
pub(crate) struct InPlace {
    state: Mutex<State>,
}

struct State {
    connection: Connection,
    sabotage: Option<Sabotage>,
    seen: usize,
}

impl InPlace {
    pub(crate) fn new(connection: Connection, sabotage: Option<Sabotage>) -> Self {
        Self { state: Mutex::new(State { connection, sabotage, seen: 0 }) }
    }

    /// Runs a unit. Before and after it the process may die: a simulation can drop the caller there.
    pub(crate) async fn run(&self, unit: Unit) -> Result<Answer, StoreError> {
        tokio::task::yield_now().await;
        let answer = self.state.lock().unwrap_or_else(PoisonError::into_inner).commit(unit);
        tokio::task::yield_now().await;
        answer
    }
}

impl State {
    fn commit(&mut self, mut unit: Unit) -> Result<Answer, StoreError> {
        if let Some(sabotage) = &self.sabotage {
            let seen = &mut self.seen;
            unit.statements.retain(|statement| {
                let is_target = statement.sql.starts_with(sabotage.statement);
                *seen += usize::from(is_target);
                !(is_target && seen.is_multiple_of(sabotage.every))
            });
        }
        commit_group(&self.connection, &[&unit]).remove(0)
    }
}
