//! The sandbox payment system's API for merchants: Klarna Payments (KP), customer tokens and Order Management
//! (docs/wire.md#payments-api).

mod assets;
mod authorizations;
mod captures;
mod change_key;
pub(crate) mod client_token;
mod customer_tokens;
mod due_dates;
mod operations;
mod order_read;
mod orders;
mod own_order;
mod redirect;
mod refunds;
pub(crate) mod sessions;

use axum::extract::FromRef;
use kassa_domain::Timestamp;
use kassa_engine::{Accounts, Payments};
use kassa_http::{ApiError, Body, Calls};
use kassa_openapi::{ApiRoutes, delete, get, patch, post};
use kassa_wire::cart::OrderLine;
use kassa_wire::error::ErrorCode;
use kassa_wire::people::{Customer, is_date_of_birth};
use kassa_wire::problems::{Problems, bad_value_message};
use kassa_wire::shape::Shaped;

use operations::{CUSTOMER_TOKENS, ORDERS, PAYMENTS};

use crate::sandbox::can_be_captured;
use crate::sandbox::cart::bad_amounts;
use crate::sandbox::person::latest_date_of_birth;

/// The routes of the sandbox's API.
pub fn routes<S>() -> ApiRoutes<S>
where
    S: Clone + Send + Sync + 'static,
    Payments: FromRef<S>,
    Accounts: FromRef<S>,
    Calls: FromRef<S>,
{
    ApiRoutes::new().merge(payments()).merge(customer_tokens()).merge(orders()).merge(captures())
}

fn payments<S>() -> ApiRoutes<S>
where
    S: Clone + Send + Sync + 'static,
    Payments: FromRef<S>,
    Accounts: FromRef<S>,
    Calls: FromRef<S>,
{
    payment_sessions()
        .route(
            &PAYMENTS,
            "/payments/v1/authorizations/{token}",
            delete(authorizations::cancel, &operations::CANCEL_AUTHORIZATION),
        )
        .route(
            &PAYMENTS,
            "/payments/v1/authorizations/{token}/order",
            post(authorizations::create_order, &operations::PLACE_ORDER),
        )
        .undocumented(
            "/kp/v1/sessions/{session_id}/redirect",
            axum::routing::get(redirect::redirect_to_confirmation),
        )
}

/// The routes of payment sessions. Payment sessions of the external payment system are rows of this database, too, so
/// their merchants use the same routes.
pub fn payment_sessions<S>() -> ApiRoutes<S>
where
    S: Clone + Send + Sync + 'static,
    Payments: FromRef<S>,
    Accounts: FromRef<S>,
    Calls: FromRef<S>,
{
    ApiRoutes::new()
        .frequent(&PAYMENTS, "/payments/v1/sessions", post(sessions::create, &operations::CREATE_SESSION))
        .route(
            &PAYMENTS,
            "/payments/v1/sessions/{session_id}",
            get(sessions::read, &operations::READ_SESSION)
                .post(sessions::update, &operations::UPDATE_SESSION),
        )
        .route(&PAYMENTS, "/payments/assets/{category}/{kind}", get(assets::badge, &operations::BADGE))
}

fn customer_tokens<S>() -> ApiRoutes<S>
where
    S: Clone + Send + Sync + 'static,
    Payments: FromRef<S>,
    Accounts: FromRef<S>,
    Calls: FromRef<S>,
{
    let token = "/customer-token/v1/tokens/{token}";
    ApiRoutes::new()
        .route(
            &CUSTOMER_TOKENS,
            "/payments/v1/authorizations/{token}/customer-token",
            post(customer_tokens::create, &operations::CREATE_CUSTOMER_TOKEN),
        )
        .route(&CUSTOMER_TOKENS, token, get(customer_tokens::read, &operations::READ_CUSTOMER_TOKEN))
        .route(
            &CUSTOMER_TOKENS,
            &format!("{token}/order"),
            post(customer_tokens::create_order, &operations::PLACE_TOKEN_ORDER),
        )
        .route(
            &CUSTOMER_TOKENS,
            &format!("{token}/status"),
            patch(customer_tokens::update_status, &operations::CANCEL_CUSTOMER_TOKEN),
        )
}

fn orders<S>() -> ApiRoutes<S>
where
    S: Clone + Send + Sync + 'static,
    Payments: FromRef<S>,
    Accounts: FromRef<S>,
    Calls: FromRef<S>,
{
    let of_order = |path: &str| format!("/ordermanagement/v1/orders/{{order_id}}{path}");
    ApiRoutes::new()
        .route(&ORDERS, &of_order(""), get(orders::read, &operations::READ_ORDER))
        .route(&ORDERS, &of_order("/acknowledge"), post(orders::acknowledge, &operations::ACKNOWLEDGE))
        .route(
            &ORDERS,
            &of_order("/authorization"),
            patch(orders::update_authorization, &operations::UPDATE_AUTHORIZATION),
        )
        .route(&ORDERS, &of_order("/cancel"), post(orders::cancel, &operations::CANCEL_ORDER))
        .route(
            &ORDERS,
            &of_order("/customer-details"),
            patch(orders::update_customer_details, &operations::UPDATE_CUSTOMER_DETAILS),
        )
        .route(
            &ORDERS,
            &of_order("/extend-authorization-time"),
            post(orders::extend_authorization_time, &operations::EXTEND_AUTHORIZATION),
        )
        .route(
            &ORDERS,
            &of_order("/merchant-references"),
            patch(orders::update_merchant_references, &operations::UPDATE_REFERENCES),
        )
        .route(
            &ORDERS,
            &of_order("/release-remaining-authorization"),
            post(orders::release_remaining, &operations::RELEASE_REMAINING),
        )
        .route(
            &ORDERS,
            &of_order("/shipping-info"),
            post(orders::add_shipping_info, &operations::ADD_ORDER_SHIPPING),
        )
}

fn captures<S>() -> ApiRoutes<S>
where
    S: Clone + Send + Sync + 'static,
    Payments: FromRef<S>,
    Accounts: FromRef<S>,
    Calls: FromRef<S>,
{
    let of_order = |path: &str| format!("/ordermanagement/v1/orders/{{order_id}}{path}");
    ApiRoutes::new()
        .route(
            &ORDERS,
            &of_order("/captures"),
            get(captures::list, &operations::LIST_CAPTURES).post(captures::create, &operations::CAPTURE),
        )
        .route(&ORDERS, &of_order("/captures/{capture_id}"), get(captures::read, &operations::READ_CAPTURE))
        .route(
            &ORDERS,
            &of_order("/captures/{capture_id}/extend-due-date"),
            patch(due_dates::extend, &operations::EXTEND_DUE_DATE),
        )
        .route(
            &ORDERS,
            &of_order("/captures/{capture_id}/extend-due-date-options"),
            get(due_dates::options, &operations::DUE_DATE_OPTIONS),
        )
        .route(
            &ORDERS,
            &of_order("/captures/{capture_id}/shipping-info"),
            post(captures::add_shipping_info, &operations::ADD_CAPTURE_SHIPPING),
        )
        .route(
            &ORDERS,
            &of_order("/captures/{capture_id}/trigger-send-out"),
            post(captures::trigger_send_out, &operations::TRIGGER_SEND_OUT),
        )
        .route(&ORDERS, &of_order("/refunds"), post(refunds::create, &operations::REFUND))
        .route(&ORDERS, &of_order("/refunds/{refund_id}"), get(refunds::read, &operations::READ_REFUND))
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
