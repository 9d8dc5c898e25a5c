//! Nodes on one PostgreSQL: changes through HTTP with their callbacks, against bare commits through the same driver.

use std::time::Duration;

use kassa_testkit::eventually;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::account::add_account;
use crate::bare::{self, SIDE_BY_SIDE};
use crate::client::{Connection, Request};
use crate::figure::{Round, Target, at_least, at_most, median_cpu, median_rate, print_alone, print_ratio};
use crate::postgres::Postgres;
use crate::process::{Lab, Process};
use crate::sample::{CART, creation};

const ROUNDS: usize = 3;

/// The number of sessions in one round. Each is created and entered: two changes and one callback.
const SESSIONS: usize = 4_032;

/// The largest number of nodes.
const NODES: usize = 3;

pub async fn measure() {
    let postgres = Postgres::start();
    let (database, aside) = (postgres.schema("kassa"), postgres.schema("bare"));
    add_account(&database).await;
    let receiver = Process::bare(&["bare-http"]);
    let nodes: Vec<Process> = (0..NODES).map(|_| Process::serve_on(&database, Lab::Closed)).collect();
    let payments = payment_sessions(&nodes[0].url(), NODES * SIDE_BY_SIDE).await;
    let (mut bare, mut figures) = (Vec::new(), vec![Vec::new(); NODES]);
    let mut of_postgres = vec![Vec::new(); NODES];
    for round in 0..ROUNDS {
        bare.push(bare_round(&aside, &receiver.url(), round));
        for count in 1..=NODES {
            let cpu = || nodes.iter().map(Process::cpu).sum::<Duration>();
            let (before, before_of_postgres) = (cpu(), postgres.cpu());
            let took = enter_sessions(&nodes[..count], &payments, &receiver.url()).await;
            wait_until_delivered(&nodes[0]).await;
            let round = Round { operations: 2 * SESSIONS, took, cpu: cpu() - before };
            figures[count - 1].push(round);
            of_postgres[count - 1]
                .push(Round { cpu: postgres.cpu().saturating_sub(before_of_postgres), ..round });
        }
    }
    let limit = median_rate(&bare);
    let alone = (median_rate(&figures[0]), median_cpu(&figures[0]));
    for (index, (rounds, of_postgres)) in figures.iter().zip(&of_postgres).enumerate() {
        let count = index + 1;
        let of = format!("change with callback, {count} of {NODES} nodes on PostgreSQL");
        print_ratio(&format!("{of}: throughput"), limit, median_rate(rounds), "/s", at_least(0.6, 0.8));
        if count > 1 {
            let measure = format!("{of}: throughput beside one node");
            print_ratio(&measure, alone.0, median_rate(rounds), "/s", Target::None);
        }
        print_ratio(&format!("{of}: CPU of all nodes"), alone.1, median_cpu(rounds), "us", at_most(1.1, 1.0));
        print_alone(&format!("{of}: CPU of PostgreSQL"), median_cpu(of_postgres), "us", Target::None);
        let both = median_cpu(rounds) + median_cpu(of_postgres);
        print_alone(&format!("{of}: CPU of nodes and PostgreSQL"), both, "us", at_most(300.0, 200.0));
    }
}

/// Commits the same rows through the same driver, without HTTP and without delivery.
fn bare_round(database: &str, receiver: &str, round: usize) -> Round {
    let first = (1 + round * SESSIONS).to_string();
    let made = bare::run(&["due-callbacks", database, receiver, &first, &SESSIONS.to_string()]);
    Round { operations: 2 * made.operations, ..made }
}

async fn payment_sessions(url: &str, count: usize) -> Vec<String> {
    let mut connection = Connection::to(url).await;
    let mut ids = Vec::new();
    for _ in 0..count {
        let created = connection.json(&Request::new("POST", "/payments/v1/sessions", CART), 200).await;
        ids.push(created["session_id"].as_str().unwrap().to_string());
    }
    ids
}

/// Creates sessions and opens their pages, over the same number of connections to each node.
async fn enter_sessions(nodes: &[Process], payments: &[String], receiver: &str) -> Duration {
    let begun = Instant::now();
    let mut shoppers = JoinSet::new();
    let in_all = SIDE_BY_SIDE * nodes.len();
    for shopper in 0..in_all {
        let url = nodes[shopper % nodes.len()].url();
        let body = creation(&payments[shopper], Some(&format!("{receiver}/")));
        shoppers.spawn(async move {
            let mut connection = Connection::to(&url).await;
            for _ in 0..SESSIONS / in_all {
                let page = connection.json(&Request::new("POST", "/hpp/v1/sessions", &body), 201).await;
                let link = page["redirect_url"].as_str().unwrap();
                let path = &link[link.find("/pay/").unwrap()..];
                assert_eq!(connection.call(&Request::new("GET", path, "")).await.0, 200);
            }
        });
    }
    while let Some(done) = shoppers.join_next().await {
        done.unwrap();
    }
    begun.elapsed()
}

/// Waits until all callbacks of a round are delivered, so that they do not burden the next round.
async fn wait_until_delivered(node: &Process) {
    let mut connection = Connection::to(&node.operations()).await;
    eventually("a node without waiting callbacks", async || {
        let (_, page) = connection.call(&Request::new("GET", "/metrics", "")).await;
        String::from_utf8_lossy(page).contains("\nkassa_callbacks_waiting 0\n")
    })
    .await;
}
