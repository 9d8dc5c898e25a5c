//! A server that does not guarantee what a session needs is refused: by its certificate, its encoding, or a pooler in
//! front.

mod pooler;
mod tls_server;

use kassa_sql::SqlError;
use kassa_sql::postgres::Target;
use kassa_testkit::{PATIENCE, POSTGRES_FOR_TESTS};
use tempfile::TempDir;
use tokio_postgres::Config;

use crate::{connect, target};
use pooler::Pooler;
use tls_server::TlsServer;

async fn refusal(target: &Target) -> String {
    match target.check_server().await {
        Err(SqlError::Unusable(cause)) => cause.to_string(),
        Ok(()) => panic!("the server is accepted"),
        Err(error) => panic!("waiting would not help: {error}"),
    }
}

#[tokio::test]
async fn a_certificate_is_checked_against_the_named_root() {
    let folder = TempDir::new().unwrap();
    let server = TlsServer::start("localhost", folder.path()).await;
    let url = |host: &str, query: &str| format!("postgres://kassa@{host}:{}/kassa?{query}", server.port);
    let root = format!("sslmode=verify-full&sslrootcert={}", server.root.display());
    let unchecked = ["", "sslmode=prefer", "sslmode=allow"];
    for query in unchecked.into_iter().chain([&*root]) {
        drop(connect(&target(&url("localhost", query))).await);
    }
    let for_ca = format!("sslmode=verify-ca&sslrootcert={}", server.root.display());
    for (host, query) in [
        ("localhost", "sslmode=require"),
        ("localhost", "sslmode=verify-full"),
        ("localhost", "sslmode=verify-full&sslrootcert=system"),
        ("127.0.0.1", &*root),
        ("127.0.0.1", &*for_ca),
    ] {
        let why = refusal(&target(&url(host, query))).await;
        assert!(
            why.starts_with("it refuses the connection") && why.contains("certificate"),
            "{query}: {why}"
        );
    }
    let plain = target(&url("localhost", "sslmode=disable")).connect().await;
    assert!(plain.is_err(), "the server of this test speaks TLS alone");
}

#[test]
fn a_root_that_cannot_be_read_is_refused_with_its_path_and_without_the_password() {
    for (root, reason) in [("/absent/ca.pem", "/absent/ca.pem"), ("/dev/null", "contains no certificate")] {
        let url = format!("postgres://kassa:s3cr3t@db/kassa?sslmode=verify-full&sslrootcert={root}");
        for refused in [Target::check(&url), Target::of(&url, PATIENCE, PATIENCE).map(drop)] {
            let why = refused.unwrap_err().to_string();
            assert!(why.contains("sslrootcert") && why.contains(reason) && !why.contains("s3cr3t"), "{why}");
        }
    }
}

#[tokio::test]
async fn a_database_that_is_not_utf_8_is_refused() {
    let Ok(url) = std::env::var(POSTGRES_FOR_TESTS) else { return };
    let server = connect(&target(&url)).await;
    for encoding in ["latin1", "sql_ascii"] {
        let name = format!("sql_{encoding}_{}", std::process::id());
        server.batch(&format!("drop database if exists {name}")).await.unwrap();
        let create = format!("create database {name} encoding '{encoding}' locale 'C' template template0");
        server.batch(&create).await.unwrap();
        let database = target(&with_database(&url, &name));
        assert!(refusal(&database).await.contains(&encoding.to_ascii_uppercase()));
        server.batch(&format!("drop database {name} with (force)")).await.unwrap();
    }
    assert_eq!(target(&url).check_server().await, Ok(()));
}

/// Replaces the name of the database, which is at the end of the URL or before its query.
fn with_database(url: &str, name: &str) -> String {
    let (head, query) = url.split_once('?').unwrap_or((url, ""));
    let (server, _) = head.rsplit_once('/').unwrap();
    format!("{server}/{name}?{query}")
}

#[tokio::test]
async fn a_pooler_in_transaction_mode_is_refused() {
    let Ok(url) = std::env::var(POSTGRES_FOR_TESTS) else { return };
    let config: Config = url.parse().unwrap();
    for connections in [2, 3] {
        let pooler = Pooler::start(&config, connections).await;
        let why = refusal(&target(&pooler.url())).await;
        assert!(why.contains("pooler") && why.contains("session"), "{why}");
    }
}
