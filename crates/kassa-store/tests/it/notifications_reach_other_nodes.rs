//! Nodes on one PostgreSQL receive each other's notifications, and learn that they may have missed some.

use kassa_domain::{DueClock, Endpoint, MerchantId, Origin, PageSessionId, PaymentSessionId, Timestamp};
use kassa_store::simulation::Database;
use kassa_store::{Notification, Store};
use kassa_testkit::{fresh_postgres, in_time};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::older_nodes_go_on::run;

/// A node that exchanges notifications.
struct Node {
    store: Store,
    heard: UnboundedReceiver<Notification>,
}

impl Node {
    /// Starts a node, and waits until it listens.
    async fn start(url: &str) -> Self {
        let store = Store::connect(url).await.unwrap();
        let (tell, heard) = unbounded_channel();
        let exchanging = store.clone();
        tokio::spawn(async move {
            // If the test has dropped the node, nobody receives the notification.
            exchanging.exchange_notifications(move |notification| drop(tell.send(notification))).await;
        });
        let mut node = Self { store, heard };
        assert_eq!(
            node.next().await,
            Notification::Missed,
            "a node may have missed notifications before it listened"
        );
        node
    }

    async fn next(&mut self) -> Notification {
        in_time("a notification", self.heard.recv()).await.expect("the node exchanges notifications")
    }
}

fn changed(page_session: &str) -> Notification {
    Notification::Changed {
        page_session_id: PageSessionId::new(page_session),
        merchant_id: MerchantId::new("PK1 with a space"),
    }
}

const ORIGIN: &str = "https://shop.example:443";

fn due(origin: &str, clock: DueClock, at_ms: i64) -> Notification {
    let endpoint = Endpoint { origin: Origin::new(origin), clock };
    Notification::Due { endpoint, due_at: Timestamp::from_ms(at_ms) }
}

#[tokio::test]
async fn a_notification_reaches_the_other_nodes_and_not_its_sender() {
    let Some(url) = fresh_postgres().await else { return };
    let (mut one, mut other) = (Node::start(&url).await, Node::start(&url).await);
    one.store.announce(changed("first"));
    assert_eq!(other.next().await, changed("first"));
    let order_changed = Notification::PaymentSessionChanged(PaymentSessionId::new("payment"));
    one.store.announce(order_changed.clone());
    assert_eq!(other.next().await, order_changed);
    for clock in [DueClock::System, DueClock::Merchant(MerchantId::new("PK1"))] {
        one.store.announce(due(ORIGIN, clock.clone(), 7));
        assert_eq!(other.next().await, due(ORIGIN, clock, 7));
    }
    other.store.announce(changed("second"));
    assert_eq!(one.next().await, changed("second"), "a node does not receive its own notifications");
}

#[tokio::test]
async fn a_notification_of_a_node_of_the_version_before_is_understood() {
    let Some(url) = fresh_postgres().await else { return };
    let mut node = Node::start(&url).await;
    let payload = format!("{{\"due\":{{\"{ORIGIN}\":5,\"{ORIGIN} PK1\":7}}}}");
    run(&Database::Postgres(url), &format!("select pg_notify('kassa ' || current_schema(), '{payload}')"))
        .await;
    assert_eq!(node.next().await, due(ORIGIN, DueClock::System, 5));
    assert_eq!(node.next().await, due(ORIGIN, DueClock::Merchant(MerchantId::new("PK1")), 7));
}

#[tokio::test]
async fn a_notification_that_is_too_long_is_sent_as_missed() {
    let Some(url) = fresh_postgres().await else { return };
    let (one, mut other) = (Node::start(&url).await, Node::start(&url).await);
    one.store.announce(due(&"x".repeat(9_000), DueClock::System, 1));
    assert_eq!(other.next().await, Notification::Missed);
}

#[tokio::test]
async fn systems_in_two_schemas_do_not_receive_each_others_notifications() {
    let (Some(url), Some(neighbour)) = (fresh_postgres().await, fresh_postgres().await) else { return };
    let (one, mut other) = (Node::start(&url).await, Node::start(&url).await);
    let beside = Node::start(&neighbour).await;
    beside.store.announce(changed("beside"));
    one.store.announce(changed("here"));
    assert_eq!(other.next().await, changed("here"));
}

#[tokio::test]
async fn a_node_whose_connection_was_cut_learns_of_it_and_receives_notifications_again() {
    let Some(url) = fresh_postgres().await else { return };
    let name = format!("cut_{}", std::process::id());
    let (one, mut other) =
        (Node::start(&url).await, Node::start(&format!("{url}&application_name={name}")).await);
    let (client, driver) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(driver);
    let cut = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1";
    assert!(!client.query(cut, &[&name]).await.unwrap().is_empty());
    assert_eq!(other.next().await, Notification::Missed);
    one.store.announce(changed("afterwards"));
    assert_eq!(other.next().await, changed("afterwards"));
}
