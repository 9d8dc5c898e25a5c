//! Three nodes behind a balancer: one is killed, all are restarted in turn, one is paused. No acknowledged change and
//! no callback is lost, and no order is placed twice.

use std::time::Duration;

use kassa_testkit::let_time_pass;
use tokio::time::Instant;

use super::postgres::Postgres;
use super::site::{LEASE, Site};

/// The failures that a client may see if a node ends or pauses during its call. If the balancer reused a connection for
/// the call, it closes the client's connection as well.
const CUT_OFF: [&str; 4] = ["502", "503", "504", "connection_lost"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_kill_of_a_node_loses_nothing() {
    let postgres = Postgres::start();
    let mut site = Site::behind_balancer(&postgres.url()).await;
    let load = site.load();
    load.wait_for(500).await;
    let killed_at = Instant::now();
    site.nodes[0].signal("KILL");
    site.nodes[0].ended();
    load.wait_for(1000).await;
    site.restart(0).await;
    load.wait_for(500).await;
    site.prove(load, &postgres).await.assert_failures_are_among(&CUT_OFF);
    assert_came_again_only_around(&site, killed_at);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_fails_no_call() {
    let postgres = Postgres::start();
    let mut site = Site::behind_balancer(&postgres.url()).await;
    let load = site.load();
    load.wait_for(200).await;
    for index in 0..site.nodes.len() {
        site.nodes[index].signal("TERM");
        assert_eq!(site.nodes[index].ended(), Some(0));
        site.restart(index).await;
        load.wait_for(200).await;
    }
    site.prove(load, &postgres).await.assert_failures_are_among(&[]);
    assert_eq!(site.taken_twice(), [], "an orderly stop records every answer");
}

/// The test is about the pause, so it sleeps: longer than every lease and every timeout.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_paused_for_a_minute_loses_nothing() {
    let postgres = Postgres::start();
    let site = Site::behind_balancer(&postgres.url()).await;
    let load = site.load();
    load.wait_for(300).await;
    let asleep_at = Instant::now();
    site.nodes[0].signal("STOP");
    let_time_pass(Duration::from_secs(60)).await;
    site.nodes[0].signal("CONT");
    site.becomes_ready(&site.nodes[0]).await;
    load.wait_for(500).await;
    site.prove(load, &postgres).await.assert_failures_are_among(&CUT_OFF);
    assert_came_again_only_around(&site, asleep_at);
}

/// Only an answer in flight at this moment can be lost, and its attempt had a lease.
fn assert_came_again_only_around(site: &Site, moment: Instant) {
    for taken_at in site.taken_twice() {
        assert!(taken_at > moment - LEASE && taken_at < moment + LEASE, "nothing was lost then");
    }
}
