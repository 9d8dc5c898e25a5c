//! The API calls of a merchant, one function each, in the order in which an integration needs them.

use http::Method;
use kassa_wire::hpp::{MerchantUrls, Options, SessionCreated, SessionCreation};
use kassa_wire::kassa::History;
use kassa_wire::order_management::{CaptureCreation, Order as PlacedOrder, RefundCreation};
use kassa_wire::payments::{OrderCreated, OrderCreation, PaymentSession, PaymentSessionCreated};
use kassa_wire::people::Address;
use kassa_wire::snapshot::SessionSnapshot;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::call_failure::CallFailure;
use super::exchange::body_shown;
use super::orders::Order;
use super::shop::{Shop, ShopCall};
use kassa_developer_page::JsonToken;
use kassa_outgoing::CallAnswer;

impl Shop {
    /// `POST /payments/v1/sessions`: creates the payment session with the cart and its amounts.
    pub(super) async fn create_payment_session(&self, order: &Order) -> Result<String, CallFailure> {
        let purpose = "Create the payment session";
        let call = post_call(purpose, self.url("/payments/v1/sessions"), &payment_session(order));
        let created: PaymentSessionCreated = read(purpose, &self.send(order, call).await?)?;
        Ok(created.session_id)
    }

    /// `POST /hpp/v1/sessions`: creates the page session on which the consumer pays.
    pub(super) async fn create_page_session(
        &self,
        order: &Order,
        payment_session_id: &str,
    ) -> Result<SessionCreated, CallFailure> {
        let purpose = "Create the page session";
        let choices = &order.basket.choices;
        let given = |word: &str| Some(word.to_string()).filter(|word| !word.is_empty());
        // The shop calls Kassa at its local address, so the payment session has this address, too.
        let payment_session = self.url(&format!("/payments/v1/sessions/{payment_session_id}"));
        let body = SessionCreation {
            payment_session_url: Some(self.local_url(&payment_session)),
            merchant_urls: Some(self.merchant_urls(order)),
            options: Some(Options {
                place_order_mode: given(choices.mode),
                payment_method_category: given(choices.category).map(|word| word.to_ascii_uppercase()),
                ..Options::default()
            }),
            profile_id: None,
        };
        let call = post_call(purpose, self.url("/hpp/v1/sessions"), &body);
        read(purpose, &self.send(order, call).await?)
    }

    /// The URLs contain no placeholder for the authorization token: the shop trusts only the session that it reads, not
    /// parameters that a browser brings.
    fn merchant_urls(&self, order: &Order) -> MerchantUrls {
        let number = order.number;
        let choices = &order.basket.choices;
        let browser = |word: &str| {
            let url = format!("/demo/return/{number}/{word}?sid={{{{session_id}}}}");
            choices.gives(word).then(|| self.url(&url))
        };
        let callback = format!("/demo/callbacks/{number}?secret={}", order.secret());
        MerchantUrls {
            success: browser("success"),
            cancel: browser("cancel"),
            back: browser("back"),
            failure: browser("failure"),
            error: browser("error"),
            status_update: choices.gives("status_update").then(|| self.local_url(&self.url(&callback))),
        }
    }

    /// `GET /hpp/v1/sessions/{id}`: reads the page session; also returns the body's text for display.
    pub(super) async fn read_page_session(
        &self,
        order: &Order,
        session_url: &str,
    ) -> Result<(SessionSnapshot, Vec<JsonToken>), CallFailure> {
        let purpose = "Read the page session";
        let answer = self.send(order, get_call(purpose, session_url.to_string())).await?;
        Ok((read(purpose, &answer)?, body_shown(&answer.body)))
    }

    /// `GET /kassa/v1/sessions/{id}/events`: reads the history, which the vendor's API does not have.
    pub(super) async fn read_history(&self, order: &Order, session_id: &str) -> Result<History, CallFailure> {
        let purpose = "Read the session's history";
        let url = self.url(&format!("/kassa/v1/sessions/{session_id}/events"));
        read(purpose, &self.send(order, get_call(purpose, url)).await?)
    }

