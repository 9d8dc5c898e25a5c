//! Checkout: the shop creates a payment session and a page session, then redirects the browser to the payment page.

use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::answer::{ShopError, see_other};
use super::basket::{Basket, Fields};
use super::call_failure::CallFailure;
use super::order_page;
use super::orders::Order;
use super::shop::Shop;

pub(super) async fn checkout(
    State(shop): State<Arc<Shop>>,
    Form(fields): Form<Fields>,
) -> Result<Response, ShopError> {
    let basket = Basket::of(&fields);
    if basket.is_empty() {
        return see_other(&basket.href());
    }
    let order = shop.open_order(basket);
    match create(&shop, &order).await {
        Ok(redirect_url) => see_other(&shop.for_browser(&redirect_url)),
        Err(trouble) => {
            order.change(|state| state.trouble = Some(trouble));
            order_page::answer(&shop, &order, StatusCode::BAD_GATEWAY)
        }
    }
}

/// Creates both sessions and returns the payment page's address.
async fn create(shop: &Shop, order: &Order) -> Result<String, CallFailure> {
    let payment_session_id = shop.create_payment_session(order).await?;
    order.change(|state| state.payment_session_id = Some(payment_session_id.clone()));
    let created = shop.create_page_session(order, &payment_session_id).await?;
    let redirect_url = created.redirect_url.clone();
    order.change(|state| state.created = Some(created));
    Ok(redirect_url)
}
