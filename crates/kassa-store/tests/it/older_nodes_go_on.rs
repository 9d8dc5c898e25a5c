//! A migration is safe while nodes of the schema before it still run: the new schema understands every statement that
//! they send, and every row that they insert is complete there. A migration first expands the schema. Only when no node
//! of the schema before runs any more may the next migration contract it.
//!
//! `statements/NNNN.sql` has the statements of the program whose newest migration has that number: one file for each
//! version that runs somewhere, and one for the present source, which `UPDATE_DOCS=1` generates. With the first
//! migration after a version, the version's file stays, and a new one begins.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use kassa_store::simulation::Database;
use kassa_store::{Store, StoreError};
use kassa_testkit::{NamedEngine, fresh_postgres};
use rusqlite::types::Value;
use tempfile::TempDir;
use tokio_postgres::types::{ToSql, Type};

fn own_path(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The number of the newest migration.
fn newest() -> usize {
    std::fs::read_dir(own_path("src/migrations")).unwrap().count()
}

fn statements_file(schema: usize) -> PathBuf {
    own_path(&format!("tests/it/statements/{schema:04}.sql"))
}

/// The statements that nodes of all earlier versions may still send beside the newest program.
fn statements_before() -> BTreeSet<String> {
    let newest = statements_file(newest());
    let files = std::fs::read_dir(own_path("tests/it/statements")).unwrap().map(|file| file.unwrap().path());
    let older: Vec<PathBuf> = files.filter(|file| *file != newest).collect();
    assert!(!older.is_empty());
    let texts = older.iter().map(|file| std::fs::read_to_string(file).unwrap());
    texts.flat_map(|text| text.split_terminator(";\n").map(str::to_string).collect::<Vec<_>>()).collect()
}

/// The sources of the store. Statements of simulations are not included, because no node sends them.
fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("simulation") {
            continue;
        }
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Every whole text of SQL in the source, as SQLite reads it.
fn statements() -> BTreeSet<String> {
    let mut all = Vec::new();
    sources(&own_path("src"), &mut all);
    sources(&own_path("../kassa-sql/src"), &mut all);
    let mut tokens: BTreeMap<String, String> = kassa_sql::text::SQLITE
        .tokens()
        .iter()
        .map(|(token, text)| (token.to_string(), text.to_string()))
        .collect();
    tokens.extend(all.iter().flat_map(|source| column_lists(source)));
    let texts = all.iter().flat_map(|source| strings_of(source));
    let texts = texts.map(|text| replaced(&text, &tokens)).filter(|text| is_statement(text));
    texts.map(|text| in_one_line(&text)).collect()
}

/// The lists that `columns!` declares in a source: their names, and the columns that a statement selects.
fn column_lists(source: &str) -> Vec<(String, String)> {
    let lists = source.split("columns! {\n").skip(1).map(|rest| rest.split("\n}").next().unwrap());
    let lists = lists.flat_map(|lists| lists.split_terminator('}'));
    let named = lists.filter_map(|list| list.split_once('{'));
    let list = |(name, columns): (&str, &str)| {
        let name = name.lines().last().unwrap().split_whitespace().next().unwrap().to_string();
        let columns = columns.split(',').map(str::trim).collect::<Vec<_>>().join(", ");
        let columns = columns.trim_end_matches([' ', ',']).to_string();
        (name, columns)
    };
    named.map(list).map(|(name, columns)| (name, expressions(&columns))).collect()
}

/// The columns, with expressions in place of their names.
fn expressions(columns: &str) -> String {
    let mut parts = columns.split('"');
    let mut text = parts.next().unwrap_or_default().to_string();
    while let Some(expression) = parts.next() {
        text.truncate(text.trim_end_matches(" = ").rfind(' ').map_or(0, |end| end + 1));
        text += expression;
        text += parts.next().unwrap_or_default();
    }
    text
}

fn replaced(text: &str, tokens: &BTreeMap<String, String>) -> String {
    let with =
        |text: String, (token, meaning): (&String, &String)| text.replace(&format!("{{{token}}}"), meaning);
    tokens.iter().fold(without_text_for_many(text), with)
}

/// The text without the tokens `{many:...}`, which SQLite does not read.
fn without_text_for_many(text: &str) -> String {
    let mut parts = text.split("{many:");
    let first = parts.next().unwrap_or_default().to_string();
    parts.fold(first, |text, part| text + part.split_once('}').map_or("", |(_, behind)| behind))
}

/// The string literals of a source file.
fn strings_of(source: &str) -> impl Iterator<Item = String> {
    let code: Vec<&str> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n").replace("\\\"", "");
    code.split('"').skip(1).step_by(2).map(str::to_string).collect::<Vec<_>>().into_iter()
}

