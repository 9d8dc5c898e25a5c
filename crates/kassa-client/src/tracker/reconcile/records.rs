//! The merchant's records, from a query on the merchant's own database.
//!
//! A batch runs at the account's rate and may take hours. So the result of the query is copied at once: on SQLite into
//! a temporary table, on PostgreSQL into a cursor `with hold`. The batch then reads the copy page by page, and blocks
//! no transaction of the merchant.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::stream::{iter, try_unfold};
use futures_util::{Stream, TryStreamExt as _};
#[cfg(feature = "postgres")]
use kassa_sql::postgres::Session;
use kassa_sql::{Cause, Row, SqliteFile, columns, sql, values};
use kassa_wire::status::SessionStatus;

use super::MerchantRecord;
#[cfg(feature = "postgres")]
use crate::tracker::state::postgres;
use crate::tracker::state::{StateError, sqlite};

/// The number of records per page.
const PAGE: i64 = 500;

/// The columns that a query must return.
const COLUMNS: [&str; 2] = ["session_id", "status"];

/// The copied result of a query.
pub struct MerchantRecords {
    total: u64,
    copy: ResultCopy,
}

/// The copy of the result.
enum ResultCopy {
    /// A temporary table, with the number of rows read so far.
    Sqlite(Arc<Mutex<SqliteFile>>, i64),
    /// A cursor.
    #[cfg(feature = "postgres")]
    Postgres(Box<Session>),
}

columns! {
    /// A row of the copy. Either column may be null.
    record { session_id, status }
}

impl MerchantRecords {
    /// Runs a query on an SQLite file, which is opened read-only.
    ///
    /// # Errors
    /// If the file or the query cannot be used, with the reason.
    pub async fn of_sqlite(path: &Path, query: &str) -> Result<Self, StateError> {
        let (path, query) = (path.to_path_buf(), one_statement(query));
        run_blocking(move || {
            let file = sqlite::open_read_only(&path)?;
            let total = copy_rows(&file, &query)?;
            Ok(Self { total, copy: ResultCopy::Sqlite(Arc::new(Mutex::new(file)), 0) })
        })
        .await
    }

    /// Runs a query on a PostgreSQL database, in a read-only transaction.
    ///
    /// # Errors
    /// If the database or the query cannot be used, with the reason.
    #[cfg(feature = "postgres")]
    pub async fn of_postgres(url: &str, query: &str) -> Result<Self, StateError> {
        let session = postgres::target(url, None)?.connect().await?;
        let query = one_statement(query);
        session
            .batch("begin isolation level repeatable read read only; set local statement_timeout = 0")
            .await?;
        let [session_id, status] = names(&session.columns_of(&query).await?)?;
        let declare = format!(
            "declare kassa_records scroll cursor with hold for
               select cast({session_id} as text), cast({status} as text) from ({query}) as records; commit"
        );
        session.batch(&declare).await?;
        let total = session.simple_query("move forward all in kassa_records").await?.count;
        session.batch("move absolute 0 in kassa_records").await?;
        Ok(Self { total, copy: ResultCopy::Postgres(Box::new(session)) })
    }

    /// The number of records.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// The records, in the order of the query.
    pub fn stream(self) -> impl Stream<Item = Result<MerchantRecord, StateError>> + Send {
        let pages = try_unfold(self, |mut records| async move {
            let page = records.next_page().await?;
            Ok::<_, StateError>((!page.is_empty()).then(|| (iter(page.into_iter().map(read)), records)))
        });
        pages.try_flatten()
    }

    async fn next_page(&mut self) -> Result<Vec<Row>, StateError> {
        match &mut self.copy {
            ResultCopy::Sqlite(file, after) => {
                let (file, from) = (file.clone(), *after);
                *after += PAGE;
                run_blocking(move || page(&file.lock().unwrap_or_else(PoisonError::into_inner), from)).await
            }
            #[cfg(feature = "postgres")]
            ResultCopy::Postgres(session) => {
                Ok(session.simple_query(&format!("fetch {PAGE} from kassa_records")).await?.rows)
            }
        }
    }
}

/// Runs disk work on a thread that may block.
async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StateError> + Send + 'static,
) -> Result<T, StateError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StateError::Fault(Cause::of(error)))?
}

/// Removes a semicolon at the end of a query.
fn one_statement(query: &str) -> String {
    query.trim().trim_end_matches(';').to_string()
}

/// The names of the required columns in the result of a query, quoted. Their letter case does not matter.
fn names(columns: &[String]) -> Result<[String; 2], StateError> {
    let named = |wanted: &str| {
        let is_same = |column: &&String| column.eq_ignore_ascii_case(wanted);
        let found = columns.iter().find(|column| *column == wanted).or_else(|| columns.iter().find(is_same));
        found.map(|name| format!("\"{}\"", name.replace('"', "\"\"")))
    };
    let missing = |wanted: &str| {
        let columns = if columns.is_empty() { "no columns".to_string() } else { columns.join(", ") };
        let reason =
            format!("the query gives {columns}, and no {wanted}: name the columns session_id and status");
        StateError::Invalid(reason.into())
    };
    let [session_id, status] = COLUMNS.map(|wanted| named(wanted).ok_or_else(|| missing(wanted)));
    Ok([session_id?, status?])
}

fn copy_rows(file: &SqliteFile, query: &str) -> Result<u64, StateError> {
    let [session_id, status] = names(&file.columns_of(query)?)?;
    file.batch(&format!(
        "create temp table kassa_records as
           select cast({session_id} as text) as session_id, cast({status} as text) as status from ({query})"
    ))?;
    let mut count = file.query("select count(*) from kassa_records", &[])?;
    let total = count.first_mut().map_or(Ok(0), Row::only::<i64>)?;
    Ok(total.unsigned_abs())
}

fn page(file: &SqliteFile, after: i64) -> Result<Vec<Row>, StateError> {
    let sql = sql!(
        "select {record} from kassa_records where rowid > $1 and rowid <= $1 + $2 order by rowid",
        record
    );
    Ok(file.query(sql.sqlite(), values![after, PAGE])?)
}

fn read(mut row: Row) -> Result<MerchantRecord, StateError> {
    let none = |what: &str| StateError::Invalid(format!("a record of the query has no {what}").into());
    let session_id = row.get::<Option<String>>(record::session_id)?.ok_or_else(|| none("session_id"))?;
    let status = row.get::<Option<String>>(record::status)?;
    let status = status.ok_or_else(|| none(&format!("status: that of {session_id} is null")))?;
    Ok(MerchantRecord { session_id, status: SessionStatus::from(status) })
}
