//! Reads every column and every value of a database, as somebody does who has a copy of it.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use kassa_sql::{Row, SqliteFile};

use super::{Database, connect_to};

/// How long a statement waits for another process that locks the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

impl Database {
    /// Every value of every column of every table, each in a line that begins with the table and the column. For a
    /// SQLite file, the content of the file and of its log are in the last lines: deleted rows may still be there.
    pub async fn dump(&self) -> String {
        match self {
            Self::File(path) => dump_file(path),
            Self::Postgres(url) => dump_postgres(url).await,
        }
    }

    /// The columns of all tables, each as `table.column`.
    pub async fn columns(&self) -> BTreeSet<String> {
        match self {
            Self::File(path) => {
                let file = SqliteFile::open_read_only(path, BUSY_TIMEOUT).expect("the file of a test opens");
                let rows = file.query(COLUMNS_OF_FILE, &[]).expect("the schema can be read");
                rows.into_iter().map(|mut row| only_text(&mut row)).collect()
            }
            Self::Postgres(url) => {
                let session = connect_to(url).await;
                let answer = session.simple_query(COLUMNS_OF_SERVER).await.expect("the schema can be read");
                answer.rows.into_iter().map(|mut row| only_text(&mut row)).collect()
            }
        }
    }
}

const COLUMNS_OF_FILE: &str =
    "select t.name || '.' || c.name from sqlite_schema t, pragma_table_info(t.name) c
     where t.type = 'table' and t.name not like 'sqlite_%'";

const COLUMNS_OF_SERVER: &str = "select table_name || '.' || column_name from information_schema.columns
     where table_schema = current_schema()";

fn dump_file(path: &Path) -> String {
    let file = SqliteFile::open_read_only(path, BUSY_TIMEOUT).expect("the file of a test opens");
    let texts = |sql: &str| -> Vec<String> {
        let rows = file.query(sql, &[]).expect("every table can be read");
        rows.into_iter().map(|mut row| only_text(&mut row)).collect()
    };
    let mut dumped = String::new();
    for table in texts("select name from sqlite_schema where type = 'table'") {
        for column in texts(&format!("select name from pragma_table_info('{table}')")) {
            for value in texts(&column_values(&table, &column)) {
                dumped += &line(&table, &column, &value);
            }
        }
    }
    for part in ["", "-wal"] {
        let bytes = std::fs::read(format!("{}{part}", path.display())).unwrap_or_default();
        dumped += &String::from_utf8_lossy(&bytes);
    }
    dumped
}

async fn dump_postgres(url: &str) -> String {
    let session = connect_to(url).await;
    let texts = async |sql: &str| -> Vec<String> {
        let answer = session.simple_query(sql).await.expect("every table can be read");
        answer.rows.into_iter().map(|mut row| only_text(&mut row)).collect()
    };
    let mut dumped = String::new();
    for table in texts("select tablename from pg_tables where schemaname = current_schema()").await {
        let columns = format!(
            "select column_name from information_schema.columns
             where table_schema = current_schema() and table_name = '{table}'"
        );
        for column in texts(&columns).await {
            for value in texts(&column_values(&table, &column)).await {
                dumped += &line(&table, &column, &value);
            }
        }
    }
    dumped
}

fn column_values(table: &str, column: &str) -> String {
    format!("select cast({column} as text) from {table} where {column} is not null")
}

fn line(table: &str, column: &str, value: &str) -> String {
    format!("{table}.{column}: {value}\n")
}

fn only_text(row: &mut Row) -> String {
    row.only().expect("the value is a text")
}
