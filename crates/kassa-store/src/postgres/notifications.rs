//! Notifications between nodes: `notify` after the commit, in batches, on the connection that also listens.
//!
//! A `notify` within the transaction would lock the whole server during the commit, so that commits would wait for each
//! other's syncs. That is why it is sent afterwards.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use kassa_domain::{DueClock, Endpoint, MerchantId, Origin, PageSessionId, PaymentSessionId, Timestamp};
use kassa_sql::postgres::{Listening, Session};
use kassa_sql::values;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;

use super::connection::Connector;
use super::{PATIENCE, no_answer_in_time};
use crate::StoreError;
use crate::callbacks::endpoint_of_key;
use crate::notifications::Notification;

/// Maximum number of notifications in a batch.
const LARGEST_BATCH: usize = 100;

/// Maximum number of notifications that wait to be sent. Further ones are dropped.
const LONGEST_QUEUE: usize = 4096;

/// The longest payload that PostgreSQL accepts, in bytes.
const LONGEST_PAYLOAD: usize = 7999;

/// The pause before a lost connection is made again.
const CONNECT_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// The longest time without a sign of the server for a node that has nothing to send.
const SIGN_EVERY: Duration = Duration::from_secs(10);

/// The channel belongs to the schema, so that two systems in one database do not receive each other's notifications.
const LISTEN: &str = "do $$ begin execute format('listen %I', 'kassa ' || current_schema()); end $$";
const NOTIFY: &str = "select pg_notify('kassa ' || current_schema(), $1)";

/// The notifications that are not sent yet.
pub(super) struct Announced {
    sender: mpsc::Sender<Notification>,
    queue: Mutex<mpsc::Receiver<Notification>>,
}

impl Announced {
    pub(super) fn new() -> Self {
        let (sender, queue) = mpsc::channel(LONGEST_QUEUE);
        Self { sender, queue: Mutex::new(queue) }
    }

    pub(super) fn push(&self, notification: Notification) {
        // If the queue is full, the notification is lost. The other nodes find the change when they read again.
        let _ = self.sender.try_send(notification);
    }
}

/// A batch of notifications, as it is sent.
#[derive(Default, Serialize, Deserialize)]
struct Batch {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    changed: Vec<(PageSessionId, MerchantId)>,
    /// Nodes of the version before ignore it, and find the change when they read again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    payment_sessions_changed: Vec<PaymentSessionId>,
    /// When callbacks fall due by the shared clock, by origin. Nodes of the version before also send keys of endpoints.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    due: BTreeMap<String, i64>,
    /// When callbacks fall due by a merchant's own clock. Nodes of the version before ignore it, and find them when
    /// they read again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    due_by_own_clock: Vec<(MerchantId, String, i64)>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    missed: bool,
}

impl Batch {
    fn of(notifications: impl Iterator<Item = Notification>) -> Self {
        let mut batch = Self::default();
        for notification in notifications {
            match notification {
                Notification::Changed { page_session_id, merchant_id } => {
                    batch.changed.push((page_session_id, merchant_id));
                }
                Notification::PaymentSessionChanged(id) => batch.payment_sessions_changed.push(id),
                Notification::Due { endpoint, due_at } => {
                    batch.add_due(&endpoint, due_at.as_ms());
                }
                Notification::Missed => batch.missed = true,
            }
        }
        batch
    }

    fn add_due(&mut self, endpoint: &Endpoint, due_at_ms: i64) {
        let origin = endpoint.origin.as_str().to_string();
        match &endpoint.clock {
            DueClock::System => {
                let earliest = self.due.entry(origin).or_insert(i64::MAX);
                *earliest = due_at_ms.min(*earliest);
            }
            DueClock::Merchant(merchant) => {
                self.due_by_own_clock.push((merchant.clone(), origin, due_at_ms));
            }
        }
    }

