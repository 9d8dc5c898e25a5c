//! Cancels what a store asks of PostgreSQL, at moments that nobody chose.

use tokio_postgres::{Config, NoTls};

const CANCEL: &str = "select count(pg_cancel_backend(pid)) from pg_stat_activity where application_name = $1";

/// Cancels the statements of every connection with the `application_name` of this URL, one after the other, while
/// `goes_on` says so.
pub async fn cancel_statements_while(url: &str, goes_on: impl Fn() -> bool) {
    let mut config: Config = url.parse().expect("the URL of a test can be read");
    let of = config.get_application_name().expect("the URL names the application").to_string();
    let (client, driver) =
        config.application_name("canceller").connect(NoTls).await.expect("PostgreSQL runs");
    tokio::spawn(driver);
    let cancel = client.prepare(CANCEL).await.expect("the statement is valid");
    while goes_on() {
        client.query(&cancel, &[&of]).await.expect("nobody cancels the canceller");
    }
}
