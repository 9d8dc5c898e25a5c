//! An operator suspends a merchant: it takes no new payments, and everything else goes on.

use serde_json::{Value, json};

use crate::audit::problem;
use crate::harness::{Answer, Merchant, Page, World, cart, journey};
use crate::operator_makes_merchants::operator;

const MERCHANTS: &str = "/kassa/v1/merchants";

/// Suspends the merchant of the world, or lets it take payments again.
async fn set_suspended(operator: &Merchant, is_suspended: bool) -> Answer {
    operator.patch("/kassa/v1/merchants/merchant", &json!({ "is_suspended": is_suspended })).await
}

fn session_of(world: &World, payment: &str) -> Value {
    json!({
        "payment_session_url": format!("{}/payments/v1/sessions/{payment}", world.url),
        "merchant_urls": {"success": "https://shop.example/success"},
    })
}

#[test]
fn a_suspended_merchant_begins_no_payment() {
    journey(|world| async move {
        let (merchant, operator) = (&world.merchant, operator(&world, "desk").await);
        let payment = merchant.payment_session("ECOMMERCE").await;
        let session = world.page_session().await;
        let suspended = set_suspended(&operator, true).await;
        assert_eq!(suspended.status, 200, "{}", suspended.text);
        assert!(suspended.json["suspended_at"].is_string(), "{}", suspended.text);
        let message = json!({"method": "email", "contact_information": {"email": "ada@example.se"}});
        let calls = [
            ("/payments/v1/sessions".to_string(), cart("ECOMMERCE")),
            ("/hpp/v1/sessions".to_string(), session_of(&world, &payment)),
            (format!("/hpp/v1/sessions/{session}/distribution"), message),
        ];
        for (path, body) in &calls {
            let answer = merchant.post(path, body).await;
            assert!(answer.error().starts_with("403 MERCHANT_SUSPENDED"), "{path}: {}", answer.error());
            assert!(answer.text.contains("Ask the operators"), "{}", answer.text);
        }
        let resumed = set_suspended(&operator, false).await;
        assert!(resumed.json.get("suspended_at").is_none(), "{}", resumed.text);
        for (path, body) in &calls {
            assert!(merchant.post(path, body).await.status < 300, "{path}");
        }
    });
}

#[test]
fn a_consumer_cannot_pay_a_suspended_merchant_and_loses_nothing() {
    journey(|world| async move {
        let operator = operator(&world, "desk").await;
        let (unopened, session) = (world.page_session().await, world.page_session().await);
        let mut page = Page::open(&world, &session).await;
        set_suspended(&operator, true).await;
        page.pay("customer@email.se", "123456").await;
        assert_eq!(page.status, 403);
        assert!(page.has("outcome-no-payments"), "{}", page.html);
        assert!(!page.has("retry"), "a button that cannot work: {}", page.html);
        assert!(!page.cookies().is_empty(), "the input is kept");
        let page = Page::open(&world, &unopened).await;
        assert_eq!(page.status, 403);
        assert!(page.has("outcome-no-payments") && page.has("continue"), "{}", page.html);
        assert_eq!(world.merchant.read(&unopened).await["status"], "WAITING");
        set_suspended(&operator, false).await;
        let mut page = Page::open(&world, &session).await;
        page.pay("customer@email.se", "123456").await;
        assert_eq!(world.merchant.read(&session).await["status"], "COMPLETED");
    });
}

#[test]
fn a_suspended_merchant_ends_what_it_began() {
    journey(|world| async move {
        let operator = operator(&world, "desk").await;
        let (merchant, order) = (&world.merchant, world.order().await);
        let session = world.page_session().await;
        set_suspended(&operator, true).await;
        let captured = merchant
            .post(&format!("/ordermanagement/v1/orders/{order}/captures"), &json!({"captured_amount": 100}))
            .await;
        assert_eq!(captured.status, 201, "{}", captured.text);
        assert_eq!(merchant.read(&session).await["status"], "WAITING");
        assert_eq!(merchant.delete(&format!("/hpp/v1/sessions/{session}")).await.status, 204);
    });
}

#[test]
fn a_merchant_is_renamed_and_suspended_by_one_call() {
    journey(|world| async move {
        let operator = operator(&world, "desk").await;
        operator.post(MERCHANTS, &json!({"merchant_id": "PK9", "name": "Shoes"})).await;
        let path = format!("{MERCHANTS}/PK9");
        let both = operator.patch(&path, &json!({"name": "Boots", "is_suspended": true})).await;
        assert_eq!((both.status, both.json["name"].as_str()), (200, Some("Boots")));
        let listed = operator.get(MERCHANTS).await.json;
        let boots = listed["merchants"].as_array().unwrap().iter().find(|one| one["merchant_id"] == "PK9");
        assert_eq!(boots.unwrap()["suspended_at"], both.json["suspended_at"]);
        let again = operator.patch(&path, &json!({"is_suspended": true})).await;
        assert_eq!(again.json["suspended_at"], both.json["suspended_at"], "it keeps its date");
        assert_eq!(problem(world.app(), &[]).await, None);

        for bad in
            [json!({"name": " "}), json!({"name": 5, "is_suspended": "maybe"}), json!({"colour": "red"})]
        {
            let refused = operator.patch(&path, &bad).await;
            assert!(refused.error().starts_with("400 BAD_VALUE"), "{bad}: {}", refused.error());
        }
        let missing = operator.patch(&format!("{MERCHANTS}/no"), &json!({"is_suspended": true})).await;
        assert_eq!(missing.status, 404);
        assert_eq!(world.merchant.patch(&path, &json!({"name": "Mine"})).await.status, 401, "only operators");
    });
}

/// The error of a payment that does not begin.
#[track_caller]
fn is_refused(answer: &Answer) {
    assert!(answer.error().starts_with("403 MERCHANT_SUSPENDED"), "{}", answer.error());
}

#[test]
fn the_lab_begins_no_payment_for_a_suspended_merchant() {
    journey(|world| async move {
        let (merchant, operator) = (&world.merchant, operator(&world, "desk").await);
        let payment = merchant.payment_session("ECOMMERCE").await;
        let (waiting, entered) = (world.page_session().await, world.page_session().await);
        merchant.act(&entered, "enter").await;
        set_suspended(&operator, true).await;
        is_refused(&merchant.act(&waiting, "enter").await);
        is_refused(&merchant.act(&entered, "approve").await);
        let approve = |of: &str| format!("/lab/v1/{of}/approve");
        for path in [approve(&format!("sessions/{entered}")), approve(&format!("payment-sessions/{payment}"))]
        {
            is_refused(&merchant.post(&path, &json!({"email": "customer@email.se"})).await);
            is_refused(&merchant.post(&path, &json!({})).await);
        }
        assert_eq!(merchant.read(&waiting).await["status"], "WAITING");
        assert_eq!(merchant.read(&entered).await["status"], "IN_PROGRESS");
        assert_eq!(merchant.act(&entered, "back").await.status, 200, "the consumer can still leave");
        set_suspended(&operator, false).await;
        assert_eq!(merchant.act(&entered, "approve").await.status, 200);
    });
}

#[test]
fn a_payment_that_was_paid_before_the_suspension_is_shown_as_paid() {
    journey(|world| async move {
        let operator = operator(&world, "desk").await;
        let session = world.page_session().await;
        let mut page = Page::open(&world, &session).await;
        page.pay("customer@email.se", "123456").await;
        set_suspended(&operator, true).await;
        let page = Page::open(&world, &session).await;
        assert_eq!(page.status, 200);
        assert!(page.has("outcome-completed"), "{}", page.html);
    });
}