    /// `DELETE /hpp/v1/sessions/{id}`: disables the page session, so that its link can no longer be paid.
    pub(super) async fn disable(&self, order: &Order, session_url: &str) -> Result<(), CallFailure> {
        let call = ShopCall {
            method: Method::DELETE,
            ..get_call("Disable the page session", session_url.to_string())
        };
        self.send(order, call).await.map(drop)
    }

    /// `POST /payments/v1/authorizations/{token}/order`: places the order. A repeated call is safe, because a token
    /// places one order only.
    pub(super) async fn place(&self, order: &Order, token: &str) -> Result<String, CallFailure> {
        let purpose = "Place the order";
        let url = self.url(&format!("/payments/v1/authorizations/{token}/order"));
        let content = payment_session(order);
        let body = OrderCreation {
            purchase_country: content.purchase_country,
            purchase_currency: content.purchase_currency,
            locale: content.locale,
            order_amount: content.order_amount,
            order_tax_amount: content.order_tax_amount,
            order_lines: content.order_lines,
            merchant_reference1: content.merchant_reference1,
            ..OrderCreation::default()
        };
        let created: OrderCreated = read(purpose, &self.send(order, post_call(purpose, url, &body)).await?)?;
        Ok(created.order_id)
    }

    /// `GET /ordermanagement/v1/orders/{id}`
    pub(super) async fn read_order(&self, order: &Order, order_id: &str) -> Result<PlacedOrder, CallFailure> {
        let purpose = "Read the order";
        let answer = self.send(order, get_call(purpose, self.order_url(order_id, ""))).await?;
        read(purpose, &answer)
    }

    /// `POST .../captures`: captures the money when the goods are shipped.
    pub(super) async fn capture(
        &self,
        order: &Order,
        order_id: &str,
        amount: i64,
        key: String,
    ) -> Result<(), CallFailure> {
        let body = CaptureCreation { captured_amount: amount, ..CaptureCreation::default() };
        let call = post_call("Capture the order", self.order_url(order_id, "/captures"), &body);
        self.send(order, ShopCall { idempotency_key: Some(key), ..call }).await.map(drop)
    }

    /// `POST .../refunds`: refunds captured money.
    pub(super) async fn refund(
        &self,
        order: &Order,
        order_id: &str,
        amount: i64,
        key: String,
    ) -> Result<(), CallFailure> {
        let body = RefundCreation { refunded_amount: amount, ..RefundCreation::default() };
        let call = post_call("Refund the order", self.order_url(order_id, "/refunds"), &body);
        self.send(order, ShopCall { idempotency_key: Some(key), ..call }).await.map(drop)
    }

    fn order_url(&self, order_id: &str, tail: &str) -> String {
        self.url(&format!("/ordermanagement/v1/orders/{order_id}{tail}"))
    }
}

fn payment_session(order: &Order) -> PaymentSession {
    let market = order.basket.market;
    PaymentSession {
        acquiring_channel: Some(order.basket.choices.channel.to_string()),
        purchase_country: market.country().to_string(),
        purchase_currency: market.currency().to_string(),
        locale: Some(market.locale().to_string()),
        order_amount: order.bill.order_amount,
        order_tax_amount: Some(order.bill.order_tax_amount),
        order_lines: order.bill.lines.clone(),
        billing_address: Some(Address {
            country: Some(market.country().to_string()),
            email: Some(market.customer_email().to_string()),
            ..Address::default()
        }),
        merchant_reference1: Some(order.reference()),
        ..PaymentSession::default()
    }
}

fn post_call(purpose: &'static str, url: String, body: &impl Serialize) -> ShopCall {
    let body = serde_json::to_vec(body).expect("the shop's own bodies are plain");
    ShopCall { purpose, method: Method::POST, url, body, idempotency_key: None }
}

fn get_call(purpose: &'static str, url: String) -> ShopCall {
    ShopCall { purpose, method: Method::GET, url, body: Vec::new(), idempotency_key: None }
}

fn read<T: DeserializeOwned>(purpose: &'static str, answer: &CallAnswer) -> Result<T, CallFailure> {
    serde_json::from_slice(&answer.body)
        .map_err(|error| CallFailure::Unreadable { purpose, reason: error.to_string() })
}
