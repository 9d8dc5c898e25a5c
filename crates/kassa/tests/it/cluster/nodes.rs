//! The servers of a test: nodes that share a database, a merchant's account, and a receiver of callbacks.

use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use kassa_store::simulation::CONTRADICTIONS;
use kassa_testkit::{eventually, eventually_blocking};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::balancer::{Balancer, NODES, front, node, operations};
use super::load::{Load, Outcome};
use super::postgres::Postgres;
use crate::harness::process::{resident, sockets};
use crate::harness::{Answer, Configuration, Merchant, Node, Received, Receiver, cart};
use crate::shopping::{all_callbacks_have_ended, prove};

/// How long a node has a claimed callback before another node may take it.
pub const LEASE: Duration = Duration::from_secs(10);

/// The maximum number of connections of a node. It includes those that the node gave up and the server still counts.
const CONNECTIONS_OF_A_NODE: usize = 12;

/// The number of parallel callers during a fault.
const CALLERS: usize = 400;

/// A loopback address that no other test uses, so that no other test takes its ports.
pub fn address() -> Ipv4Addr {
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, 64 | (high & 63), middle, low)
}

pub struct Cluster {
    pub nodes: Vec<Node>,
    pub configuration: Configuration,
    pub account: Value,
    pub receiver: Receiver,
    balancer: Option<Balancer>,
}

impl Cluster {
    /// Starts this many nodes on a database. Callers use the address of the first.
    pub async fn start(database: &str, nodes: usize) -> Self {
        Self::called_at(&node(0), database, nodes).await
    }

    /// Three nodes behind a balancer.
    pub async fn behind_balancer(database: &str) -> Self {
        // The balancer starts after the nodes, so its first health check succeeds.
        let cluster = Self::called_at(&front(), database, NODES).await;
        Self { balancer: Some(Balancer::start()), ..cluster }
    }

    async fn called_at(address: &str, database: &str, nodes: usize) -> Self {
        let configuration = Configuration::with(database, "drain_s = 5")
            .overriding("KASSA_PUBLIC_URL", format!("http://{address}"))
            // A node warns about each call that it cannot answer. These tests have many such calls.
            .overriding("KASSA_LOG", "error");
        let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
        let nodes = (0..nodes).map(|index| configuration.node_at(&node(index), &operations(index))).collect();
        let cluster =
            Self { nodes, configuration, account, receiver: Receiver::start().await, balancer: None };
        for node in &cluster.nodes {
            cluster.becomes_ready(node).await;
        }
        cluster
    }

    /// The URL that merchants and consumers call.
    fn url(&self) -> String {
        let address = if self.balancer.is_some() { front() } else { node(0) };
        format!("http://{address}")
    }

    pub fn merchant(&self) -> Merchant {
        Merchant::of(&self.url(), &self.account)
    }

    /// Starts purchases.
    pub fn load(&self) -> Load {
        Load::start(&self.url(), &self.account, &self.receiver)
    }

    /// Waits until a node accepts calls.
    pub async fn becomes_ready(&self, node: &Node) {
        let began = Instant::now();
        is_ready_with(node, 200).await;
        println!("ready after {:.1} s", began.elapsed().as_secs_f64());
    }

    /// Starts a node in the place of one that ended.
    pub async fn restart(&mut self, index: usize) {
        self.nodes[index] = self.configuration.node_at(&node(index), &operations(index));
        self.becomes_ready(&self.nodes[index]).await;
    }

    /// Asserts that every kind of call gets 503. The node soon reports that it is not ready, but stays healthy.
    pub async fn assert_is_unavailable(&self, node: &Node, session: &str) {
        let merchant = node.merchant(&self.account);
        let (read, act) =
            (format!("/hpp/v1/sessions/{session}"), format!("/lab/v1/sessions/{session}/enter"));
        let (nothing, empty, cart) = (Value::Null, json!({}), cart("ECOMMERCE"));
        let calls = [
            (Method::GET, read.as_str(), &nothing),
            (Method::POST, act.as_str(), &empty),
            (Method::POST, "/payments/v1/sessions", &cart),
        ];
        let answers =
            join_all(calls.clone().map(|(method, path, body)| merchant.call(method, path, body))).await;
        for ((_, path, _), answer) in calls.iter().zip(answers) {
            let answer = answer.unwrap_or_else(|error| panic!("{path} is not answered: {error}"));
            assert_eq!(answer.status, 503, "{path}: {}", answer.text);
            assert_says_try_again(&answer);
        }
        is_ready_with(node, 503).await;
        assert_eq!(node.operator().get("/healthz").await.status, 200);
    }

