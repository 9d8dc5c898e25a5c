//! Orders whose outcome is unknown at first, which the consumer's e-mail address asks for
//! (docs/wire.md#sandbox-consumers): `+order-unknown-2` gives no answer to the first two attempts, and `+order-refused`
//! refuses the order.

use kassa_domain::page_session::OrderReference;
use kassa_domain::{OrderId, Timestamp};
use kassa_engine::{Operation, Outcome};
use kassa_store::{StoredOrder, SystemOrder};
use kassa_wire::stored::Stored;
use serde::{Deserialize, Serialize};

use crate::sandbox::tag;

/// How the sandbox answers the operation that places an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SlowOrder {
    /// It gives no answer to this many attempts, and places the order at the next one.
    Unknown(i64),
    /// It refuses the order.
    Refused,
}

/// The request of the operation: the whole order, so that every attempt places the same one.
#[derive(Serialize, Deserialize)]
struct OrderRequest {
    answers: SlowOrder,
    order_id: OrderId,
    klarna_reference: String,
    created_at: Timestamp,
    body: String,
}

impl Stored for OrderRequest {
    const NAME: &'static str = "request of an operation";
}

impl SlowOrder {
    /// Returns how the order of a consumer with this e-mail address is answered, if not at once.
    pub(crate) fn of(email: &str) -> Option<Self> {
        let tag = tag(email);
        match tag.strip_prefix("order-unknown-") {
            Some(attempts) => attempts.parse::<u16>().ok().map(|attempts| Self::Unknown(attempts.into())),
            None => (tag == "order-refused").then_some(Self::Refused),
        }
    }

    /// Returns the request that places `order`.
    pub(crate) fn request(self, order: StoredOrder) -> Result<String, serde_json::Error> {
        let StoredOrder { reference, created_at, body, .. } = order;
        let OrderReference { order_id, klarna_reference } = reference;
        serde_json::to_string(&OrderRequest { answers: self, order_id, klarna_reference, created_at, body })
    }
}

/// Places the order of an operation.
pub(crate) fn place(operation: Operation<'_>) -> Outcome {
    let request = match OrderRequest::from_stored(operation.request) {
        Ok(request) => request,
        Err(error) => return Outcome::Unknown(error.to_string()),
    };
    match request.answers {
        SlowOrder::Unknown(attempts) if operation.attempts < attempts => {
            Outcome::Unknown("the sandbox gives this consumer no answer yet".to_string())
        }
        SlowOrder::Unknown(_) => Outcome::Ordered(SystemOrder::Local(order(operation, request))),
        SlowOrder::Refused => Outcome::Refused {
            reason: "The sandbox refuses this consumer's order.".to_string(),
            token_is_dead: true,
        },
    }
}

fn order(operation: Operation<'_>, request: OrderRequest) -> StoredOrder {
    let OrderRequest { order_id, klarna_reference, created_at, body, .. } = request;
    let authorization = operation.authorization;
    StoredOrder {
        reference: OrderReference { order_id, klarna_reference },
        merchant_id: authorization.merchant_id.clone(),
        payment_session_id: authorization.payment_session_id.clone(),
        authorization_token: authorization.token.clone(),
        version: 0,
        created_at,
        body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_of_the_email_address_chooses_the_answer() {
        for (email, expected) in [
            ("customer+order-unknown-3@email.se", Some(SlowOrder::Unknown(3))),
            ("Customer+Order-Unknown-1@email.se", Some(SlowOrder::Unknown(1))),
            ("customer+order-refused@email.se", Some(SlowOrder::Refused)),
            ("customer+order-unknown-@email.se", None),
            ("customer+order-unknown-x@email.se", None),
            ("customer@email.se", None),
        ] {
            assert_eq!(SlowOrder::of(email), expected, "{email}");
        }
    }
}
