//! With callbacks lost, repeated and shuffled, and with the service down: each change once, in order, in time.

use std::collections::{BTreeMap, HashSet};

use kassa_client::Timestamp;
use kassa_client::ledger::{Ledger, Recorded};
use kassa_client::receiver::Callback;
use kassa_client::tracker::schedule::Pace;
use kassa_client::tracker::verdict::Verdict;
use kassa_client::tracker::{Registration, Told, Tracker, TrackerOptions};
use serde_json::from_value;

use crate::service::{Fate, Step, snapshot};
use crate::world::{Dice, Engine, World, drain, on_each_engine};

on_each_engine!(
    with_every_callback_lost_each_readable_change_is_told_within_the_bound,
    with_every_callback_sent_thrice_and_shuffled_each_is_told_once_in_order,
    with_half_lost_and_half_late_nothing_is_told_twice,
    a_service_that_is_down_for_an_hour_is_caught_up_with,
    a_change_that_comes_behind_a_later_one_is_kept_and_explained_but_not_told,
    a_session_ends_once_and_its_end_is_told_whatever_the_service_s_clocks_say,
);

const S: i64 = 1000;
const MIN: i64 = 60 * S;
const H: i64 = 60 * MIN;
const PACE: Pace = Pace {
    shortest_ms: 5 * S,
    expecting_ms: 15 * S,
    expecting_for_ms: 15 * MIN,
    guarding_ms: MIN,
    longest_ms: 10 * MIN,
};

/// How many seeds are lived, each with how many sessions. The rules are the same on both engines and the file is faster,
/// so most is lived on files.
const fn extent(engine: Engine) -> (u64, usize) {
    match engine {
        Engine::Sqlite => (5, 60),
        Engine::Postgres => (1, 15),
    }
}

/// What a consumer does: enters, hesitates, fails, comes back, and mostly ends somewhere.
fn fate(dice: &Dice) -> Fate {
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
    Fate { expires_at, steps: steps.into_iter().filter(|(at, _)| *at < expires_at).collect() }
}

async fn open_sessions(world: &World, tracker: &Tracker, count: usize) -> BTreeMap<String, Fate> {
    let mut fates = BTreeMap::new();
    for number in 0..count {
        let (id, fate) = (format!("session-{number}"), fate(&world.dice));
        world.service.open(&id, fate.clone());
        let expires_at = Some(Timestamp::from_millisecond(fate.expires_at).unwrap());
        tracker.register(Registration { expires_at, ..Registration::of(&id) }).await.unwrap();
        fates.insert(id, fate);
    }
    fates
}

/// Lets time run from one thing that falls due to the next, until nothing does.
async fn run(world: &World, tracker: &Tracker, mut callbacks: Vec<(i64, Callback)>) -> Vec<(i64, Told)> {
    callbacks.sort_by_key(|(at, _)| *at);
    let mut callbacks = callbacks.into_iter().peekable();
    let mut told = Vec::new();
    loop {
        let read = tracker.next_read_due_at().await.unwrap().map(Timestamp::as_millisecond);
        let change = tracker.next_change_due_at().await.unwrap().map(Timestamp::as_millisecond);
        let callback = callbacks.peek().map(|(at, _)| *at);
        let Some(next) = [read, change, callback].into_iter().flatten().min() else { return told };
        world.clock.reach(next);
        while let Some((at, callback)) = callbacks.next_if(|(at, _)| *at <= next) {
            tracker.record(callback, Timestamp::from_millisecond(at.max(next)).unwrap()).await.unwrap();
        }
        if tracker.read_due().await.unwrap() == 0 && read.is_some_and(|at| at <= next) {
            // The account's allowance is used up; it fills again.
            world.clock.reach(world.clock.ms() + 50);
        }
        told.extend(drain(tracker, world.clock.ms()).await);
    }
}

fn options() -> TrackerOptions {
    TrackerOptions { pace: PACE, keep_ms: H, ..TrackerOptions::default() }
}

