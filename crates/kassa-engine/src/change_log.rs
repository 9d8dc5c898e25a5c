//! The log of changes that are neither events nor notes: who changed what. A change is logged once it is durable.

use kassa_domain::Actor;

/// The target of the log line of each status change.
pub const STATUS_LOG: &str = "kassa::status";

/// The target of the log line of each attempt of a callback.
pub const CALLBACK_LOG: &str = "kassa::callbacks";

/// Logs a change of an account, or of everything that a merchant has.
pub(crate) fn log_administration(actor: &Actor, change: &'static str, object: &str) {
    tracing::info!(%actor, object, "{change}");
}

/// Logs a change that callers make many times a second. `object` must not be a secret.
pub(crate) fn log_change(actor: &Actor, change: &'static str, object: &str) {
    tracing::debug!(%actor, object, "{change}");
}
