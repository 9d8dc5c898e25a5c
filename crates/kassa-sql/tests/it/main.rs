//! The behaviour that both engines share.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod log_shrinks;
mod many_rows;
mod servers_are_checked;

use std::error::Error as _;

use kassa_sql::postgres::{ConnectError, Session, Target};
use kassa_sql::{Row, Schema, Sql, SqlError, SqliteFile, Value, columns, sql, values};
use kassa_testkit::{PATIENCE, fresh_postgres};
use tempfile::TempDir;

const TABLE: &str = "create table thing (id text not null primary key, size bigint, label text)";

columns! {
    thing { id, size, label }
    swapped { label, size, id }
}

fn file(folder: &TempDir) -> SqliteFile {
    let file = SqliteFile::open(&folder.path().join("test.db"), PATIENCE).unwrap();
    file.batch(TABLE).unwrap();
    file
}

fn target(url: &str) -> Target {
    Target::of(url, PATIENCE, PATIENCE).unwrap()
}

async fn connect(target: &Target) -> Session {
    match target.connect().await {
        Ok(session) => session,
        Err(ConnectError::Late) => panic!("PostgreSQL does not answer"),
        Err(ConnectError::Failed(error)) => panic!("{error}"),
    }
}

/// A schema of a test's own with the table, if there is a PostgreSQL.
async fn server() -> Option<Target> {
    let own = target(&fresh_postgres().await?).with_options("-c lock_timeout=200");
    connect(&own).await.batch(TABLE).await.unwrap();
    Some(own)
}

async fn run(session: &Session, sql: Sql, values: &[Value<'_>]) -> Result<Vec<Row>, SqlError> {
    let prepared = session.prepare(sql.postgres(), values, || sql.postgres().into()).await?;
    Ok(session.query(&prepared, values).await?)
}

const INSERT: &str = "insert into thing (id, size, label) values ($1, $2, $3)";

#[tokio::test]
async fn columns_are_read_by_name_in_any_order() {
    let folder = TempDir::new().unwrap();
    let values = values!["a", 7_i64, "large \u{1f45f}"];
    let lists = [
        (sql!("select {thing} from thing", thing), [thing::id, thing::size, thing::label]),
        (sql!("select {swapped} from thing", swapped), [swapped::id, swapped::size, swapped::label]),
    ];
    let (file, server) = (file(&folder), server().await);
    file.execute(INSERT, values).unwrap();
    let session = match &server {
        Some(target) => Some(connect(target).await),
        None => None,
    };
    if let Some(session) = &session {
        run(session, INSERT.into(), values).await.unwrap();
    }
    for (sql, [id, size, label]) in lists {
        let mut rows = file.query(sql.sqlite(), &[]).unwrap();
        if let Some(session) = &session {
            rows.extend(run(session, sql, &[]).await.unwrap());
        }
        for mut row in rows {
            let read = (row.text(id).unwrap(), row.get::<i64>(size).unwrap(), row.text(label).unwrap());
            assert_eq!(read, ("a".to_string(), 7, "large \u{1f45f}".to_string()));
        }
    }
}

#[tokio::test]
async fn a_forgotten_token_is_an_error_on_both_engines() {
    let folder = TempDir::new().unwrap();
    let (file, server) = (file(&folder), server().await);
    for text in
        ["select id from thing {skip locked}", "select id from thing {share}", "select {thing} from thing"]
    {
        let refused = file.query(Sql::from(text).sqlite(), &[]).unwrap_err();
        assert!(matches!(refused, SqlError::Fault(_)), "SQLite: {refused}");
        if let Some(target) = &server {
            let refused = run(&connect(target).await, text.into(), &[]).await.unwrap_err();
            assert!(matches!(refused, SqlError::Fault(_)), "PostgreSQL: {refused}");
        }
    }
}

#[tokio::test]
async fn the_tokens_lock_rows_on_postgresql() {
    let Some(target) = server().await else { return };
    let (holder, other) = (connect(&target).await, connect(&target).await);
    for id in ["held", "free"] {
        run(&holder, INSERT.into(), values![id, None::<i64>, None::<&str>]).await.unwrap();
    }
    holder.batch("begin; select id from thing where id = 'held' for update").await.unwrap();
    other.batch("begin").await.unwrap();
    let passed = run(&other, sql!("select id from thing {skip locked}"), &[]).await.unwrap();
    let passed: Vec<String> = passed.into_iter().map(|mut row| row.only().unwrap()).collect();
    assert_eq!(passed, ["free"]);
    let waited = run(&other, sql!("select id from thing where id = 'held' {share}"), &[]).await.unwrap_err();
    assert!(matches!(waited, SqlError::Unavailable(_)), "it waits for the lock in vain: {waited}");
}

#[tokio::test]
async fn an_error_has_the_message_of_the_engine() {
    let folder = TempDir::new().unwrap();
    let (file, server) = (file(&folder), server().await);
    let twice = values!["a", None::<i64>, None::<&str>];
    file.execute(INSERT, twice).unwrap();
    let mut errors = vec![file.execute(INSERT, twice).unwrap_err()];
    if let Some(target) = server {
        let session = connect(&target).await;
        run(&session, INSERT.into(), twice).await.unwrap();
        errors.push(run(&session, INSERT.into(), twice).await.unwrap_err());
    }
    for error in errors {
        assert!(matches!(&error, SqlError::Fault(_)), "{error}");
        let engine = error.source().and_then(|cause| cause.source()).unwrap();
        assert!(error.to_string().to_lowercase().contains("unique"), "{error}");
        assert!(engine.is::<rusqlite::Error>() || engine.is::<kassa_sql::postgres::ServerError>());
    }
}

const FIRST: Schema =
    Schema { migrations: &["create table one (name text)"], oldest: "select name from one" };

const SECOND: Schema =
    Schema { migrations: &["create table one (name text)", "create table two (name text)"], ..FIRST };

const EDITED: Schema = Schema { migrations: &["create table one (title text)"], ..FIRST };

#[tokio::test]
async fn a_schema_goes_forward_and_an_edited_or_newer_one_is_refused() {
    let folder = TempDir::new().unwrap();
    let (file, server) = (file(&folder), server().await);
    let steps = [(FIRST, true), (SECOND, true), (SECOND, true), (EDITED, false), (FIRST, false)];
    let session = match &server {
        Some(target) => Some(connect(target).await),
        None => None,
    };
    for (number, (schema, is_taken)) in steps.into_iter().enumerate() {
        let brought = schema.bring_file_up_to_date(&file);
        assert_eq!(brought.is_ok(), is_taken, "SQLite, step {number}: {brought:?}");
        if let Some(session) = &session {
            let brought = schema.bring_server_up_to_date(session, str::to_string).await;
            assert_eq!(brought.is_ok(), is_taken, "PostgreSQL, step {number}: {brought:?}");
        }
    }
    let mark = "insert into one (name) values ('1')";
    file.batch(mark).unwrap();
    FIRST.bring_file_up_to_date(&file).unwrap();
    if let Some(session) = &session {
        session.batch(mark).await.unwrap();
        FIRST.bring_server_up_to_date(session, str::to_string).await.unwrap();
    }
}

#[tokio::test]
async fn the_end_of_a_transaction_whose_client_slept_counts_as_unavailable() {
    let Some(target) = server().await else { return };
    let session = connect(&target).await;
    for code in ["25P03", "25P04"] {
        let raise = format!("do $$ begin raise exception using errcode = '{code}'; end $$");
        let refused = SqlError::from(session.batch(&raise).await.unwrap_err());
        assert!(matches!(refused, SqlError::Unavailable(_)), "{refused:?}");
    }
}
