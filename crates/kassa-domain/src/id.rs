//! Typed ids. Each id is opaque text: its shape is not part of the wire (docs/wire.md#ids-and-instants).

use alloc::string::String;
use core::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps a text without checking it.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// Returns the text of the wire and the store.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    )*};
}

ids! {
    /// The id of a page session (the HPP session).
    PageSessionId
    /// The id of a payment session (the KP session).
    PaymentSessionId
    /// The id of an event: the `event_id` of its callback.
    EventId
    /// The id of a merchant.
    MerchantId
    /// The id of a placed order.
    OrderId
    /// The id of a payment operation. The payment system gets it as the idempotency key of every attempt.
    OperationId
    /// The public half of a merchant's API credential.
    Username
    /// The token of an authorization. It can become at most one order, within 60 minutes.
    ///
    /// The token is a secret, so its `Debug` form hides it.
    AuthorizationToken
}

macro_rules! displayed {
    ($($name:ident)*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

displayed! { PageSessionId PaymentSessionId EventId MerchantId OrderId OperationId Username }

impl fmt::Debug for AuthorizationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorizationToken([hidden])")
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn the_debug_form_of_an_authorization_token_hides_it() {
        let token = AuthorizationToken::new("a1a8f727");
        assert!(!format!("{token:?}").contains("a1a8f727"));
    }
}
