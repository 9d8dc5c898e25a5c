//! Growth: what a read and a change of any session, and a callback, cost as what is stored rises tenfold and more.

use crate::bare;
use crate::callbacks::drain;
use crate::client::Request;
use crate::figure::{median_cpu, print_alone, print_ratio};
use crate::process::Process;
use crate::requests::{Seeded, charge, enter_path, session_path};

const SMALLEST: usize = 10_000;
const ROUNDS: usize = 3;
const READS: usize = 10_000;
const CHANGES: usize = 3_000;

/// Prime to every size, so that each step of this width finds another session.
const STRIDE: usize = 7_919;

pub async fn measure(largest: usize) {
    let seeded = Seeded::with(SMALLEST);
    let (mut size, mut smallest) = (SMALLEST, None);
    loop {
        let (read, change) = cost_of_any(&seeded, size).await;
        match smallest {
            None => {
                print_alone(&format!("read any of {size} sessions: CPU"), read, "us", "");
                print_alone(&format!("change any of {size} sessions: CPU"), change, "us", "");
                smallest = Some((read, change));
            }
            Some((first_read, first_change)) => {
                print_ratio(
                    &format!("read any of {size} sessions: CPU"),
                    first_read,
                    read,
                    "us",
                    "1.25; 1.1",
                );
                print_ratio(
                    &format!("change any of {size} sessions: CPU"),
                    first_change,
                    change,
                    "us",
                    "1.25; 1.1",
                );
            }
        }
        if size >= largest {
            return;
        }
        seeded.grow(size, size * 9);
        size *= 10;
    }
}

async fn cost_of_any(seeded: &Seeded, size: usize) -> (f64, f64) {
    let dev = Process::kassa(seeded.folder());
    let (mut reads, mut changes) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let any = |step: usize| (step * STRIDE) % size;
        let requests = (0..READS).map(|step| Request::new("GET", &session_path(any(step)), ""));
        reads.push(charge(&dev, requests.collect(), 200).await);
        let steps = round * CHANGES..(round + 1) * CHANGES;
        let requests = steps.map(|step| Request::new("POST", &enter_path(any(step)), ""));
        changes.push(charge(&dev, requests.collect(), 200).await);
    }
    (median_cpu(&reads), median_cpu(&changes))
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
