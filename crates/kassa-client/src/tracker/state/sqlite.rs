//! The engine for one machine: an SQLite file. A group is one immediate transaction.

use std::path::Path;
use std::time::Duration;

use kassa_sql::{Row, Schema, Sql, SqliteFile, Value};

use super::StateError;
use super::database::{Database, Engine, Step};

/// The maximum number of pieces in a group.
const LARGEST_GROUP: usize = 256;

/// The longest wait for the lock of another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Marks the file as a tracker's: "kstr".
const APPLICATION_ID: i64 = 0x6b73_7472;

/// An open file.
struct File(SqliteFile);

/// Opens or creates the tracker's own file, and brings its tables up to date. If several processes start at once, they
/// do this in turn.
pub(super) fn open_tracker_file(path: &Path, schema: &Schema) -> Result<Database, StateError> {
    let file = SqliteFile::open(path, BUSY_TIMEOUT)?;
    if belongs_to_another_program(&file)? {
        let why = format!("{} is the database of another program", path.display());
        return Err(StateError::Unusable(why.into()));
    }
    file.write_ahead()?;
    file.sync_commits()?;
    let transaction = file.begin_immediate()?;
    schema.bring_file_up_to_date(&file)?;
    file.batch(&format!("pragma application_id = {APPLICATION_ID}"))?;
    transaction.commit()?;
    Ok(Database::on(File(file)))
}

/// Whether the file has the tables of another program. It reads a snapshot, because another tracker may be creating its
/// tables.
fn belongs_to_another_program(file: &SqliteFile) -> Result<bool, StateError> {
    file.batch("begin")?;
    let number = |sql: &str| file.query(sql, &[])?.first_mut().map_or(Ok(0), Row::only::<i64>);
    let whose = number("pragma application_id");
    let tables = number("select count(*) from sqlite_schema");
    file.batch("commit")?;
    Ok(whose? != APPLICATION_ID && tables? > 0)
}

/// Opens or creates a file of another owner, and creates our table in it if it is missing.
pub(in crate::tracker) fn open_merchants_file(path: &Path, table: &str) -> Result<Database, StateError> {
    let file = SqliteFile::open(path, BUSY_TIMEOUT)?;
    file.sync_commits()?;
    file.batch(table)?;
    Ok(Database::on(File(file)))
}

/// Opens a file read-only, as an engine.
pub(super) fn open_reader(path: &Path) -> Result<Database, StateError> {
    Ok(Database::on(File(open_read_only(path)?)))
}

/// Opens a file read-only.
pub(in crate::tracker) fn open_read_only(path: &Path) -> Result<SqliteFile, StateError> {
    Ok(SqliteFile::open_read_only(path, BUSY_TIMEOUT)?)
}

impl Engine for File {
    fn step(&mut self, step: Step) -> Result<(), StateError> {
        let sql = match step {
            Step::Begin => "begin immediate",
            Step::BeginRead => "begin",
            Step::BeginPiece => "savepoint piece",
            Step::KeepPiece => "release piece",
            Step::UndoPiece => "rollback to piece",
            Step::Commit => "commit",
            // A failed statement may have ended the transaction.
            Step::Rollback if !self.0.is_in_transaction() => return Ok(()),
            Step::Rollback => "rollback",
        };
        Ok(self.0.execute(sql, &[]).map(drop)?)
    }

    fn execute(&mut self, sql: Sql, values: &[Value<'_>]) -> Result<u64, StateError> {
        Ok(self.0.execute(sql.sqlite(), values)? as u64)
    }

    fn query(&mut self, sql: Sql, values: &[Value<'_>]) -> Result<Vec<Row>, StateError> {
        Ok(self.0.query(sql.sqlite(), values)?)
    }

    fn each(&mut self, sql: Sql, rows: &[Vec<Value<'_>>]) -> Result<Vec<Option<Row>>, StateError> {
        let mut answers = Vec::with_capacity(rows.len());
        for values in rows {
            let mut found = Vec::new();
            let count = self.0.run(sql.sqlite(), values, &mut found)?;
            answers.push((count > 0).then(|| found.pop().unwrap_or_default()));
        }
        Ok(answers)
    }

    fn largest_group(&self) -> usize {
        LARGEST_GROUP
    }
}
