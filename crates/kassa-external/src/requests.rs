//! The requests of the protocol.

use kassa_domain::payment_session::{Authorization, PaymentSession, StartedPayment};
use kassa_domain::{AuthorizationToken, MerchantId, OperationId, PaymentSessionId};
use kassa_engine::{Captures, StartAddresses, StartChoice};
use kassa_wire::payments::PaymentSession as Content;
use serde::Serialize;
use serde_json::{Error, Map, Value, json};

/// A request, in the order of its fields on the wire.
#[derive(Serialize)]
struct Request<'a, P: Serialize, D: Serialize> {
    operation: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a OperationId>,
    payment: P,
    #[serde(flatten)]
    details: D,
}

/// A payment with its order.
#[derive(Serialize)]
struct Payment<'a> {
    id: &'a str,
    merchant_id: &'a str,
    amount: i64,
    currency: String,
    country: String,
    locale: &'a str,
    merchant_reference1: Option<&'a str>,
    merchant_reference2: Option<&'a str>,
    lines: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    r#type: &'a str,
    name: &'a str,
    quantity: i64,
    unit_price: i64,
    total_amount: i64,
}

/// A payment by its ids alone.
#[derive(Serialize)]
struct PaymentIds<'a> {
    id: &'a str,
    merchant_id: &'a str,
}

/// A payment that was started, by the ids of both sides.
#[derive(Serialize)]
struct StartedIds<'a> {
    start_key: &'a str,
    payment_reference: Option<&'a str>,
}

impl<'a> Payment<'a> {
    fn of(id: &'a PaymentSessionId, merchant: &'a MerchantId, content: &'a Content) -> Self {
        let line = |line: &'a kassa_wire::cart::OrderLine| Line {
            r#type: line.r#type.as_deref().unwrap_or("physical"),
            name: &line.name,
            quantity: line.quantity,
            unit_price: line.unit_price,
            total_amount: line.total_amount,
        };
        Self {
            id: id.as_str(),
            merchant_id: merchant.as_str(),
            amount: content.order_amount,
            currency: content.purchase_currency.to_ascii_uppercase(),
            country: content.purchase_country.to_ascii_uppercase(),
            locale: content.locale(),
            merchant_reference1: content.merchant_reference1.as_deref(),
            merchant_reference2: content.merchant_reference2.as_deref(),
            lines: content.order_lines.iter().map(line).collect(),
        }
    }
}

impl<'a> PaymentIds<'a> {
    fn of(id: &'a PaymentSessionId, merchant: &'a MerchantId) -> Self {
        Self { id: id.as_str(), merchant_id: merchant.as_str() }
    }
}

impl<'a> StartedIds<'a> {
    fn of(started: &'a StartedPayment) -> Self {
        let reference = started.answer.as_ref().map(|answer| answer.payment_reference.as_str());
        Self { start_key: started.key.as_str(), payment_reference: reference }
    }
}

/// Starts a payment. The addresses are not part of what is recorded, because the address of the page is a secret.
pub(crate) fn start(
    payment: &PaymentSession,
    content: &Content,
    key: &OperationId,
    choice: StartChoice<'_>,
) -> Result<String, Error> {
    let email = content.billing_address.as_ref().and_then(|address| address.email.as_deref());
    let consumer = json!({ "ip": choice.consumer_ip.map(|address| address.to_string()), "email": email });
    serde_json::to_string(&Request {
        operation: "start",
        key: Some(key),
        payment: Payment::of(&payment.id, &payment.merchant_id, content),
        details: json!({ "start": { "category": choice.category, "consumer": consumer } }),
    })
}

/// Adds the addresses to a recorded start.
pub(crate) fn start_with(recorded: &str, addresses: &StartAddresses) -> Result<String, Error> {
    let mut request: Map<String, Value> = serde_json::from_str(recorded)?;
    if let Some(Value::Object(start)) = request.get_mut("start") {
        start.insert("return_url".to_string(), json!(addresses.return_url));
        start.insert("notify_url".to_string(), json!(addresses.notify_url));
    }
    serde_json::to_string(&request)
}

/// Reads the state of a started payment.
pub(crate) fn read(payment: &PaymentSession, started: &StartedPayment) -> String {
    request(&Request {
        operation: "read",
        key: None,
        payment: PaymentIds::of(&payment.id, &payment.merchant_id),
        details: json!({ "read": StartedIds::of(started) }),
    })
}

/// Places the order of an authorization.
pub(crate) fn place_order(
    authorization: &Authorization,
    content: &Content,
    key: &OperationId,
    captures: Captures,
) -> String {
    let own = own_authorization(&authorization.payment_session_id, &authorization.token);
    request(&Request {
        operation: "place_order",
        key: Some(key),
        payment: Payment::of(&authorization.payment_session_id, &authorization.merchant_id, content),
        details: json!({ "place_order": { "authorization": own, "capture": captures == Captures::AtOnce } }),
    })
}

/// Releases an authorization.
pub(crate) fn release(authorization: &Authorization, key: &OperationId) -> String {
    let own = own_authorization(&authorization.payment_session_id, &authorization.token);
    request(&Request {
        operation: "release",
        key: Some(key),
        payment: PaymentIds::of(&authorization.payment_session_id, &authorization.merchant_id),
        details: json!({ "release": { "authorization": own } }),
    })
}

/// Releases a payment that is started, and not authorized.
pub(crate) fn release_started(
    payment: &PaymentSession,
    started: &StartedPayment,
    key: &OperationId,
) -> String {
    request(&Request {
        operation: "release",
        key: Some(key),
        payment: PaymentIds::of(&payment.id, &payment.merchant_id),
        details: json!({ "release": StartedIds::of(started) }),
    })
}

fn request(request: &impl Serialize) -> String {
    serde_json::to_string(request).expect("texts and numbers are JSON")
}

/// The token of an authorization: unique in this system, because the payment session's id is, too.
pub(crate) fn token_of(payment: &PaymentSessionId, own: &str) -> AuthorizationToken {
    AuthorizationToken::new(format!("{payment}.{own}"))
}

/// The external payment system's own id of an authorization.
fn own_authorization<'a>(payment: &PaymentSessionId, token: &'a AuthorizationToken) -> &'a str {
    let token = token.as_str();
    token.strip_prefix(payment.as_str()).and_then(|rest| rest.strip_prefix('.')).unwrap_or(token)
}
