//! Header names of the wire, in lower case as HTTP/2 sends them.

/// In every answer: the id of the call in the server's log (docs/wire.md#headers).
pub const CORRELATION_ID: &str = "klarna-correlation-id";
/// In calls of Order Management and of token orders: the server executes the call once within 24 h
/// (docs/wire.md#order-management).
pub const IDEMPOTENCY_KEY: &str = "klarna-idempotency-key";
/// In answers to a merchant: the number of calls per second (docs/wire.md#rate-limits).
pub const RATE_LIMIT: &str = "x-ratelimit-limit";
/// In answers to a merchant: the number of further calls until the reset.
pub const RATE_LIMIT_REMAINING: &str = "x-ratelimit-remaining";
/// In answers to a merchant: the seconds until the reset.
pub const RATE_LIMIT_RESET: &str = "x-ratelimit-reset";
/// In the creation of a page session, beyond the vendor's wire: the same key and body get the same answer for 24 h.
pub const CREATION_KEY: &str = "idempotency-key";
/// In the answer to a new capture: the capture's id.
pub const CAPTURE_ID: &str = "capture-id";
/// In the answer to a new refund: the refund's id.
pub const REFUND_ID: &str = "refund-id";
/// In successful answers of Order Management: an id of the call (docs/wire.md#headers).
pub const TRANSACTION_ID: &str = "transaction-id";
/// In callbacks: the event's id (Standard Webhooks).
pub const WEBHOOK_ID: &str = "webhook-id";
/// In callbacks: the time of the attempt, in seconds since 1970 (Standard Webhooks).
pub const WEBHOOK_TIMESTAMP: &str = "webhook-timestamp";
/// In callbacks: `v1,<base64>` for each of the merchant's secrets (Standard Webhooks).
pub const WEBHOOK_SIGNATURE: &str = "webhook-signature";
