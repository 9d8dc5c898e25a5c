//! Three nodes behind a balancer: one is killed, all are restarted in turn, one is paused. No acknowledged change and
//! no callback is lost, and no order is placed twice.

use std::time::Duration;

use kassa_testkit::let_time_pass;
use tokio::time::Instant;

use super::nodes::{Cluster, LEASE};
use super::postgres::Postgres;

/// The failures that a client may see if a node ends or pauses during its call. If the balancer reused a connection for
/// the call, it closes the client's connection as well.
const CUT_OFF: [&str; 4] = ["502", "503", "504", "connection_lost"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_kill_of_a_node_loses_nothing() {
    let postgres = Postgres::start();
    let mut cluster = Cluster::behind_balancer(&postgres.url()).await;
    let load = cluster.load();
    load.wait_for(500).await;
    let killed_at = Instant::now();
    cluster.nodes[0].signal("KILL");
    cluster.nodes[0].ended();
    load.wait_for(1000).await;
    cluster.restart(0).await;
    load.wait_for(500).await;
    cluster.prove(load, &postgres).await.assert_failures_are_among(&CUT_OFF);
    assert_came_again_only_around(&cluster, killed_at);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_fails_no_call() {
    let postgres = Postgres::start();
    let mut cluster = Cluster::behind_balancer(&postgres.url()).await;
    let load = cluster.load();
    load.wait_for(200).await;
    for index in 0..cluster.nodes.len() {
        cluster.nodes[index].signal("TERM");
        assert_eq!(cluster.nodes[index].ended(), Some(0));
        cluster.restart(index).await;
        load.wait_for(200).await;
    }
    cluster.prove(load, &postgres).await.assert_failures_are_among(&[]);
    assert_eq!(cluster.acknowledged_twice(), [], "an orderly stop records every answer");
}

/// The test is about the pause, so it sleeps: longer than every lease and every timeout.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_paused_for_a_minute_loses_nothing() {
    let postgres = Postgres::start();
    let cluster = Cluster::behind_balancer(&postgres.url()).await;
    let load = cluster.load();
    load.wait_for(300).await;
    let asleep_at = Instant::now();
    cluster.nodes[0].signal("STOP");
    let_time_pass(Duration::from_secs(60)).await;
    cluster.nodes[0].signal("CONT");
    cluster.becomes_ready(&cluster.nodes[0]).await;
    load.wait_for(500).await;
    cluster.prove(load, &postgres).await.assert_failures_are_among(&CUT_OFF);
    assert_came_again_only_around(&cluster, asleep_at);
}

/// Only an answer in flight at this moment can be lost, and its attempt had a lease.
fn assert_came_again_only_around(cluster: &Cluster, moment: Instant) {
    for taken_at in cluster.acknowledged_twice() {
        assert!(taken_at > moment - LEASE && taken_at < moment + LEASE, "nothing was lost then");
    }
}
