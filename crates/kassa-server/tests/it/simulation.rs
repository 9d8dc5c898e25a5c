//! Whole lives of the system in simulated time: merchants, consumers, a failing receiver, and a process that dies.
//! Everything follows from a seed. After each run every promise about callbacks and money is checked.

mod actors;
mod checks;
mod dice;
mod receiver;
mod world;

use std::num::NonZero;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use kassa_store::simulation::Sabotage;

use world::run;

/// Runs in an ordinary test; `SIMULATED_RUNS` asks for more.
const RUNS: u64 = 100;

fn runs() -> u64 {
    std::env::var("SIMULATED_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(RUNS)
}

/// Memory where there is some to put files into: the simulated process dies, the machine does not.
fn folder() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { std::env::temp_dir() }
}

#[test]
fn every_promise_holds_in_every_run() {
    let next = AtomicU64::new(0);
    let live = || {
        while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < runs()) {
            if let Err(broken) = run(seed, None, &folder()) {
                panic!("seed {seed}: {broken}");
            }
        }
    };
    // One life has one thread; several lives are lived side by side.
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(live);
        }
    });
}

#[test]
fn the_same_seed_lives_the_same_life() {
    for seed in 0..5 {
        let lives = [run(seed, None, &folder()), run(seed, None, &folder())];
        assert_eq!(lives[0], lives[1], "seed {seed}");
    }
}

/// Whether a system that loses these writes is caught within a few runs.
fn is_caught(statement: &'static str, every: usize) -> bool {
    let sabotage = Sabotage { statement, every };
    (0..20).any(|seed| run(seed, Some(sabotage.clone()), &folder()).is_err())
}

#[test]
fn a_system_that_loses_a_write_is_caught() {
    for statement in [
        "insert into callback (",
        "insert into status_event",
        "update callback set state = $1",
        "update page_session",
        "insert into payment_authorization",
        "insert into placed_order",
        "update payment_session set authorization_token = $1, order_id",
    ] {
        assert!(is_caught(statement, 5), "nobody noticed a lost `{statement}`");
    }
}