/// Every change that stood still long enough to be read was told once, in order, within the bound.
fn prove(fates: &BTreeMap<String, Fate>, told: &[(i64, Told)], slack: i64, down: &std::ops::Range<i64>) {
    let ids: HashSet<_> = told.iter().map(|(_, told)| &told.change_id).collect();
    assert_eq!(ids.len(), told.len(), "a change was told twice");
    for (session, fate) in fates {
        let own: Vec<_> = told.iter().filter(|(_, told)| told.snapshot.session_id == *session).collect();
        let times: Vec<_> = own.iter().map(|(_, told)| told.snapshot.updated_at).collect();
        assert!(times.is_sorted(), "{session}: {times:?}");
        let sequences: Vec<_> = own.iter().map(|(_, told)| told.sequence).collect();
        assert_eq!(sequences, (1..=i64::try_from(own.len()).unwrap()).collect::<Vec<_>>());
        for (index, (at, status)) in fate.steps.iter().enumerate() {
            let heard = own.iter().map(|(told_at, _)| *told_at).filter(|told_at| told_at <= at).max();
            let ends = fate.steps.get(index + 1).map_or(fate.expires_at, |next| next.0);
            let bound = bound(at - heard.unwrap_or(0))
                + slack
                + if down.contains(at) { down.end - at + 10 * MIN } else { 0 };
            let found = own.iter().find(|(_, told)| told.snapshot.updated_at.as_millisecond() == *at);
            match found {
                Some((told_at, told)) => {
                    assert_eq!(told.snapshot.status.as_str(), *status);
                    assert!(
                        told_at - at <= bound,
                        "{session}: {status} after {} ms of {bound}",
                        told_at - at
                    );
                }
                None => assert!(ends - at <= bound, "{session}: {status} at {at} stood {} ms", ends - at),
            }
        }
    }
}

/// The pause of the schedule after so much quiet since something was heard, as documented, and two seconds for the
/// account's allowance.
fn bound(quiet_ms: i64) -> i64 {
    let most = if quiet_ms < PACE.expecting_for_ms { PACE.expecting_ms } else { PACE.longest_ms };
    (quiet_ms / 10).clamp(PACE.shortest_ms, most) + 2 * S
}

async fn with_every_callback_lost_each_readable_change_is_told_within_the_bound(engine: Engine) {
    let (seeds, sessions) = extent(engine);
    for seed in 1..=seeds {
        let world = World::on(engine, seed).await;
        let tracker = world.tracker(options()).await;
        let fates = open_sessions(&world, &tracker, sessions).await;
        let told = run(&world, &tracker, Vec::new()).await;
        assert!(told.len() > sessions, "seed {seed}: {}", told.len());
        prove(&fates, &told, options().settle_ms, &(0..0));
        let open = tracker.overview(1000).await.unwrap().sessions;
        for view in open {
            let is_closed =
                matches!(view.verdict, Verdict::Final | Verdict::Expired | Verdict::TokenExpiring);
            assert!(is_closed, "seed {seed}: {view:?}");
        }
    }
}

/// Each change three times: at once and twice within the settling time, in any order.
fn thrice(fates: &BTreeMap<String, Fate>, dice: &Dice, spread_ms: i64) -> Vec<(i64, Callback)> {
    let mut all = Vec::new();
    for (session, fate) in fates {
        for (number, (at, status)) in fate.steps.iter().enumerate() {
            let session_json = snapshot(session, status, *at, fate.expires_at);
            let callback = Callback {
                event_id: format!("{session}-{number}"),
                session: from_value(session_json).unwrap(),
            };
            all.extend((0..3).map(|_| (at + dice.below(spread_ms), callback.clone())));
        }
    }
    dice.shuffle(&mut all);
    all
}

async fn with_every_callback_sent_thrice_and_shuffled_each_is_told_once_in_order(engine: Engine) {
    let (seeds, sessions) = extent(engine);
    for seed in 1..=seeds {
        let world = World::on(engine, seed).await;
        let settle_ms = 3 * S;
        let tracker = world.tracker(TrackerOptions { settle_ms, ..options() }).await;
        let fates = open_sessions(&world, &tracker, sessions).await;
        let callbacks = thrice(&fates, &world.dice, settle_ms);
        let told = run(&world, &tracker, callbacks).await;
        let steps: usize = fates.values().map(|fate| fate.steps.len()).sum();
        assert_eq!(told.len(), steps, "seed {seed}");
        for (told_at, told) in &told {
            let late = told_at - told.snapshot.updated_at.as_millisecond();
            assert!(late <= 2 * settle_ms, "seed {seed}: {late} ms");
        }
        prove(&fates, &told, 2 * settle_ms, &(0..0));
    }
}

