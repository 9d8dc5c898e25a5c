//! Growth: what a read and a change of any session, and a callback, cost as what is stored rises tenfold and more.

use std::time::Duration;

use crate::bare;
use crate::callbacks::drain;
use crate::client::Request;
use crate::figure::{Round, median_cpu, print_alone, print_ratio};
use crate::loaded::Loaded;
use crate::process::{Lab, Process};
use crate::requests::{Seeded, charge, enter_path, session_path};

const SMALLEST: usize = 10_000;
const ROUNDS: usize = 3;
const READS: usize = 10_000;
const CHANGES: usize = 3_000;

/// Prime to every size, so that each step of this width finds another session.
const STRIDE: usize = 7_919;

/// What grows.
enum Grown {
    File(Seeded),
    Postgres(Loaded),
}

impl Grown {
    fn grow(&self, first: usize, count: usize) {
        match self {
            Self::File(seeded) => seeded.grow(first, count),
            Self::Postgres(loaded) => loaded.grow(first, count),
        }
    }

    fn start(&self) -> Process {
        match self {
            Self::File(seeded) => Process::kassa(seeded.folder()),
            Self::Postgres(loaded) => Process::serve_on(&loaded.url, Lab::Open),
        }
    }

    /// What the database took so far, where it is a process of its own.
    fn cpu(&self) -> Duration {
        match self {
            Self::File(_) => Duration::ZERO,
            Self::Postgres(loaded) => loaded.cpu(),
        }
    }

    const fn suffix(&self) -> &'static str {
        match self {
            Self::File(_) => "",
            Self::Postgres(_) => ", node and PostgreSQL",
        }
    }
}

pub async fn measure(largest: usize) {
    measure_growth(&Grown::File(Seeded::with(1)), largest).await;
}

pub async fn measure_on_postgres(largest: usize) {
    measure_growth(&Grown::Postgres(Loaded::start().await), largest).await;
}

async fn measure_growth(grown: &Grown, largest: usize) {
    grown.grow(1, SMALLEST - 1);
    let (mut size, mut smallest) = (SMALLEST, None);
    loop {
        let (read, change) = cost_of_any(grown, size).await;
        let suffix = grown.suffix();
        let (of_read, of_change) = (
            format!("read any of {size} sessions: CPU{suffix}"),
            format!("change any of {size} sessions: CPU{suffix}"),
        );
        match smallest {
            None => {
                print_alone(&of_read, read, "us", "");
                print_alone(&of_change, change, "us", "");
                smallest = Some((read, change));
            }
            Some((first_read, first_change)) => {
                print_ratio(&of_read, first_read, read, "us", "1.25; 1.1");
                print_ratio(&of_change, first_change, change, "us", "1.25; 1.1");
            }
        }
        if size >= largest {
            return;
        }
        grown.grow(size, size * 9);
        size *= 10;
    }
}

async fn cost_of_any(grown: &Grown, size: usize) -> (f64, f64) {
    let node = grown.start();
    let (mut reads, mut changes) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let any = |step: usize| (step * STRIDE) % size;
        let requests = (0..READS).map(|step| Request::new("GET", &session_path(any(step)), "")).collect();
        reads.push(cost_of(grown, &node, requests).await);
        let steps = round * CHANGES..(round + 1) * CHANGES;
        let requests = steps.map(|step| Request::new("POST", &enter_path(any(step)), "")).collect();
        changes.push(cost_of(grown, &node, requests).await);
    }
    (median_cpu(&reads), median_cpu(&changes))
}

async fn cost_of(grown: &Grown, node: &Process, requests: Vec<Request>) -> Round {
    let before = grown.cpu();
    let round = charge(node, requests, 200).await;
    Round { cpu: round.cpu + grown.cpu().saturating_sub(before), ..round }
}

/// Callbacks that wait in one round, and events that were delivered before it at first.
const DUE: usize = 6_000;
const FEWEST_EVENTS: usize = 1_000;

pub async fn measure_callbacks(most_events: usize) {
    let receiver = Process::bare(&["bare-http"]);
    let mut costs = Vec::new();
    for events in [FEWEST_EVENTS, most_events] {
        let folder = tempfile::TempDir::new().unwrap();
        let database = folder.path().join("kassa.db");
        let add = |first: usize, count: usize| {
            let (first, count) = (first.to_string(), count.to_string());
            bare::run(&["due-callbacks", database.to_str().unwrap(), &receiver.url(), &first, &count]);
        };
        add(0, events);
        rusqlite::Connection::open(&database)
            .unwrap()
            .execute("update callback set state = 'DELIVERED', attempts = 1", ())
            .unwrap();
        let mut rounds = Vec::new();
        for round in 0..ROUNDS {
            add(events + round * DUE, DUE);
            rounds.push(drain(folder.path()).await);
        }
        costs.push(median_cpu(&rounds));
    }
    print_ratio(
        &format!("callback beside {most_events} events, limit beside {FEWEST_EVENTS}: CPU"),
        costs[0],
        costs[1],
        "us",
        "1.25; 1.1",
    );
}
