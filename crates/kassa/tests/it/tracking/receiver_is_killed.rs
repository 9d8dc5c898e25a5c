//! Kills the receiver's process under load. Each acknowledged callback is delivered once, even if it was received twice.

use super::load::{Load, Table};
use super::{Engine, Settings, on_each_engine};
use crate::harness::Dev;

on_each_engine!(each_acknowledged_callback_is_delivered_once_through_kills);

const KILLS: usize = 5;

/// The number of callbacks without duplicates. `KASSA_TEST_CALLBACKS` overrides it; 100,000 take minutes on PostgreSQL.
fn callbacks(engine: Engine) -> usize {
    let few = match engine {
        Engine::Sqlite => 100_000,
        Engine::Postgres => 2_000,
    };
    std::env::var("KASSA_TEST_CALLBACKS").map_or(few, |count| count.parse().unwrap())
}

async fn each_acknowledged_callback_is_delivered_once_through_kills(engine: Engine) {
    let (dev, table) = (Dev::start(), Table::on(engine).await);
    // The service is unreachable, so every delivered change comes from a callback.
    let settings = Settings::for_service("http://127.0.0.1:1", &dev)
        .on(engine)
        .await
        .with_callbacks(&dev)
        .with(&format!("[sink]\ntable = \"{}\"", table.place()))
        .with("[tracker]\nsettle_ms = 0\nlease_ms = 200\n[tracker.pace]\nguarding_ms = 3600000");
    let mut receiver = settings.start();
    let load = Load::new(callbacks(engine), &dev, &receiver.callbacks);
    let senders = load.begin();
    for kill in 1..=KILLS {
        // Only the progress of the load decides when the receiver is killed.
        load.until(kill, KILLS + 1).await;
        drop(receiver);
        receiver = settings.start();
        load.go_to(&receiver.callbacks);
    }
    senders.join_all().await;
    load.prove(&table).await;
}
