//! What a merchant was told about one page session: to be found again after every crash.

use serde_json::Value;

/// One page session, and every answer about it that came.
pub struct Purchase {
    pub session: String,
    /// The path of its page.
    pub page: String,
    /// Answers with the session as read, oldest first.
    pub told: Vec<Value>,
    /// Whether the merchant's disabling was answered.
    pub was_disabled: bool,
    /// The order that the merchant placed with the authorization token.
    pub order: Option<String>,
}

impl Purchase {
    pub fn new(session: String, page: String) -> Self {
        Self { session, page, told: Vec::new(), was_disabled: false, order: None }
    }

    /// The last that was told.
    pub fn last(&self) -> Option<&Value> {
        self.told.last()
    }

    pub fn is_final(&self) -> bool {
        let status = self.last().map_or("", |read| read["status"].as_str().unwrap());
        self.was_disabled || ["COMPLETED", "CANCELLED", "DISABLED"].contains(&status)
    }

    /// The token with which the merchant can place the order.
    pub fn token(&self) -> Option<&str> {
        self.last()?["authorization_token"].as_str()
    }
}
