//! `kassa track reconcile`: compares the merchant's records with the service.

use std::collections::BTreeSet;

use kassa_store::simulation::fresh_postgres;
use serde_json::{Value, json};

use super::{Engine, Settings, on_each_engine, session};
use crate::harness::{Dev, Merchant};

/// Writes records as lines of `session_id,status`. Returns the file's path.
fn records(settings: &Settings, records: &[(&str, &str)]) -> String {
    let lines: Vec<String> = records.iter().map(|(id, status)| format!("{id},{status}")).collect();
    let file = settings.folder.path().join("records.csv");
    std::fs::write(&file, lines.join("\n")).unwrap();
    file.to_str().unwrap().to_string()
}

async fn paid(merchant: &Merchant) -> String {
    let id = session(merchant, &json!({})).await;
    for act in ["enter", "approve"] {
        merchant.act(&id, act).await.expect(200);
    }
    id
}

#[tokio::test]
async fn a_batch_repairs_unknown_changes_and_names_records_behind_acknowledged_ones() {
    let dev = Dev::start();
    let merchant = dev.merchant();
    let settings = Settings::for_dev(&dev).with("[sink]\njson = true");
    let (open, ended) = (session(&merchant, &json!({})).await, paid(&merchant).await);
    let file = records(&settings, &[(&open, "WAITING"), (&ended, "IN_PROGRESS")]);
    let (code, report) = settings.reconcile(&["--from", &file]);
    assert_eq!((code, &report["in_step"], &report["repaired"]), (Some(0), &json!(1), &json!(1)));
    assert_eq!(report["findings"][0]["session_id"], ended);
    // The sink has not acknowledged the change yet.
    let (code, report) = settings.reconcile(&["--from", &file]);
    assert_eq!((code, &report["on_its_way"]), (Some(0), &json!(1)));

    let mut tracker = settings.start();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut tracker.lines, &mut line).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["session"]["session_id"], ended);
    while tracker.metric("kassa_track_unacknowledged_changes").await > 0 {}
    let (code, report) = settings.reconcile(&["--from", &file]);
    assert_eq!((code, &report["mismatched"]), (Some(1), &json!(1)));
    let why = report["findings"][0]["why"].as_str().unwrap();
    assert!(
        why.contains("the service says COMPLETED") && why.ends_with("the sink acknowledged that"),
        "{why}"
    );
}

#[tokio::test]
async fn an_open_record_of_an_unknown_session_and_a_wrong_status_are_mismatches() {
    let dev = Dev::start();
    let settings = Settings::for_dev(&dev);
    let open = session(&dev.merchant(), &json!({})).await;
    let file = records(&settings, &[("unknown", "BACK"), ("unknown-too", "COMPLETED"), (&open, "FAILED")]);
    let (code, report) = settings.reconcile(&["--from", &file]);
    assert_eq!((code, &report["mismatched"], &report["in_step"]), (Some(1), &json!(2), &json!(1)));
    let (code, complaint) = settings.reconcile(&["--from", "missing.csv"]);
    assert_eq!(code, Some(2), "{complaint}");
}

#[tokio::test]
async fn records_of_spreadsheets_are_read_and_missing_columns_are_named_once() {
    let dev = Dev::start();
    let settings = Settings::for_dev(&dev);
    let id = paid(&dev.merchant()).await;
    let file = settings.folder.path().join("records.csv");
    for text in [
        format!("\u{feff}session_id,status\r\n{id},COMPLETED\r\n"),
        format!("\"amount\";\"Status\";\"Session ID\"\r\n\"1,50\";\"Completed\";\"{id}\"\r\n"),
        format!("{id},COMPLETED\n"),
    ] {
        std::fs::write(&file, &text).unwrap();
        let (code, report) = settings.reconcile(&["--from", file.to_str().unwrap()]);
        assert_eq!((code, &report["in_step"]), (Some(0), &json!(1)), "{text}: {report}");
    }
    std::fs::write(&file, format!("id,state\n{id},COMPLETED\n{id},COMPLETED\n")).unwrap();
    let (code, complaint) = settings.reconcile(&["--from", file.to_str().unwrap()]);
    let complaint = complaint.as_str().unwrap();
    let why = "the file needs the columns session_id and status; its first line has: id, state\n";
    assert!(code == Some(2) && complaint.ends_with(why) && complaint.lines().count() == 1, "{complaint}");
}

/// The merchant's own database, with the value of `--from`.
enum Shop {
    Sqlite(String, rusqlite::Connection),
    Postgres(String, tokio_postgres::Client),
}

impl Shop {
    async fn open(engine: Engine, settings: &Settings) -> Self {
        match engine {
            Engine::Sqlite => {
                let path = settings.folder.path().join("shop.db").to_str().unwrap().to_string();
                let connection = rusqlite::Connection::open(&path).unwrap();
                Self::Sqlite(path, connection)
            }
            Engine::Postgres => {
                let url = fresh_postgres().await.unwrap();
                let (client, driver) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
                tokio::spawn(driver);
                Self::Postgres(url, client)
            }
        }
    }

    fn place(&self) -> &str {
        match self {
            Self::Sqlite(place, _) | Self::Postgres(place, _) => place,
        }
    }

