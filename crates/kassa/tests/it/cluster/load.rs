//! Purchases at a steady rate during a test.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinHandle;

use crate::harness::{LoadControl, Merchant, Receiver};
use crate::shopping::{Buyer, Dice, Purchase, seed};

/// The number of consumers, each with a merchant, that act in parallel.
const BUYERS: u64 = 16;

/// The number of calls per second that all of them start together.
const CALLS_A_SECOND: u32 = 100;

/// The running buyers.
pub struct Load {
    control: Arc<LoadControl>,
    buyers: Vec<JoinHandle<Buyer>>,
}

/// The results of a load.
pub struct Outcome {
    pub purchases: Vec<Purchase>,
    pub failures: Vec<String>,
    pub longest_without_change: Duration,
}

impl Load {
    pub fn start(url: &str, account: &Value, receiver: &Receiver) -> Self {
        let seed = seed();
        let control = Arc::new(LoadControl::new(CALLS_A_SECOND));
        let merchant = Merchant::of(url, account).with(control.clone());
        let buyers = (1..=BUYERS).map(|number| {
            let buyer = Buyer::new(Dice::new(seed + number), &receiver.url);
            tokio::spawn(buyer.shop_until_cut_off(merchant.clone()))
        });
        Self { buyers: buyers.collect(), control }
    }

    /// Waits until this many more calls were answered.
    pub async fn wait_for(&self, more: usize) {
        self.control.wait_for(more).await;
    }

    /// The number of failed calls so far.
    pub fn failed(&self) -> usize {
        self.control.tally().1.values().sum()
    }

    /// Ends the load, and prints the number of failed calls by kind.
    pub async fn end(self) -> Outcome {
        self.control.end();
        let mut purchases = Vec::new();
        for buyer in self.buyers {
            purchases.extend(buyer.await.expect("a buyer got no answer that it did not expect").purchases);
        }
        let (answered, failures) = self.control.tally();
        let failed: usize = failures.values().sum();
        let calls = answered + failed;
        let longest_without_change = self.control.longest_without_change();
        println!(
            "{} page sessions; {failed} of {calls} calls failed: {failures:?}; {:.1} s without an acknowledged change",
            purchases.len(),
            longest_without_change.as_secs_f64()
        );
        Outcome { purchases, failures: failures.into_keys().collect(), longest_without_change }
    }
}

impl Outcome {
    /// Asserts that calls failed only in these ways.
    pub fn assert_failures_are_among(&self, kinds: &[&str]) {
        let others = self.failures.iter().filter(|kind| !kinds.contains(&kind.as_str()));
        assert_eq!(others.collect::<Vec<_>>(), [""; 0]);
    }
}
