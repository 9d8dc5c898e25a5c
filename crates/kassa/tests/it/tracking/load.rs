//! A load of callbacks, some of them duplicated, each sent until it is acknowledged; and the sink's table, which must
//! contain each of them once.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Method;
use kassa_outgoing::{Call, Network, Outgoing, OutgoingPolicy};
use kassa_testkit::fresh_postgres;
use kassa_wire::signature::sign;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_postgres::{Client, NoTls};

use super::{Engine, eventually};
use crate::harness::Dev;

/// One callback in this many is sent twice at the same time.
const TWICE_EACH: usize = 5;

const SENDERS: usize = 24;

/// The state that the senders share.
pub(super) struct Load {
    count: usize,
    next: AtomicUsize,
    acknowledged: AtomicUsize,
    refused: AtomicUsize,
    /// The receiver's current URL.
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
    /// A load of `count` callbacks without duplicates, signed with the secret of `dev`.
    pub(super) fn new(count: usize, dev: &Dev, url: &str) -> Arc<Self> {
        Arc::new(Self {
            count,
            next: AtomicUsize::new(0),
            acknowledged: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
            url: Mutex::new(url.to_string()),
            secret: dev.announced["callback_secret"].as_str().unwrap().to_string(),
            network: Network::new(OutgoingPolicy::for_this_machine()).unwrap(),
        })
    }

    /// Starts the senders.
    pub(super) fn begin(self: &Arc<Self>) -> JoinSet<()> {
        let mut senders = JoinSet::new();
        for _ in 0..SENDERS {
            senders.spawn(self.clone().send_all());
        }
        senders
    }

    /// Sets the receiver's new URL.
    pub(super) fn go_to(&self, url: &str) {
        url.clone_into(&mut self.url.lock().unwrap());
    }

    /// Waits until the fraction `part / parts` of the callbacks is acknowledged.
    pub(super) async fn until(&self, part: usize, parts: usize) {
        let far_enough = self.count * part / parts;
        let so_far = async || self.acknowledged.load(Ordering::Relaxed) >= far_enough;
        eventually("the load", so_far).await;
    }

    /// The number of calls that were answered with 503.
    pub(super) fn refused(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }

    /// Makes one call. Returns whether it was acknowledged.
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
            timeout: Duration::from_secs(30),
            answer_limit: 1024,
            is_repeatable: false,
        };
        match self.network.call(call).await {
            Ok(answer) if answer.status == 503 => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                false
            }
            Ok(answer) => {
                assert_eq!(answer.status, 204, "{}", String::from_utf8_lossy(&answer.body));
                true
            }
            Err(_) => false,
        }
    }

    /// Sends callbacks that no other sender sends, each until it is acknowledged, as the service does.
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

    /// Asserts that the sink received each callback exactly once.
    pub(super) async fn prove(&self, table: &Table) {
        let enough = i64::try_from(self.count).unwrap();
        eventually("every event", async || table.count().await >= enough).await;
        let rows = table.rows().await;
        let expected: BTreeSet<_> = (0..self.count).map(|number| format!("session-{number}")).collect();
        assert_eq!(rows.len(), self.count, "a duplicate was delivered");
        assert_eq!(rows.into_iter().map(|row| row.session_id).collect::<BTreeSet<_>>(), expected);
    }
}

/// The table of a sink.
pub(super) enum Table {
    File { path: PathBuf, _folder: TempDir },
    Postgres(String),
}

/// A row of the sink's table.
pub(super) struct DeliveredChange {
    pub(super) change_id: String,
    pub(super) session_id: String,
    pub(super) sequence: i64,
    pub(super) status: String,
    pub(super) body: String,
}

impl Table {
    pub(super) async fn on(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = TempDir::new().unwrap();
                Self::File { path: folder.path().join("shop.db"), _folder: folder }
            }
            Engine::Postgres => Self::Postgres(fresh_postgres().await.unwrap()),
        }
    }

    /// The value of `table` in the tracker's settings.
    pub(super) fn place(&self) -> String {
        match self {
            Self::File { path, .. } => path.to_str().unwrap().to_string(),
            Self::Postgres(url) => url.clone(),
        }
    }

    async fn count(&self) -> i64 {
        let sql = "select count(*) from kassa_changes";
        match self {
            Self::File { path, .. } => {
                let shop = rusqlite::Connection::open(path).unwrap();
                shop.query_row(sql, [], |row| row.get(0)).unwrap()
            }
            Self::Postgres(url) => connected(url).await.query_one(sql, &[]).await.unwrap().get(0),
        }
    }

    /// The delivered changes, ordered by session and sequence.
    pub(super) async fn rows(&self) -> Vec<DeliveredChange> {
        let sql = "select change_id, session_id, sequence, status, body from kassa_changes order by session_id, \
                   sequence";
        match self {
            Self::File { path, .. } => {
                let shop = rusqlite::Connection::open(path).unwrap();
                let mut rows = shop.prepare(sql).unwrap();
                let read = |row: &rusqlite::Row<'_>| {
                    let [change_id, session_id, status, body] =
                        [row.get(0)?, row.get(1)?, row.get(3)?, row.get(4)?];
                    Ok(DeliveredChange { change_id, session_id, sequence: row.get(2)?, status, body })
                };
                rows.query_map([], read).unwrap().map(Result::unwrap).collect()
            }
            Self::Postgres(url) => {
                let read = |row: &tokio_postgres::Row| {
                    let [change_id, session_id, status, body] =
                        [row.get(0), row.get(1), row.get(3), row.get(4)];
                    DeliveredChange { change_id, session_id, sequence: row.get(2), status, body }
                };
                connected(url).await.query(sql, &[]).await.unwrap().iter().map(read).collect()
            }
        }
    }
}

async fn connected(url: &str) -> Client {
    let (client, driver) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(driver);
    client
}
