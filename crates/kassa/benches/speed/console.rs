//! The pages of the console beside a million page sessions and five million attempts, on both engines.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use kassa_domain::{Actor, Role};
use kassa_engine::{
    AccountCreation, Audience, Login, LoginFailure, Requester, SignedInOperator, SystemClock, SystemRandom,
};
use kassa_outgoing::{Network, OutgoingPolicy};
use kassa_sandbox::Sandbox;
use kassa_server::{App, Configuration, Mode, Store};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::account::add_account;
use crate::client::{Connection, Request};
use crate::figure::{at_most, print_alone};
use crate::postgres::Postgres;
use crate::process::{Lab, Process};
use crate::sample::{CART, NEVER_MS, START_MS};

/// The number of page sessions in one statement.
const AT_A_TIME: usize = 100_000;

/// The number of requests for each page, of which the 95th of 100 is shown.
const REQUESTS: usize = 60;

/// The number of requests for the overview, each of which waits until the earlier answer is no longer reused.
const OVERVIEWS: usize = 8;

/// A step width that is prime to every size, so that each step finds a different page session.
const STRIDE: usize = 7_919;

/// How an engine writes the time and the number in an id.
struct Dialect {
    /// The expression of the hexadecimal digits of a number, with a width.
    hex: fn(&str, usize) -> String,
}

const SQLITE: Dialect = Dialect { hex: |number, width| format!("printf('%0{width}x', {number})") };
const POSTGRES: Dialect =
    Dialect { hex: |number, width| format!("lpad(to_hex(cast({number} as bigint)), {width}, '0')") };

pub async fn measure(sessions: usize) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kassa.db");
    let url = path.to_str().unwrap().to_string();
    let cookie = prepare(&url).await;
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute_batch("pragma synchronous = off").unwrap();
    fill(&SQLITE, sessions, |sql| file.execute_batch(sql).unwrap());
    file.execute_batch("analyze").unwrap();
    drop(file);
    measure_pages("SQLite", &url, &cookie, sessions).await;

    let postgres = Postgres::start();
    let url = postgres.schema("kassa");
    let cookie = prepare(&url).await;
    fill(&POSTGRES, sessions, |sql| postgres.run_sql(&url, sql));
    postgres.run_sql(&url, "vacuum analyze; checkpoint");
    measure_pages("PostgreSQL", &url, &cookie, sessions).await;
}

/// Creates the account and an operator who is signed in. Returns the cookie.
async fn prepare(database: &str) -> String {
    add_account(database).await;
    let store = match database.starts_with("postgres://") {
        true => Store::connect(database).await.unwrap(),
        false => Store::open(Path::new(database)).unwrap(),
    };
    let random = Arc::new(SystemRandom);
    let network = Arc::new(Network::new(OutgoingPolicy::for_this_machine()).unwrap());
    let configuration = Configuration::new(Mode::Live, "http://127.0.0.1");
    let sandbox = Arc::new(Sandbox::new(random.clone()));
    let app = App::new(store, Arc::new(SystemClock), random, network, sandbox, configuration).await.unwrap();
    let by = Requester::in_process(Actor::CommandLine);
    let AccountCreation::New(made) = app.accounts().create_operator("speed", Role::Admin, &by).await.unwrap()
    else {
        panic!("the database is new")
    };
    let secret = sign_in(&app, &made.password).await.ok().unwrap();
    let operator: SignedInOperator = app.accounts().signed_in(&secret).await.unwrap().unwrap();
    let passwords = (made.password.as_str(), "a password for measurements");
    app.accounts().choose_password(&operator, &secret, passwords, &by).await.unwrap();
    app.close().await;
    format!("cookie: kassa_console={secret}")
}

async fn sign_in(app: &App, password: &str) -> Result<String, LoginFailure> {
    let (username, password) = ("speed".to_string(), password.to_string());
    app.accounts().sign_in(&Login { audience: Audience::Console, username, password, from: None }).await
}

/// Adds page sessions, each with two events, two callbacks and five attempts.
fn fill(dialect: &Dialect, sessions: usize, run: impl Fn(&str)) {
    for first in (0..sessions).step_by(AT_A_TIME) {
        eprintln!("{first} of {sessions} page sessions");
        run(&statements(dialect, first, (first + AT_A_TIME).min(sessions) - 1));
    }
}

