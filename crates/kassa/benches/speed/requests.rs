//! API calls: reads, durable changes, pages, and whole purchases.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::bare::{self, SIDE_BY_SIDE};
use crate::client::{Connection, Request, drive};
use crate::figure::{Round, Target, at_least, at_most, median_cpu, median_rate, print_alone, print_ratio};
use crate::process::Process;
use crate::sample::{CART, creation, new_session};

/// The number of rounds. The two sides take turns.
const ROUNDS: usize = 5;

/// The numbers of operations in one round.
const READS: usize = 20_000;
const CHANGES: usize = 4_000;
const PURCHASES: usize = 600;

/// The form that a browser sends when the consumer presses Back.
const FORM: &str = "payment_method_category=pay_now&email=&order_seen=0123456789abcdef";

/// A database in a new folder, filled with sessions.
pub struct Seeded {
    folder: TempDir,
}

impl Seeded {
    pub fn with(sessions: usize) -> Self {
        let seeded = Self { folder: TempDir::new().unwrap() };
        seeded.grow(0, sessions);
        seeded
    }

    pub fn grow(&self, first: usize, sessions: usize) {
        bare::run(&[
            "bare-create",
            self.database().to_str().unwrap(),
            &first.to_string(),
            &sessions.to_string(),
        ]);
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("kassa.db")
    }
}

/// Sends the requests, and measures the CPU time that the process spends on them, also after its answers. Work from
/// before is finished first.
pub async fn charge(process: &Process, requests: Vec<Request>, expected: u16) -> Round {
    let (operations, before) = (requests.len(), process.settled_cpu().await);
    let took = drive(&process.url(), SIDE_BY_SIDE, requests, expected).await;
    Round { operations, took, cpu: process.settled_cpu().await - before }
}

pub async fn measure_reads() {
    let seeded = Seeded::with(READS);
    let (live, bare_http) = (Process::serve(seeded.folder()).await, Process::bare(&["bare-http"]));
    let (mut answers, mut reads, mut figures) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        answers.push(charge(&bare_http, vec![Request::new("GET", "/", ""); READS], 200).await);
        let database = seeded.database();
        reads.push(bare::run(&["bare-read", database.to_str().unwrap(), "0", &READS.to_string()]));
        let requests = (0..READS).map(|number| Request::new("GET", &session_path(number), "")).collect();
        figures.push(charge(&live, requests, 200).await);
    }
    let limit = median_cpu(&answers) + median_cpu(&reads);
    print_ratio("read a session: CPU", limit, median_cpu(&figures), "us", at_most(1.6, 1.3));
    print_ratio(
        "read a session: throughput",
        median_rate(&answers),
        median_rate(&figures),
        "/s",
        Target::None,
    );
}

pub fn session_path(number: usize) -> String {
    format!("/hpp/v1/sessions/{}", new_session(number).id)
}

pub fn enter_path(number: usize) -> String {
    format!("/lab/v1/sessions/{}/enter", new_session(number).id)
}

/// Measures the changes of merchants, and a page step: the consumer presses Back.
pub async fn measure_changes() {
    let (limits, seeded) = (Seeded::with(1), Seeded::with(ROUNDS * CHANGES));
    let (live, bare_http) = (Process::serve(seeded.folder()).await, Process::bare(&["bare-http"]));
    // The limit's sessions belong to one payment session, too.
    let body = creation(&payment_session_at(&live).await, None);
    let entered = entered_pages(&live, ROUNDS * CHANGES).await;
    let (mut json, mut created, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    let (mut creates, mut steps, mut disables) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let of_round = round * CHANGES..(round + 1) * CHANGES;
        json.push(charge(&bare_http, vec![Request::new("POST", "/", &body); CHANGES], 200).await);
        created.push(bare_round(&limits, "bare-create", 2 * round));
        let create = Request::new("POST", "/hpp/v1/sessions", &body);
        creates.push(charge(&live, vec![create; CHANGES], 201).await);
        changed.push(bare_round(&limits, "bare-change", 2 * round + 1));
        let press_back = |page: &String| Request::form(&format!("{page}/back"), FORM);
        steps.push(charge(&live, entered[of_round.clone()].iter().map(press_back).collect(), 303).await);
        let disable = |number| Request::new("DELETE", &session_path(number), "");
        disables.push(charge(&live, of_round.map(disable).collect(), 204).await);
    }
    print_change("create a session", &json, &created, &creates);
    print_change("page step", &json, &changed, &steps);
    print_change("disable a session", &json, &changed, &disables);
}

fn bare_round(seeded: &Seeded, what: &str, block: usize) -> Round {
    let first = (1 + block * CHANGES).to_string();
    bare::run(&[what, seeded.database().to_str().unwrap(), &first, &CHANGES.to_string()])
}

