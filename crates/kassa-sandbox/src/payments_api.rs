//! The sandbox payment system's API for merchants: Klarna Payments (KP), customer tokens and Order Management
//! (docs/wire.md#payments-api).

mod assets;
mod authorizations;
mod captures;
mod change_key;
pub(crate) mod client_token;
mod customer_tokens;
mod due_dates;
mod order_read;
mod orders;
mod own_order;
mod redirect;
mod refunds;
pub(crate) mod sessions;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::{delete, get, patch, post};
use kassa_domain::Timestamp;
use kassa_engine::{Accounts, Payments};
use kassa_http::{ApiError, Body, Calls};
use kassa_wire::cart::OrderLine;
use kassa_wire::error::ErrorCode;
use kassa_wire::people::{Customer, is_date_of_birth};
use kassa_wire::problems::{Problems, bad_value_message};
use kassa_wire::shape::Shaped;

use crate::sandbox::can_be_captured;
use crate::sandbox::cart::bad_amounts;
use crate::sandbox::person::latest_date_of_birth;

/// The routes of the sandbox's API.
pub fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Payments: FromRef<S>,
    Accounts: FromRef<S>,
    Calls: FromRef<S>,
{
    Router::new().merge(payments()).merge(customer_tokens()).nest("/ordermanagement/v1/orders", orders())
}

fn payments<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Payments: FromRef<S>,
    Accounts: FromRef<S>,
    Calls: FromRef<S>,
{
    payment_sessions()
        .route("/payments/v1/authorizations/{token}", delete(authorizations::cancel))
        .route("/payments/v1/authorizations/{token}/order", post(authorizations::create_order))
        .route("/payments/v1/authorizations/{token}/customer-token", post(customer_tokens::create))
        .route("/kp/v1/sessions/{session_id}/redirect", get(redirect::redirect_to_confirmation))
}

/// The routes of payment sessions. Payment sessions of the external payment system are rows of this database, too, so
/// their merchants use the same routes.
pub fn payment_sessions<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Payments: FromRef<S>,
    Accounts: FromRef<S>,
    Calls: FromRef<S>,
{
    Router::new()
        .route("/payments/v1/sessions", post(sessions::create))
        .route("/payments/v1/sessions/{session_id}", get(sessions::read).post(sessions::update))
        .route("/payments/assets/{category}/{kind}", get(assets::badge))
}

fn customer_tokens<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Payments: FromRef<S>,
    Accounts: FromRef<S>,
    Calls: FromRef<S>,
{
    Router::new()
        .route("/customer-token/v1/tokens/{token}", get(customer_tokens::read))
        .route("/customer-token/v1/tokens/{token}/order", post(customer_tokens::create_order))
        .route("/customer-token/v1/tokens/{token}/status", patch(customer_tokens::update_status))
}

fn orders<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Payments: FromRef<S>,
    Accounts: FromRef<S>,
    Calls: FromRef<S>,
{
    Router::new()
        .route("/{order_id}", get(orders::read))
        .route("/{order_id}/acknowledge", post(orders::acknowledge))
        .route("/{order_id}/authorization", patch(orders::update_authorization))
        .route("/{order_id}/cancel", post(orders::cancel))
        .route("/{order_id}/captures", get(captures::list).post(captures::create))
        .route("/{order_id}/captures/{capture_id}", get(captures::read))
        .route("/{order_id}/captures/{capture_id}/extend-due-date", patch(due_dates::extend))
        .route("/{order_id}/captures/{capture_id}/extend-due-date-options", get(due_dates::options))
        .route("/{order_id}/captures/{capture_id}/shipping-info", post(captures::add_shipping_info))
        .route("/{order_id}/captures/{capture_id}/trigger-send-out", post(captures::trigger_send_out))
        .route("/{order_id}/customer-details", patch(orders::update_customer_details))
        .route("/{order_id}/extend-authorization-time", post(orders::extend_authorization_time))
        .route("/{order_id}/merchant-references", patch(orders::update_merchant_references))
        .route("/{order_id}/refunds", post(refunds::create))
        .route("/{order_id}/refunds/{refund_id}", get(refunds::read))
        .route("/{order_id}/release-remaining-authorization", post(orders::release_remaining))
        .route("/{order_id}/shipping-info", post(orders::add_shipping_info))
}

/// Reads a KP body. Bad fields are answered with 400 (docs/wire.md#payments-errors).
fn read_payments<T: Shaped>(body: &Body) -> Result<T, ApiError> {
    T::read(body.object()?).map_err(|problems| bad_values(&problems))
}

/// Reads an Order Management body. Bad fields are refused with `code`, a 422 (docs/wire.md#order-management-errors).
fn read_order_management<T: Shaped>(body: &Body, code: ErrorCode) -> Result<T, ApiError> {
    T::read(body.object()?).map_err(|problems| ApiError::Refused(code, problems.validation_messages()))
}

/// Checks a cart by the amount rules (docs/wire.md#amount-rules).
fn check_amounts(
    order_amount: i64,
    order_tax_amount: Option<i64>,
    order_lines: &[OrderLine],
) -> Result<(), ApiError> {
    let bad = bad_amounts(order_amount, order_tax_amount, order_lines);
    if bad.is_empty() { Ok(()) } else { Err(bad_fields(bad)) }
}

/// Refuses an order that could never be captured in full (docs/wire.md#place-an-order).
fn check_can_be_captured(order_amount: i64) -> Result<(), ApiError> {
    if can_be_captured(order_amount) { Ok(()) } else { Err(bad_fields(["order_amount"])) }
}

/// Refuses a consumer who is not born yet.
fn check_customer(customer: Option<&Customer>, now: Timestamp) -> Result<(), ApiError> {
    if is_born(customer, now) { Ok(()) } else { Err(bad_fields([DATE_OF_BIRTH])) }
}

/// The field of a consumer who is not born yet.
const DATE_OF_BIRTH: &str = "customer.date_of_birth";

fn is_born(customer: Option<&Customer>, now: Timestamp) -> bool {
    let date = customer.and_then(Customer::date_of_birth);
    date.is_none_or(|date| is_date_of_birth(date, &latest_date_of_birth(now)))
}

fn bad_values(problems: &Problems) -> ApiError {
    bad_fields(problems.paths())
}

/// Returns the error for bad fields. One message lists all of them (docs/wire.md#payments-errors).
fn bad_fields<T: AsRef<str>>(paths: impl IntoIterator<Item = T>) -> ApiError {
    ApiError::refused(ErrorCode::BadValue, bad_value_message(paths))
}
