//! The lab: a developer controls the consumer, the clock and the faults, and asserts on a journal of calls and
//! callbacks. Its paths exist only in the sandbox; in live mode they answer 404.

mod actions;
mod browser_calls;
mod clock;
mod courier;
mod export;
mod faults;
mod fired;
mod inbox;
mod journal;
mod merchant_lab;
mod merchants;
mod orders;
mod page;
mod payment_sessions;
mod rate_limits;
mod record;
mod redirect_sync;
mod state;
mod time;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{MethodRouter, delete, get, post};

pub use courier::LabCourier;
pub use faults::apply_faults;
pub use merchant_lab::MerchantLabs;
pub use page::routes as page_routes;
pub use record::record;
pub use state::{Lab, LabSetup};
pub use time::MerchantTime;

/// Every path of the lab's API with its handlers. The router is built from this list, and there is no other.
fn table() -> Vec<(&'static str, MethodRouter<Lab>)> {
    vec![
        ("/lab/v1/sessions/{session_id}/{act}", post(actions::act)),
        ("/lab/v1/orders/{order_id}/{verdict}", post(orders::decide)),
        ("/lab/v1/payment-sessions/{session_id}/{act}", post(payment_sessions::act)),
        ("/lab/v1/clock", get(clock::read).put(clock::put)),
        ("/lab/v1/clock/advance", post(clock::advance)),
        ("/lab/v1/merchants", post(merchants::create_merchant)),
        ("/lab/v1/merchants/{id}", delete(merchants::delete_merchant)),
        ("/lab/v1/reset", post(merchants::reset)),
        ("/lab/v1/export", get(export::export)),
        ("/lab/v1/import", post(export::import).layer(DefaultBodyLimit::max(export::LARGEST_FILE))),
        ("/lab/v1/faults", get(faults::read).put(faults::put).delete(faults::clear)),
        // The name of version 0.1. It is removed after one version.
        ("/lab/v1/weather", get(faults::read).put(faults::put).delete(faults::clear)),
        ("/lab/v1/rate-limits", get(rate_limits::read).put(rate_limits::put).delete(rate_limits::clear)),
        ("/lab/v1/journal", get(journal::read).delete(journal::clear)),
        ("/lab/v1/inbox", get(inbox::read).delete(inbox::clear)),
    ]
}

/// The routes of the lab's API.
pub fn routes() -> Router<Lab> {
    table().into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods))
}

/// The paths of the lab's API, as patterns.
#[must_use]
pub fn lab_paths() -> Vec<&'static str> {
    table().into_iter().map(|(path, _)| path).collect()
}

/// The paths of the lab's page, as patterns.
#[must_use]
pub fn lab_page_paths() -> Vec<&'static str> {
    page::paths().collect()
}
