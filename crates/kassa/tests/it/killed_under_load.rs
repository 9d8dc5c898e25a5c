//! Kills the process under load, again and again: no acknowledged change is lost, and nothing happens twice.

use std::path::Path;
use std::time::Duration;

use kassa_store::simulation::CONTRADICTIONS;
use kassa_testkit::let_time_pass;
use tempfile::TempDir;

use crate::harness::{Dev, Receiver, Signal};
use crate::shopping::{Buyer, Dice, all_callbacks_have_ended, prove, seed};

/// The number of kills.
const KILLS: u32 = 30;

/// The number of consumers, each with a merchant, that act in parallel.
const BUYERS: u32 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_nothing_happens_twice() {
    let seed = seed();
    let receiver = Receiver::start().await;
    let data = TempDir::new().unwrap();
    let dice = Dice::new(seed);
    let mut buyers: Vec<Buyer> =
        (1..=BUYERS).map(|number| Buyer::new(Dice::new(seed + u64::from(number)), &receiver.url)).collect();
    for _ in 0..KILLS {
        let load_ms = 300 + dice.below(900);
        buyers = shop_until_killed(data.path(), buyers, Duration::from_millis(load_ms.into())).await;
    }
    let purchases: Vec<_> = buyers.into_iter().flat_map(|buyer| buyer.purchases).collect();
    println!("{} page sessions, {KILLS} kills", purchases.len());

    let dev = Dev::start_on(data.path());
    let histories = all_callbacks_have_ended(&dev.merchant(), &purchases).await;
    prove(&dev.merchant(), &purchases, &histories, &receiver.received()).await;
    assert_eq!(dev.stop(Signal::Terminate).code, Some(0));
    assert_tables_agree(&data.path().join("kassa.db"));
}

/// One run of the process. The sleep puts the kill at an arbitrary moment.
async fn shop_until_killed(data: &Path, buyers: Vec<Buyer>, load: Duration) -> Vec<Buyer> {
    let dev = Dev::start_on(data);
    let shopping: Vec<_> =
        buyers.into_iter().map(|buyer| tokio::spawn(buyer.shop_until_cut_off(dev.merchant()))).collect();
    let_time_pass(load).await;
    dev.kill();
    let mut buyers = Vec::new();
    for buyer in shopping {
        buyers.push(buyer.await.unwrap());
    }
    buyers
}

fn assert_tables_agree(database: &Path) {
    let connection = rusqlite::Connection::open(database).unwrap();
    for question in CONTRADICTIONS {
        let found: i64 = connection.query_row(question, (), |row| row.get(0)).unwrap();
        assert_eq!(found, 0, "{question}");
    }
}
