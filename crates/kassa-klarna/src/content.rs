//! The content of a payment session at Klarna: what a read answers, and the copy that Kassa keeps of it.

use kassa_domain::payment_session::{
    AcquiringChannel, AuthorizationPurpose, CategoryVisibility, Offer, OfferedCategory,
};
use kassa_domain::{AuthorizationToken, Timestamp};
use kassa_engine::{PaymentRead, Standing};
use kassa_store::RemoteContent;
use kassa_wire::payments::PaymentSession;
use kassa_wire::stored::Stored;
use kassa_wire::time::Instant;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The fields of a read that change without the merchant's doing. They are not part of the copy.
const PASSING: [&str; 3] = ["status", "expires_at", "authorization_token"];

/// The answer to a read of a payment session. The copy keeps its fields as Klarna wrote them.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct SessionRead(Map<String, Value>);

impl SessionRead {
    /// `None` if the answer is not a payment session.
    pub(crate) fn into_read(self) -> Option<PaymentRead> {
        let Self(mut fields) = self;
        let text = |fields: &Map<String, Value>, name: &str| Some(fields.get(name)?.as_str()?.to_string());
        let status = text(&fields, "status")?;
        let expires_at = text(&fields, "expires_at")?.parse::<Instant>().ok()?;
        let token = text(&fields, "authorization_token").filter(|token| !token.is_empty());
        let token = token.map(AuthorizationToken::new);
        for name in PASSING {
            fields.shift_remove(name);
        }
        let body = serde_json::to_string(&fields).ok()?;
        KlarnaContent::from_stored(&body).ok()?;
        let standing = match (status.eq_ignore_ascii_case("complete"), &token) {
            (true, _) => Standing::Completed { order: None },
            (false, Some(token)) => Standing::Authorized { token: token.clone() },
            (false, None) => Standing::Open,
        };
        let expires_at = Timestamp::from_ms(expires_at.as_ms());
        Some(PaymentRead {
            standing,
            content: Some(RemoteContent { body, expires_at, authorization_token: token }),
        })
    }
}

/// The fields of the copy that Kassa uses itself.
#[derive(Deserialize)]
pub(crate) struct KlarnaContent {
    #[serde(flatten)]
    session: PaymentSession,
    pub(crate) client_token: String,
    #[serde(default)]
    payment_method_categories: Vec<Category>,
}

#[derive(Deserialize)]
struct Category {
    identifier: String,
    #[serde(default)]
    name: String,
}

impl Stored for KlarnaContent {
    const NAME: &'static str = "payment session of Klarna";
}

impl KlarnaContent {
    /// The amount, and the ways to pay.
    pub(crate) fn offer(self) -> Offer {
        let purpose = match self.session.allows_order() {
            true => AuthorizationPurpose::Order,
            false => AuthorizationPurpose::NoOrder,
        };
        let channel = AcquiringChannel::parse(&self.session.acquiring_channel());
        Offer {
            categories: self.payment_method_categories.into_iter().map(Category::offered).collect(),
            channel: channel.unwrap_or(AcquiringChannel::Ecommerce),
            total_minor_units: self.session.order_amount,
            currency: self.session.purchase_currency.to_ascii_uppercase(),
            purpose,
        }
    }
}

impl Category {
    fn offered(self) -> OfferedCategory {
        let name = if self.name.is_empty() { self.identifier.clone() } else { self.name };
        OfferedCategory { identifier: self.identifier, name, visibility: CategoryVisibility::ByDefault }
    }
}