/// Whether it is a whole statement on our tables, and not a part of one.
fn is_statement(text: &str) -> bool {
    let begins = ["select ", "insert into ", "update ", "delete from ", "with "];
    let is_whole = !text.ends_with(' ') && !text.contains('{') && !text.contains("sqlite_schema");
    let is_ours = !text.contains("pg_") && text.contains(' ') && text.len() > 30;
    begins.iter().any(|word| text.starts_with(word)) && is_whole && is_ours
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_statements_of_this_schema_are_written_down() {
    let found = statements();
    assert!(found.len() > 60, "only {} statements were found", found.len());
    let drawn: String = found.iter().map(|statement| format!("{statement};\n")).collect();
    let file = statements_file(newest());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, &drawn).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(kept, drawn, "UPDATE_DOCS=1 draws {} anew", file.display());
}

#[test]
fn a_file_accepts_every_statement_of_the_versions_before() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kassa.db");
    drop(Store::open(&path).unwrap());
    let connection = rusqlite::Connection::open(&path).unwrap();
    for sql in statements_before() {
        let mut statement = connection.prepare(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        if sql.starts_with("insert into ") && sql.contains(" values ") {
            let values = (0..statement.parameter_count()).map(|number| Value::Text(format!("{sql}{number}")));
            statement
                .query(rusqlite::params_from_iter(values))
                .and_then(|mut rows| rows.next().map(drop))
                .unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
    }
}

#[tokio::test]
async fn postgresql_accepts_every_statement_of_the_versions_before() {
    let Some(url) = fresh_postgres().await else { return };
    drop(Store::connect(&url).await.unwrap());
    let (mut client, driver) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(driver);
    for sql in statements_before() {
        let statement = client.prepare(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        if sql.starts_with("insert into ") && sql.contains(" values ") {
            let values: Vec<Box<dyn ToSql + Sync>> = statement.params().iter().map(any_value).collect();
            let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| &**value).collect();
            let transaction = client.transaction().await.unwrap();
            transaction.query(&statement, &values).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
            transaction.rollback().await.unwrap();
        }
    }
}

fn any_value(of: &Type) -> Box<dyn ToSql + Sync> {
    match *of {
        Type::INT8 => Box::new(7_000_i64),
        Type::INT4 => Box::new(7_000_i32),
        _ => Box::new("some text".to_string()),
    }
}

/// A history with a migration that this program does not know, and the oldest schema whose programs may start on it.
const NEWER: &str = "insert into schema_migration (version, fingerprint) values (1000, 'unknown');
    update setting set value = ";

pub async fn run(database: &Database, sql: &str) {
    match database {
        Database::File(path) => rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap(),
        Database::Postgres(url) => {
            let (client, driver) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(driver);
            client.batch_execute(sql).await.unwrap();
        }
    }
}

async fn try_open(database: &Database) -> Result<Store, StoreError> {
    match database {
        Database::File(path) => Store::open(path),
        Database::Postgres(url) => Store::connect(url).await,
    }
}

#[tokio::test]
async fn a_node_starts_on_a_schema_that_was_only_expanded_since_its_own() {
    let folder = TempDir::new().unwrap();
    for database in Database::on_each_engine(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        drop(database.open().await);
        run(&database, &format!("{NEWER} '2' where name = 'oldest_schema'")).await;
        try_open(&database).await.unwrap();
        run(&database, "update setting set value = '1000' where name = 'oldest_schema'").await;
        let Err(StoreError::Unusable(reason)) = try_open(&database).await else { panic!("it is too old") };
        assert!(reason.as_str().contains("newer Kassa"), "{reason}");
    }
}