async fn with_half_lost_and_half_late_nothing_is_told_twice(engine: Engine) {
    let (seeds, sessions) = extent(engine);
    for seed in 1..=seeds {
        let world = World::on(engine, seed).await;
        let tracker = world.tracker(options()).await;
        let fates = open_sessions(&world, &tracker, sessions).await;
        let mut callbacks = thrice(&fates, &world.dice, 30 * S);
        callbacks.retain(|(_, callback)| callback.event_id.len() % 2 == 0);
        let told = run(&world, &tracker, callbacks).await;
        // Where callbacks arrive, reads only guard: a lost one is found within the guarding pause.
        prove(&fates, &told, PACE.longest_ms, &(0..0));
    }
}

async fn a_service_that_is_down_for_an_hour_is_caught_up_with(engine: Engine) {
    let world = World::on(engine, 9).await;
    let tracker = world.tracker(options()).await;
    let down = 5 * MIN..65 * MIN;
    world.service.go_down(down.clone());
    let fates = open_sessions(&world, &tracker, extent(engine).1).await;
    let told = run(&world, &tracker, Vec::new()).await;
    prove(&fates, &told, options().settle_ms + PACE.longest_ms, &down);
}

/// A callback of the session "s".
fn callback(event: &str, status: &str, at: i64) -> Callback {
    let session = from_value(snapshot("s", status, at, 47 * H)).unwrap();
    Callback { event_id: event.to_string(), session }
}

async fn a_change_that_comes_behind_a_later_one_is_kept_and_explained_but_not_told(engine: Engine) {
    let world = World::on(engine, 1).await;
    let tracker = world.tracker(options()).await;
    let record = |callback| tracker.record(callback, Timestamp::UNIX_EPOCH);
    // Within the settling time it is sorted in.
    assert_eq!(record(callback("e2", "FAILED", 2)).await, Ok(Recorded::New));
    assert_eq!(record(callback("e1", "IN_PROGRESS", 1)).await, Ok(Recorded::New));
    world.clock.reach(S);
    let told: Vec<_> = drain(&tracker, 0).await.into_iter().map(|(_, told)| told.change_id).collect();
    assert_eq!(told, ["s/1/IN_PROGRESS", "s/2/FAILED"]);
    // After it, the later one was told: telling the earlier one now would turn the merchant's order around.
    assert_eq!(record(callback("e4", "COMPLETED", 4)).await, Ok(Recorded::New));
    world.clock.reach(2 * S);
    assert_eq!(drain(&tracker, 0).await.len(), 1);
    assert_eq!(record(callback("e3", "IN_PROGRESS", 3)).await, Ok(Recorded::Stale));
    assert_eq!(record(callback("e3", "IN_PROGRESS", 3)).await, Ok(Recorded::Duplicate));
    assert_eq!(record(callback("e1-again", "IN_PROGRESS", 1)).await, Ok(Recorded::Duplicate));
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

async fn a_session_ends_once_and_its_end_is_told_whatever_the_service_s_clocks_say(engine: Engine) {
    let world = World::on(engine, 1).await;
    let tracker = world.tracker(options()).await;
    let record = |callback| tracker.record(callback, Timestamp::UNIX_EPOCH);
    assert_eq!(record(callback("e1", "IN_PROGRESS", 5)).await, Ok(Recorded::New));
    world.clock.reach(S);
    assert_eq!(drain(&tracker, 0).await.len(), 1);
    // Another machine of the service, whose clock is behind.
    assert_eq!(record(callback("e2", "COMPLETED", 4)).await, Ok(Recorded::New));
    // The same end with another time, before it was told and after.
    assert_eq!(record(callback("e3", "COMPLETED", 9)).await, Ok(Recorded::Duplicate));
    world.clock.reach(2 * S);
    let told: Vec<_> = drain(&tracker, 0).await.into_iter().map(|(_, told)| told.change_id).collect();
    assert_eq!(told, ["s/4/COMPLETED"]);
    assert_eq!(record(callback("e4", "COMPLETED", 10)).await, Ok(Recorded::Duplicate));
}