    /// Calls from many connections at once. Asserts that every call is answered, and that the node's memory and sockets
    /// stay bounded.
    pub async fn assert_answers_many_callers(&self, node: &Node) {
        let mib = || resident(node.process_id()) / (1024 * 1024);
        let before = mib();
        let callers: Vec<_> = (0..CALLERS).map(|_| node.merchant(&self.account)).collect();
        let cart = cart("ECOMMERCE");
        let calls =
            callers.iter().map(|merchant| merchant.call(Method::POST, "/payments/v1/sessions", &cart));
        let began = Instant::now();
        let answers = join_all(calls).await;
        let (after, open) = (mib(), sockets(node.process_id()));
        println!(
            "{CALLERS} callers were answered in {:.1} s; {before} MiB before, {after} MiB after, {open} sockets",
            began.elapsed().as_secs_f64()
        );
        for answer in answers {
            let answer = answer.expect("every call is answered");
            assert_eq!(answer.status, 503, "{}", answer.text);
            assert_says_try_again(&answer);
        }
        assert!(after < before + 200, "{before} MiB became {after} MiB");
        assert!(open < CALLERS + 200, "{open} sockets for {CALLERS} callers");
    }

    /// Ends the load, and compares all answers with the stored data.
    pub async fn prove(&self, load: Load, postgres: &Postgres) -> Outcome {
        let outcome = load.end().await;
        self.comes_to_rest(postgres).await;
        let merchant = self.nodes.last().unwrap().merchant(&self.account);
        let histories = all_callbacks_have_ended(&merchant, &outcome.purchases).await;
        prove(&merchant, &outcome.purchases, &histories, &self.receiver.received()).await;
        for question in CONTRADICTIONS {
            assert_eq!(postgres.ask(question), "0", "{question}");
        }
        let connections: usize =
            postgres.ask("select count(*) from pg_stat_activity where usename = 'kassa'").parse().unwrap();
        assert!(connections <= self.nodes.len() * CONNECTIONS_OF_A_NODE, "{connections} connections");
        outcome
    }

    /// Waits until nothing changes any more: changes that were interrupted, and their consequences. A node makes a
    /// change after the changes that wait before it.
    async fn comes_to_rest(&self, postgres: &Postgres) {
        for node in &self.nodes {
            self.becomes_ready(node).await;
            node.merchant(&self.account).payment_session("ECOMMERCE").await;
        }
        let under_way =
            "select count(*) from pg_stat_activity where usename = 'kassa' and xact_start is not null";
        eventually_blocking("a database without transactions", || postgres.ask(under_way) == "0");
        let unfinished = "select count(*) from completion";
        eventually_blocking("the end of interrupted completions", || postgres.ask(unfinished) == "0");
    }

    /// The first acknowledgement of each event that arrived again after it.
    pub fn acknowledged_twice(&self) -> Vec<Instant> {
        let received = self.receiver.received();
        let taken: Vec<&Received> = received.iter().filter(|call| call.is_acknowledged).collect();
        let is_again = |index: usize| taken[..index].iter().find(|one| one.event_id == taken[index].event_id);
        let twice: Vec<Instant> = (0..taken.len()).filter_map(|index| Some(is_again(index)?.at)).collect();
        println!("{} callbacks came again although they had been taken", twice.len());
        twice
    }
}

/// Waits until the readiness of a node has this status.
async fn is_ready_with(node: &Node, status: u16) {
    let operator = node.operator();
    let ready = async || match operator.call(Method::GET, "/readyz", &Value::Null).await {
        Ok(answer) if answer.status == status => Ok(()),
        Ok(other) => Err(format!("{} {}", other.status, other.text)),
        Err(reason) => Err(reason),
    };
    eventually(&format!("readiness {status}"), ready).await;
}

fn assert_says_try_again(answer: &Answer) {
    assert_eq!(answer.word("error_code"), "TEMPORARILY_UNAVAILABLE", "{}", answer.text);
    assert!(answer.header("retry-after").parse::<u32>().is_ok(), "{:?}", answer.headers);
}
