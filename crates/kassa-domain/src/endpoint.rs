//! The endpoint of a callback: the callbacks of one endpoint are claimed and limited together, and are due by one clock.

use alloc::string::String;
use core::fmt;

use crate::MerchantId;

/// Scheme, host and port of a URL, such as `https://shop.example:443`. The whole text of a URL that cannot be read is an
/// origin of its own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

impl Origin {
    /// Wraps a text without checking it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text of the store.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// The clock by which the callbacks of an endpoint are due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DueClock {
    /// The clock that all nodes share.
    System,
    /// The merchant's own clock, which the lab sets. The endpoint belongs to this merchant alone.
    Merchant(MerchantId),
}

impl DueClock {
    /// Returns the merchant, if the clock is a merchant's own.
    #[must_use]
    pub fn merchant(&self) -> Option<&MerchantId> {
        match self {
            Self::System => None,
            Self::Merchant(merchant) => Some(merchant),
        }
    }
}

/// An origin, and the clock by which its callbacks are due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The scheme, host and port that are called.
    pub origin: Origin,
    /// The clock by which the callbacks are due.
    pub clock: DueClock,
}

impl Endpoint {
    /// The endpoint of an origin, due by the clock that all nodes share.
    pub fn shared(origin: impl Into<String>) -> Self {
        Self { origin: Origin::new(origin), clock: DueClock::System }
    }
}
