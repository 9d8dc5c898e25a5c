//! A shop with staff: the page of the staff, the screen that faces the customer, and the check of an identity document.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use kassa_testkit::eventually;
use serde_json::{Value, json};

use crate::harness::{Page, Received, World, journey, text};

/// A page session in a shop, whose consumer has to show an identity document.
struct Checked {
    payment: String,
    session: String,
    /// The path of the page of the staff.
    staff: String,
    code: String,
}

/// Creates a page session in a shop. Returns the payment session, the page session and the path of the staff.
async fn create(world: &World) -> (String, String, String) {
    let payment = world.merchant.payment_session("IN_STORE").await;
    let session = world.page_session_of(&payment, json!({})).await;
    let staff = world.staff_page_of(&session);
    (payment, session, staff)
}

async fn becomes(world: &World, session: &str, status: &str) {
    eventually(status, async || {
        let read = world.merchant.read(session).await;
        if read["status"] == status { Ok(()) } else { Err(read) }
    })
    .await;
}

impl Checked {
    async fn begin(world: &World) -> Self {
        let (payment, session, staff) = create(world).await;
        Page::open(world, &session).await.pay("customer+id_check@email.se", "123456").await;
        let read = world.merchant.read(&session).await;
        assert_eq!(read["status"], "MANUAL_ID_CHECK", "{read}");
        let code = read["manual_identification"]["challenge"].as_str().unwrap().to_string();
        Self { payment, session, staff, code }
    }

    async fn status(&self, world: &World) -> Value {
        world.merchant.read(&self.session).await["status"].clone()
    }

    async fn answer(&self, world: &World, verdict: &str) -> String {
        let form = format!("code={}&verdict={verdict}", self.code);
        let answer = world.browser(Method::POST, &format!("{}/id-check", self.staff), form.into()).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        answer.header("location").to_string()
    }
}

async fn look(world: &World, path: &str) -> String {
    let answer = world.browser(Method::GET, path, Bytes::new()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text
}

#[test]
fn the_staff_confirms_the_document_and_the_payment_is_authorized() {
    journey(|world| async move {
        let checked = Checked::begin(&world).await;
        let page = Page::open(&world, &checked.session).await;
        assert!(page.has("outcome-id-check") && !page.has("pay"), "{}", page.html);
        assert_eq!(text(&page.html, "id-check-code"), checked.code);
        let staff = look(&world, &checked.staff).await;
        assert_eq!(text(&staff, "id-check-code"), checked.code);
        assert_eq!(checked.answer(&world, "passed").await, checked.staff);
        let read = world.merchant.read(&checked.session).await;
        assert_eq!(read["status"], "COMPLETED");
        assert!(read["authorization_token"].is_string() && read["manual_identification"].is_null(), "{read}");
        let received = world.receiver.wait_for(3).await;
        let statuses: Vec<_> = received.iter().map(Received::status).collect();
        assert_eq!(statuses, ["IN_PROGRESS", "MANUAL_ID_CHECK", "COMPLETED"]);
        let challenge = &received[1].json()["session"]["manual_identification"]["challenge"];
        assert_eq!(*challenge, checked.code);
        let history = world.history(&checked.session).await;
        let last = history["events"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&last["event"], &last["actor"]["kind"]), (&json!("PaymentAuthorized"), &json!("staff")));
    });
}

#[test]
fn a_refused_document_declines_the_payment_for_good() {
    journey(|world| async move {
        let checked = Checked::begin(&world).await;
        checked.answer(&world, "failed").await;
        assert_eq!(checked.status(&world).await, "FAILED");
        assert!(checked.answer(&world, "passed").await.ends_with("?told=check-is-over"));
        assert_eq!(checked.status(&world).await, "FAILED");
    });
}

#[test]
fn an_answer_after_the_consumer_cancelled_or_went_back_changes_nothing() {
    journey(|world| async move {
        for (act, status) in [("cancel", "CANCELLED"), ("back", "BACK")] {
            let checked = Checked::begin(&world).await;
            world.merchant.act(&checked.session, act).await;
            assert!(checked.answer(&world, "passed").await.ends_with("?told=check-is-over"));
            assert_eq!(checked.status(&world).await, status);
        }
    });
}

#[test]
fn a_check_without_an_answer_ends_after_a_quarter_of_an_hour() {
    journey(|world| async move {
        let checked = Checked::begin(&world).await;
        let advanced = world.merchant.post("/lab/v1/clock/advance", &json!({"by": "PT14M59S"})).await;
        assert_eq!(advanced.status, 200, "{}", advanced.text);
        assert_eq!(checked.status(&world).await, "MANUAL_ID_CHECK");
        world.merchant.post("/lab/v1/clock/advance", &json!({"by": "PT2S"})).await;
        assert_eq!(checked.status(&world).await, "IN_PROGRESS");
        assert!(checked.answer(&world, "passed").await.ends_with("?told=check-is-over"));
        assert!(Page::open(&world, &checked.session).await.has("pay"));
    });
}