    async fn run(&self, sql: &str) {
        match self {
            Self::Sqlite(_, connection) => connection.execute_batch(sql).unwrap(),
            Self::Postgres(_, client) => client.batch_execute(sql).await.unwrap(),
        }
    }

    async fn purchases(&self) -> i64 {
        let sql = "select count(*) from purchase";
        match self {
            Self::Sqlite(_, connection) => connection.query_row(sql, [], |row| row.get(0)).unwrap(),
            Self::Postgres(_, client) => client.query_one(sql, &[]).await.unwrap().get(0),
        }
    }
}

on_each_engine!(
    records_are_read_by_a_query_on_the_merchants_database,
    more_records_than_one_page_are_each_compared_once_in_order,
);

async fn records_are_read_by_a_query_on_the_merchants_database(engine: Engine) {
    let dev = Dev::start();
    let settings = Settings::for_dev(&dev).on(engine).await;
    let shop = Shop::open(engine, &settings).await;
    let ended = paid(&dev.merchant()).await;
    shop.run(&format!(
        "create table purchase (page varchar(50), state text); insert into purchase values ('{ended}', 'IN_PROGRESS')"
    ))
    .await;
    let reconcile = |query: &str| settings.reconcile(&["--from", shop.place(), "--query", query]);
    let (code, report) =
        reconcile("select state as status, 1 as one, page as session_id from purchase where state <> 'X';");
    assert_eq!((code, &report["repaired"]), (Some(0), &json!(1)), "{report}");
    let (code, report) = reconcile("select state as \"STATUS\", page as \"Session_ID\" from purchase");
    assert_eq!((code, &report["on_its_way"]), (Some(0), &json!(1)), "{report}");
    for (wrong, why) in [
        ("select page, state from purchase", "the query gives page, state, and no session_id"),
        ("select page as session_id from purchase", "the query gives session_id, and no status"),
        ("delete from purchase returning page as session_id, state as status", "syntax error"),
        ("delete from purchase", "the query gives no columns, and no session_id"),
        ("selec", "syntax error"),
    ] {
        let (code, complaint) = reconcile(wrong);
        let complaint = complaint.as_str().unwrap_or_default().to_string();
        assert!(code == Some(2) && complaint.contains(why), "{wrong}: {code:?} {complaint}");
    }
    assert_eq!(shop.purchases().await, 1);
    shop.run("insert into purchase values ('of nobody', null)").await;
    let (code, complaint) = reconcile("select page as session_id, state as status from purchase");
    assert_eq!((code, &complaint["on_its_way"]), (Some(1), &json!(1)), "{complaint}");
}

async fn more_records_than_one_page_are_each_compared_once_in_order(engine: Engine) {
    let dev = Dev::start();
    let settings = Settings::for_dev(&dev).on(engine).await.with("[tracker]\nreads_per_second = 100000");
    let shop = Shop::open(engine, &settings).await;
    shop.run(
        "create table purchase (number integer);
         with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 1201)
         insert into purchase select n from numbers",
    )
    .await;
    let query = "select 'session-' || number as session_id, 'BACK' as status from purchase order by number";
    let (code, report) = settings.reconcile(&["--from", shop.place(), "--query", query]);
    assert_eq!((code, &report["mismatched"]), (Some(1), &json!(1201)));
    let named =
        report["findings"].as_array().unwrap().iter().map(|found| found["session_id"].as_str().unwrap());
    let expected = (1..=1201).map(|number| format!("session-{number}"));
    assert!(named.eq(expected));
}

#[tokio::test]
async fn the_error_for_an_unreachable_database_hides_its_password() {
    let settings = Settings::for_dev(&Dev::start());
    let gone = "postgres://shop:secret@127.0.0.1:1/shop";
    let (code, complaint) = settings.reconcile(&["--from", gone, "--query", "select 1"]);
    let complaint = complaint.as_str().unwrap();
    assert_eq!(code, Some(2));
    assert!(
        complaint.contains("the database is unavailable") && !complaint.contains("secret"),
        "{complaint}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_batches_beside_a_tracker_report_each_change_once() {
    let dev = Dev::start();
    let merchant = dev.merchant();
    let settings = Settings::for_dev(&dev).with("[sink]\njson = true\n[tracker]\nreads_per_second = 500");
    let mut sessions = BTreeSet::new();
    for _ in 0..40 {
        sessions.insert(paid(&merchant).await);
    }
    let on_record: Vec<_> = sessions.iter().map(|id| (id.as_str(), "IN_PROGRESS")).collect();
    let file = records(&settings, &on_record);
    let tracker = settings.start();
    let batch = || settings.reconcile(&["--from", &file]).1;
    let (one, other) = std::thread::scope(|threads| {
        let (one, other) = (threads.spawn(batch), threads.spawn(batch));
        (one.join().unwrap(), other.join().unwrap())
    });
    let count = |report: &Value, name: &str| report[name].as_i64().unwrap();
    assert_eq!(count(&one, "repaired") + count(&other, "repaired"), 40, "{one} {other}");
    let delivered = std::io::BufRead::lines(tracker.lines).take(40).map(|line| {
        let change: Value = serde_json::from_str(&line.unwrap()).unwrap();
        change["session"]["session_id"].as_str().unwrap().to_string()
    });
    assert_eq!(delivered.collect::<BTreeSet<_>>(), sessions);
}
