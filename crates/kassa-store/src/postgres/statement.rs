//! One SQL text for both engines: what PostgreSQL is to read of it, and how values and rows travel.

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::StoreError;
use crate::engine::{Row, Statement, Value};

/// Where the tables are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spread {
    OneServer,
    /// On several, by the page session (Citus).
    Servers,
}

/// What a text says about locks. To SQLite, which has one writer, these are comments.
const LOCKS: [(&str, &str); 3] = [
    // A claim passes over rows that another claimant holds.
    ("/* for update skip locked */", "for update skip locked"),
    // Who asks whether a predecessor waits for its first attempt waits for whoever is recording that attempt.
    ("/* for share */", "for share"),
    // Who counts rows before it changes one of them waits for whoever did the same, and counts again.
    ("/* for update */", "for update"),
];

/// The text as PostgreSQL is to run it. One that is guarded divides by the number of rows that it changed: where the
/// guard does not hold, the division fails, and with it the transaction, without a round trip to look at the number.
pub(super) fn text_of(statement: &Statement, spread: Spread) -> String {
    let with_locks = |text: String, (comment, lock): &(&str, &str)| text.replace(comment, lock);
    let sql = match spread {
        Spread::OneServer => statement.sql,
        Spread::Servers => statement.over_servers.unwrap_or(statement.sql),
    };
    let text = LOCKS.iter().fold(sql.to_string(), with_locks);
    match statement.guard {
        Some(_) => format!("with guarded as ({text} returning 1) select 1 / count(*) from guarded"),
        None => text,
    }
}

/// The types of the values. What is null has the type that the text asks for.
pub(super) fn types_of(values: &[Value]) -> Vec<Type> {
    let type_of = |value: &Value| match value {
        Value::Null => Type::UNKNOWN,
        Value::Int(_) => Type::INT8,
        Value::Text(_) => Type::TEXT,
    };
    values.iter().map(type_of).collect()
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) => number.to_sql(ty, out),
            // PostgreSQL has no place for a zero byte in a text.
            Self::Text(text) if text.contains('\0') => text.replace('\0', "\u{fffd}").to_sql(ty, out),
            Self::Text(text) => text.to_sql(ty, out),
        }
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

pub(super) fn read_rows(rows: &[tokio_postgres::Row]) -> Result<Vec<Row>, StoreError> {
    rows.iter().map(read_row).collect()
}

fn read_row(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let column = |index: usize| -> Result<Value, tokio_postgres::Error> {
        Ok(match *row.columns()[index].type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(index)?.map_or(Value::Null, Value::Int),
            Type::INT4 => {
                row.try_get::<_, Option<i32>>(index)?.map_or(Value::Null, |number| Value::Int(number.into()))
            }
            _ => row.try_get::<_, Option<String>>(index)?.map_or(Value::Null, Value::Text),
        })
    };
    let values = (0..row.len()).map(column).collect::<Result<_, _>>()?;
    Ok(Row::new(values))
}
