//! Brings the tables of a program up to date: embedded texts, each run once, forward only.
//!
//! A program that starts runs the migrations that the database has not seen, and notes each with a fingerprint of its
//! text in `schema_migration`. If several programs start together, the caller makes them do so in turn. If the process
//! dies in the middle, the next start continues after the last migration that was committed.

use crate::error::SqlError;
use crate::sqlite::SqliteFile;

/// Creates the history table, if it is missing.
const HISTORY: &str = "create table if not exists schema_migration (
    version bigint not null primary key, fingerprint text not null)";

/// Reads the history.
const APPLIED: &str = "select fingerprint from schema_migration order by version";

/// The tables of a program, and the migrations that create them.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// The migrations in their order, each as the text of its statements. A text that was released is never edited.
    pub migrations: &'static [&'static str],
    /// Reads the oldest schema whose programs may start on a database that a newer program has brought up to date; as
    /// text, and no row if the newer schema was not marked.
    pub oldest: &'static str,
}

impl Schema {
    /// Names the schema: two databases with the same name have the same tables.
    #[must_use]
    pub fn name(&self) -> String {
        fingerprint(&self.migrations.concat())
    }

    /// Brings a file up to date. The caller begins a transaction in which nobody else writes, and commits it.
    ///
    /// # Errors
    /// If the file has a schema that this program does not know, or cannot be written.
    pub fn bring_file_up_to_date(&self, file: &SqliteFile) -> Result<(), SqlError> {
        file.batch(HISTORY)?;
        let texts = |sql: &str| -> Result<Vec<String>, SqlError> {
            file.query(sql, &[])?.into_iter().map(|mut row| row.only()).collect()
        };
        let applied = texts(APPLIED)?;
        if self.is_newer(&applied) {
            self.check_newer(texts(self.oldest)?.first())?;
        }
        self.missing(&applied)?.try_for_each(|(version, text)| file.batch(&migration(version, text, text)))
    }

    /// Brings a database up to date. The caller has a lock or a transaction, so that no other program does the same.
    /// `read` turns a text of this schema into one that PostgreSQL can run.
    ///
    /// # Errors
    /// If the database has a schema that this program does not know, or cannot be written.
    #[cfg(feature = "postgres")]
    pub async fn bring_server_up_to_date(
        &self,
        session: &crate::postgres::Session,
        read: impl Fn(&str) -> String,
    ) -> Result<(), SqlError> {
        session.batch(HISTORY).await?;
        let applied = texts(session, APPLIED).await?;
        if self.is_newer(&applied) {
            self.check_newer(texts(session, self.oldest).await?.first())?;
        }
        for (version, text) in self.missing(&applied)? {
            // Statements that are sent together are one transaction.
            session.batch(&migration(version, text, &read(text))).await?;
        }
        Ok(())
    }

    /// Whether the history has migrations after those of this program.
    fn is_newer(&self, applied: &[String]) -> bool {
        applied.len() > self.migrations.len()
    }

    /// Accepts a newer schema that was only expanded since this program's own. So a node of the version before may be
    /// started again during an upgrade, and an upgrade may be undone.
    fn check_newer(&self, oldest: Option<&String>) -> Result<(), SqlError> {
        let oldest: Option<usize> = oldest.and_then(|text| text.parse().ok());
        match oldest.is_some_and(|oldest| oldest <= self.migrations.len()) {
            true => Ok(()),
            false => {
                Err(SqlError::Unusable("the database was written by a newer Kassa: use that version".into()))
            }
        }
    }

    /// The migrations to be run, each with its version.
    fn missing(&self, applied: &[String]) -> Result<impl Iterator<Item = (usize, &'static str)>, SqlError> {
        let differs = |(stored, text): (&String, &&str)| *stored != fingerprint(text);
        match applied.iter().zip(self.migrations).position(differs) {
            Some(index) => Err(SqlError::Unusable(
                format!(
                    "the database does not have the schema of this Kassa: migration {} differs",
                    index + 1
                )
                .into(),
            )),
            None => {
                let texts = self.migrations.iter().enumerate().skip(applied.len());
                Ok(texts.map(|(index, text)| (index + 1, *text)))
            }
        }
    }
}

#[cfg(feature = "postgres")]
async fn texts(session: &crate::postgres::Session, sql: &str) -> Result<Vec<String>, SqlError> {
    session.simple_query(sql).await?.rows.into_iter().map(|mut row| row.only()).collect()
}

/// The statements of a migration as the engine runs them, and the one that notes it in the history.
fn migration(version: usize, text: &str, run: &str) -> String {
    let fingerprint = fingerprint(text);
    format!(
        "{run}\n; insert into schema_migration (version, fingerprint) values ({version}, '{fingerprint}')"
    )
}

/// FNV-1a. It distinguishes an edited text from the one that was applied; no secret depends on it.
fn fingerprint(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
