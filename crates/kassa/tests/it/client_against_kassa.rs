//! The typed client, from the cart to the refund, against the real binary.

use futures_util::future::join_all;
use http::{HeaderValue, Method};
use kassa_client::blocking;
use kassa_client::client::{Client, ClientError, ConditionalRead, Environment, FeedScope};
use kassa_client::http::TransportError;
use kassa_wire::hpp::{Contact, Distribution, SessionCreation};
use kassa_wire::order_management::{CaptureCreation, RefundCreation};
use kassa_wire::payments::{OrderCreation, PaymentSession};
use kassa_wire::status::{Completion, SessionStatus};
use serde_json::{Value, from_value, json};

use crate::harness::{Dev, Merchant, cart};

fn client(dev: &Dev) -> Client {
    let word = |name: &str| dev.announced[name].as_str().unwrap();
    let environment = Environment::At(word("url").to_string());
    Client::new(&environment, word("username"), word("password")).unwrap()
}

/// Creates a page session by the typed calls; answers with its id.
async fn page_session(client: &Client) -> String {
    let session: PaymentSession = from_value(cart("ECOMMERCE")).unwrap();
    let payment = client.create_payment_session(&session).await.unwrap();
    let payment_session_url = Some(client.payment_session_url(&payment.session_id));
    let creation = SessionCreation { payment_session_url, ..SessionCreation::default() };
    client.create_session(&creation).await.unwrap().session_id.clone()
}

async fn approved(client: &Client, merchant: &Merchant) -> String {
    let session = page_session(client).await;
    for act in ["enter", "approve"] {
        merchant.act(&session, act).await.expect(200);
    }
    let read = client.read_session(&session).await.unwrap();
    assert_eq!(read.status(), SessionStatus::Completed);
    read.state.completion().and_then(Completion::token).unwrap().to_string()
}

#[tokio::test]
async fn a_merchant_goes_from_the_cart_to_the_refund() {
    let dev = Dev::start();
    let client = client(&dev).with_user_agent(HeaderValue::from_static("shop/1"));
    let token = approved(&client, &dev.merchant()).await;
    let order: OrderCreation = from_value(cart("ECOMMERCE")).unwrap();
    let placed = client.create_order(&token, &order).await.unwrap();
    let again = client.create_order(&token, &order).await.unwrap();
    assert_eq!(placed.order_id, again.order_id);
    assert!(placed.correlation_id.is_some());

    let capture = CaptureCreation { captured_amount: 9999, ..CaptureCreation::default() };
    let captured = client.capture(&placed.order_id, &capture, "capture-1").await.unwrap();
    assert_eq!(client.capture(&placed.order_id, &capture, "capture-1").await.unwrap(), captured);
    let refund = RefundCreation { refunded_amount: 99, ..RefundCreation::default() };
    client.refund(&placed.order_id, &refund, "refund-1").await.unwrap();
    let order = client.read_order(&placed.order_id).await.unwrap();
    assert_eq!((order.captured_amount, order.refunded_amount), (9999, 99));
    assert_eq!(order.captures.len(), 1);
}

#[tokio::test]
async fn a_page_session_is_distributed_disabled_and_read() {
    let dev = Dev::start();
    let client = client(&dev);
    let session = page_session(&client).await;
    let contact = Contact { email: Some("customer@email.se".into()), ..Contact::default() };
    let distribution =
        Distribution { method: Some("email".into()), contact_information: Some(contact), template: None };
    client.distribute_session(&session, &distribution).await.unwrap();
    client.disable_session(&session).await.unwrap();
    client.disable_session(&session).await.unwrap();
    let ConditionalRead::Changed { snapshot, .. } =
        client.read_session_since(&session, None, None).await.unwrap()
    else {
        panic!("a read without a tag is fresh");
    };
    assert_eq!(snapshot.status(), SessionStatus::Disabled);
}

#[tokio::test]
async fn a_read_that_waits_is_answered_by_the_change() {
    let dev = Dev::start();
    let (client, merchant) = (client(&dev), dev.merchant());
    let session = page_session(&client).await;
    let read = |etag: Option<String>, wait_s| {
        let (client, session) = (client.clone(), session.clone());
        async move { client.read_session_since(&session, etag.as_deref(), Some(wait_s)).await.unwrap() }
    };
    let ConditionalRead::Changed { etag, .. } = read(None, 60).await else { panic!("it holds nothing") };
    assert!(etag.is_some(), "Kassa gives tags");
    assert!(matches!(read(etag.clone(), 0).await, ConditionalRead::Unchanged));
    let waiting = tokio::spawn(read(etag, 60));
    merchant.act(&session, "enter").await.expect(200);
    let ConditionalRead::Changed { snapshot, .. } = waiting.await.unwrap() else { panic!("it changed") };
    assert_eq!(snapshot.status(), SessionStatus::InProgress);
}