fn print_change(name: &str, json: &[Round], bare: &[Round], figures: &[Round]) {
    let limit = median_cpu(json) + median_cpu(bare);
    print_ratio(&format!("{name}: CPU"), limit, median_cpu(figures), "us", at_most(1.5, 1.2));
    let (limit, figure) = (median_rate(bare), median_rate(figures));
    print_ratio(&format!("{name}: throughput"), limit, figure, "/s", at_least(0.6, 0.85));
}

pub async fn payment_session_at(live: &Process) -> String {
    let mut connection = Connection::to(&live.url()).await;
    let created = connection.json(&Request::new("POST", "/payments/v1/sessions", CART), 200).await;
    created["session_id"].as_str().unwrap().to_string()
}

/// Measures the consumer's page. The sessions are entered before, so that showing the page changes nothing. The limit
/// reads the page session and the payment session, and renders a page of the same size with a template.
pub async fn measure_pages() {
    let seeded = Seeded::with(READS);
    let (live, bare_http) = (Process::serve(seeded.folder()).await, Process::bare(&["bare-http"]));
    let pages = entered_pages(&live, CHANGES).await;
    let (mut answers, mut reads, mut figures) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        answers.push(charge(&bare_http, vec![Request::new("GET", "/page", ""); READS], 200).await);
        let database = seeded.database();
        reads.push(bare::run(&["bare-read", database.to_str().unwrap(), "0", &READS.to_string()]));
        let show = |page: &String| Request::new("GET", page, "");
        figures.push(charge(&live, pages.iter().map(show).collect(), 200).await);
    }
    let limit = median_cpu(&answers) + 2.0 * median_cpu(&reads);
    print_ratio("page: CPU", limit, median_cpu(&figures), "us", at_most(2.0, 1.5));
}

/// The paths of pages that a consumer has opened, roughly in the order in which they were created. The limits change
/// their rows in this order, too, so that neighbouring rows are committed together.
async fn entered_pages(live: &Process, count: usize) -> Vec<String> {
    let creation = creation(&payment_session_at(live).await, None);
    let mut consumers = JoinSet::new();
    for _ in 0..SIDE_BY_SIDE {
        let (url, creation) = (live.url(), Request::new("POST", "/hpp/v1/sessions", &creation));
        consumers.spawn(async move {
            let mut connection = Connection::to(&url).await;
            let mut pages = Vec::new();
            for _ in 0..count / SIDE_BY_SIDE {
                let created = connection.json(&creation, 201).await;
                let (_, path) = created["redirect_url"].as_str().unwrap().split_once("/pay/").unwrap();
                let page = format!("/pay/{path}");
                assert_eq!(connection.call(&Request::new("GET", &page, "")).await.0, 200);
                pages.push(page);
            }
            pages
        });
    }
    let opened = consumers.join_all().await;
    (0..count / SIDE_BY_SIDE).flat_map(|nth| opened.iter().map(move |pages| pages[nth].clone())).collect()
}

/// Measures whole purchases: payment session, page session, enter, approve, order by token.
pub async fn measure_purchases() {
    let seeded = Seeded::with(1);
    let dev = Process::kassa(seeded.folder()).await;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let (begun, before) = (Instant::now(), dev.cpu());
        let mut shoppers = JoinSet::new();
        for _ in 0..SIDE_BY_SIDE {
            shoppers.spawn(purchases(dev.url(), PURCHASES / SIDE_BY_SIDE));
        }
        let mut operations = 0;
        while let Some(made) = shoppers.join_next().await {
            operations += made.unwrap();
        }
        rounds.push(Round { operations, took: begun.elapsed(), cpu: dev.cpu() - before });
    }
    print_alone("whole purchase, five calls: CPU", median_cpu(&rounds), "us", Target::None);
    print_alone("whole purchase, five calls: throughput", median_rate(&rounds), "/s", Target::None);
}

async fn purchases(url: String, count: usize) -> usize {
    let mut connection = Connection::to(&url).await;
    let order = CART.replace(r#""acquiring_channel":"ECOMMERCE","#, "");
    for _ in 0..count {
        let payment = connection.json(&Request::new("POST", "/payments/v1/sessions", CART), 200).await;
        let body = creation(payment["session_id"].as_str().unwrap(), None);
        let page = connection.json(&Request::new("POST", "/hpp/v1/sessions", &body), 201).await;
        let lab = format!("/lab/v1/sessions/{}", page["session_id"].as_str().unwrap());
        connection.json(&Request::new("POST", &format!("{lab}/enter"), ""), 200).await;
        let paid = connection.json(&Request::new("POST", &format!("{lab}/approve"), ""), 200).await;
        let token = paid["authorization_token"].as_str().unwrap();
        let path = format!("/payments/v1/authorizations/{token}/order");
        connection.json(&Request::new("POST", &path, &order), 200).await;
    }
    count
}
