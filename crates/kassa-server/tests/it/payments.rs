//! The sandbox payment system: payment sessions, authorizations, orders, captures and refunds.

mod calls_have_other_forms;
mod consumer_authorizes_with_the_sdk;
mod consumer_authorizes_without_a_page;
mod customer_is_charged_again;
mod merchant_captures_and_refunds;
mod merchant_changes_an_order;
mod merchant_is_called_back;
mod merchant_places_an_order;
mod merchant_prepares_a_payment;
mod merchant_repeats_a_call;
mod order_is_pending;
mod orders_refuse_invalid_calls;
mod payments_refuse_invalid_calls;

use serde_json::{Value, json};

use crate::harness::{Answer, Merchant, World, cart};

/// The calls that the tests of this module make.
impl World {
    /// Creates a payment session and has a consumer authorize it on the page. Returns its id and the token.
    async fn authorized(&self) -> (String, String) {
        self.authorized_with(&cart("ECOMMERCE")).await
    }

    async fn authorized_with(&self, cart: &Value) -> (String, String) {
        let answer = self.merchant.post("/payments/v1/sessions", cart).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let payment = answer.json["session_id"].as_str().unwrap().to_string();
        let token = self.authorize(&payment).await;
        (payment, token)
    }

    /// Has a consumer authorize a payment session on a new page session. Returns the token.
    async fn authorize(&self, payment: &str) -> String {
        let page = self.page_session_of(payment, json!({})).await;
        self.merchant.act(&page, "enter").await;
        let approved = self.merchant.act(&page, "approve").await;
        assert_eq!(approved.status, 200, "{}", approved.text);
        approved.json["authorization_token"].as_str().unwrap().to_string()
    }

    /// Places an order over 22299, authorized and not captured.
    pub async fn order(&self) -> String {
        let (_, token) = self.authorized().await;
        let answer = self.merchant.place(&token, &cart("ECOMMERCE")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json["order_id"].as_str().unwrap().to_string()
    }

    /// Places an order with one capture. Returns their ids.
    async fn captured_order(&self, amount: i64) -> (String, String) {
        let order = self.order().await;
        let answer = self.merchant.order_post(&order, "/captures", &json!({"captured_amount": amount})).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let capture = answer.header("capture-id").to_string();
        (order, capture)
    }
}

impl Merchant {
    pub async fn place(&self, token: &str, body: &Value) -> Answer {
        self.post(&format!("/payments/v1/authorizations/{token}/order"), body).await
    }

    async fn order_get(&self, order: &str, path: &str) -> Answer {
        self.get(&format!("/ordermanagement/v1/orders/{order}{path}")).await
    }

    async fn order_post(&self, order: &str, path: &str, body: &Value) -> Answer {
        self.post(&format!("/ordermanagement/v1/orders/{order}{path}"), body).await
    }

    async fn order_patch(&self, order: &str, path: &str, body: &Value) -> Answer {
        self.patch(&format!("/ordermanagement/v1/orders/{order}{path}"), body).await
    }

    /// Returns the order's status and amounts, in one line.
    async fn summary(&self, order: &str) -> String {
        let read = self.order_get(order, "").await;
        assert_eq!(read.status, 200, "{}", read.text);
        let amount = |field: &str| read.json[field].as_i64().unwrap();
        format!(
            "{} of {} captured {} refunded {} remaining {}",
            read.json["status"].as_str().unwrap(),
            amount("order_amount"),
            amount("captured_amount"),
            amount("refunded_amount"),
            amount("remaining_authorized_amount"),
        )
    }
}

/// Returns the recorded cart with these fields replaced.
fn cart_with(fields: Value) -> Value {
    let mut body = cart("ECOMMERCE");
    let Value::Object(fields) = fields else { unreachable!("fields are an object") };
    body.as_object_mut().unwrap().extend(fields);
    body
}
