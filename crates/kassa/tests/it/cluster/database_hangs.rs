//! The database exists and does not answer: it is paused, locked, slow, or the network drops its packets.

use std::time::Duration;

use kassa_testkit::eventually_blocking;
use kassa_testkit::processes::KilledOnDrop;
use serde_json::json;

use super::nodes::Cluster;
use super::postgres::Postgres;
use super::wire::Wire;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_fail_in_time_while_the_database_is_paused() {
    let postgres = Postgres::start();
    let cluster = Cluster::start(&postgres.url(), 1).await;
    let session = cluster.merchant().page_session(&json!({}), &json!({})).await;
    let load = cluster.load();
    load.wait_for(300).await;
    postgres.freeze();
    cluster.assert_is_unavailable(&cluster.nodes[0], &session).await;
    cluster.assert_answers_many_callers(&cluster.nodes[0]).await;
    postgres.thaw();
    cluster.becomes_ready(&cluster.nodes[0]).await;
    load.wait_for(300).await;
    cluster.prove(load, &postgres).await.assert_failures_are_among(&["503"]);
}

/// A table lock of another client. It is released when this value is dropped.
struct Lock(KilledOnDrop);

impl Lock {
    fn on(postgres: &Postgres, table: &str) -> Self {
        let held = format!("begin; lock table {table} in access exclusive mode; select pg_sleep(300)");
        let process = postgres.asked_by("postgres", &held);
        let is_held = "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted
             and relation = 'page_session'::regclass";
        eventually_blocking("the lock", || postgres.ask(is_held) != "0");
        Self(process)
    }

    fn release(mut self, postgres: &Postgres) {
        postgres
            .ask("select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(300)'");
        self.0.ended();
    }
}

/// Calls that need the table fail after the lock timeout. Other calls succeed, as long as writers are free.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_fail_in_time_while_a_table_is_locked() {
    let postgres = Postgres::start();
    let cluster = Cluster::start(&postgres.url(), 1).await;
    let merchant = cluster.merchant();
    let session = merchant.page_session(&json!({}), &json!({})).await;
    let load = cluster.load();
    load.wait_for(300).await;
    let lock = Lock::on(&postgres, "page_session");
    let path = format!("/hpp/v1/sessions/{session}");
    let (read, act) = tokio::join!(merchant.get(&path), merchant.act(&session, "enter"));
    for answer in [read, act] {
        assert_eq!(answer.status, 503, "{}", answer.text);
        assert!(answer.header("retry-after").parse::<u32>().is_ok());
    }
    lock.release(&postgres);
    load.wait_for(300).await;
    cluster.prove(load, &postgres).await.assert_failures_are_among(&["503"]);
}

/// A call with several slow queries, each within its own time limit, may exceed the time limit of its caller.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_network_to_the_database_delays_calls_and_loses_nothing() {
    let postgres = Postgres::start();
    let wire = Wire::to(postgres.listens_at()).await;
    let cluster = Cluster::start(&wire.url(), 1).await;
    let session = cluster.merchant().page_session(&json!({}), &json!({})).await;
    let load = cluster.load();
    load.wait_for(200).await;
    wire.slow_down(Duration::from_millis(200));
    load.wait_for(100).await;
    assert_eq!(load.failed(), 0, "slow is not broken");
    wire.slow_down(Duration::from_secs(7));
    cluster.assert_is_unavailable(&cluster.nodes[0], &session).await;
    cluster.assert_answers_many_callers(&cluster.nodes[0]).await;
    wire.slow_down(Duration::ZERO);
    cluster.becomes_ready(&cluster.nodes[0]).await;
    load.wait_for(300).await;
    cluster.prove(load, &postgres).await.assert_failures_are_among(&["503", "timed_out"]);
}

/// After a power cut, or behind a firewall that lost its state, packets of existing connections are dropped silently.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_connections_are_replaced() {
    let postgres = Postgres::start();
    let wire = Wire::to(postgres.listens_at()).await;
    let cluster = Cluster::start(&wire.url(), 1).await;
    let load = cluster.load();
    for _ in 0..2 {
        load.wait_for(200).await;
        wire.silence();
    }
    load.wait_for(300).await;
    cluster.becomes_ready(&cluster.nodes[0]).await;
    cluster.prove(load, &postgres).await.assert_failures_are_among(&["503"]);
}
