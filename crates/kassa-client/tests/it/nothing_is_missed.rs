//! The tracker reports each change once, in order and in time, with lost, repeated and shuffled callbacks and outages.

use std::collections::{BTreeMap, HashSet};

use kassa_client::Timestamp;
use kassa_client::ledger::{Ledger, RecordOutcome};
use kassa_client::tracker::schedule::ReadIntervals;
use kassa_client::tracker::verdict::Verdict;
use kassa_client::tracker::{Change, Registration, Tracker, TrackerOptions};
use kassa_wire::callback::StatusUpdate;
use kassa_wire::time::Instant;
use serde_json::from_value;

use crate::each_engine::{Engine, on_each_engine};
use crate::service::{SessionPlan, Step, snapshot};
use crate::world::{Dice, World, drain};

on_each_engine!(
    changes_are_reported_within_the_bound_if_every_callback_is_lost,
    repeated_and_shuffled_callbacks_are_reported_once_and_in_order,
    lost_and_late_callbacks_are_not_reported_twice,
    changes_are_reported_after_an_outage_of_an_hour,
    an_overtaken_change_is_stored_and_explained_but_not_reported,
    a_final_status_is_reported_once_despite_wrong_clocks,
);

const S: i64 = 1000;
const MIN: i64 = 60 * S;
const H: i64 = 60 * MIN;
const PACE: ReadIntervals = ReadIntervals {
    shortest_ms: 5 * S,
    expecting_ms: 15 * S,
    expecting_for_ms: 15 * MIN,
    guarding_ms: MIN,
    longest_ms: 10 * MIN,
};

/// The number of seeds, and of sessions per seed. The rules are the same on both engines, and SQLite is faster, so most
/// runs use SQLite.
const fn seeds_and_sessions(engine: Engine) -> (u64, usize) {
    match engine {
        Engine::Sqlite => (5, 60),
        Engine::Postgres => (1, 15),
    }
}

/// The plan of a random consumer, who enters, fails, comes back, and mostly reaches a final status.
fn plan(dice: &Dice) -> SessionPlan {
    let expires_at = 47 * H;
    let mut at = 10 * S + dice.below(20 * MIN);
    let mut steps: Vec<Step> = Vec::new();
    while at < expires_at && dice.below(10) > 0 {
        steps.push((at, "IN_PROGRESS"));
        at += S + dice.below(10 * MIN);
        let arrived = ["COMPLETED", "COMPLETED", "FAILED", "BACK", "ERROR", "CANCELLED"]
            [usize::try_from(dice.below(6)).unwrap()];
        steps.push((at, arrived));
        if matches!(arrived, "COMPLETED" | "CANCELLED") {
            break;
        }
        at += S + dice.below(if dice.below(4) == 0 { 20 * H } else { 10 * MIN });
    }
    SessionPlan { expires_at, steps: steps.into_iter().filter(|(at, _)| *at < expires_at).collect() }
}

async fn open_sessions(world: &World, tracker: &Tracker, count: usize) -> BTreeMap<String, SessionPlan> {
    let mut plans = BTreeMap::new();
    for number in 0..count {
        let (id, plan) = (format!("session-{number}"), plan(&world.dice));
        world.service.open(&id, plan.clone());
        let expires_at = Some(Instant::from_ms(plan.expires_at));
        tracker.register(Registration { expires_at, ..Registration::of(&id) }).await.unwrap();
        plans.insert(id, plan);
    }
    plans
}

/// Moves the clock from one due event to the next, until none is left; returns the reported changes with their times.
async fn run(
    world: &World,
    tracker: &Tracker,
    mut callbacks: Vec<(i64, StatusUpdate)>,
) -> Vec<(i64, Change)> {
    callbacks.sort_by_key(|(at, _)| *at);
    let mut callbacks = callbacks.into_iter().peekable();
    let mut reports = Vec::new();
    loop {
        let read = tracker.next_read_due_at().await.unwrap().map(Timestamp::as_millisecond);
        let change = tracker.next_change_due_at().await.unwrap().map(Timestamp::as_millisecond);
        let callback = callbacks.peek().map(|(at, _)| *at);
        let Some(next) = [read, change, callback].into_iter().flatten().min() else { return reports };
        world.clock.reach(next);
        while let Some((at, callback)) = callbacks.next_if(|(at, _)| *at <= next) {
            tracker.record(callback, Timestamp::from_millisecond(at.max(next)).unwrap()).await.unwrap();
        }
        if tracker.read_due().await.unwrap() == 0 && read.is_some_and(|at| at <= next) {
            // The account's rate limit is used up. It recovers with time.
            world.clock.reach(world.clock.ms() + 50);
        }
        reports.extend(drain(tracker, world.clock.ms()).await);
    }
}

