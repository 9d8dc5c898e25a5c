//! The payment system does not answer at once when it is asked to place an order: the session stays IN_PROGRESS, the
//! page says that the payment is being confirmed, and nothing else changes the session until the outcome is known.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use kassa_domain::{Actor, Role};
use kassa_engine::{AccountCreation, Requester};
use kassa_testkit::eventually;
use serde_json::{Value, json};

use crate::audit::acts;
use crate::harness::{Answer, Merchant, Page, World, journey};

/// A consumer whose order gets no answer to the first attempt.
const UNKNOWN_ONCE: &str = "customer+order-unknown-1@email.se";
/// A consumer whose order gets an answer only after many hours.
const UNKNOWN: &str = "customer+order-unknown-9999@email.se";
const REFUSED: &str = "customer+order-refused@email.se";

/// Longer than the first wait between two attempts, and than the time between two looks of the worker.
const STEP: Duration = Duration::from_millis(1_100);

async fn session(world: &World) -> String {
    world.page_session_with(json!({"place_order_mode": "PLACE_ORDER"}), "ECOMMERCE").await
}

/// Opens the page of a session and pays as this consumer.
async fn pay_as<'a>(world: &'a World, session: &str, email: &str) -> Page<'a> {
    let mut page = Page::open(world, session).await;
    page.pay(email, "123456").await;
    page.follow().await;
    page
}

async fn history(world: &World, session: &str) -> Value {
    world.merchant.get(&format!("/kassa/v1/sessions/{session}/events")).await.json
}

/// Reads the history until it has this property. Advances the clock before each look.
async fn until(
    (world, step): (&World, Duration),
    merchant: &Merchant,
    session: &str,
    holds: impl Fn(&Value) -> bool,
) -> Value {
    let path = format!("/kassa/v1/sessions/{session}/events");
    eventually("such a history", async || {
        world.clock.advance(step);
        let history = merchant.get(&path).await.json;
        if holds(&history) { Ok(history) } else { Err(history) }
    })
    .await
}

/// Waits until the session has this status. Returns its history.
async fn becomes(world: &World, session: &str, status: &str) -> Value {
    until((world, STEP), &world.merchant, session, |history| statuses(history).last() == Some(&status)).await
}

fn statuses(history: &Value) -> Vec<&str> {
    history["events"].as_array().unwrap().iter().map(|event| event["status"].as_str().unwrap()).collect()
}

#[test]
fn the_session_is_completed_when_the_payment_system_answers() {
    journey(|world| async move {
        let session = session(&world).await;
        let page = pay_as(&world, &session, UNKNOWN_ONCE).await;
        assert!(
            page.has("outcome-confirming") && !page.has("retry") && !page.has("continue"),
            "{}",
            page.html
        );
        assert!(page.html.contains("<noscript><meta http-equiv=\"refresh\""));
        assert_eq!(world.merchant.read(&session).await["status"], "IN_PROGRESS");
        let reopened = Page::open(&world, &session).await;
        assert!(reopened.has("outcome-confirming") && !reopened.has("pay-page"));
        let waiting = history(&world, &session).await;
        assert_eq!(
            (&waiting["operations"][0]["state"], &waiting["operations"][0]["attempts"]),
            (&json!("DUE"), &json!(1))
        );

        let told = becomes(&world, &session, "COMPLETED").await;
        let read = world.merchant.read(&session).await;
        let path = format!("/ordermanagement/v1/orders/{}", read["order_id"].as_str().unwrap());
        assert_eq!(world.merchant.get(&path).await.status, 200);
        assert_eq!(statuses(&told), ["IN_PROGRESS", "COMPLETED"]);
        assert_eq!(
            (&told["operations"][0]["state"], &told["operations"][0]["attempts"]),
            (&json!("DONE"), &json!(2))
        );
        assert_eq!(told["events"][1]["actor"], json!({"kind": "system"}));
        let page = Page::open(&world, &session).await;
        assert!(page.has("outcome-completed"), "{}", page.html);
    });
}

