//! The database is there and does not answer: paused, locked, slow, or behind a way that fell silent.

use std::process::Child;
use std::time::Duration;

use serde_json::json;

use super::postgres::Postgres;
use super::site::{Site, eventually};
use super::wire::Wire;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_database_is_not_waited_for_without_end() {
    let postgres = Postgres::start();
    let site = Site::start(&postgres.url(), 1).await;
    let session = site.merchant().page_session(&json!({}), &json!({})).await;
    let load = site.load();
    load.wait_for(300).await;
    postgres.freeze();
    site.assert_is_unavailable(&site.nodes[0], &session).await;
    site.assert_bears_a_crowd(&site.nodes[0]).await;
    postgres.thaw();
    site.becomes_ready(&site.nodes[0]).await;
    load.wait_for(300).await;
    site.prove(load, &postgres).await.assert_failures_are_among(&["503"]);
}

/// A lock that somebody else holds; gone with this value.
struct Lock(Child);

impl Lock {
    fn on(postgres: &Postgres, table: &str) -> Self {
        let held = format!("begin; lock table {table} in access exclusive mode; select pg_sleep(300)");
        let process = postgres.asked_by("postgres", &held);
        let is_held = "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted
             and relation = 'page_session'::regclass";
        eventually("the lock is held", || postgres.ask(is_held) != "0");
        Self(process)
    }

    fn release(mut self, postgres: &Postgres) {
        postgres
            .ask("select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(300)'");
        self.0.wait().unwrap();
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What needs the table fails after the time for a lock. What does not need it goes on, as far as writers are free.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_is_held_too_long_is_not_waited_for() {
    let postgres = Postgres::start();
    let site = Site::start(&postgres.url(), 1).await;
    let merchant = site.merchant();
    let session = merchant.page_session(&json!({}), &json!({})).await;
    let load = site.load();
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
    site.prove(load, &postgres).await.assert_failures_are_among(&["503"]);
}

/// A call that asks the database several things, each of which comes just in time, may take longer than its caller waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_way_to_the_database_costs_time_and_nothing_else() {
    let postgres = Postgres::start();
    let wire = Wire::to(postgres.listens_at()).await;
    let site = Site::start(&wire.url(), 1).await;
    let session = site.merchant().page_session(&json!({}), &json!({})).await;
    let load = site.load();
    load.wait_for(200).await;
    wire.slow_down(Duration::from_millis(200));
    load.wait_for(100).await;
    assert_eq!(load.failed(), 0, "slow is not broken");
    wire.slow_down(Duration::from_secs(7));
    site.assert_is_unavailable(&site.nodes[0], &session).await;
    site.assert_bears_a_crowd(&site.nodes[0]).await;
    wire.slow_down(Duration::ZERO);
    site.becomes_ready(&site.nodes[0]).await;
    load.wait_for(300).await;
    site.prove(load, &postgres).await.assert_failures_are_among(&["503", "timed_out"]);
}

/// As after a power cut or behind a firewall that forgot: nothing ever comes over a connection that stood, and nobody
/// says that it is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_fell_silent_are_given_up() {
    let postgres = Postgres::start();
    let wire = Wire::to(postgres.listens_at()).await;
    let site = Site::start(&wire.url(), 1).await;
    let load = site.load();
    for _ in 0..2 {
        load.wait_for(200).await;
        wire.silence();
    }
    load.wait_for(300).await;
    site.becomes_ready(&site.nodes[0]).await;
    site.prove(load, &postgres).await.assert_failures_are_among(&["503"]);
}