fn options() -> TrackerOptions {
    TrackerOptions { pace: PACE, keep_ms: H, ..TrackerOptions::default() }
}

/// Asserts that every change that lasted long enough to be read was reported once, in order, within the bound.
fn check_reports(
    plans: &BTreeMap<String, SessionPlan>,
    reports: &[(i64, Change)],
    slack: i64,
    outage: &std::ops::Range<i64>,
) {
    let ids: HashSet<_> = reports.iter().map(|(_, change)| &change.change_id).collect();
    assert_eq!(ids.len(), reports.len(), "a change was reported twice");
    for (session, plan) in plans {
        let own: Vec<_> =
            reports.iter().filter(|(_, change)| change.snapshot.session_id == *session).collect();
        let times: Vec<_> = own.iter().map(|(_, change)| change.snapshot.updated_at).collect();
        assert!(times.is_sorted(), "{session}: {times:?}");
        let sequences: Vec<_> = own.iter().map(|(_, change)| change.sequence).collect();
        assert_eq!(sequences, (1..=i64::try_from(own.len()).unwrap()).collect::<Vec<_>>());
        for (index, (at, status)) in plan.steps.iter().enumerate() {
            let observed_at =
                own.iter().map(|(reported_at, _)| *reported_at).filter(|reported_at| reported_at <= at).max();
            let ends = plan.steps.get(index + 1).map_or(plan.expires_at, |next| next.0);
            let bound = bound(at - observed_at.unwrap_or(0))
                + slack
                + if outage.contains(at) { outage.end - at + 10 * MIN } else { 0 };
            let found = own.iter().find(|(_, change)| change.snapshot.updated_at.as_ms() == *at);
            match found {
                Some((reported_at, change)) => {
                    assert_eq!(change.snapshot.status().as_str(), *status);
                    assert!(
                        reported_at - at <= bound,
                        "{session}: {status} after {} ms of {bound}",
                        reported_at - at
                    );
                }
                None => assert!(ends - at <= bound, "{session}: {status} at {at} lasted {} ms", ends - at),
            }
        }
    }
}

/// The documented pause of the schedule after this time without a change, and two seconds for the rate limit.
fn bound(quiet_ms: i64) -> i64 {
    let most = if quiet_ms < PACE.expecting_for_ms { PACE.expecting_ms } else { PACE.longest_ms };
    (quiet_ms / 10).clamp(PACE.shortest_ms, most) + 2 * S
}

async fn changes_are_reported_within_the_bound_if_every_callback_is_lost(engine: Engine) {
    let (seeds, sessions) = seeds_and_sessions(engine);
    for seed in 1..=seeds {
        let world = World::on(engine, seed).await;
        let tracker = world.tracker(options()).await;
        let plans = open_sessions(&world, &tracker, sessions).await;
        let reports = run(&world, &tracker, Vec::new()).await;
        assert!(reports.len() > sessions, "seed {seed}: {}", reports.len());
        check_reports(&plans, &reports, options().settle_ms, &(0..0));
        let open = tracker.overview(1000).await.unwrap().sessions;
        for view in open {
            let is_closed =
                matches!(view.verdict, Verdict::Final | Verdict::Expired | Verdict::TokenExpiring);
            assert!(is_closed, "seed {seed}: {view:?}");
        }
    }
}

/// The callback of each change three times, within `spread_ms` after the change, in random order.
fn thrice(plans: &BTreeMap<String, SessionPlan>, dice: &Dice, spread_ms: i64) -> Vec<(i64, StatusUpdate)> {
    let mut all = Vec::new();
    for (session, plan) in plans {
        for (number, (at, status)) in plan.steps.iter().enumerate() {
            let session_json = snapshot(session, status, *at, plan.expires_at);
            let callback = StatusUpdate {
                event_id: format!("{session}-{number}"),
                session: from_value(session_json).unwrap(),
            };
            all.extend((0..3).map(|_| (at + dice.below(spread_ms), callback.clone())));
        }
    }
    dice.shuffle(&mut all);
    all
}

async fn repeated_and_shuffled_callbacks_are_reported_once_and_in_order(engine: Engine) {
    let (seeds, sessions) = seeds_and_sessions(engine);
    for seed in 1..=seeds {
        let world = World::on(engine, seed).await;
        let settle_ms = 3 * S;
        let tracker = world.tracker(TrackerOptions { settle_ms, ..options() }).await;
        let plans = open_sessions(&world, &tracker, sessions).await;
        let callbacks = thrice(&plans, &world.dice, settle_ms);
        let reports = run(&world, &tracker, callbacks).await;
        let steps: usize = plans.values().map(|plan| plan.steps.len()).sum();
        assert_eq!(reports.len(), steps, "seed {seed}");
        for (reported_at, change) in &reports {
            let late = reported_at - change.snapshot.updated_at.as_ms();
            assert!(late <= 2 * settle_ms, "seed {seed}: {late} ms");
        }
        check_reports(&plans, &reports, 2 * settle_ms, &(0..0));
    }
}

