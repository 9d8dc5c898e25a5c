//! The search terms of payment sessions, which the console searches by. They are columns of the payment session's row,
//! derived from its content whenever that is written.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use kassa_sql::Value;
use serde::Deserialize;
use sha2::Sha256;

use crate::consumers::ERASED;
use crate::reading::stored_json;

/// The longest merchant reference that is searched by, in bytes. Longer ones would make large index entries.
const LONGEST_REFERENCE: usize = 255;

/// Hashes e-mail addresses, so that an operator can search by an address that the database does not contain in clear.
#[derive(Clone)]
pub struct EmailHasher(Arc<[u8; 32]>);

impl fmt::Debug for EmailHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailHasher")
    }
}

impl EmailHasher {
    /// Hashes with this key.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self(Arc::new(key))
    }

    /// The keyed hash of an address. Letter case and blanks around it do not count.
    pub(crate) fn hash(&self, email: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.0).expect("an HMAC takes any key");
        mac.update(email.trim().to_lowercase().as_bytes());
        URL_SAFE_NO_PAD.encode(&mac.finalize().into_bytes()[..16])
    }
}

/// The fields of a payment session's content that become search terms.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    merchant_reference1: Option<String>,
    merchant_reference2: Option<String>,
    order_amount: Option<i64>,
    purchase_currency: Option<String>,
    billing_address: Option<Contact>,
    shipping_address: Option<Contact>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Contact {
    email: Option<String>,
}

/// The search terms of one payment session.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct SearchTerms {
    reference1: Option<String>,
    reference2: Option<String>,
    amount: Option<i64>,
    currency: Option<String>,
    email_hash: Option<String>,
}

impl SearchTerms {
    /// The terms of this content. Content of another shape has no terms.
    pub(crate) fn of(body: &str, hasher: Option<&EmailHasher>) -> Self {
        let fields: Fields = stored_json(body).unwrap_or_default();
        let contacts = [fields.billing_address, fields.shipping_address];
        let email = contacts
            .into_iter()
            .flatten()
            .filter_map(|contact| contact.email)
            .find(|it| !it.is_empty() && it != ERASED);
        Self {
            reference1: fields.merchant_reference1.filter(|it| is_term(it)),
            reference2: fields.merchant_reference2.filter(|it| is_term(it)),
            amount: fields.order_amount,
            currency: fields.purchase_currency,
            email_hash: hasher.zip(email).map(|(hasher, email)| hasher.hash(&email)),
        }
    }

    /// The values of the columns `merchant_reference1`, `merchant_reference2`, `order_amount`, `purchase_currency` and
    /// `email_hash`, in this order.
    pub(crate) fn into_values(self) -> [Value<'static>; 5] {
        let Self { reference1, reference2, amount, currency, email_hash } = self;
        [reference1.into(), reference2.into(), amount.into(), currency.into(), email_hash.into()]
    }
}

fn is_term(reference: &str) -> bool {
    !reference.is_empty() && reference.len() <= LONGEST_REFERENCE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terms_of_a_payment_session_come_from_its_content() {
        let body = r#"{"purchase_currency":"EUR","order_amount":1000,"merchant_reference1":"A-1",
            "merchant_reference2":"","billing_address":{"email":" Ada@Example.se "},"order_lines":[{}]}"#;
        let hasher = EmailHasher::new([7; 32]);
        let terms = SearchTerms::of(body, Some(&hasher));
        assert_eq!(terms.reference1.as_deref(), Some("A-1"));
        assert_eq!(terms.reference2, None);
        assert_eq!((terms.amount, terms.currency.as_deref()), (Some(1000), Some("EUR")));
        assert_eq!(terms.email_hash, Some(hasher.hash("ada@example.se")));
        assert_ne!(hasher.hash("ada@example.se"), EmailHasher::new([8; 32]).hash("ada@example.se"));
    }

    #[test]
    fn content_of_another_shape_has_no_terms() {
        for body in ["", "[]", r#"{"order_amount":"x"}"#] {
            assert_eq!(SearchTerms::of(body, None), SearchTerms::default(), "{body}");
        }
    }
}