#[test]
fn meanwhile_no_other_event_changes_the_session() {
    journey(|world| async move {
        let session = session(&world).await;
        let mut open = Page::open(&world, &session).await;
        pay_as(&world, &session, UNKNOWN).await;
        for act in ["back", "cancel"] {
            open.post(act, &[]).await;
            open.follow().await;
            assert!(open.has("outcome-confirming"), "{act}: {}", open.html);
        }
        let again = pay_again(&world, &session).await;
        assert!(again.contains("outcome-confirming"));
        for act in ["approve", "decline", "error", "back"] {
            let answer = world.merchant.act(&session, act).await;
            assert_eq!((answer.status, &answer.json["error_code"]), (409, &json!("CONFLICT")), "{act}");
        }
        let told = history(&world, &session).await;
        assert_eq!(statuses(&told), ["IN_PROGRESS"]);
        assert_eq!(told["operations"].as_array().unwrap().len(), 1);
    });
}

/// Sends the form of a page that was open before, and returns the page that follows.
async fn pay_again(world: &World, session: &str) -> String {
    let path = format!("{}/pay", world.page_of(session));
    let form = "email=customer%40email.se&one_time_code=123456&payment_method_category=pay_later";
    let answer = world.browser(Method::POST, &path, Bytes::from(form)).await;
    assert_eq!(answer.status, 303);
    world.browser(Method::GET, &format!("{}/outcome", world.page_of(session)), Bytes::new()).await.text
}

#[test]
fn a_refused_order_lets_the_consumer_try_again() {
    journey(|world| async move {
        let session = session(&world).await;
        let page = pay_as(&world, &session, REFUSED).await;
        assert!(page.has("outcome-declined"), "{}", page.html);
        pay_as(&world, &session, "customer@email.se").await;
        let told = history(&world, &session).await;
        assert_eq!(statuses(&told), ["IN_PROGRESS", "FAILED", "IN_PROGRESS", "COMPLETED"]);
        assert!(told["notes"].to_string().contains("The sandbox refuses this consumer's order."));
    });
}

#[test]
fn a_payment_after_back_or_a_decline_is_in_progress_until_the_outcome_is_known() {
    journey(|world| async move {
        for act in ["back", "decline"] {
            let session = session(&world).await;
            let mut open = Page::open(&world, &session).await;
            world.merchant.act(&session, act).await;
            open.pay(UNKNOWN, "123456").await;
            assert_eq!(world.merchant.read(&session).await["status"], "IN_PROGRESS", "{act}");
        }
    });
}

/// Deletes a session, and advances the clock by `step` again and again until the answer arrives.
async fn disable(world: &World, session: &str, step: Duration) -> Answer {
    let path = format!("/hpp/v1/sessions/{session}");
    let answer = world.merchant.delete(&path);
    tokio::pin!(answer);
    loop {
        tokio::select! {
            answer = &mut answer => return answer,
            () = tokio::task::yield_now() => world.clock.advance(step),
        }
    }
}

#[test]
fn a_session_that_may_have_an_order_is_not_disabled() {
    journey(|world| async move {
        let unknown = session(&world).await;
        pay_as(&world, &unknown, UNKNOWN).await;
        let answer = disable(&world, &unknown, Duration::from_millis(500)).await;
        assert_eq!((answer.status, &answer.json["error_code"]), (503, &json!("TEMPORARILY_UNAVAILABLE")));
        assert_eq!(answer.header("retry-after"), "2");
        assert_eq!(world.merchant.read(&unknown).await["status"], "IN_PROGRESS");

        let completes = session(&world).await;
        pay_as(&world, &completes, UNKNOWN_ONCE).await;
        world.clock.advance(STEP);
        let answer = disable(&world, &completes, Duration::ZERO).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert_eq!(
            world.merchant.read(&completes).await["status"],
            "COMPLETED",
            "the payment system was asked first"
        );
    });
}

#[test]
fn a_session_whose_order_is_unknown_does_not_expire() {
    journey(|world| async move {
        let session = session(&world).await;
        world.clock.advance(Duration::from_secs(47 * 3600 - 60));
        pay_as(&world, &session, "customer+order-unknown-3@email.se").await;
        world.clock.advance(Duration::from_secs(120));
        let read = world.merchant.read(&session).await;
        assert_eq!(read["status"], "IN_PROGRESS", "{read}");
        let path = format!("/hpp/v1/sessions/{session}");
        let told = becomes(&world, &session, "COMPLETED").await;
        assert_eq!(statuses(&told), ["IN_PROGRESS", "COMPLETED"]);
        assert_eq!(world.merchant.get(&path).await.status, 404, "it expires once the outcome is known");
    });
}

