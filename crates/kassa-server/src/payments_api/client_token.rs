//! The `client_token` of a payment session: a JWT for the widget in the merchant's own shop
//! (docs/wire.md#payment-sessions).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kassa_domain::merchant::Merchant;
use kassa_domain::payment_session::PaymentSession;
use kassa_wire::payments as wire;
use serde_json::{Value, json};

use crate::app::App;

/// Makes the token from the session alone, so that every read returns the same token and nothing is stored.
pub(super) fn of(
    app: &App,
    merchant: &Merchant,
    session: &PaymentSession,
    content: &wire::PaymentSession,
) -> String {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let payload = payload(app, merchant, session, content).to_string();
    let signed = format!("{}.{}", encode(r#"{"alg":"HS256","typ":"JWT"}"#), encode(&payload));
    let signature = URL_SAFE_NO_PAD.encode(app.keys.client_token_signature(&signed));
    format!("{signed}.{signature}")
}

/// Returns the same fields as a recorded token. The vendor signs with RS256; its clients never check the signature.
fn payload(
    app: &App,
    merchant: &Merchant,
    session: &PaymentSession,
    content: &wire::PaymentSession,
) -> Value {
    let base_url = app.url("");
    json!({
        "session_id": session.id.as_str(),
        "base_url": format!("{base_url}/payments"),
        "design": content.design.as_deref().unwrap_or("klarna"),
        "language": content.locale().split('-').next().unwrap_or("en").to_ascii_lowercase(),
        "purchase_country": content.purchase_country.to_ascii_uppercase(),
        "environment": "playground",
        "merchant_name": merchant.name.chars().take(255).collect::<String>(),
        "session_type": "PAYMENTS",
        "client_event_base_url": format!("{base_url}/payments/events"),
        "scheme": true,
        "experiments": [],
        "region": "eu",
        "order_amount": content.order_amount,
        "offering_opts": 2,
        "oo": "kassa",
        "version": "v1.10.0",
    })
}
