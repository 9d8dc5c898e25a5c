//! The merchant's records, from a query on the merchant's own database.
//!
//! A batch runs at the account's rate and may take hours. So the result of the query is copied at once: on SQLite into
//! a temporary table, on PostgreSQL into a cursor `with hold`. The batch then reads the copy page by page, and blocks
//! no transaction of the merchant.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::stream::{iter, try_unfold};
use futures_util::{Stream, TryStreamExt as _};
use rusqlite::Connection;
#[cfg(feature = "postgres")]
use tokio_postgres::SimpleQueryMessage;

use super::OnRecord;
use crate::status::Status;
#[cfg(feature = "postgres")]
use crate::tracker::state::postgres;
use crate::tracker::state::{StateError, sqlite};

/// The number of records per page.
const PAGE: i64 = 500;

/// The columns that a query must return.
const COLUMNS: [&str; 2] = ["session_id", "status"];

/// The copied result of a query.
pub struct Records {
    total: u64,
    copy: ResultCopy,
}

/// The copy of the result.
enum ResultCopy {
    /// A temporary table, with the number of rows read so far.
    Sqlite(Arc<Mutex<Connection>>, i64),
    /// A cursor.
    #[cfg(feature = "postgres")]
    Postgres(tokio_postgres::Client),
}

/// A row of the copy. Either column may be null.
type CopiedRow = (Option<String>, Option<String>);

impl Records {
    /// Runs a query on an SQLite file, which is opened read-only.
    ///
    /// # Errors
    /// If the file or the query cannot be used, with the reason.
    pub async fn of_sqlite(path: &Path, query: &str) -> Result<Self, StateError> {
        let (path, query) = (path.to_path_buf(), one_statement(query));
        run_blocking(move || {
            let connection = sqlite::open_read_only(&path)?;
            let total = copy_rows(&connection, &query)?;
            Ok(Self { total, copy: ResultCopy::Sqlite(Arc::new(Mutex::new(connection)), 0) })
        })
        .await
    }

    /// Runs a query on a PostgreSQL database, in a read-only transaction.
    ///
    /// # Errors
    /// If the database or the query cannot be used, with the reason.
    #[cfg(feature = "postgres")]
    pub async fn of_postgres(url: &str, query: &str) -> Result<Self, StateError> {
        let config = postgres::configured(url, None)?;
        let (client, driver) = config.connect(postgres::tls()?).await?;
        // If the connection fails, reading the next page reports it.
        tokio::spawn(driver);
        let query = one_statement(query);
        client
            .batch_execute("begin isolation level repeatable read read only; set local statement_timeout = 0")
            .await?;
        let prepared = client.prepare(&query).await?;
        check(&prepared.columns().iter().map(tokio_postgres::Column::name).collect::<Vec<_>>())?;
        let declare = format!(
            "declare kassa_records scroll cursor with hold for
               select cast(session_id as text), cast(status as text) from ({query}) as records; commit"
        );
        client.batch_execute(&declare).await?;
        let moved = client.simple_query("move forward all in kassa_records").await?;
        let total = moved.iter().find_map(|message| {
            if let SimpleQueryMessage::CommandComplete(count) = message { Some(*count) } else { None }
        });
        client.batch_execute("move absolute 0 in kassa_records").await?;
        Ok(Self { total: total.unwrap_or_default(), copy: ResultCopy::Postgres(client) })
    }

    /// The number of records.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// The records, in the order of the query.
    pub fn stream(self) -> impl Stream<Item = Result<OnRecord, StateError>> + Send {
        let pages = try_unfold(self, |mut records| async move {
            let page = records.next_page().await?;
            Ok::<_, StateError>((!page.is_empty()).then(|| (iter(page.into_iter().map(record)), records)))
        });
        pages.try_flatten()
    }

    async fn next_page(&mut self) -> Result<Vec<CopiedRow>, StateError> {
        match &mut self.copy {
            ResultCopy::Sqlite(connection, after) => {
                let (connection, from) = (connection.clone(), *after);
                *after += PAGE;
                run_blocking(move || page(&connection.lock().unwrap_or_else(PoisonError::into_inner), from))
                    .await
            }
            #[cfg(feature = "postgres")]
            ResultCopy::Postgres(client) => {
                let fetched = client.simple_query(&format!("fetch {PAGE} from kassa_records")).await?;
                let rows = fetched.iter().filter_map(|message| {
                    let SimpleQueryMessage::Row(row) = message else { return None };
                    let text = |column: usize| row.get(column).map(str::to_string);
                    Some((text(0), text(1)))
                });
                Ok(rows.collect())
            }
        }
    }
}

/// Runs disk work on a thread that may block.
async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StateError> + Send + 'static,
) -> Result<T, StateError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StateError(error.to_string()))?
}

/// Removes a semicolon at the end of a query.
fn one_statement(query: &str) -> String {
    query.trim().trim_end_matches(';').to_string()
}

fn check(columns: &[&str]) -> Result<(), StateError> {
    match COLUMNS.iter().find(|wanted| !columns.contains(wanted)) {
        None => Ok(()),
        Some(missing) => Err(StateError(format!(
            "the query gives {}, and no {missing}: name the columns session_id and status",
            if columns.is_empty() { "no columns".to_string() } else { columns.join(", ") }
        ))),
    }
}

fn copy_rows(connection: &Connection, query: &str) -> Result<u64, StateError> {
    let statement = connection.prepare(query)?;
    check(&statement.column_names().collect::<Vec<_>>())?;
    drop(statement);
    connection.execute_batch(&format!(
        "create temp table kassa_records as
           select cast(session_id as text) as session_id, cast(status as text) as status from ({query})"
    ))?;
    let total: i64 = connection.query_row("select count(*) from kassa_records", [], |row| row.get(0))?;
    Ok(total.unsigned_abs())
}

fn page(connection: &Connection, after: i64) -> Result<Vec<CopiedRow>, StateError> {
    let sql =
        "select session_id, status from kassa_records where rowid > $1 and rowid <= $1 + $2 order by rowid";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([after, PAGE], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn record((session_id, status): CopiedRow) -> Result<OnRecord, StateError> {
    let none = |what: &str| StateError(format!("a record of the query has no {what}"));
    let session_id = session_id.ok_or_else(|| none("session_id"))?;
    let status = status.ok_or_else(|| none(&format!("status: that of {session_id} is null")))?;
    Ok(OnRecord { session_id, status: Status::from(status) })
}
