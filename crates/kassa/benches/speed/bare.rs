//! The limits: bare transport and bare storage without Kassa's code between them. Each limit runs in its own process.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::response::Html;
use axum::routing::get;
use kassa_outgoing::{Call, Network, Outgoing, OutgoingPolicy};
use kassa_store::{AdvanceOutcome, Store};
use kassa_testkit::processes;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::figure::Round;
use crate::process::Process;
use crate::sample::{changed, new_session, payment_session};

/// The number of parallel connections or tasks, equal on both sides of every comparison.
pub const SIDE_BY_SIDE: usize = 32;

/// The bytes of the consumer's page beside its texts.
const PAGE_BYTES: usize = 8_000;

/// Runs one limit as a child process and reads what it printed.
pub fn run(arguments: &[&str]) -> Round {
    let child = Process::bare(arguments);
    let numbers: Vec<u64> = child.first_line.split_whitespace().map(|word| word.parse().unwrap()).collect();
    let [operations, took, cpu] = numbers[..] else { panic!("{}", child.first_line) };
    Round {
        operations: usize::try_from(operations).unwrap(),
        took: Duration::from_nanos(took),
        cpu: Duration::from_nanos(cpu),
    }
}

/// Runs this program as one of the limits.
pub async fn be(arguments: &[&str]) {
    match arguments {
        ["bare-http"] => http().await,
        ["bare-read", database, first, count] => {
            point_reads(Path::new(database), first.parse().unwrap(), count.parse().unwrap());
        }
        ["bare-create", database, first, count] => {
            creates(database, first.parse().unwrap(), count.parse().unwrap()).await;
        }
        ["bare-change", database, first, count] => {
            changes(database, first.parse().unwrap(), count.parse().unwrap()).await;
        }
        ["bare-post", url, count] => posts(url, count.parse().unwrap()).await,
        ["due-callbacks", database, url, first, count] => {
            due_callbacks(database, url, first.parse().unwrap(), count.parse().unwrap()).await;
        }
        _ => panic!("no such limit: {arguments:?}"),
    }
}

