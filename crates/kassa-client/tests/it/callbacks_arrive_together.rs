//! Callbacks that arrive at the same moment are stored together, and each has its own outcome.

use futures_util::future::join_all;
use kassa_client::Timestamp;
use kassa_client::ledger::{Ledger, RecordOutcome};
use kassa_client::tracker::{Tracker, TrackerOptions};
use kassa_wire::callback::StatusUpdate;
use serde_json::from_value;

use crate::each_engine::{Engine, on_each_engine};
use crate::service::snapshot;
use crate::world::{World, drain};

on_each_engine!(
    callbacks_that_arrive_together_are_each_reported_once,
    a_callback_that_cannot_be_stored_harms_no_other,
);

const SESSIONS: usize = 40;

/// The statuses of each session, in their order.
const STATUSES: [&str; 3] = ["IN_PROGRESS", "BACK", "COMPLETED"];

fn callback(session: &str, status: &str, at: i64) -> StatusUpdate {
    StatusUpdate {
        event_id: format!("{session}-{at}"),
        session: from_value(snapshot(session, status, at, i64::from(i32::MAX))).unwrap(),
    }
}

async fn record(tracker: &Tracker, callback: StatusUpdate) -> Option<RecordOutcome> {
    tracker.record(callback, Timestamp::from_millisecond(10).unwrap()).await.ok()
}

fn options() -> TrackerOptions {
    TrackerOptions { settle_ms: 0, ..TrackerOptions::default() }
}

async fn callbacks_that_arrive_together_are_each_reported_once(engine: Engine) {
    let world = World::on(engine, 1).await;
    let (one, other) = (world.tracker(options()).await, world.tracker(options()).await);
    world.clock.reach(10);
    let mut callbacks = Vec::new();
    for number in 0..SESSIONS {
        for (at, status) in (1..).zip(STATUSES) {
            let callback = callback(&format!("s{number}"), status, at);
            callbacks.extend([(&one, callback.clone()), (&other, callback)]);
        }
    }
    world.dice.shuffle(&mut callbacks);
    let outcomes = join_all(callbacks.into_iter().map(|(tracker, callback)| record(tracker, callback))).await;
    let count = |wanted| outcomes.iter().filter(|outcome| **outcome == Some(wanted)).count();
    let changes = SESSIONS * STATUSES.len();
    assert_eq!((count(RecordOutcome::New), count(RecordOutcome::Duplicate)), (changes, changes));
    let reported = drain(&one, 0).await;
    assert_eq!(reported.len(), changes);
    for number in 0..SESSIONS {
        let session = format!("s{number}");
        let of_session: Vec<String> = reported
            .iter()
            .filter(|(_, change)| change.snapshot.session_id == session)
            .map(|(_, change)| change.snapshot.status().as_str().to_string())
            .collect();
        assert_eq!(of_session, STATUSES, "{session}");
    }
}

async fn a_callback_that_cannot_be_stored_harms_no_other(engine: Engine) {
    let world = World::on(engine, 1).await;
    let tracker = world.tracker(options()).await;
    world.clock.reach(10);
    world
        .tamper(
            "create trigger refused before insert on changes when new.session_id = 's7'
             begin select raise(abort, 'refused'); end",
            "alter table changes add constraint refused check (session_id <> 's7')",
        )
        .await;
    let callbacks = (0..SESSIONS).map(|number| callback(&format!("s{number}"), "IN_PROGRESS", 1));
    let outcomes = join_all(callbacks.map(|callback| record(&tracker, callback))).await;
    for (number, outcome) in outcomes.into_iter().enumerate() {
        let expected = if number == 7 { None } else { Some(RecordOutcome::New) };
        assert_eq!(outcome, expected, "s{number}");
    }
    assert_eq!(drain(&tracker, 0).await.len(), SESSIONS - 1);
}
