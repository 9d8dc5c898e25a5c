//! The tracker reports a change until it is acknowledged, and never after that.

use std::os::unix::fs::PermissionsExt as _;

use futures_util::StreamExt as _;
use kassa_client::Timestamp;
use kassa_client::ledger::Ledger;
use kassa_client::tracker::{Tracker, TrackerOptions};
use kassa_wire::callback::StatusUpdate;
use serde_json::from_value;

use crate::each_engine::{Engine, on_each_engine};
use crate::service::snapshot;
use crate::world::{World, drain};

on_each_engine!(
    an_unacknowledged_change_delays_only_its_own_session,
    an_acknowledgement_after_the_lease_is_ignored,
    an_acknowledged_change_is_not_reported_again_after_restarts,
    the_stream_waits_for_the_next_change,
    a_clock_that_is_set_back_delays_no_delivery,
);

const LEASE_MS: i64 = 60_000;

async fn observe(tracker: &Tracker, session: &str, status: &str, at: i64) {
    let callback = StatusUpdate {
        event_id: format!("{session}-{at}"),
        session: from_value(snapshot(session, status, at, i64::from(i32::MAX))).unwrap(),
    };
    tracker.record(callback, Timestamp::from_millisecond(at).unwrap()).await.unwrap();
}

fn options() -> TrackerOptions {
    TrackerOptions { settle_ms: 0, lease_ms: LEASE_MS, ..TrackerOptions::default() }
}

async fn an_unacknowledged_change_delays_only_its_own_session(engine: Engine) {
    let world = World::on(engine, 1).await;
    let tracker = world.tracker(options()).await;
    world.clock.reach(10);
    for (session, status, at) in [("a", "IN_PROGRESS", 1), ("a", "FAILED", 2), ("b", "IN_PROGRESS", 3)] {
        observe(&tracker, session, status, at).await;
    }
    let first = tracker.try_next_change().await.unwrap().unwrap();
    assert_eq!(first.change_id, "a/1/IN_PROGRESS");
    let second = tracker.try_next_change().await.unwrap().unwrap();
    assert_eq!(second.change_id, "b/3/IN_PROGRESS");
    assert_eq!(tracker.try_next_change().await.unwrap(), None);
    assert!(tracker.acknowledge(&first).await.unwrap());
    let third = tracker.try_next_change().await.unwrap().unwrap();
    assert_eq!((third.change_id.as_str(), third.sequence), ("a/2/FAILED", 2));
}

async fn a_clock_that_is_set_back_delays_no_delivery(engine: Engine) {
    let world = World::on(engine, 1).await;
    let tracker = world.tracker(options()).await;
    observe(&tracker, "a", "BACK", 0).await;
    let first = tracker.try_next_change().await.unwrap().unwrap();
    tracker.postpone(&first, Timestamp::from_millisecond(5_000).unwrap()).await.unwrap();
    world.clock.set_back(3_600_000);
    world.clock.reach(4_999);
    assert_eq!(tracker.try_next_change().await.unwrap(), None);
    world.clock.reach(5_000);
    let again = tracker.try_next_change().await.unwrap().unwrap();
    assert_eq!((again.change_id.as_str(), again.attempt), (first.change_id.as_str(), 2));
}

async fn an_acknowledgement_after_the_lease_is_ignored(engine: Engine) {
    let world = World::on(engine, 1).await;
    let (one, other) = (world.tracker(options()).await, world.tracker(options()).await);
    observe(&one, "a", "BACK", 0).await;
    let first = one.try_next_change().await.unwrap().unwrap();
    assert_eq!(other.try_next_change().await.unwrap(), None);
    world.clock.reach(LEASE_MS);
    let again = other.try_next_change().await.unwrap().unwrap();
    assert_eq!((again.change_id.as_str(), again.attempt), (first.change_id.as_str(), 2));
    assert!(!one.acknowledge(&first).await.unwrap());
    assert!(other.acknowledge(&again).await.unwrap());
    assert!(drain(&one, 0).await.is_empty());
}

async fn an_acknowledged_change_is_not_reported_again_after_restarts(engine: Engine) {
    let world = World::on(engine, 1).await;
    let mut ids = Vec::new();
    for run in 0..30 {
        let tracker = world.tracker(options()).await;
        world.clock.reach(world.clock.ms() + LEASE_MS);
        // Every run observes the last three changes again, and one new change.
        for at in (run - 3).max(0)..=run {
            observe(&tracker, "a", if at % 2 == 0 { "IN_PROGRESS" } else { "BACK" }, at).await;
        }
        let change = tracker.try_next_change().await.unwrap().unwrap();
        ids.push(change.change_id.clone());
        if world.dice.below(3) > 0 {
            tracker.acknowledge(&change).await.unwrap();
        } else {
            // The unacknowledged change is reported again, before any other of its session.
            world.clock.reach(world.clock.ms() + LEASE_MS);
            let again = world.tracker(options()).await.try_next_change().await.unwrap().unwrap();
            assert_eq!((&again.change_id, again.attempt), (&change.change_id, 2));
            tracker.acknowledge(&again).await.unwrap();
        }
    }
    let expected: Vec<_> =
        (0..30).map(|at| format!("a/{at}/{}", if at % 2 == 0 { "IN_PROGRESS" } else { "BACK" })).collect();
    assert_eq!(ids, expected);
}

async fn the_stream_waits_for_the_next_change(engine: Engine) {
    let world = World::on(engine, 1).await;
    let tracker = world.tracker(TrackerOptions { settle_ms: 200, ..options() }).await;
    let mut changes = Box::pin(tracker.changes());
    let waiting = tokio::spawn(async move { changes.next().await.unwrap() });
    observe(&tracker, "a", "BACK", 0).await;
    world.clock.reach(1_000);
    assert_eq!(waiting.await.unwrap().change_id, "a/0/BACK");
}

#[tokio::test]
async fn the_file_of_another_program_is_refused() {
    let world = World::new(1);
    rusqlite::Connection::open(world.file()).unwrap().execute_batch("create table theirs (x)").unwrap();
    let opened = Tracker::open(world.file(), world.client(), world.dependencies(), options());
    assert!(opened.err().unwrap().to_string().contains("another program"));
}

#[tokio::test]
async fn only_the_owner_can_read_the_tracker_s_files() {
    let world = World::new(1);
    let _tracker = world.tracker(options()).await;
    for file in std::fs::read_dir(world.file().parent().unwrap()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
    }
}
