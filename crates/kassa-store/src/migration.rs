//! The schema's history: embedded texts, run once each, forward only.

use kassa_sql::{Row, Schema, SqlError, SqliteFile};

/// A text that has landed is never edited: the database keeps its fingerprint.
pub(crate) const SCHEMA: Schema = Schema {
    migrations: &[
        include_str!("migrations/0001_start.sql"),
        include_str!("migrations/0002_lab.sql"),
        include_str!("migrations/0003_serving.sql"),
        include_str!("migrations/0004_authorizations.sql"),
        include_str!("migrations/0005_actors.sql"),
        include_str!("migrations/0006_payments_callbacks.sql"),
        include_str!("migrations/0007_endpoints.sql"),
        include_str!("migrations/0008_payment_operations.sql"),
        include_str!("migrations/0009_payment_accounts.sql"),
        include_str!("migrations/0010_remote_payments.sql"),
        include_str!("migrations/0011_started_payments.sql"),
        include_str!("migrations/0012_order_references.sql"),
        include_str!("migrations/0013_recorded_requests.sql"),
        include_str!("migrations/0014_audit.sql"),
        include_str!("migrations/0015_console.sql"),
        include_str!("migrations/0016_suspended_merchants.sql"),
        include_str!("migrations/0017_personal_data.sql"),
        include_str!("migrations/0018_openid.sql"),
        include_str!("migrations/0019_erasures_of_merchants.sql"),
        include_str!("migrations/0020_message_deliveries.sql"),
        include_str!("migrations/0021_profiles.sql"),
        include_str!("migrations/0022_id_checks.sql"),
    ],
    oldest: "select value from setting where name = 'oldest_schema'",
};

/// Names the schema: two databases with the same have the same tables.
#[must_use]
pub fn schema() -> String {
    SCHEMA.name()
}

/// Brings a file up to date, in one transaction.
pub(crate) fn bring_up_to_date(file: &SqliteFile) -> Result<(), SqlError> {
    let transaction = file.begin_immediate()?;
    if holds_tables_of_others(file)? {
        return Err(SqlError::Unusable("the file is a database, but not Kassa's".into()));
    }
    SCHEMA.bring_file_up_to_date(file)?;
    transaction.commit()
}

/// Whether there are tables, but not the one that keeps our history.
fn holds_tables_of_others(file: &SqliteFile) -> Result<bool, SqlError> {
    let sql = "select case when count(*) > 0 and sum(name = 'schema_migration') = 0 then 1 else 0 end
               from sqlite_schema where type = 'table'";
    file.query(sql, &[])?.first_mut().map_or(Ok(false), Row::only)
}
