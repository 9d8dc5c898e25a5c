//! Simulates a Kassa whose payment system is Klarna, in virtual time: consumers who pay, lie, go back and close their
//! browsers, merchants who disable sessions and change orders, a Klarna that loses calls and answers, and a process
//! that is killed. Everything follows from a seed. After each run every rule about money is checked.

mod actors;
mod checks;
mod service;
mod world;

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};

use kassa_store::simulation::LONG_PROOFS;

use world::{Defect, run};

/// The number of runs. The variable `SIMULATED_RUNS` overrides it.
fn runs() -> u64 {
    let default = if std::env::var_os(LONG_PROOFS).is_some() { 400 } else { 60 };
    std::env::var("SIMULATED_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(default)
}

#[test]
fn no_consumer_pays_twice_or_in_vain() {
    let runs = runs();
    let next = AtomicU64::new(0);
    let run_seeds = || {
        while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < runs) {
            if let Err(broken) = run(seed, Defect::None) {
                panic!("seed {seed}: {broken}");
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(run_seeds);
        }
    });
}

#[test]
fn the_same_seed_gives_the_same_run_at_klarna() {
    for seed in 0..3 {
        assert_eq!(run(seed, Defect::None), run(seed, Defect::None), "seed {seed}");
    }
}

#[test]
fn the_checks_notice_a_kassa_that_does_not_read_again() {
    assert!((0..20).any(|seed| run(seed, Defect::NoConfirmations).is_err()));
}

#[test]
fn the_checks_notice_an_order_that_is_not_repeated() {
    assert!((0..20).any(|seed| run(seed, Defect::NoOperations).is_err()));
}

#[test]
fn the_checks_notice_a_reference_that_is_not_read_again() {
    assert!((0..20).any(|seed| run(seed, Defect::NoReferences).is_err()));
}
