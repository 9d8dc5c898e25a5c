//! Typed ids. Each is opaque text: the wire promises their shape to nobody (spec 1.1).

use alloc::string::String;
use core::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text, as it stands on the wire and in the store.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    )*};
}

ids! {
    /// Names one HPP session.
    PageSessionId
    /// Names one KP session.
    PaymentSessionId
    /// Names one recorded status change; the `event_id` of its callback.
    EventId
    /// Names an account.
    MerchantId
    /// Names a placed order.
    OrderId
    /// The public half of a merchant's API credential.
    Username
    /// Proves that the consumer was authorized. It becomes at most one order, within 60 minutes.
    ///
    /// It is a secret, so its `Debug` form hides it.
    AuthorizationToken
}

macro_rules! shown {
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

shown! { PageSessionId PaymentSessionId EventId MerchantId OrderId Username }

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
    fn an_authorization_token_does_not_show_in_a_log() {
        let token = AuthorizationToken::new("a1a8f727");
        assert!(!format!("{token:?}").contains("a1a8f727"));
    }
}
