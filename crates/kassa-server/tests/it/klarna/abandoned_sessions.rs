//! Many consumers close their browsers. The reads of their sessions stay within the budget, and leave room for the
//! consumers who pay now.

use std::time::Duration;

use kassa_store::simulation::LONG_PROOFS;
use kassa_testkit::eventually;

use super::front::{Front, Opened, front_journey_reading, statuses};

/// The reads per second that the node may make. It could make more.
const READS_PER_SECOND: usize = 6;

/// The number of consumers who come while the abandoned sessions are read.
const NEW_CONSUMERS: usize = 4;

/// The number of sessions that were abandoned first.
const OLDEST: usize = 10;

/// Maximum number of scheduled reads at once on a node.
const READS_AT_ONCE: usize = 20;

/// The seconds in which the node reads abandoned sessions only.
const BUSY_SECONDS: usize = 8;

/// The number of looks within a second of the journey.
const LOOKS: usize = 12;

/// The reads of payment sessions.
const READ: &str = "GET /payments";

/// The number of sessions that their consumers abandoned.
fn abandoned() -> usize {
    if std::env::var_os(LONG_PROOFS).is_some() { 1_000 } else { 100 }
}

/// The journey's time, and the check that the reads stay within the budget.
struct Watched<'a> {
    front: &'a Front,
    /// The number of reads and the time since the check began.
    reads_before: usize,
    elapsed: Duration,
}

impl<'a> Watched<'a> {
    fn new(front: &'a Front) -> Self {
        Self { front, reads_before: front.sent(READ).len(), elapsed: Duration::ZERO }
    }

    /// Lets time pass. No more reads were sent than the budget allows until now, and in the second before the check.
    fn advance(&mut self, step: Duration) {
        self.front.double.clock.advance(step);
        self.elapsed += step;
        let sent = self.front.sent(READ).len() - self.reads_before;
        let seconds = usize::try_from(self.elapsed.as_secs()).unwrap() + 2;
        assert!(sent <= seconds * READS_PER_SECOND, "{sent} reads in {seconds} s");
    }

    /// The names of the reads after the first `count` ones.
    fn reads_after(&self, count: usize) -> Vec<String> {
        self.front.sent(READ).into_iter().skip(count).map(|call| call.name).collect()
    }

    /// Creates a session and opens its page, which reads the payment twice.
    async fn opened(&mut self) -> (Opened, String) {
        let payment = self.front.payment_session().await;
        let opened = self.front.opened(&payment, "PLACE_ORDER").await;
        (opened, payment)
    }

    /// Every second consumer pressed Pay, and no consumer finished. Returns the reads of their payments.
    async fn abandoned(&mut self) -> Vec<String> {
        let mut reads = Vec::new();
        for number in 0..abandoned() {
            let (opened, payment) = self.opened().await;
            if number % 2 == 0 {
                self.front.press_pay(&opened).await;
            }
            reads.push(read_of(&payment));
            self.advance(Duration::from_secs(1));
        }
        reads
    }

    /// Lets a second pass, and waits until the node has made all the reads of it that the schedule may use. If the node
    /// looks for reads just before the second is over, it looks again a second later.
    async fn busy_second(&mut self) {
        let (mut before, mut looks) = (0, 0);
        eventually("a second of scheduled reads", async || {
            let now = self.front.sent(READ).len();
            if looks > 0 && now - before >= READS_PER_SECOND / 2 {
                return Ok(());
            }
            if looks % LOOKS == 0 {
                before = now;
                self.advance(Duration::from_secs(1));
            }
            looks += 1;
            Err(format!("{} reads", now - before))
        })
        .await;
    }

    /// Lets busy seconds pass until the page session is completed.
    async fn until_completed(&mut self, opened: &Opened) {
        let history = eventually("the order of a new consumer", async || {
            self.busy_second().await;
            let history = self.front.history(opened).await;
            if statuses(&history).last() == Some(&"COMPLETED") { Ok(history) } else { Err(history) }
        })
        .await;
        assert_eq!(statuses(&history), ["IN_PROGRESS", "COMPLETED"]);
    }
}

fn read_of(payment: &str) -> String {
    format!("GET /payments/v1/sessions/{payment}")
}

#[test]
fn consumers_who_pay_are_found_before_those_who_left() {
    front_journey_reading(u32::try_from(READS_PER_SECOND).unwrap(), |front| async move {
        let left = Watched::new(&front).abandoned().await;
        // Every abandoned session is due.
        front.double.clock.advance(Duration::from_secs(600));
        let (mut time, before) = (Watched::new(&front), front.sent(READ).len());
        for _ in 0..BUSY_SECONDS {
            time.busy_second().await;
        }
        for _ in 0..NEW_CONSUMERS {
            time.busy_second().await;
            let (opened, payment) = time.opened().await;
            front.press_pay(&opened).await;
            front.authorize(&payment).await;
            let pressed = front.sent(READ).len();
            time.until_completed(&opened).await;
            let reads = time.reads_after(pressed);
            let first = reads.iter().position(|read| *read == read_of(&payment)).unwrap();
            println!("{first} reads of others came first");
            assert!(first < left.len() / 2, "{first} reads of others came first");
        }

        // The sessions that were abandoned first are read, too.
        eventually("reads of the oldest sessions", async || {
            time.advance(Duration::from_secs(1));
            let read = time.reads_after(before);
            let missing = left[..OLDEST].iter().filter(|oldest| !read.contains(oldest)).count();
            if missing == 0 { Ok(()) } else { Err(format!("{missing} are missing")) }
        })
        .await;
        let at_once = front.line.most_at_once();
        assert!(at_once <= READS_AT_ONCE + NEW_CONSUMERS, "{at_once} calls at once");
    });
}
