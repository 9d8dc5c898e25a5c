//! If the tables are partitioned by hash, as in a distributed database, a statement of the hot path goes to one
//! partition of each table. The statements that do not are listed.
//!
//! Plain PostgreSQL replaces the distributed database. The partitions are its own, the statements are those that the
//! store sends if the tables are spread over servers, and its planner says which partitions each statement would read.
//! `docs/distribution.md` draws the conclusions.

use std::collections::{BTreeMap, BTreeSet};

use kassa_store::Store;
use kassa_testkit::fresh_postgres;
use serde_json::Value;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use crate::claims_are_disjoint::over_servers;
use crate::life::live;
use crate::wire_tap::Tap;

/// The distributed tables, each with the column that distributes it.
const DISTRIBUTED: [(&str, &str); 13] = [
    ("page_session", "page_session_id"),
    ("status_event", "page_session_id"),
    ("callback", "page_session_id"),
    ("callback_attempt", "page_session_id"),
    ("note", "page_session_id"),
    ("payment_operation", "page_session_id"),
    ("payment_confirmation", "page_session_id"),
    ("order_reference_read", "page_session_id"),
    ("payment_session", "payment_session_id"),
    ("completion", "payment_session_id"),
    ("payment_authorization", "authorization_token"),
    ("idempotent_answer", "merchant_id"),
    ("feed", "merchant_id"),
];

/// Partitions of each table.
const PARTITIONS: usize = 8;

/// Parts of the statements that ask every partition, each with the reason.
const ASK_EVERY_PARTITION: [(&str, &str); 30] = [
    ("select endpoint, min(origin)", "the endpoints that have something due, so that it is claimed"),
    (
        "select due_at from callback where state = 'DUE' and endpoint = $1",
        "when to claim next of an endpoint",
    ),
    (
        "select 1 from payment_operation where state = 'DUE'",
        "whether a payment operation is due, once a second",
    ),
    ("with chosen as ( select page_session_id, operation_id", "claiming operations that are due"),
    (
        "select 1 from payment_confirmation where state = 'DUE'",
        "whether a payment is to be read, once a second",
    ),
    ("with chosen as ( select page_session_id from payment_confirmation", "claiming reads that are due"),
    ("select 1 from order_reference_read where due_at", "whether a reference is to be read, once a second"),
    ("with chosen as ( select page_session_id from order_reference_read", "claiming reads of references"),
    ("select (select count(*) from payment_operation", "the backlog of operations, for /metrics"),
    (
        "with chosen as ( select page_session_id, sequence",
        "claiming, by endpoint: after a crash, and where an attempt is made again",
    ),
    ("where state = 'BLOCKED' and not exists", "callbacks that wait for nothing, from time to time"),
    ("select (select count(*) from callback where state = 'DUE')", "the backlog, for /metrics"),
    ("from ( select status from page_session where page_session_id >= $1", "recent sessions, for /metrics"),
    (
        "select payment_session_id from completion order by",
        "completions that were interrupted, every five seconds",
    ),
    (
        "from page_session where payment_session_id = $1 and status not in",
        "the siblings of a completed session",
    ),
    ("select 1 from status_event where merchant_id = $1", "the feed is a merchant's"),
    ("update status_event set position", "the feed is a merchant's"),
    ("update feed set last_position", "the feed is a merchant's"),
    ("where e.merchant_id = $1 and e.position > $2", "the feed is a merchant's"),
    ("where e.merchant_id = $1 and e.event_id = $2", "an event by its id alone"),
    ("from ( select * from page_session where merchant_id = $1", "a merchant's list of sessions"),
    ("select page_session_id from page_session where merchant_id = $1", "a merchant's list of sessions"),
    ("select count(*) from callback where merchant_id = $1", "redelivery of whatever was given up"),
    (
        "select page_session_id, sequence from callback where merchant_id = $3",
        "redelivery of whatever was given up",
    ),
    ("from page_session where page_session_id > $2 and", "the scan for expired rows"),
    ("from payment_session where system is not null", "the scan for expired rows"),
    ("from payment_session where payment_session_id > $2", "the scan for expired rows"),
    ("from payment_authorization where authorization_token > $2", "the scan for expired rows"),
    ("from idempotent_answer where created_at > $1", "the scan for expired rows"),
    ("from callback_attempt a join callback c", "the scan for expired rows"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_statement_of_the_hot_path_goes_to_one_partition() {
    let Some(url) = fresh_postgres().await else { return };
    drop(Store::connect(&url).await.unwrap());
    let (client, driver) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(driver);
    partition(&client).await;
    let (tap, tapped) = Tap::before(&over_servers(url)).await;
    let store = Store::connect(&tapped).await.unwrap();
    tap.take();

    live(&store).await;

    let mut unseen: BTreeMap<&str, &str> = BTreeMap::from(ASK_EVERY_PARTITION);
    let ran = tap.take();
    assert!(ran.len() > 50, "the tap saw {} statements", ran.len());
    for statement in ran {
        let asked = partitions_asked(&client, &statement.with_values).await;
        let known = ASK_EVERY_PARTITION.into_iter().find(|(part, _)| statement.text.contains(part));
        let asks_every = asked.values().any(|some| some.len() == PARTITIONS);
        match known {
            None => assert!(asked.values().all(|some| some.len() == 1), "{}: {asked:?}", statement.text),
            Some((part, why)) => {
                assert!(asks_every, "{part} ({why}) goes to one partition after all: {asked:?}");
                unseen.remove(part);
            }
        }
    }
    assert!(unseen.is_empty(), "never run: {unseen:?}");
}

/// Replaces the tables, which are still empty, by tables that are partitioned by hash.
async fn partition(client: &Client) {
    for (table, key) in DISTRIBUTED {
        let mut text = format!(
            "alter table {table} rename to whole_{table};
             create table {table} (like whole_{table} including all) partition by hash ({key});
             drop table whole_{table};"
        );
        for number in 0..PARTITIONS {
            text += &format!(
                "create table {table}_part{number} partition of {table}
                 for values with (modulus {PARTITIONS}, remainder {number});"
            );
        }
        client.batch_execute(&text).await.unwrap();
    }
}

/// The partitions of each table that the planner would read.
async fn partitions_asked(client: &Client, statement: &str) -> BTreeMap<String, BTreeSet<String>> {
    let plan = client.simple_query(&format!("explain (format json) {statement}")).await;
    let plan = plan.unwrap_or_else(|error| panic!("{statement}: {error:?}"));
    let row = plan.iter().find_map(|message| {
        let SimpleQueryMessage::Row(row) = message else { return None };
        row.get(0)
    });
    let mut asked = BTreeMap::new();
    collect(&serde_json::from_str(row.unwrap()).unwrap(), &mut asked);
    asked
}

fn collect(plan: &Value, asked: &mut BTreeMap<String, BTreeSet<String>>) {
    match plan {
        Value::Object(node) => {
            let relation = node.get("Relation Name").and_then(Value::as_str);
            if let Some((table, number)) = relation.and_then(|name| name.split_once("_part")) {
                asked.entry(table.to_string()).or_default().insert(number.to_string());
            }
            node.values().for_each(|value| collect(value, asked));
        }
        Value::Array(nodes) => nodes.iter().for_each(|value| collect(value, asked)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
