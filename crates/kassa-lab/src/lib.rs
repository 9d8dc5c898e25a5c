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
mod link;
mod merchant_lab;
mod merchants;
mod operations;
mod orders;
mod page;
mod payment_sessions;
mod rate_limits;
mod record;
mod redirect_sync;
mod state;
mod time;

use axum::extract::DefaultBodyLimit;
use kassa_openapi::{ApiRoutes, Methods, delete, get, post};

use operations::LAB;

pub use courier::LabCourier;
pub use faults::apply_faults;
pub use merchant_lab::MerchantLabs;
pub use page::routes as page_routes;
pub use record::record;
pub use state::{Lab, LabSetup};
pub use time::MerchantTime;

/// Every path of the lab's API with its handlers. The routes are built from this list, and there is no other.
fn table() -> Vec<(&'static str, Methods<Lab>)> {
    let import = post(export::import, &operations::IMPORT);
    let limits = get(rate_limits::read, &operations::READ_RATE_LIMITS);
    vec![
        ("/lab/v1/sessions/{session_id}/link", get(link::read, &operations::READ_LINK)),
        ("/lab/v1/sessions/{session_id}/{act}", post(actions::act, &operations::ACT)),
        ("/lab/v1/orders/{order_id}/{verdict}", post(orders::decide, &operations::END_FRAUD_CHECK)),
        (
            "/lab/v1/payment-sessions/{session_id}/{act}",
            post(payment_sessions::act, &operations::ACT_IN_SHOP),
        ),
        ("/lab/v1/clock", get(clock::read, &operations::READ_CLOCK).put(clock::put, &operations::SET_CLOCK)),
        ("/lab/v1/clock/advance", post(clock::advance, &operations::ADVANCE_CLOCK)),
        ("/lab/v1/merchants", post(merchants::create_merchant, &operations::CREATE_MERCHANT)),
        ("/lab/v1/merchants/{id}", delete(merchants::delete_merchant, &operations::DELETE_MERCHANT)),
        ("/lab/v1/reset", post(merchants::reset, &operations::RESET)),
        ("/lab/v1/export", get(export::export, &operations::EXPORT)),
        (
            "/lab/v1/import",
            import.layered(|import| import.layer(DefaultBodyLimit::max(export::LARGEST_FILE))),
        ),
        (
            "/lab/v1/faults",
            get(faults::read, &operations::READ_FAULTS)
                .put(faults::put, &operations::PUT_FAULTS)
                .delete(faults::clear, &operations::CLEAR_FAULTS),
        ),
        // The name of version 0.1. It is removed after one version.
        (
            "/lab/v1/weather",
            get(faults::read, &operations::READ_WEATHER)
                .put(faults::put, &operations::PUT_WEATHER)
                .delete(faults::clear, &operations::CLEAR_WEATHER),
        ),
        (
            "/lab/v1/rate-limits",
            limits
                .put(rate_limits::put, &operations::PUT_RATE_LIMITS)
                .delete(rate_limits::clear, &operations::CLEAR_RATE_LIMITS),
        ),
        (
            "/lab/v1/journal",
            get(journal::read, &operations::READ_JOURNAL).delete(journal::clear, &operations::CLEAR_JOURNAL),
        ),
        (
            "/lab/v1/inbox",
            get(inbox::read, &operations::READ_INBOX).delete(inbox::clear, &operations::CLEAR_INBOX),
        ),
    ]
}

/// The routes of the lab's API.
#[must_use]
pub fn routes() -> ApiRoutes<Lab> {
    let add = |routes: ApiRoutes<Lab>, (path, methods)| routes.route(&LAB, path, methods);
    table().into_iter().fold(ApiRoutes::new(), add)
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