#[test]
fn a_node_ends_a_check_by_the_clock_of_the_system() {
    journey(|world| async move {
        let checked = Checked::begin(&world).await;
        world.clock.advance(Duration::from_secs(15 * 60));
        becomes(&world, &checked.session, "IN_PROGRESS").await;
    });
}

#[test]
fn an_order_that_changed_during_the_check_is_confirmed_again() {
    journey(|world| async move {
        let checked = Checked::begin(&world).await;
        let path = format!("/payments/v1/sessions/{}", checked.payment);
        let other = json!({"order_amount": 19998, "order_tax_amount": 3740, "order_lines": [
            {"name": "Running shoe", "quantity": 2, "unit_price": 9999, "tax_rate": 2300,
             "total_amount": 19998, "total_tax_amount": 3740}]});
        assert_eq!(world.merchant.post(&path, &other).await.status, 204);
        assert!(checked.answer(&world, "passed").await.ends_with("?told=check-is-over"));
        assert_eq!(checked.status(&world).await, "IN_PROGRESS");
    });
}

#[test]
fn the_merchants_own_software_answers_the_check() {
    journey(|world| async move {
        let checked = Checked::begin(&world).await;
        let path = format!("/hpp/v1/sessions/{}/manual-id-check", checked.session);
        let wrong = json!({"result": "PASSED", "challenge": "A00"});
        assert_eq!(world.merchant.post(&path, &wrong).await.status, 409);
        let right = json!({"result": "passed", "challenge": checked.code});
        let answer = world.merchant.post(&path, &right).await;
        assert_eq!((answer.status, &answer.json["status"]), (200, &json!("COMPLETED")), "{}", answer.text);
        assert_eq!(world.merchant.post(&path, &right).await.status, 409);
        assert_eq!(world.stranger.post(&path, &right).await.status, 404);
    });
}

#[test]
fn only_a_session_in_a_shop_names_the_address_of_the_check() {
    journey(|world| async move {
        for (channel, is_named) in [("IN_STORE", true), ("ECOMMERCE", false), ("TELESALES", false)] {
            let payment = world.merchant.payment_session(channel).await;
            let url = format!("{}/payments/v1/sessions/{payment}", world.url);
            let created = world.merchant.post("/hpp/v1/sessions", &json!({"payment_session_url": url})).await;
            let session = created.json["session_url"].as_str().unwrap();
            let named = is_named.then(|| format!("{session}/manual-id-check"));
            assert_eq!(
                created.json["manual_identification_check_url"].as_str(),
                named.as_deref(),
                "{channel}"
            );
        }
    });
}

#[test]
fn a_slow_order_is_placed_after_the_check() {
    journey(|world| async move {
        let payment = world.merchant.payment_session("IN_STORE").await;
        let session = world.page_session_of(&payment, json!({"place_order_mode": "PLACE_ORDER"})).await;
        world.merchant.act(&session, "enter").await;
        let path = format!("/lab/v1/sessions/{session}/request-id-check");
        let asked = world.merchant.post(&path, &json!({"email": "customer+slow-order@email.se"})).await;
        assert_eq!(asked.json["status"], "MANUAL_ID_CHECK", "{}", asked.text);
        world.merchant.act(&session, "pass-id-check").await;
        becomes(&world, &session, "COMPLETED").await;
        assert!(world.merchant.read(&session).await["order_id"].is_string());
    });
}

#[test]
fn a_consumer_cannot_open_the_page_of_the_staff_with_the_link() {
    journey(|world| async move {
        let checked = Checked::begin(&world).await;
        let link = world.page_of(&checked.session);
        let token = link.rsplit('/').next().unwrap();
        let staffs = checked.staff.rsplit('/').next().unwrap();
        assert_ne!(token, staffs);
        for path in [format!("/distributions/{token}"), format!("/pay/{staffs}"), "/distributions/x".into()] {
            let answer = world.browser(Method::GET, &path, Bytes::new()).await;
            assert_eq!(answer.status, 404, "{path}: {}", answer.text);
        }
        let form = format!("code={}&verdict=passed", checked.code);
        let forged = format!("/distributions/{token}/id-check");
        assert_eq!(world.browser(Method::POST, &forged, form.into()).await.status, 404);
        assert_eq!(checked.status(&world).await, "MANUAL_ID_CHECK");
    });
}

