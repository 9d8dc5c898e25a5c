//! The `client_token` of a payment session: a JWT for the widget in the merchant's own shop
//! (docs/wire.md#payment-sessions).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kassa_domain::merchant::Merchant;
use kassa_domain::payment_session::PaymentSession;
use kassa_engine::Payments;
use kassa_wire::payments as wire;
use kassa_wire::stored::Stored;
use serde::Deserialize;
use serde_json::{Value, json};

/// The version of the SDK's frames, which is a part of their URLs. It is in the vendor's form.
pub(crate) const FRAMES_VERSION: &str = "v1.10.0";

/// The fields of a token's payload that the SDK's calls need.
#[derive(Deserialize)]
pub(crate) struct ClientTokenPayload {
    /// The payment session.
    pub(crate) session_id: String,
    /// The name of the merchant.
    pub(crate) merchant_name: String,
}

impl Stored for ClientTokenPayload {
    const NAME: &'static str = "client token";
}

/// Reads a token that this system signed.
pub(crate) fn read(payments: &Payments, token: &str) -> Option<ClientTokenPayload> {
    let (signed, signature) = token.rsplit_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    if !payments.has_signed_client_token(signed, &signature) {
        return None;
    }
    let (_, payload) = signed.split_once('.')?;
    let payload = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    ClientTokenPayload::from_stored(&payload).ok()
}

/// Makes the token from the session alone, so that every read returns the same token and nothing is stored.
pub(super) fn of(
    payments: &Payments,
    merchant: &Merchant,
    session: &PaymentSession,
    content: &wire::PaymentSession,
) -> String {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let payload = payload(payments, merchant, session, content).to_string();
    let signed = format!("{}.{}", encode(r#"{"alg":"HS256","typ":"JWT"}"#), encode(&payload));
    let signature = URL_SAFE_NO_PAD.encode(payments.client_token_signature(&signed));
    format!("{signed}.{signature}")
}

/// Returns the same fields as a recorded token. `base_url` and `version` name the SDK's frames. The vendor signs with
/// RS256; its clients never check the signature.
fn payload(
    payments: &Payments,
    merchant: &Merchant,
    session: &PaymentSession,
    content: &wire::PaymentSession,
) -> Value {
    let base_url = payments.url("");
    json!({
        "session_id": session.id.as_str(),
        "base_url": format!("{base_url}/kp"),
        "design": content.design.as_deref().unwrap_or("klarna"),
        "language": content.locale().split('-').next().unwrap_or("en").to_ascii_lowercase(),
        "purchase_country": content.purchase_country.to_ascii_uppercase(),
        "environment": "playground",
        "merchant_name": merchant.name.chars().take(255).collect::<String>(),
        "session_type": "PAYMENTS",
        "client_event_base_url": format!("{base_url}/kp/events"),
        "scheme": true,
        "experiments": [],
        "region": "eu",
        "order_amount": content.order_amount,
        "offering_opts": 2,
        "oo": "kassa",
        "version": FRAMES_VERSION,
    })
}
