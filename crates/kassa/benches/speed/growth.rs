//! Growth: what a read and a change of any session cost as the number of sessions rises tenfold and tenfold again.

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
