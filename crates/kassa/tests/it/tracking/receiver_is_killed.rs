//! The receiver as a process that is killed under load: what it acknowledged is told, once, however often it came.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Method;
use kassa_server::outgoing::{Call, Network, Outgoing, OutgoingPolicy};
use kassa_wire::signature::sign;
use tokio::task::JoinSet;

use super::{Settings, eventually};
use crate::harness::Dev;

/// Callbacks that are sent, duplicates aside; `KASSA_TEST_CALLBACKS=100000` asks for more.
const CALLBACKS: usize = 8_000;

/// One in so many is sent twice at once.
const TWICE_EACH: usize = 5;

const SENDERS: usize = 24;
const KILLS: usize = 5;

/// What the senders share.
struct Load {
    count: usize,
    next: AtomicUsize,
    acknowledged: AtomicUsize,
    /// Where the receiver is now.
    url: Mutex<String>,
    secret: String,
    network: Network,
}

fn body(number: usize) -> String {
    format!(
        r#"{{"event_id":"event-{number}","session":{{"session_id":"session-{number}","status":"BACK","updated_at":"2019-05-13T14:51:46.288Z"}}}}"#
    )
}

impl Load {
    /// Makes one call; says whether it was acknowledged.
    async fn send(&self, number: usize) -> bool {
        let (body, event) = (body(number), format!("event-{number}"));
        #[expect(clippy::disallowed_methods, reason = "the receiver's process has the machine's clock")]
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let signature = sign(&[&self.secret], &event, i64::try_from(now_s).unwrap(), body.as_bytes());
        let url = self.url.lock().unwrap().clone();
        let call = Call {
            method: Method::POST,
            url,
            headers: vec![
                ("webhook-id", event),
                ("webhook-timestamp", now_s.to_string()),
                ("webhook-signature", signature),
            ],
            body: body.into(),
            timeout: Duration::from_secs(10),
            answer_limit: 1024,
            is_repeatable: false,
        };
        match self.network.call(call).await {
            Ok(answer) => {
                assert_eq!(answer.status, 204, "{}", String::from_utf8_lossy(&answer.body));
                true
            }
            Err(_) => false,
        }
    }

    /// Sends what nobody has taken up yet, each until it is acknowledged, as a service does.
    async fn send_all(self: Arc<Self>) {
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.count {
                return;
            }
            if number.is_multiple_of(TWICE_EACH) {
                tokio::join!(self.send(number), self.send(number));
            }
            while !self.send(number).await {
                tokio::task::yield_now().await;
            }
            self.acknowledged.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The events that the outlet has, in its table.
fn told(table: &Path) -> Vec<String> {
    let shop = rusqlite::Connection::open(table).unwrap();
    let mut rows = shop.prepare("select session_id from kassa_changes").unwrap();
    rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_was_acknowledged_is_lost_and_no_duplicate_is_told() {
    let dev = Dev::start();
    let folder = tempfile::TempDir::new().unwrap();
    let table = folder.path().join("shop.db");
    // Nothing is read, so what is told was received.
    let settings = Settings::for_service("http://127.0.0.1:1", &dev)
        .with_callbacks(&dev)
        .with(&format!("[outlet]\ntable = \"{}\"", table.display()))
        .with("[tracker]\nsettle_ms = 0\nlease_ms = 200\n[tracker.pace]\nguarding_ms = 3600000");
    let count = std::env::var("KASSA_TEST_CALLBACKS").map_or(CALLBACKS, |count| count.parse().unwrap());
    let mut receiver = settings.start();
    let load = Arc::new(Load {
        count,
        next: AtomicUsize::new(0),
        acknowledged: AtomicUsize::new(0),
        url: Mutex::new(receiver.callbacks.clone()),
        secret: dev.announced["callback_secret"].as_str().unwrap().to_string(),
        network: Network::new(OutgoingPolicy::for_this_machine()).unwrap(),
    });
    let mut senders = JoinSet::new();
    for _ in 0..SENDERS {
        senders.spawn(load.clone().send_all());
    }
    for kill in 1..=KILLS {
        // Killed at a place that depends on nothing but how far the load has come.
        let far_enough = count * kill / (KILLS + 1);
        let so_far = async || (load.acknowledged.load(Ordering::Relaxed) >= far_enough).then_some(());
        eventually("the load", so_far).await;
        drop(receiver);
        receiver = settings.start();
        load.url.lock().unwrap().clone_from(&receiver.callbacks);
    }
    senders.join_all().await;
    let all = async || Some(told(&table)).filter(|told| told.len() >= count);
    let told = eventually("every event", all).await;
    let expected: BTreeSet<_> = (0..count).map(|number| format!("session-{number}")).collect();
    assert_eq!(told.len(), count, "a duplicate was told");
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), expected);
}