async fn lost_and_late_callbacks_are_not_reported_twice(engine: Engine) {
    let (seeds, sessions) = seeds_and_sessions(engine);
    for seed in 1..=seeds {
        let world = World::on(engine, seed).await;
        let tracker = world.tracker(options()).await;
        let plans = open_sessions(&world, &tracker, sessions).await;
        let mut callbacks = thrice(&plans, &world.dice, 30 * S);
        callbacks.retain(|(_, callback)| callback.event_id.len() % 2 == 0);
        let reports = run(&world, &tracker, callbacks).await;
        // If callbacks arrive, reads are rare, so a lost callback is found within the longest pause.
        check_reports(&plans, &reports, PACE.longest_ms, &(0..0));
    }
}

async fn changes_are_reported_after_an_outage_of_an_hour(engine: Engine) {
    let world = World::on(engine, 9).await;
    let tracker = world.tracker(options()).await;
    let outage = 5 * MIN..65 * MIN;
    world.service.fail_during(outage.clone());
    let plans = open_sessions(&world, &tracker, seeds_and_sessions(engine).1).await;
    let reports = run(&world, &tracker, Vec::new()).await;
    check_reports(&plans, &reports, options().settle_ms + PACE.longest_ms, &outage);
}

/// A callback of the session "s".
fn callback(event: &str, status: &str, at: i64) -> StatusUpdate {
    let session = from_value(snapshot("s", status, at, 47 * H)).unwrap();
    StatusUpdate { event_id: event.to_string(), session }
}

async fn an_overtaken_change_is_stored_and_explained_but_not_reported(engine: Engine) {
    let world = World::on(engine, 1).await;
    let tracker = world.tracker(options()).await;
    let record = |callback| tracker.record(callback, Timestamp::UNIX_EPOCH);
    // Within the settling time, changes are sorted.
    assert_eq!(record(callback("e2", "FAILED", 2)).await, Ok(RecordOutcome::New));
    assert_eq!(record(callback("e1", "IN_PROGRESS", 1)).await, Ok(RecordOutcome::New));
    world.clock.reach(S);
    let reports: Vec<_> = drain(&tracker, 0).await.into_iter().map(|(_, change)| change.change_id).collect();
    assert_eq!(reports, ["s/1/IN_PROGRESS", "s/2/FAILED"]);
    // After it, the later change was reported, so the earlier one would be out of order.
    assert_eq!(record(callback("e4", "COMPLETED", 4)).await, Ok(RecordOutcome::New));
    world.clock.reach(2 * S);
    assert_eq!(drain(&tracker, 0).await.len(), 1);
    assert_eq!(record(callback("e3", "IN_PROGRESS", 3)).await, Ok(RecordOutcome::Stale));
    assert_eq!(record(callback("e3", "IN_PROGRESS", 3)).await, Ok(RecordOutcome::Duplicate));
    assert_eq!(record(callback("e1-again", "IN_PROGRESS", 1)).await, Ok(RecordOutcome::Duplicate));
    world.clock.reach(H);
    assert!(drain(&tracker, 0).await.is_empty());
    let view = tracker.session("s").await.unwrap().unwrap();
    assert_eq!(view.verdict, Verdict::Final);
    assert!(
        view.why.ends_with("1 change came after a later one was reported, so it was not reported"),
        "{}",
        view.why
    );
    assert_eq!(tracker.overview(0).await.unwrap().overtaken, 1);
}

async fn a_final_status_is_reported_once_despite_wrong_clocks(engine: Engine) {
    let world = World::on(engine, 1).await;
    let tracker = world.tracker(options()).await;
    let record = |callback| tracker.record(callback, Timestamp::UNIX_EPOCH);
    assert_eq!(record(callback("e1", "IN_PROGRESS", 5)).await, Ok(RecordOutcome::New));
    world.clock.reach(S);
    assert_eq!(drain(&tracker, 0).await.len(), 1);
    // From another machine of the service, whose clock is behind.
    assert_eq!(record(callback("e2", "COMPLETED", 4)).await, Ok(RecordOutcome::New));
    // The same final status with another time, before the report and after it.
    assert_eq!(record(callback("e3", "COMPLETED", 9)).await, Ok(RecordOutcome::Duplicate));
    world.clock.reach(2 * S);
    let reports: Vec<_> = drain(&tracker, 0).await.into_iter().map(|(_, change)| change.change_id).collect();
    assert_eq!(reports, ["s/4/COMPLETED"]);
    assert_eq!(record(callback("e4", "COMPLETED", 10)).await, Ok(RecordOutcome::Duplicate));
}
