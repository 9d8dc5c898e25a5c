//! Notices between nodes: `notify` after the commit, in batches, on the connection that also listens.
//!
//! Within its transaction a `notify` would hold a lock of the whole server through the commit, and commits would queue
//! up behind each other's syncs. So it has no part in one.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use kassa_domain::{MerchantId, PageSessionId, Timestamp};
use kassa_sql::postgres::{Listening, Session};
use kassa_sql::values;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;

use super::connection::Connector;
use super::{PATIENCE, no_answer_in_time};
use crate::StoreError;
use crate::notices::Notice;

/// Notices told together at most.
const LARGEST_BATCH: usize = 100;

/// Notices that may wait to be told. What comes beyond is not told.
const LONGEST_QUEUE: usize = 4096;

/// The longest payload that PostgreSQL takes, in bytes.
const LONGEST_PAYLOAD: usize = 7999;

/// How long to wait before a lost connection is made anew.
const CONNECT_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// The longest that a node which has nothing to tell goes on without a sign of the server.
const SIGN_EVERY: Duration = Duration::from_secs(10);

/// The channel belongs to the schema, so that two systems in one database do not hear each other.
const LISTEN: &str = "do $$ begin execute format('listen %I', 'kassa ' || current_schema()); end $$";
const NOTIFY: &str = "select pg_notify('kassa ' || current_schema(), $1)";

/// What is announced and not yet told.
pub(super) struct Announced {
    sender: mpsc::Sender<Notice>,
    queue: Mutex<mpsc::Receiver<Notice>>,
}

impl Announced {
    pub(super) fn new() -> Self {
        let (sender, queue) = mpsc::channel(LONGEST_QUEUE);
        Self { sender, queue: Mutex::new(queue) }
    }

    pub(super) fn push(&self, notice: Notice) {
        // A queue that is full costs the others a look, as every lost notice does.
        let _ = self.sender.try_send(notice);
    }
}

/// A batch of notices, as it travels.
#[derive(Default, Serialize, Deserialize)]
struct Batch {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    changed: Vec<(PageSessionId, MerchantId)>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    due: BTreeMap<String, i64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    missed: bool,
}

impl Batch {
    fn of(notices: impl Iterator<Item = Notice>) -> Self {
        let mut batch = Self::default();
        for notice in notices {
            match notice {
                Notice::Changed { page_session_id, merchant_id } => {
                    batch.changed.push((page_session_id, merchant_id));
                }
                Notice::Due { endpoint, due_at } => {
                    let earliest = batch.due.entry(endpoint).or_insert(i64::MAX);
                    *earliest = due_at.as_ms().min(*earliest);
                }
                Notice::Missed => batch.missed = true,
            }
        }
        batch
    }

    /// What is too long to be told is told as missed.
    fn payload(&self) -> Result<String, StoreError> {
        let payload = serde_json::to_string(self)?;
        match payload.len() {
            0..=LONGEST_PAYLOAD => Ok(payload),
            _ => Ok(serde_json::to_string(&Self { missed: true, ..Self::default() })?),
        }
    }

    fn notices(self) -> impl Iterator<Item = Notice> {
        let changed = self.changed.into_iter();
        let changed =
            changed.map(|(page_session_id, merchant_id)| Notice::Changed { page_session_id, merchant_id });
        let due = self.due.into_iter();
        let due = due.map(|(endpoint, due_at)| Notice::Due { endpoint, due_at: Timestamp::from_ms(due_at) });
        changed.chain(due).chain(self.missed.then_some(Notice::Missed))
    }
}

/// Tells and hears, on one connection after the other; for as long as it is polled.
pub(super) async fn exchange(connector: &Connector, announced: &Announced, hear: &(impl Fn(Notice) + Send)) {
    let mut queue = announced.queue.lock().await;
    loop {
        if let Err(error) = exchange_on_one_connection(connector, &mut queue, hear).await {
            tracing::warn!(%error, "notices are not exchanged between nodes; each looks for itself meanwhile");
        }
        tokio::time::sleep(CONNECT_AGAIN_AFTER).await;
    }
}

async fn exchange_on_one_connection(
    connector: &Connector,
    queue: &mut mpsc::Receiver<Notice>,
    hear: &(impl Fn(Notice) + Send),
) -> Result<(), StoreError> {
    let (session, listening) = connector.connect_listening().await?;
    let own_process_id = OnceLock::new();
    tokio::select! {
        heard = hear_until_closed(listening, &own_process_id, hear) => heard,
        told = tell_until_closed(&session, &own_process_id, queue, hear) => told,
    }
}

/// Also has the connection's other work done.
async fn hear_until_closed(
    mut listening: Listening,
    own_process_id: &OnceLock<i32>,
    hear: &impl Fn(Notice),
) -> Result<(), StoreError> {
    while let Some(notification) = listening.next().await? {
        if own_process_id.get() == Some(&notification.process_id) {
            continue;
        }
        let batch: Batch = serde_json::from_str(&notification.payload)?;
        batch.notices().for_each(hear);
    }
    Ok(())
}

async fn tell_until_closed(
    session: &Session,
    own_process_id: &OnceLock<i32>,
    queue: &mut mpsc::Receiver<Notice>,
    hear: &impl Fn(Notice),
) -> Result<(), StoreError> {
    let own = session.process_id().await?;
    own_process_id.get_or_init(|| own);
    session.batch(LISTEN).await?;
    // What was told before this connection listened, nobody heard here.
    hear(Notice::Missed);
    let notify = session.prepare(NOTIFY, values![""], || NOTIFY.into()).await?;
    let mut notices = Vec::with_capacity(LARGEST_BATCH);
    // Where there is nothing to tell for a while, an empty batch shows whether the server is still there.
    while timeout(SIGN_EVERY, queue.recv_many(&mut notices, LARGEST_BATCH)).await != Ok(0) {
        let payload = Batch::of(notices.drain(..)).payload()?;
        // A server that gives no sign is left: there may be another by now.
        timeout(PATIENCE, session.execute(&notify, values![&payload]))
            .await
            .map_err(|_| no_answer_in_time())??;
    }
    Ok(())
}
