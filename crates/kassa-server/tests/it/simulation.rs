//! Simulates the system in virtual time: merchants, consumers, a failing receiver, and a process that is killed.
//! Everything follows from a seed. After each run every promise about callbacks and money is checked.

mod actors;
mod checks;
mod dice;
mod receiver;
mod remote;
mod world;

use std::num::NonZero;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use kassa_store::simulation::Sabotage;

pub use dice::Dice;
pub use world::SimulatedClock;

use world::run;

/// Default number of runs. The variable `SIMULATED_RUNS` overrides it.
const RUNS: u64 = 100;

fn runs() -> u64 {
    std::env::var("SIMULATED_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(RUNS)
}

/// Returns a folder in memory if there is one. Only the simulated process is killed, so the files need not survive a
/// crash of the machine.
pub fn folder() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { std::env::temp_dir() }
}

#[test]
fn every_promise_holds_in_every_run() {
    let next = AtomicU64::new(0);
    let run_seeds = || {
        while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < runs()) {
            if let Err(broken) = run(seed, None, &folder()) {
                panic!("seed {seed}: {broken}");
            }
        }
    };
    // Each run has one thread; several runs run in parallel.
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(run_seeds);
        }
    });
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 0..5 {
        let runs = [run(seed, None, &folder()), run(seed, None, &folder())];
        assert_eq!(runs[0], runs[1], "seed {seed}");
    }
}

/// Returns whether the checks notice within a few runs that the system loses these writes.
fn is_caught(statement: &'static str, every: usize) -> bool {
    let sabotage = Sabotage { statement, every };
    (0..20).any(|seed| run(seed, Some(sabotage.clone()), &folder()).is_err())
}

#[test]
fn the_checks_notice_a_system_that_loses_a_write() {
    for statement in [
        "insert into callback (",
        "insert into callback (page_session_id, sequence, merchant_id, endpoint, url, state, attempts, committed_at,",
        "insert into status_event",
        "update callback set state = $1",
        "update page_session",
        "insert into payment_authorization",
        "insert into placed_order",
        "insert into payment_operation",
        "update payment_operation set state = 'DONE'",
        "update page_session set open_operation_id",
        "update payment_session set authorization_token = $1, order_id",
    ] {
        assert!(is_caught(statement, 5), "no check noticed a lost `{statement}`");
    }
}
