//! Cancels a store's statements on PostgreSQL, at moments that nobody chose.

use kassa_sql::values;

use super::connect_to;

/// Cancels all but the connection that does so.
const CANCEL: &str = "select count(pg_cancel_backend(pid)) from pg_stat_activity
    where application_name = $1 and pid <> pg_backend_pid()";

/// Cancels the statements of every connection with the `application_name` of this URL, one after the other, while
/// `goes_on` returns true.
pub async fn cancel_statements_while(url: &str, goes_on: impl Fn() -> bool) {
    let session = connect_to(url).await;
    let name = session.simple_query("show application_name").await.expect("the server names its client");
    let name: String = name.rows.into_iter().next().expect("one row").only().expect("one name");
    let cancel = session.prepare(CANCEL, values![&name], || CANCEL.into()).await;
    let cancel = cancel.expect("the statement is valid");
    while goes_on() {
        session.query(&cancel, values![&name]).await.expect("nobody cancels the canceller");
    }
}