fn statements(dialect: &Dialect, first: usize, last: usize) -> String {
    let hex = dialect.hex;
    let id = |kind: &str| {
        let (high, low) =
            (hex(&format!("({START_MS} + n) >> 16"), 8), hex(&format!("({START_MS} + n) & 65535"), 4));
        format!("{high} || '-' || {low} || '-7000-8{kind}-' || {}", hex("n", 12))
    };
    let (session, payment, event) = (id("001"), id("002"), id("004"));
    let merchant = kassa_engine::DEV_MERCHANT;
    let numbers = format!(
        "with recursive numbers(n) as (select {first} union all select n + 1 from numbers where n < {last})"
    );
    let body = "x".repeat(200);
    let insert = |table: &str, columns: &str, values: &str, from: &str| {
        format!("insert into {table} ({columns}) {numbers} select {values} from numbers{from};\n")
    };
    let twice = ", (select 1 as k union all select 2) of_event";
    let at = format!("{START_MS} + n");
    [
        insert(
            "payment_session",
            "payment_session_id, merchant_id, version, created_at, expires_at, body, merchant_reference1, \
             order_amount, purchase_currency, email_hash",
            &format!(
                "{payment}, '{merchant}', 0, {at}, {NEVER_MS}, '{CART}', 'ORDER-' || n, 1000 + (n % 5000) * 100, \
                 'EUR', 'hash-' || (n % 100000)"
            ),
            "",
        ),
        insert(
            "page_session",
            "page_session_id, merchant_id, payment_session_id, status, version, created_at, updated_at, \
             expires_at, merchant_urls, options",
            &format!(
                "{session}, '{merchant}', {payment}, case when n % 1000 = 7 then 'DISABLED' when n % 10 < 6 then \
                 'COMPLETED' when n % 10 = 8 then 'FAILED' else 'IN_PROGRESS' end, 2, {at}, {at}, {NEVER_MS}, \
                 '{{}}', '{{}}'"
            ),
            "",
        ),
        insert(
            "status_event",
            "page_session_id, sequence, event_id, merchant_id, event, status, occurred_at, body, position",
            &format!(
                "{session}, k, {event} || k, '{merchant}', case when k = 1 then 'ConsumerEntered' else \
                 'PaymentAuthorized' end, case when k = 1 then 'IN_PROGRESS' else 'COMPLETED' end, {at} + k, \
                 '{body}', 2 * n + k"
            ),
            twice,
        ),
        insert(
            "callback",
            "page_session_id, sequence, merchant_id, endpoint, url, state, attempts, committed_at, due_at, \
             leased_until, fence",
            &format!(
                "{session}, k, '{merchant}', 'https://shop' || (n % 20) || '.example:443', \
                 'https://shop.example/callbacks', case when n % 50 = 3 then 'GIVEN_UP' else 'DELIVERED' end, k + 1, \
                 {at}, {at}, 0, 1"
            ),
            twice,
        ),
        insert(
            "callback_attempt",
            "page_session_id, sequence, started_at, ended_at, answer_status",
            &format!("{session}, (a + 3) / 3, {at} + a, {at} + a + 20, case when a in (2, 5) then 200 else 500 end"),
            ", (select 1 as a union all select 2 union all select 3 union all select 4 union all select 5) tries",
        ),
    ]
    .concat()
}

async fn measure_pages(engine: &str, database: &str, cookie: &str, sessions: usize) {
    let node = Process::serve_on(database, Lab::Closed);
    let id = |number: usize| {
        let ms = START_MS + number;
        format!("{:08x}-{:04x}-7000-8001-{number:012x}", ms >> 16, ms & 0xffff)
    };
    let pages: [(&str, &dyn Fn(usize) -> String); 11] = [
        ("newest", &|_| "/console/sessions".to_string()),
        ("a rare status", &|_| "/console/sessions?status=DISABLED".to_string()),
        ("of a merchant, old", &|number| format!("/console/sessions?merchant=PK00000&after={}", id(number))),
        ("largest amounts", &|number| format!("/console/sessions?sort=largest&after={}", id(number))),
        ("by id", &|number| format!("/console/sessions?q={}", id(number))),
        ("by reference", &|number| format!("/console/sessions?q=ORDER-{number}")),
        ("by amount", &|number| format!("/console/sessions?q={}.00", 10 + number % 5000)),
        ("by amount and a rare status", &|number| {
            format!("/console/sessions?q={}.00&status=DISABLED", 10 + number % 5000)
        }),
        ("by e-mail", &|number| format!("/console/sessions?q=a{number}%40example.se")),
        ("one page session", &|number| format!("/console/sessions/{}", id(number))),
        ("merchants", &|_| "/console/merchants".to_string()),
    ];
    for (page, path) in pages {
        let paths = (0..REQUESTS).map(|step| path((step * STRIDE) % sessions));
        print_slowest(engine, page, sessions, &times(&node, cookie, paths, Duration::ZERO).await);
    }
    let paths = (0..OVERVIEWS).map(|_| "/console".to_string());
    print_slowest(
        engine,
        "overview",
        sessions,
        &times(&node, cookie, paths, Duration::from_millis(3_100)).await,
    );
}

/// The durations of requests, one after the other, in milliseconds and ascending.
async fn times(
    node: &Process,
    cookie: &str,
    paths: impl Iterator<Item = String>,
    pause: Duration,
) -> Vec<f64> {
    let mut connection = Connection::to(&node.url()).await;
    let mut times = Vec::new();
    for path in paths {
        tokio::time::sleep(pause).await;
        let begun = Instant::now();
        let (status, body) = connection.call(&Request::new("GET", &path, "").with(cookie)).await;
        assert_eq!(status, 200, "{path} {}", String::from_utf8_lossy(body));
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    times
}

fn print_slowest(engine: &str, page: &str, sessions: usize, times: &[f64]) {
    let place = (times.len() * 95).div_ceil(100) - 1;
    let measure = format!("console, {page}, {sessions} page sessions, {engine}: p95");
    print_alone(&measure, times[place], "ms", at_most(100.0, 100.0));
}