    /// The payload. If it is too long, it only reports that notifications were lost.
    fn payload(&self) -> Result<String, StoreError> {
        let payload = serde_json::to_string(self)?;
        match payload.len() {
            0..=LONGEST_PAYLOAD => Ok(payload),
            _ => Ok(serde_json::to_string(&Self { missed: true, ..Self::default() })?),
        }
    }

    fn notifications(self) -> impl Iterator<Item = Notification> {
        let changed = self.changed.into_iter();
        let changed = changed
            .map(|(page_session_id, merchant_id)| Notification::Changed { page_session_id, merchant_id });
        let payments = self.payment_sessions_changed.into_iter().map(Notification::PaymentSessionChanged);
        let shared = self.due.into_iter().map(|(key, due_at_ms)| due(endpoint_of_key(&key), due_at_ms));
        let own = self.due_by_own_clock.into_iter().map(|(merchant, origin, due_at_ms)| {
            let clock = DueClock::Merchant(merchant);
            due(Endpoint { origin: Origin::new(origin), clock }, due_at_ms)
        });
        changed.chain(payments).chain(shared).chain(own).chain(self.missed.then_some(Notification::Missed))
    }
}

fn due(endpoint: Endpoint, due_at_ms: i64) -> Notification {
    Notification::Due { endpoint, due_at: Timestamp::from_ms(due_at_ms) }
}

/// Sends and receives, on one connection after the other, for as long as it is polled.
pub(super) async fn exchange(
    connector: &Connector,
    announced: &Announced,
    on_notification: &(impl Fn(Notification) + Send),
) {
    let mut queue = announced.queue.lock().await;
    loop {
        if let Err(error) = exchange_on_one_connection(connector, &mut queue, on_notification).await {
            tracing::warn!(%error, "could not exchange notifications with other nodes; polling until connected again");
        }
        tokio::time::sleep(CONNECT_AGAIN_AFTER).await;
    }
}

async fn exchange_on_one_connection(
    connector: &Connector,
    queue: &mut mpsc::Receiver<Notification>,
    on_notification: &(impl Fn(Notification) + Send),
) -> Result<(), StoreError> {
    let (session, listening) = connector.connect_listening().await?;
    let own_process_id = OnceLock::new();
    tokio::select! {
        received = receive_until_closed(listening, &own_process_id, on_notification) => received,
        sent = send_until_closed(&session, &own_process_id, queue, on_notification) => sent,
    }
}

/// Receives notifications, and does the connection's other work.
async fn receive_until_closed(
    mut listening: Listening,
    own_process_id: &OnceLock<i32>,
    on_notification: &impl Fn(Notification),
) -> Result<(), StoreError> {
    while let Some(notification) = listening.next().await? {
        if own_process_id.get() == Some(&notification.process_id) {
            continue;
        }
        let batch: Batch = serde_json::from_str(&notification.payload)?;
        batch.notifications().for_each(on_notification);
    }
    Ok(())
}

async fn send_until_closed(
    session: &Session,
    own_process_id: &OnceLock<i32>,
    queue: &mut mpsc::Receiver<Notification>,
    on_notification: &impl Fn(Notification),
) -> Result<(), StoreError> {
    let own = session.process_id().await?;
    own_process_id.get_or_init(|| own);
    session.batch(LISTEN).await?;
    // This node did not receive notifications that were sent before its connection listened.
    on_notification(Notification::Missed);
    let notify = session.prepare(NOTIFY, values![""], || NOTIFY.into()).await?;
    let mut notifications = Vec::with_capacity(LARGEST_BATCH);
    // If there is nothing to send for a while, an empty batch shows whether the server still answers.
    while timeout(SIGN_EVERY, queue.recv_many(&mut notifications, LARGEST_BATCH)).await != Ok(0) {
        let payload = Batch::of(notifications.drain(..)).payload()?;
        // If the server does not answer, the next connection may reach another one.
        timeout(PATIENCE, session.execute(&notify, values![&payload]))
            .await
            .map_err(|_| no_answer_in_time())??;
    }
    Ok(())
}
