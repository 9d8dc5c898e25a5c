//! The clerk's actions on an order: capture, refund, disable, and place again after a failure.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::answer::{ShopError, see_other};
use super::call_failure::CallFailure;
use super::follow_up::{follow_up, refresh};
use super::orders::Order;
use super::shop::Shop;

pub(super) async fn act(
    State(shop): State<Arc<Shop>>,
    Path((number, act)): Path<(u64, String)>,
) -> Result<Response, ShopError> {
    let order = shop.orders.find(number).ok_or(ShopError::NoSuchOrder)?;
    if act == "place" {
        follow_up(shop.clone(), order.clone()).await;
        return see_other(&order.href());
    }
    let turn = order.turn.lock().await;
    let result = match act.as_str() {
        "capture" => capture(&shop, &order).await,
        "refund" => refund(&shop, &order).await,
        "disable" => disable(&shop, &order).await,
        _ => return Err(ShopError::NoSuchPage),
    };
    order.change(|state| state.trouble = result.err());
    refresh(&shop, &order).await;
    drop(turn);
    see_other(&order.href())
}

/// Captures the remaining amount. The idempotency key changes only after a success, so pressing again after a failure
/// repeats the same call.
async fn capture(shop: &Shop, order: &Order) -> Result<(), CallFailure> {
    let state = order.state();
    let Some(placed) = state.placed else { return Ok(()) };
    let amount = placed.remaining_authorized_amount;
    if amount == 0 {
        return Ok(());
    }
    shop.capture(order, &placed.order_id, amount, state.capture_key).await?;
    order.change(|state| state.capture_key = shop.new_key());
    Ok(())
}

/// Refunds the amount that is captured and not yet refunded.
async fn refund(shop: &Shop, order: &Order) -> Result<(), CallFailure> {
    let state = order.state();
    let Some(placed) = state.placed else { return Ok(()) };
    let amount = placed.captured_amount - placed.refunded_amount;
    if amount == 0 {
        return Ok(());
    }
    shop.refund(order, &placed.order_id, amount, state.refund_key).await?;
    order.change(|state| state.refund_key = shop.new_key());
    Ok(())
}

async fn disable(shop: &Shop, order: &Order) -> Result<(), CallFailure> {
    let Some(created) = order.state().created else { return Ok(()) };
    shop.disable(order, &created.session_url).await
}
