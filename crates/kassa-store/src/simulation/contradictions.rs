//! Compares the tables with each other.

use super::connect_to;

/// Queries that must find nothing in any state of the tables. No answer of the API shows all of this.
pub const CONTRADICTIONS: [&str; 8] = [
    "select count(*) from (select 1 from placed_order group by authorization_token having count(*) > 1) t",
    "select count(*) from (select 1 from placed_order group by payment_session_id having count(*) > 1) t",
    "select count(*) from payment_authorization a join page_session p using (page_session_id)
     where p.status <> 'COMPLETED'",
    "select count(*) from payment_authorization a left join placed_order o using (order_id)
     where a.state = 'ORDERED' and (o.order_id is null or o.authorization_token <> a.authorization_token)",
    "select count(*) from page_session p where status = 'COMPLETED' and authorization_token is null
     and not exists (select 1 from placed_order o where o.order_id = p.order_id)",
    "select count(*) from page_session where status in ('CANCELLED', 'DISABLED')
     and (order_id is not null or authorization_token is not null)",
    "select count(*) from page_session p where version <>
     (select count(*) from status_event e where e.page_session_id = p.page_session_id)",
    "select count(*) from completion",
];

/// The contradictions in the PostgreSQL database of this URL: the number of rows, and the query that found them.
pub async fn contradictions(url: &str) -> Vec<String> {
    let session = connect_to(url).await;
    let mut found = Vec::new();
    for question in CONTRADICTIONS {
        let rows =
            session.simple_query(question).await.expect("every table can be read").rows.into_iter().next();
        let rows: String = rows.expect("a count is a row").only().expect("a count is one value");
        if rows != "0" {
            found.push(format!("{rows} rows: {question}"));
        }
    }
    found
}
