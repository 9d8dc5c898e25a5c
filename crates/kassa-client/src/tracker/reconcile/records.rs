//! The merchant's records in its own database, by a query: as they were at one moment, and a page at a time.
//!
//! A batch goes at the account's rate and may take hours. So what the query gives is set aside at once, on SQLite in a
//! temporary table and on PostgreSQL in a cursor that outlives its transaction: nothing of the merchant's is held up.

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

/// Records read at once.
const PAGE: i64 = 500;

/// What a query must give, by name.
const COLUMNS: [&str; 2] = ["session_id", "status"];

/// The records that a query gave.
pub struct Records {
    total: u64,
    aside: Aside,
}

/// Where they are set aside.
enum Aside {
    /// In a temporary table, read so far.
    Sqlite(Arc<Mutex<Connection>>, i64),
    /// In a cursor.
    #[cfg(feature = "postgres")]
    Postgres(tokio_postgres::Client),
}

/// A row as it was read: either column may be null.
type Read = (Option<String>, Option<String>);

impl Records {
    /// Runs a query on an SQLite file, which is not written to.
    ///
    /// # Errors
    /// Where the file or the query cannot be used, with the reason.
    pub async fn of_sqlite(path: &Path, query: &str) -> Result<Self, StateError> {
        let (path, query) = (path.to_path_buf(), one_statement(query));
        aside(move || {
            let connection = sqlite::open_read_only(&path)?;
            let total = set_aside(&connection, &query)?;
            Ok(Self { total, aside: Aside::Sqlite(Arc::new(Mutex::new(connection)), 0) })
        })
        .await
    }

    /// Runs a query on a PostgreSQL database, in a transaction that changes nothing.
    ///
    /// # Errors
    /// Where the database or the query cannot be used, with the reason.
    #[cfg(feature = "postgres")]
    pub async fn of_postgres(url: &str, query: &str) -> Result<Self, StateError> {
        let config = postgres::configured(url, None)?;
        let (client, driver) = config.connect(postgres::tls()?).await?;
        // How it ends, the next page will say.
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
        Ok(Self { total: total.unwrap_or_default(), aside: Aside::Postgres(client) })
    }

    /// How many there are.
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

    async fn next_page(&mut self) -> Result<Vec<Read>, StateError> {
        match &mut self.aside {
            Aside::Sqlite(connection, after) => {
                let (connection, from) = (connection.clone(), *after);
                *after += PAGE;
                aside(move || page(&connection.lock().unwrap_or_else(PoisonError::into_inner), from)).await
            }
            #[cfg(feature = "postgres")]
            Aside::Postgres(client) => {
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

/// Runs what waits for a disk where nobody else waits.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StateError> + Send + 'static,
) -> Result<T, StateError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StateError(error.to_string()))?
}

/// A query may end as it does in a shell.
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

fn set_aside(connection: &Connection, query: &str) -> Result<u64, StateError> {
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

fn page(connection: &Connection, after: i64) -> Result<Vec<Read>, StateError> {
    let sql =
        "select session_id, status from kassa_records where rowid > $1 and rowid <= $1 + $2 order by rowid";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([after, PAGE], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn record((session_id, status): Read) -> Result<OnRecord, StateError> {
    let none = |what: &str| StateError(format!("a record of the query has no {what}"));
    let session_id = session_id.ok_or_else(|| none("session_id"))?;
    let status = status.ok_or_else(|| none(&format!("status: that of {session_id} is null")))?;
    Ok(OnRecord { session_id, status: Status::from(status) })
}
