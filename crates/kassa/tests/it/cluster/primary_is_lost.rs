//! A primary with a synchronous replica: acknowledged changes are on both, and nodes find the new primary by
//! themselves.

use kassa_testkit::eventually_blocking;

use super::nodes::Cluster;
use super::postgres::Postgres;

/// The statuses of calls that the nodes could not answer.
const UNAVAILABLE: [&str; 3] = ["502", "503", "504"];

/// A primary whose commits wait for its replica, and a URL with both.
fn pair() -> (Postgres, Postgres, String) {
    let primary = Postgres::start();
    let replica = primary.replica();
    primary.commit_with_replica(true);
    replica.commit_with_replica(true);
    eventually_blocking("a synchronous replica", || {
        primary.ask("select count(*) from pg_stat_replication where sync_state = 'sync'") == "1"
    });
    let hosts = format!("{},{}", primary.listens_at(), replica.listens_at());
    (primary, replica, format!("postgres://kassa@{hosts}/kassa?target_session_attrs=read-write"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_changes_survive_the_loss_of_the_primary() {
    let (mut primary, replica, url) = pair();
    let cluster = Cluster::behind_balancer(&url).await;
    let load = cluster.load();
    load.wait_for(500).await;
    primary.kill();
    replica.take_over();
    load.wait_for(500).await;
    let outcome = cluster.prove(load, &replica).await;
    outcome.assert_failures_are_among(&UNAVAILABLE);
    println!("{:.1} s without writes", outcome.longest_without_change.as_secs_f64());
}

/// The primary still accepts connections, but answers on none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_move_from_a_hanging_primary_to_the_replica() {
    let (primary, replica, url) = pair();
    let cluster = Cluster::behind_balancer(&url).await;
    let load = cluster.load();
    load.wait_for(300).await;
    primary.freeze();
    replica.take_over();
    load.wait_for(500).await;
    drop(primary);
    let outcome = cluster.prove(load, &replica).await;
    outcome.assert_failures_are_among(&UNAVAILABLE);
    println!("{:.1} s without writes", outcome.longest_without_change.as_secs_f64());
}

/// If the wait of a commit for its replica is cancelled, PostgreSQL reports success. The node answers 503 before that,
/// so no caller gets the wrong answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_only_the_primary_has_is_not_acknowledged() {
    let (primary, replica, url) = pair();
    let cluster = Cluster::start(&url, 1).await;
    let session = cluster.merchant().page_session(&serde_json::json!({}), &serde_json::json!({})).await;
    replica.freeze();
    let answer = cluster.merchant().act(&session, "enter").await;
    assert_eq!(answer.status, 503, "{}", answer.text);
    cluster.assert_answers_many_callers(&cluster.nodes[0]).await;
    replica.thaw();
    let load = cluster.load();
    load.wait_for(300).await;
    cluster.prove(load, &primary).await;
}
