//! The answers about one page session that a merchant received. They must still be true after every crash.

use serde_json::Value;

/// A page session with every answer about it.
pub struct Purchase {
    pub session: String,
    /// The path of its page.
    pub page: String,
    /// The answers that contain the session, oldest first.
    pub answers: Vec<Value>,
    /// Whether the answer to the merchant's `DELETE` was 204.
    pub was_disabled: bool,
    /// The order that the merchant placed with the authorization token.
    pub order: Option<String>,
}

impl Purchase {
    pub fn new(session: String, page: String) -> Self {
        Self { session, page, answers: Vec::new(), was_disabled: false, order: None }
    }

    /// The last answer that contains the session.
    pub fn last(&self) -> Option<&Value> {
        self.answers.last()
    }

    pub fn is_final(&self) -> bool {
        let status = self.last().map_or("", |read| read["status"].as_str().unwrap());
        self.was_disabled || ["COMPLETED", "CANCELLED", "DISABLED"].contains(&status)
    }

    /// The authorization token, if the merchant can place the order.
    pub fn token(&self) -> Option<&str> {
        self.last()?["authorization_token"].as_str()
    }
}
