//! Schemas of a test's own, on a PostgreSQL server that the environment names.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_postgres::NoTls;

/// The environment variable with the URL of a PostgreSQL server for tests. Without it, tests run on SQLite alone.
pub const POSTGRES_FOR_TESTS: &str = "KASSA_TEST_POSTGRES";

/// Creates an empty schema on the server that [`POSTGRES_FOR_TESTS`] names. Returns the URL that selects the schema, or
/// `None` without a server.
///
/// # Panics
/// If the server does not answer.
pub async fn fresh_postgres() -> Option<String> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let url = std::env::var(POSTGRES_FOR_TESTS).ok()?;
    let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    run_on(&url, &format!("drop schema if exists {name} cascade; create schema {name}")).await;
    let separator = if url.contains('?') { '&' } else { '?' };
    Some(format!("{url}{separator}options=-c%20search_path%3D{name}"))
}

/// Runs statements on PostgreSQL, over a connection of their own.
///
/// # Panics
/// If a statement fails.
pub async fn run_on(url: &str, sql: &str) {
    let (client, driver) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let driver = tokio::spawn(driver);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    driver.await.unwrap().unwrap();
}