#[tokio::test]
async fn the_feed_is_read_behind_its_cursor() {
    let dev = Dev::start();
    let (client, merchant) = (client(&dev), dev.merchant());
    let session = page_session(&client).await;
    let empty = client.read_feed(FeedScope::Unacknowledged, None, 0).await.unwrap();
    assert!(empty.events.is_empty());
    merchant.act(&session, "enter").await.expect(200);
    let page = client.read_feed(FeedScope::Unacknowledged, Some(&empty.cursor), 60).await.unwrap();
    assert_eq!(page.events[0].session.status(), SessionStatus::InProgress);
    let after = client.read_feed(FeedScope::Everything, Some(&page.cursor), 0).await.unwrap();
    assert!(after.events.is_empty());
    let error = client.read_feed(FeedScope::Everything, Some("not a cursor&limit=1"), 0).await.unwrap_err();
    assert_eq!(error.http_status(), Some(400));
}

#[tokio::test]
async fn an_authorization_is_released_and_an_order_cancelled() {
    let dev = Dev::start();
    let client = client(&dev);
    let token = approved(&client, &dev.merchant()).await;
    client.cancel_authorization(&token).await.unwrap();
    let token = approved(&client, &dev.merchant()).await;
    let order: OrderCreation = from_value(cart("ECOMMERCE")).unwrap();
    let placed = client.create_order(&token, &order).await.unwrap();
    client.cancel_order(&placed.order_id, "cancel-1").await.unwrap();
    assert_eq!(client.read_order(&placed.order_id).await.unwrap().status, "CANCELLED");
}

#[tokio::test]
async fn a_refusal_tells_code_field_and_correlation_id() {
    let dev = Dev::start();
    let client = client(&dev);
    let error = client.create_session(&SessionCreation::default()).await.unwrap_err();
    let ClientError::Refused { status, code, messages, correlation_id, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!((*status, code.as_str()), (400, "BAD_VALUE"));
    assert_eq!(messages, &["Bad value: payment_session_url"]);
    assert!(error.to_string().contains(correlation_id.as_deref().unwrap()));
    assert!(client.read_session("unknown").await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn an_id_that_would_reach_another_path_is_not_sent() {
    let environment = Environment::At("http://127.0.0.1:1".to_string());
    let client = Client::new(&environment, "user", "password").unwrap();
    for id in ["", "..", "../orders", "a/b", "a?b", "a%2Fb"] {
        let error = client.read_session(id).await.unwrap_err();
        assert!(matches!(error, ClientError::Unsendable(_)), "{id}: {error}");
    }
    let error = client.read_session("fine").await.unwrap_err();
    assert!(matches!(error, ClientError::Unanswered(TransportError::NotSent(_))), "{error}");
}

/// Limits the creations of the client's merchant to two a second.
async fn limit_creations(merchant: &Merchant) {
    let limits = json!({"creations": 2, "other_calls": null});
    merchant.call(Method::PUT, "/lab/v1/rate-limits", &limits).await.unwrap().expect(200);
}

/// The number of creations of payment sessions that were answered with this status.
async fn creations_answered(merchant: &Merchant, status: u16) -> Value {
    let path = format!("/lab/v1/journal?method=POST&path=/payments/v1/sessions&status={status}");
    merchant.get(&path).await.expect(200).json["matching"].clone()
}

#[tokio::test]
async fn the_client_pauses_before_a_used_up_rate_limit_refuses_it() {
    let dev = Dev::start();
    let (client, merchant) = (client(&dev), dev.merchant());
    limit_creations(&merchant).await;
    let session: PaymentSession = from_value(cart("ECOMMERCE")).unwrap();
    for _ in 0..5 {
        client.clone().create_payment_session(&session).await.unwrap();
    }
    assert_eq!(creations_answered(&merchant, 200).await, 5);
    assert_eq!(creations_answered(&merchant, 429).await, 0);
}

#[tokio::test]
async fn the_client_repeats_creations_that_a_rate_limit_refused() {
    let dev = Dev::start();
    let (client, merchant) = (client(&dev), dev.merchant());
    limit_creations(&merchant).await;
    let session: PaymentSession = from_value(cart("ECOMMERCE")).unwrap();
    let created = join_all((0..4).map(|_| client.create_payment_session(&session))).await;
    assert!(created.iter().all(Result::is_ok), "{created:?}");
    assert_eq!(creations_answered(&merchant, 200).await, 4);
}

#[test]
fn a_synchronous_caller_makes_the_same_calls() {
    let dev = Dev::start();
    let client = blocking::BlockingClient::of(client(&dev)).unwrap();
    let session = client.run(async |client| page_session(client).await);
    for _ in 0..2 {
        let read = client.run(async |client| client.read_session(&session).await).unwrap();
        assert_eq!(read.status(), SessionStatus::Waiting);
    }
    let unknown = client.run(async |client| client.read_session("unknown").await);
    assert!(unknown.unwrap_err().is_not_found());
}
