//! Growth: the cost of a read, a change and a callback while the number of stored sessions grows tenfold and more.

use std::time::Duration;

use crate::bare;
use crate::callbacks::drain;
use crate::client::Request;
use crate::figure::{Round, Target, at_most, median_cpu, print_alone, print_ratio};
use crate::loaded::Loaded;
use crate::process::{Lab, Process};
use crate::requests::{Seeded, charge, enter_path, session_path};

const SMALLEST: usize = 10_000;
const ROUNDS: usize = 3;
const READS: usize = 10_000;
const CHANGES: usize = 3_000;

/// The number of recently created sessions.
const RECENT: usize = 10_000;

/// A step width that is prime to every size, so that each step finds a different session.
const STRIDE: usize = 7_919;

/// The database that grows.
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

    async fn start(&self) -> Process {
        match self {
            Self::File(seeded) => Process::kassa(seeded.folder()).await,
            Self::Postgres(loaded) => Process::serve_on(&loaded.url, Lab::Open),
        }
    }

    /// CPU time of the database so far. Zero if the database is not a process of its own.
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

/// CPU per read and per change, in microseconds: of any session, and of a recent one, which most calls are about.
#[derive(Clone, Copy)]
struct Costs {
    read_any: f64,
    change_any: f64,
    read_recent: f64,
    change_recent: f64,
}

impl Costs {
    fn named(self) -> [(&'static str, f64); 4] {
        [
            ("read any", self.read_any),
            ("change any", self.change_any),
            ("read a recent one", self.read_recent),
            ("change a recent one", self.change_recent),
        ]
    }
}

async fn measure_growth(grown: &Grown, largest: usize) {
    grown.grow(1, SMALLEST - 1);
    let (mut stored, mut size, mut smallest) = (SMALLEST, SMALLEST, None);
    loop {
        grown.grow(stored, RECENT);
        stored += RECENT;
        let costs = costs_of(grown, size, stored - RECENT).await;
        let first = *smallest.get_or_insert(costs);
        for ((what, cost), (_, first)) in costs.named().into_iter().zip(first.named()) {
            let measure = format!("{what} of {size} sessions: CPU{}", grown.suffix());
            match size {
                SMALLEST => print_alone(&measure, cost, "us", Target::None),
                _ => print_ratio(&measure, first, cost, "us", at_most(1.25, 1.1)),
            }
        }
        if size >= largest {
            return;
        }
        size *= 10;
        grown.grow(stored, size - stored);
        stored = size;
    }
}

/// Measures the costs among `size` sessions. The recent, untouched sessions start at number `first_recent`.
async fn costs_of(grown: &Grown, size: usize, first_recent: usize) -> Costs {
    let node = grown.start().await;
    let any = |step: usize| (step * STRIDE) % size;
    let recent = |step: usize| first_recent + (step * STRIDE) % RECENT;
    let [mut reads, mut changes, mut recent_reads, mut recent_changes] = [const { Vec::new() }; 4];
    for round in 0..ROUNDS {
        let steps = round * CHANGES..(round + 1) * CHANGES;
        reads.push(cost_of(grown, &node, (0..READS).map(any).map(read).collect()).await);
        changes.push(cost_of(grown, &node, steps.clone().map(any).map(change).collect()).await);
        recent_reads.push(cost_of(grown, &node, (0..READS).map(recent).map(read).collect()).await);
        recent_changes.push(cost_of(grown, &node, steps.map(recent).map(change).collect()).await);
    }
    Costs {
        read_any: median_cpu(&reads),
        change_any: median_cpu(&changes),
        read_recent: median_cpu(&recent_reads),
        change_recent: median_cpu(&recent_changes),
    }
}

fn read(session: usize) -> Request {
    Request::new("GET", &session_path(session), "")
}

fn change(session: usize) -> Request {
    Request::new("POST", &enter_path(session), "")
}

async fn cost_of(grown: &Grown, node: &Process, requests: Vec<Request>) -> Round {
    let before = grown.cpu();
    let round = charge(node, requests, 200).await;
    Round { cpu: round.cpu + grown.cpu().saturating_sub(before), ..round }
}

/// The number of due callbacks in one round.
const DUE: usize = 6_000;

/// The number of delivered events before the first measurement.
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
        // The node puts these events into the audit trail now, and not during the rounds.
        Process::kassa_alone(folder.path()).settled_cpu().await;
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
        at_most(1.25, 1.1),
    );
}