/// Serves with bare axum: `GET` answers 300 bytes, `POST` parses JSON and prints it.
async fn http() {
    let answer = format!("{{\"text\":\"{}\"}}", "x".repeat(289));
    let json = [(CONTENT_TYPE, "application/json;charset=utf-8")];
    let echo = |axum::Json(value): axum::Json<serde_json::Value>| async { axum::Json(value) };
    let answering = get(move || async move { (json, answer.clone()) }).post(echo);
    let router = Router::new()
        .route("/", answering.clone())
        .route("/callbacks", answering)
        .route("/page", get(|| async { Html(BarePage::default().render().unwrap()) }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{{\"url\":\"http://{}\"}}", listener.local_addr().unwrap());
    axum::serve(listener, router).await.unwrap();
}

/// A page with as many bytes and as many values as the consumer's, and without rules behind it.
#[derive(Template)]
#[template(
    source = "<!doctype html><html lang=\"{{ locale }}\"><title>{{ title }}</title>{{ rest|safe }}<ul>\
              {% for line in lines %}<li>{{ line.0 }} {{ line.1 }}</li>{% endfor %}</ul>\
              {% for text in texts %}<p>{{ text }}</p>{% endfor %}",
    ext = "html"
)]
struct BarePage {
    locale: &'static str,
    title: &'static str,
    lines: [(&'static str, String); 2],
    texts: [&'static str; 40],
    rest: String,
}

impl Default for BarePage {
    fn default() -> Self {
        Self {
            locale: "en-GB",
            title: "Complete your purchase",
            lines: ["Running shoe", "Shipping"].map(|name| (name, format!("{}.{:02}", 99, 99))),
            texts: ["A label of the page"; 40],
            rest: "x".repeat(PAGE_BYTES),
        }
    }
}

/// Reads sessions by id, one after the other, without parsing the columns.
fn point_reads(database: &Path, first: usize, count: usize) {
    let connection = rusqlite::Connection::open(database).unwrap();
    let sql = "select status, updated_at, expires_at, merchant_urls, options from page_session \
               where page_session_id = $1";
    let mut statement = connection.prepare(sql).unwrap();
    let mut read = |number: usize| {
        let id = new_session(number).id;
        let row = statement
            .query_row([id.as_str()], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(3)?)));
        assert!(!row.unwrap().0.is_empty());
    };
    (first..first + count / 10).for_each(&mut read);
    print_cost(count, || (first..first + count).for_each(&mut read));
}

/// Opens an SQLite file by its path, or a PostgreSQL database by its URL.
async fn open(database: &str) -> Store {
    let store = match database.starts_with("postgres://") {
        true => Store::connect(database).await.unwrap(),
        false => Store::open(Path::new(database)).unwrap(),
    };
    let payment = payment_session();
    if store.payment_session(&payment.id).await.unwrap().is_none() {
        store.create_payment_session(&payment).await.unwrap();
    }
    store
}

async fn creates(database: &str, first: usize, count: usize) {
    let store = open(database).await;
    let cost = Cost::begin();
    create(&store, first, count, None).await;
    cost.print(count);
}

async fn changes(database: &str, first: usize, count: usize) {
    let store = open(database).await;
    create(&store, first, count, None).await;
    let cost = Cost::begin();
    change(&store, first, count, None).await;
    cost.print(count);
}

/// Stores sessions with one due callback each.
async fn due_callbacks(database: &str, url: &str, first: usize, count: usize) {
    let store = open(database).await;
    let cost = Cost::begin();
    create(&store, first, count, Some(url)).await;
    change(&store, first, count, Some(url)).await;
    cost.print(count);
}

async fn create(store: &Store, first: usize, count: usize, url: Option<&str>) {
    let (store, url) = (store.clone(), url.map(str::to_string));
    side_by_side(first, count, move |number| {
        let (store, mut session) = (store.clone(), new_session(number));
        session.merchant_urls.status_update = url.clone();
        async move { store.create_page_session(&session).await.unwrap() }
    })
    .await;
}

async fn change(store: &Store, first: usize, count: usize, url: Option<&str>) {
    let (store, url) = (store.clone(), url.map(str::to_string));
    side_by_side(first, count, move |number| {
        let (store, change) = (store.clone(), changed(number, url.as_deref()));
        async move { assert_eq!(store.commit(&change).await.unwrap(), AdvanceOutcome::Done { leased: None }) }
    })
    .await;
}

/// Posts the body of a callback over connections that are kept alive, with the client that sends callbacks.
async fn posts(url: &str, count: usize) {
    let network = Arc::new(Network::new(OutgoingPolicy::for_this_machine()).unwrap());
    let body = Bytes::from(changed(0, None).body);
    let (url, cost) = (url.to_string(), Cost::begin());
    side_by_side(0, count, move |_| {
        let (network, body, url) = (network.clone(), body.clone(), url.clone());
        async move {
            let headers = vec![("content-type", "application/json".to_string())];
            let timeout = Duration::from_secs(3);
            let (method, answer_limit, is_repeatable) = (http::Method::POST, 4096, true);
            let call = Call { method, url, headers, body, timeout, answer_limit, is_repeatable };
            network.call(call).await.unwrap();
        }
    })
    .await;
    cost.print(count);
}

async fn side_by_side<F: Future<Output = ()> + Send + 'static>(
    first: usize,
    count: usize,
    operation: impl Fn(usize) -> F + Send + Sync + 'static,
) {
    let (operation, next) = (Arc::new(operation), Arc::new(AtomicUsize::new(first)));
    let mut workers = JoinSet::new();
    for _ in 0..SIDE_BY_SIDE {
        let (operation, next) = (operation.clone(), next.clone());
        workers.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= first + count {
                    return;
                }
                operation(number).await;
            }
        });
    }
    while let Some(ended) = workers.join_next().await {
        ended.unwrap();
    }
}

struct Cost {
    begun: Instant,
    cpu: Duration,
}

impl Cost {
    fn begin() -> Self {
        Self { begun: Instant::now(), cpu: processes::cpu("self") }
    }

    fn print(self, operations: usize) {
        let cpu = processes::cpu("self") - self.cpu;
        println!("{operations} {} {}", self.begun.elapsed().as_nanos(), cpu.as_nanos());
    }
}

fn print_cost(operations: usize, work: impl FnOnce()) {
    let cost = Cost::begin();
    work();
    cost.print(operations);
}
