//! The database stops and starts again, or cuts every connection: nodes report that, and recover by themselves.

use serde_json::json;

use super::nodes::Cluster;
use super::postgres::Postgres;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_wait_for_a_database_that_is_stopped_and_started_again() {
    let mut postgres = Postgres::start();
    let cluster = Cluster::start(&postgres.url(), 2).await;
    let session = cluster.merchant().page_session(&json!({}), &json!({})).await;
    let load = cluster.load();
    load.wait_for(300).await;
    postgres.stop();
    for node in &cluster.nodes {
        cluster.assert_is_unavailable(node, &session).await;
        cluster.assert_answers_many_callers(node).await;
    }
    postgres.run();
    for node in &cluster.nodes {
        cluster.becomes_ready(node).await;
    }
    load.wait_for(300).await;
    cluster.prove(load, &postgres).await.assert_failures_are_among(&["503"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_connections_are_replaced() {
    let postgres = Postgres::start();
    let cluster = Cluster::start(&postgres.url(), 2).await;
    let load = cluster.load();
    for _ in 0..20 {
        load.wait_for(50).await;
        postgres.ask("select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'kassa'");
    }
    load.wait_for(300).await;
    cluster.prove(load, &postgres).await.assert_failures_are_among(&["503"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_changes_survive_a_crash_of_the_database() {
    let mut postgres = Postgres::start();
    let cluster = Cluster::start(&postgres.url(), 2).await;
    let load = cluster.load();
    for _ in 0..3 {
        load.wait_for(200).await;
        postgres.kill();
        postgres.run();
    }
    load.wait_for(300).await;
    cluster.prove(load, &postgres).await.assert_failures_are_among(&["503"]);
}