/// Lets the order of a session become stuck. Returns the session.
async fn stuck(world: &World) -> String {
    let session = session(world).await;
    pay_as(world, &session, UNKNOWN).await;
    // The waits grow to five minutes.
    let step = Duration::from_secs(60);
    let is_stuck = |history: &Value| history["operations"][0]["state"] == "STUCK";
    until((world, step), &world.merchant, &session, is_stuck).await;
    session
}

async fn operator(world: &World) -> Merchant {
    let made = world
        .app()
        .accounts()
        .create_operator("support", Role::Admin, &Requester::in_process(Actor::CommandLine))
        .await
        .unwrap();
    let AccountCreation::New(made) = made else { panic!("the operator is new") };
    world.anyone_as(&made.username, &made.password)
}

#[test]
fn an_operator_settles_a_stuck_order() {
    journey(|world| async move {
        let operator = operator(&world).await;
        let settle = async |session: &str, verdict: Value| {
            operator.post(&format!("/kassa/v1/sessions/{session}/settle"), &verdict).await
        };
        let ordered = stuck(&world).await;
        let metrics = world.browser(Method::GET, "/metrics", Bytes::new()).await.text;
        assert!(metrics.contains("kassa_payment_operations_stuck 1\n"), "{metrics}");
        assert!(history(&world, &ordered).await["notes"].to_string().contains("OperationStuck"));
        for (verdict, rule) in
            [(json!({}), "order_id"), (json!({"order_id": "1", "not_ordered": true}), "order_id")]
        {
            let answer = settle(&ordered, verdict).await;
            assert_eq!(answer.status, 400);
            assert!(answer.text.contains(rule), "{}", answer.text);
        }
        let verdict = json!({"order_id": "found-1", "klarna_reference": "FOUND001"});
        let stranger = world.merchant.post(&format!("/kassa/v1/sessions/{ordered}/settle"), &verdict).await;
        assert_eq!(stranger.status, 401, "a merchant is no operator");
        let answer = settle(&ordered, verdict.clone()).await;
        assert_eq!((answer.status, &answer.json["status"]), (200, &json!("COMPLETED")), "{}", answer.text);
        assert_eq!(world.merchant.read(&ordered).await["order_id"], "found-1");
        assert_eq!(history(&world, &ordered).await["events"][1]["actor"]["name"], "support");
        assert_eq!(settle(&ordered, verdict).await.status, 404, "it is settled");

        let settled: Vec<_> =
            acts(world.app()).await.into_iter().filter(|act| act.act == "operation_settled").collect();
        assert_eq!(settled.len(), 1, "what was refused is no act");
        assert_eq!(
            (settled[0].object.as_str(), &settled[0].details["order_id"]),
            (&*ordered, &json!("found-1"))
        );
        assert_eq!(settled[0].actor.to_string(), "operator support");

        let never = stuck(&world).await;
        let answer = settle(&never, json!({"not_ordered": true})).await;
        assert_eq!((answer.status, &answer.json["status"]), (200, &json!("FAILED")), "{}", answer.text);
        let page = pay_as(&world, &never, "customer@email.se").await;
        assert!(page.location.contains("/success") || page.has("outcome-completed"));
        let metrics = world.browser(Method::GET, "/metrics", Bytes::new()).await.text;
        assert!(metrics.contains("kassa_payment_operations_stuck 0\n"), "{metrics}");
    });
}

#[test]
fn an_order_goes_on_after_a_restart() {
    journey(|world| async move {
        let session = session(&world).await;
        pay_as(&world, &session, UNKNOWN_ONCE).await;
        world.stop().await;
        let elsewhere = world.merchant_elsewhere().await;
        until((&world, STEP), &elsewhere, &session, |history| statuses(history).last() == Some(&"COMPLETED"))
            .await;
    });
}
