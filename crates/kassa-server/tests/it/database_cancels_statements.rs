//! PostgreSQL may cancel any statement at any moment. No group of statements takes effect in part, whichever is
//! cancelled.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use kassa_server::{Mode, Store};
use kassa_store::simulation::{Database, LONG_PROOFS, cancel_statements_while, contradictions};
use kassa_testkit::{eventually, fresh_postgres};
use serde_json::json;
use tokio::time::Instant;

use crate::harness::{DemoShop, World};

/// The number of tasks that create sessions in parallel. In each session, a payment, Back and a disabling race.
const SHOPPERS: usize = 16;

/// The number of tries to find a contradiction. On a busy machine, the cancelled statements of one try may be few.
const ROUNDS: usize = 10;

/// How long statements are cancelled. The long version takes a minute, the time in which the original fault appeared.
fn duration() -> Duration {
    Duration::from_secs(if std::env::var_os(LONG_PROOFS).is_some() { 60 } else { 8 })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelled_statements_leave_no_partial_change() {
    let Some(url) = fresh_postgres().await else { return };
    let url = format!("{url}&application_name=cancelled_{}", std::process::id());
    let store = Store::connect(&url).await.unwrap();
    let (world, races) = shop_while_statements_are_cancelled(&url, store, duration()).await;
    assert!(races.len() > SHOPPERS, "{} sessions were raced for", races.len());
    for race in &races {
        assert_eq!(race.faults, [""; 0], "a call that is cancelled answers 503");
        world.merchant.read(&race.session).await;
    }
    // The system looks for interrupted completions every five seconds.
    world.clock.advance(Duration::from_secs(10));
    eventually("data without contradictions on PostgreSQL", async || {
        let found = contradictions(&url).await;
        if found.is_empty() { Ok(()) } else { Err(format!("{found:?}")) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_test_notices_a_store_without_transactions() {
    let Some(url) = fresh_postgres().await else { return };
    let url = format!("{url}&application_name=sabotaged_{}", std::process::id());
    for _ in 0..ROUNDS {
        let store = Store::connect_without_transactions(&url).await.unwrap();
        shop_while_statements_are_cancelled(&url, store, Duration::from_secs(4)).await;
        if !contradictions(&url).await.is_empty() {
            return;
        }
    }
    panic!("each statement committed alone, and no contradiction was found");
}

/// A page session with three simultaneous decisions, and the answers with status 500.
struct Race {
    session: String,
    faults: Vec<String>,
}

/// Runs races while the statements of this URL's connections are cancelled.
async fn shop_while_statements_are_cancelled(
    url: &str,
    store: Store,
    duration: Duration,
) -> (Arc<World>, Vec<Race>) {
    let database = Database::Postgres(url.to_string());
    let world = Arc::new(World::with_store(DemoShop::Closed, Mode::Sandbox, database, store).await);
    let is_over = Arc::new(AtomicBool::new(false));
    let (of, ends) = (url.to_string(), is_over.clone());
    let canceller = tokio::spawn(async move {
        cancel_statements_while(&of, || !ends.load(Ordering::Relaxed)).await;
    });
    let end = Instant::now() + duration;
    let shoppers = (0..SHOPPERS).map(|_| tokio::spawn(shop_until(world.clone(), end)));
    let races = join_all(shoppers).await.into_iter().flat_map(|races| races.unwrap()).collect();
    is_over.store(true, Ordering::Relaxed);
    canceller.await.unwrap();
    (world, races)
}

async fn shop_until(world: Arc<World>, end: Instant) -> Vec<Race> {
    let mut races = Vec::new();
    while Instant::now() < end {
        races.extend(race(&world).await);
    }
    races
}

/// Makes three simultaneous decisions about a session that places its own order. `None` if its creation was cancelled.
async fn race(world: &World) -> Option<Race> {
    let merchant = &world.merchant;
    let cart = crate::harness::cart("ECOMMERCE");
    let payment = merchant.post("/payments/v1/sessions", &cart).await;
    let body = json!({
        "payment_session_url": format!("{}/payments/v1/sessions/{}", world.url, payment.json["session_id"].as_str()?),
        "merchant_urls": {},
        "options": {"place_order_mode": "CAPTURE_ORDER"},
    });
    let created = merchant.post("/hpp/v1/sessions", &body).await;
    let session = created.json["session_id"].as_str()?.to_string();
    merchant.act(&session, "enter").await;
    let path = format!("/hpp/v1/sessions/{session}");
    let (paid, back, disabled) = tokio::join!(
        merchant.act(&session, "approve"),
        merchant.act(&session, "back"),
        merchant.delete(&path)
    );
    let faults = [paid, back, disabled].into_iter().filter(|answer| answer.status == 500);
    Some(Race { faults: faults.map(|answer| answer.text).collect(), session })
}
