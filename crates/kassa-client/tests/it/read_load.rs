//! The calls that the schedule makes for 10,000 sessions of a typical day, compared with naive polling.
//!
//! The test simulates three days: the vendor's wire with one lost callback in a hundred, the vendor's wire with all
//! callbacks lost, and Kassa's feed with all callbacks lost. Polling every `p` delays a change by up to `p`, evenly. So
//! polling with the same delay at the 95th percentile as the tracker has a pause of that delay divided by 0.95.

use kassa_client::Timestamp;
use kassa_client::tracker::schedule::{Channel, ReadIntervals, ScheduleInput, next_read_at};

use crate::world::Dice;

const S: i64 = 1000;
const MIN: i64 = 60 * S;
const H: i64 = 60 * MIN;
const SESSIONS: i64 = 10_000;
const END: i64 = 47 * H;

/// The time between a change and its callback or its event in the feed, in milliseconds.
const CHANNEL_DELAY: i64 = 200;

/// The time for which a call of the feed waits, in milliseconds.
const FEED_WAIT: i64 = 30 * S;

/// The channel of changes on a day.
#[derive(Clone, Copy)]
enum Day {
    /// Callbacks, with this percentage lost.
    CallbacksLost(i64),
    /// The feed.
    Feed,
}

/// The times of a session's changes, and the time until which it is tracked. Of a hundred sessions, 8 are never opened,
/// 22 are opened and left, 55 are paid at once, 10 are declined first, and 5 are paid after hours.
fn plan(dice: &Dice) -> (Vec<i64>, i64) {
    let on_the_page = || 30 * S + dice.below(if dice.below(3) > 0 { 4 * MIN } else { 15 * MIN });
    let entered = 5 * S + dice.below(2 * MIN);
    let left = entered + on_the_page();
    let returned_after = |pause: i64| {
        let returned = left + pause;
        let paid = returned + on_the_page();
        (vec![entered, left, returned, paid], paid)
    };
    match dice.below(100) {
        0..8 => (vec![], END),
        8..30 => (vec![entered], END),
        30..85 => (vec![entered, left], left),
        85..95 => returned_after(10 * S + dice.below(2 * MIN)),
        _ => returned_after(10 * MIN + dice.below(20 * H)),
    }
}

/// The calls of a day, and the delays of its changes.
#[derive(Default)]
struct Cost {
    calls: i64,
    open_ms: i64,
    delays: Vec<i64>,
}

impl Cost {
    fn per_hour(&self) -> f64 {
        self.calls as f64 * H as f64 / self.open_ms as f64
    }

    fn delay_s(&self, of_1000: usize) -> f64 {
        self.delays[self.delays.len() * of_1000 / 1000] as f64 / 1000.0
    }

    /// Simulates one session to its end.
    fn follow(&mut self, dice: &Dice, day: Day) {
        let (changes, followed_until) = plan(dice);
        let (pace, at) = (ReadIntervals::default(), |ms| Timestamp::from_millisecond(ms).unwrap());
        let arrives: Vec<bool> = changes
            .iter()
            .map(|_| match day {
                Day::CallbacksLost(in_100) => dice.below(100) >= in_100,
                Day::Feed => true,
            })
            .collect();
        let (mut now, mut observed_at, mut seen, mut channel) = (0, 0, 0, Channel::Reads);
        while now < followed_until + MIN && (seen < changes.len() || followed_until == END) {
            let quiet =
                ScheduleInput { since: at(observed_at), channel, failures: 0, expires_at: Some(at(END)) };
            let read_at = next_read_at(&pace, &quiet, at(now), dice.below(1000)).as_millisecond();
            let next = (seen..changes.len()).find(|index| arrives[*index]);
            match next.map(|index| (index, changes[index] + CHANNEL_DELAY)) {
                Some((index, arrives_at)) if arrives_at <= read_at => {
                    now = arrives_at;
                    self.delays.push(CHANNEL_DELAY);
                    (seen, observed_at) = (index + 1, now);
                    channel = match day {
                        Day::CallbacksLost(_) => Channel::Callbacks,
                        Day::Feed => Channel::Feed,
                    };
                }
                _ => {
                    now = read_at;
                    self.calls += 1;
                    let known = changes.iter().filter(|change| **change <= now).count();
                    if known > seen {
                        self.delays.push(now - changes[known - 1]);
                        (seen, observed_at, channel) = (known, now, Channel::Reads);
                    }
                    if matches!(day, Day::Feed) {
                        channel = Channel::Feed;
                    }
                }
            }
        }
        self.open_ms += now;
    }
}

fn simulate(day: Day) -> Cost {
    let (dice, mut cost) = (Dice::new(1), Cost::default());
    for _ in 0..SESSIONS {
        cost.follow(&dice, day);
    }
    if matches!(day, Day::Feed) {
        // In the worst case, each change ends a call of its own, and further calls wait during the rest of the two
        // days.
        cost.calls += i64::try_from(cost.delays.len()).unwrap() + 2 * 24 * H / FEED_WAIT;
    }
    cost.delays.sort_unstable();
    cost
}

/// Prints the day's figures. Returns two ratios of calls to the tracker's calls: for polling every five seconds, and
/// for polling with the tracker's delay at the 95th percentile.
fn compare(name: &str, day: Day) -> (f64, f64, Cost) {
    let cost = simulate(day);
    let (per_hour, p95) = (cost.per_hour(), cost.delay_s(950));
    let (every_five, as_late) = (720.0 / per_hour, 3600.0 / (p95 / 0.95) / per_hour);
    println!(
        "{name}: {per_hour:.2} calls per open session and hour; polling every 5 s {every_five:.0} times, polling as \
         late at p95 {as_late:.0} times as many; delay p50 {:.1} s, p95 {p95:.1} s, p99 {:.1} s, p99.9 {:.1} s",
        cost.delay_s(500),
        cost.delay_s(990),
        cost.delay_s(999)
    );
    (every_five, as_late, cost)
}

#[test]
fn with_callbacks_the_schedule_makes_a_twentieth_of_the_calls_of_polling_every_five_seconds() {
    let (every_five, _, cost) = compare("callbacks, 1 in 100 lost", Day::CallbacksLost(1));
    assert!(every_five > 20.0 && cost.delay_s(950) < 5.0 * 0.95);
}

#[test]
fn without_callbacks_the_schedule_makes_a_twentieth_of_the_calls_of_polling() {
    let (every_five, as_late, _) = compare("every callback lost", Day::CallbacksLost(100));
    assert!(every_five > 20.0 && as_late > 20.0);
}

#[test]
fn with_the_feed_the_schedule_makes_a_thousandth_of_the_calls_of_polling() {
    let (every_five, as_late, _) = compare("Kassa's feed", Day::Feed);
    assert!(every_five > 1000.0 && as_late > 1000.0);
}
