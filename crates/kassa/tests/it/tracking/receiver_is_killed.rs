//! The receiver as a process that is killed under load: what it acknowledged is told, once, however often it came.

use super::load::{Load, Table};
use super::{Engine, Settings, on_each_engine};
use crate::harness::Dev;

on_each_engine!(nothing_that_was_acknowledged_is_lost_and_no_duplicate_is_told);

const KILLS: usize = 5;

/// Callbacks that are sent, duplicates aside; `KASSA_TEST_CALLBACKS=100000` asks for as many on PostgreSQL, which takes
/// minutes.
fn callbacks(engine: Engine) -> usize {
    let few = match engine {
        Engine::Sqlite => 100_000,
        Engine::Postgres => 2_000,
    };
    std::env::var("KASSA_TEST_CALLBACKS").map_or(few, |count| count.parse().unwrap())
}

async fn nothing_that_was_acknowledged_is_lost_and_no_duplicate_is_told(engine: Engine) {
    let (dev, table) = (Dev::start(), Table::on(engine).await);
    // Nothing is read, so what is told was received.
    let settings = Settings::for_service("http://127.0.0.1:1", &dev)
        .on(engine)
        .await
        .with_callbacks(&dev)
        .with(&format!("[outlet]\ntable = \"{}\"", table.place()))
        .with("[tracker]\nsettle_ms = 0\nlease_ms = 200\n[tracker.pace]\nguarding_ms = 3600000");
    let mut receiver = settings.start();
    let load = Load::new(callbacks(engine), &dev, &receiver.callbacks);
    let senders = load.begin();
    for kill in 1..=KILLS {
        // Killed at a place that depends on nothing but how far the load has come.
        load.until(kill, KILLS + 1).await;
        drop(receiver);
        receiver = settings.start();
        load.go_to(&receiver.callbacks);
    }
    senders.join_all().await;
    load.prove(&table).await;
}
