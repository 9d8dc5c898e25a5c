//! What following 10,000 sessions of a typical day costs in calls, beside naive polling: the schedule alone.
//!
//! Three kinds of day: the vendor's wire with its callbacks, of which one in a hundred is lost; the vendor's wire with
//! all of them lost; and a Kassa with its feed, all callbacks lost too. A poll every `p` is late by up to `p`, evenly:
//! so the naive poll that is as late at the 95th percentile as the tracker has a pause of that delay over 0.95.

use kassa_client::Timestamp;
use kassa_client::tracker::schedule::{Channel, Pace, Quiet, next_read_at};

use crate::world::Dice;

const S: i64 = 1000;
const MIN: i64 = 60 * S;
const H: i64 = 60 * MIN;
const SESSIONS: i64 = 10_000;
const END: i64 = 47 * H;

/// A callback, or the feed, tells so long after the change.
const TOLD_AFTER: i64 = 200;

/// The feed's answer is held for so long.
const FEED_WAIT: i64 = 30 * S;

/// How changes are heard on a day.
#[derive(Clone, Copy)]
enum Day {
    /// By callbacks, but for so many in a hundred.
    CallbacksLost(i64),
    /// By the feed.
    Feed,
}

/// When a session changes, and until when it is followed. Of a hundred: 8 are never opened, 22 opened and left, 55 paid
/// at once, 10 declined first, and 5 come back after hours and pay.
fn fate(dice: &Dice) -> (Vec<i64>, i64) {
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

/// What a day cost, and how late its changes were.
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

    /// Follows one session to its end.
    fn follow(&mut self, dice: &Dice, day: Day) {
        let (changes, followed_until) = fate(dice);
        let (pace, at) = (Pace::default(), |ms| Timestamp::from_millisecond(ms).unwrap());
        let tells: Vec<bool> = changes
            .iter()
            .map(|_| match day {
                Day::CallbacksLost(in_100) => dice.below(100) >= in_100,
                Day::Feed => true,
            })
            .collect();
        let (mut now, mut heard_at, mut seen, mut channel) = (0, 0, 0, Channel::Reads);
        while now < followed_until + MIN && (seen < changes.len() || followed_until == END) {
            let quiet = Quiet { since: at(heard_at), channel, failures: 0, expires_at: Some(at(END)) };
            let read_at = next_read_at(&pace, &quiet, at(now), dice.below(1000)).as_millisecond();
            let told = (seen..changes.len()).find(|index| tells[*index]);
            match told.map(|index| (index, changes[index] + TOLD_AFTER)) {
                Some((index, told_at)) if told_at <= read_at => {
                    now = told_at;
                    self.delays.push(TOLD_AFTER);
                    (seen, heard_at) = (index + 1, now);
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
                        (seen, heard_at, channel) = (known, now, Channel::Reads);
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

fn live(day: Day) -> Cost {
    let (dice, mut cost) = (Dice::new(1), Cost::default());
    for _ in 0..SESSIONS {
        cost.follow(&dice, day);
    }
    if matches!(day, Day::Feed) {
        // At worst each change ends a held call of its own, and the silent rest of the two days is held too.
        cost.calls += i64::try_from(cost.delays.len()).unwrap() + 2 * 24 * H / FEED_WAIT;
    }
    cost.delays.sort_unstable();
    cost
}

/// Prints the day's figures; answers with how many times the calls of naive polling are more: of the poll every five
/// seconds, and of the poll that is as late as the tracker at the 95th percentile.
fn compared(name: &str, day: Day) -> (f64, f64, Cost) {
    let cost = live(day);
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
fn where_callbacks_arrive_the_calls_of_polling_every_five_seconds_are_twenty_times_more_and_later() {
    let (every_five, _, cost) = compared("callbacks, 1 in 100 lost", Day::CallbacksLost(1));
    assert!(every_five > 20.0 && cost.delay_s(950) < 5.0 * 0.95);
}

#[test]
fn with_every_callback_lost_polling_that_is_as_late_calls_twenty_times_more() {
    let (every_five, as_late, _) = compared("every callback lost", Day::CallbacksLost(100));
    assert!(every_five > 20.0 && as_late > 20.0);
}

#[test]
fn the_feed_of_a_kassa_makes_reading_a_rarity() {
    let (every_five, as_late, _) = compared("Kassa's feed", Day::Feed);
    assert!(every_five > 1000.0 && as_late > 1000.0);
}
