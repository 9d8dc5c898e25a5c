//! What adaptive reading costs on a typical day, beside naive polling: the schedule alone, with every callback lost.

use kassa_client::Timestamp;
use kassa_client::random::Random as _;
use kassa_client::tracker::schedule::{Channel, Pace, Quiet, next_read_at};

use crate::world::Dice;

const S: i64 = 1000;
const MIN: i64 = 60 * S;
const H: i64 = 60 * MIN;
const SESSIONS: usize = 10_000;

/// When a session changes, and when it ends: two in three pay within minutes, the rest lie until they expire.
fn changes(dice: &Dice) -> (Vec<i64>, i64) {
    let entered = 5 * S + dice.below(2 * MIN);
    match dice.below(12) {
        0 => (vec![], 47 * H),
        1..=3 => (vec![entered], 47 * H),
        _ => {
            let paid = entered + 30 * S + dice.below(10 * MIN);
            (vec![entered, paid], paid)
        }
    }
}

#[test]
fn a_day_s_reads_are_twenty_times_fewer_than_naive_polling() {
    let (dice, pace) = (Dice::new(1), Pace::default());
    let at = |ms| Timestamp::from_millisecond(ms).unwrap();
    let (mut reads, mut open_ms) = (0_i64, 0_i64);
    let mut delays = Vec::new();
    for _ in 0..SESSIONS {
        let (changes, ends) = changes(&dice);
        let (mut now, mut heard_at, mut seen) = (0, 0, 0);
        while now < ends + MIN && (seen < changes.len() || ends == 47 * H) {
            let quiet = Quiet {
                since: at(heard_at),
                channel: Channel::Reads,
                failures: 0,
                expires_at: Some(at(47 * H)),
            };
            let chance = i64::try_from(dice.number() % 1000).unwrap();
            now = next_read_at(&pace, &quiet, at(now), chance).as_millisecond();
            reads += 1;
            let known = changes.iter().filter(|change| **change <= now).count();
            if known > seen {
                let change = changes[known - 1];
                let bound = ((change - heard_at) / 10).clamp(pace.shortest_ms, pace.longest_ms);
                assert!(now - change <= bound, "{} ms of {bound}", now - change);
                delays.push(now - change);
                (seen, heard_at) = (known, now);
            }
        }
        open_ms += now;
    }
    delays.sort_unstable();
    let per_hour = reads as f64 / (open_ms as f64 / H as f64);
    let quantile = |of: usize| delays[delays.len() * of / 1000] as f64 / 1000.0;
    let naive = 3600.0 / 5.0;
    println!(
        "{per_hour:.1} reads per open session and hour, naive every 5 s {naive:.0} ({:.0} times fewer); \
         delay p50 {:.1} s, p95 {:.1} s, p99.9 {:.1} s",
        naive / per_hour,
        quantile(500),
        quantile(950),
        quantile(999)
    );
    // A naive poll is late by up to its pause, evenly: a twentieth of it less at the 95th percentile.
    let as_late = 3600.0 / (quantile(950) / 0.95);
    println!("naive with the same p95 delay: {as_late:.0} reads, {:.0} times as many", as_late / per_hour);
    assert!(per_hour * 20.0 < naive, "{per_hour}");
}
