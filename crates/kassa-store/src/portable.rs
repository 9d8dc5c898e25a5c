//! A merchant's history as one value, for export to another machine: the rows of each table, column by column.

mod rows;
mod tables;

use kassa_domain::{MerchantId, PageSessionId};
use serde_json::{Map, Value};

use crate::audit::{NewAct, push_act, unit_with_act};
use crate::engine::{Answer, Statement};
use crate::{Store, StoreError};
use rows::{Destination, References, insert, read};
use tables::TABLES;

/// The outcome of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportOutcome {
    /// The history was imported, with this many page sessions.
    Done(usize),
    /// Some of it exists already. Nothing was changed.
    AlreadyThere,
    /// This part cannot be read, such as `tables.callback[3].url`. Nothing was changed.
    Unreadable(String),
}

impl Store {
    /// The merchant's history by table, or that of one page session.
    pub async fn export(
        &self,
        of: &MerchantId,
        one: Option<&PageSessionId>,
    ) -> Result<Map<String, Value>, StoreError> {
        let mut tables = Map::new();
        for table in &TABLES {
            let values = [of.as_str().into(), one.map(PageSessionId::as_str).into()];
            let rows =
                self.rows(Statement::new(table.select, values), |row| read(&self.seal, table, row)).await?;
            tables.insert(table.name.to_string(), Value::Array(rows));
        }
        Ok(tables)
    }

    /// Imports a history for this merchant. Callbacks that were under way are imported as given up, so that nothing is
    /// sent without a request.
    pub async fn import(
        &self,
        of: &MerchantId,
        tables: &Map<String, Value>,
        act: &NewAct,
    ) -> Result<ImportOutcome, StoreError> {
        let references = References::of(tables);
        let destination = Destination { merchant: of, seal: &self.seal };
        let mut unit = unit_with_act();
        for table in &TABLES {
            for (place, row) in rows::of_table(tables, table.name).iter().enumerate() {
                match insert(table, row, &destination, &references) {
                    Ok(statement) => unit.push(statement),
                    Err(column) => {
                        return Ok(ImportOutcome::Unreadable(format!(
                            "tables.{}[{place}].{column}",
                            table.name
                        )));
                    }
                }
            }
        }
        push_act(&mut unit, act);
        match self.run(unit).await? {
            Answer::Committed(_) => Ok(ImportOutcome::Done(references.page_sessions())),
            Answer::Refused(_) => Ok(ImportOutcome::AlreadyThere),
        }
    }
}
