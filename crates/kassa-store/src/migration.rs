//! Brings the schema up to date: embedded texts, run once each, forward only.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::StoreError;

/// The schema's history. A text that has landed is never edited: its fingerprint is stored.
const MIGRATIONS: [&str; 3] = [
    include_str!("migrations/0001_start.sql"),
    include_str!("migrations/0002_lab.sql"),
    include_str!("migrations/0003_serving.sql"),
];

/// Makes the table that keeps the history, where there is none.
pub(crate) const HISTORY: &str = "create table if not exists schema_migration (
    version bigint not null primary key, fingerprint text not null)";

/// Reads the history.
pub(crate) const APPLIED: &str = "select fingerprint from schema_migration order by version";

/// Reads the oldest schema whose programs may start on a database that a newer program has brought up to date.
pub(crate) const OLDEST_SCHEMA: &str = "select value from setting where name = 'oldest_schema'";

/// Whether the history goes on beyond what this program knows.
pub(crate) fn is_newer(applied: &[String]) -> bool {
    applied.len() > MIGRATIONS.len()
}

/// Lets a program start on a newer schema that was only expanded since its own: a node of the version before may
/// be started again while the others are upgraded, and an upgrade may be taken back.
pub(crate) fn check_newer(oldest_schema: Option<&str>) -> Result<(), StoreError> {
    let oldest: Option<usize> = oldest_schema.and_then(|text| text.parse().ok());
    match oldest.is_some_and(|oldest| oldest <= MIGRATIONS.len()) {
        true => Ok(()),
        false => Err(StoreError::Unusable(
            "the database was written by a newer Kassa: use that version".to_string(),
        )),
    }
}

/// The texts that are to be run, each with its version.
pub(crate) fn missing(applied: &[String]) -> Result<impl Iterator<Item = (i64, &'static str)>, StoreError> {
    check_history(applied)?;
    let texts = MIGRATIONS.iter().enumerate().skip(applied.len());
    Ok(texts.map(|(index, text)| (version(index), *text)))
}

pub(crate) fn bring_up_to_date(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if holds_tables_of_others(&transaction)? {
        return Err(StoreError::Unusable("the file is a database, but not Kassa's".to_string()));
    }
    transaction.execute_batch(HISTORY)?;
    let applied = applied(&transaction)?;
    if is_newer(&applied) {
        let oldest: Option<String> = transaction.query_row(OLDEST_SCHEMA, (), |row| row.get(0)).optional()?;
        check_newer(oldest.as_deref())?;
    }
    for (version, text) in missing(&applied)? {
        transaction.execute_batch(text)?;
        transaction.execute(
            "insert into schema_migration (version, fingerprint) values ($1, $2)",
            (version, fingerprint(text)),
        )?;
    }
    Ok(transaction.commit()?)
}

/// Whether there are tables, but not the one that keeps our history.
fn holds_tables_of_others(connection: &Connection) -> rusqlite::Result<bool> {
    let sql =
        "select count(*) > 0 and sum(name = 'schema_migration') = 0 from sqlite_schema where type = 'table'";
    connection.query_row(sql, (), |row| row.get(0))
}

fn applied(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    connection.prepare(APPLIED)?.query_map([], |row| row.get(0))?.collect()
}

fn check_history(applied: &[String]) -> Result<(), StoreError> {
    let differs = |(stored, text): (&String, &&str)| *stored != fingerprint(text);
    match applied.iter().zip(&MIGRATIONS).position(differs) {
        Some(index) => Err(StoreError::Unusable(format!(
            "the database does not have the schema of this Kassa: migration {} differs",
            version(index)
        ))),
        None => Ok(()),
    }
}

/// Names the schema: two databases with the same have the same tables.
#[must_use]
pub fn schema() -> String {
    fingerprint(&MIGRATIONS.concat())
}

fn version(index: usize) -> i64 {
    i64::try_from(index + 1).expect("the migrations are few")
}

/// FNV-1a: tells an edited text from the one that was applied; no secret depends on it.
pub(crate) fn fingerprint(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