#[test]
fn the_staff_sends_the_link_and_withdraws_it() {
    journey(|world| async move {
        let (_, session, staff) = create(&world).await;
        let sent =
            world.browser(Method::POST, &format!("{staff}/send"), "email=ada%40example.se".into()).await;
        assert_eq!(sent.header("location"), format!("{staff}?told=sent"));
        let inbox = world.merchant.get("/lab/v1/inbox").await.json;
        assert_eq!(inbox["messages"][0]["recipient"], "ada@example.se", "{inbox}");
        let wrong = world.browser(Method::POST, &format!("{staff}/send"), "email=ada".into()).await;
        assert!(look(&world, wrong.header("location")).await.contains("staff-notice"));
        let disabled = world.browser(Method::POST, &format!("{staff}/disable"), Bytes::new()).await;
        assert_eq!(disabled.status, 303);
        assert_eq!(world.merchant.read(&session).await["status"], "DISABLED");
        let shown = look(&world, &staff).await;
        assert!(shown.contains("data-status=\"DISABLED\"") && !shown.contains("send-email"), "{shown}");
    });
}

#[test]
fn the_screen_for_the_customer_has_the_code_until_it_is_scanned_and_then_the_result() {
    journey(|world| async move {
        let (_, session, staff) = create(&world).await;
        let asked = world.browser(Method::GET, &format!("{staff}?view_id=display"), Bytes::new()).await;
        let display = asked.header("location").to_string();
        assert_eq!((asked.status, &display), (303, &format!("{staff}/display")));
        let shown = world.browser(Method::GET, &display, Bytes::new()).await;
        assert!(shown.text.contains("data-testid=\"qr\""), "{}", shown.text);
        assert!(shown.header("content-security-policy").contains("frame-ancestors *"));
        assert!(!shown.text.contains("<form"), "a page that may be framed has no form");
        let live = shown.text.split_once("data-live=\"").unwrap().1.split('"').next().unwrap().to_string();
        let following = {
            let (world, live) = (world.clone(), live.clone());
            tokio::spawn(async move { world.look_on_until(&live, "event: over\n").await })
        };
        world.wait_for_open_pages(1).await;
        world.merchant.act(&session, "enter").await;
        following.await.unwrap();
        assert!(!look(&world, &display).await.contains("data-testid=\"qr\""));
        world.merchant.act(&session, "approve").await;
        assert!(look(&world, &display).await.contains("data-status=\"COMPLETED\""));
        let staff_page = world.browser(Method::GET, &staff, Bytes::new()).await;
        assert!(staff_page.header("content-security-policy").contains("frame-ancestors 'none'"));
    });
}

#[test]
fn a_consumer_without_an_outcome_times_out_if_the_merchant_wants_it() {
    journey(|world| async move {
        let settings = json!({"consumer_timeout_s": 600});
        assert_eq!(world.merchant.put("/kassa/v1/payments/settings", &settings).await.status, 200);
        let (_, session, _) = create(&world).await;
        Page::open(&world, &session).await;
        world.merchant.post("/lab/v1/clock/advance", &json!({"by": "PT9M59S"})).await;
        assert_eq!(world.merchant.read(&session).await["status"], "IN_PROGRESS");
        world.merchant.post("/lab/v1/clock/advance", &json!({"by": "PT2S"})).await;
        assert_eq!(world.merchant.read(&session).await["status"], "TIMEOUT");
        assert_eq!(world.receiver.wait_for(2).await[1].status(), "TIMEOUT");
        let mut page = Page::open(&world, &session).await;
        assert_eq!(world.merchant.read(&session).await["status"], "IN_PROGRESS");
        page.pay("customer@email.se", "123456").await;
        assert_eq!(world.merchant.read(&session).await["status"], "COMPLETED");
        world.merchant.post("/lab/v1/clock/advance", &json!({"by": "PT20M"})).await;
        assert_eq!(world.merchant.read(&session).await["status"], "COMPLETED");
    });
}

#[test]
fn an_open_page_warns_before_its_link_expires() {
    journey(|world| async move {
        let (_, session, _) = create(&world).await;
        let page = Page::open(&world, &session).await;
        assert!(!page.has("expires-soon"));
        let live = page.html.split_once("data-live=\"").unwrap().1.split('"').next().unwrap().to_string();
        world.clock.advance(Duration::from_secs(46 * 3600 + 45 * 60));
        let changed = world.looks(Method::GET, &live, &[("accept", "text/html")]).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        assert!(changed.text.contains("expires-soon") && changed.text.contains("<time datetime="));
        let again = changed
            .text
            .split_once("data-live=\"")
            .unwrap()
            .1
            .split('"')
            .next()
            .unwrap()
            .replace("&#38;", "&");
        assert_eq!(world.looks(Method::GET, &again, &[("accept", "text/html")]).await.status, 204);
    });
}
