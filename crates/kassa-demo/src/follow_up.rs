//! Reads an order's sessions again, and places the order once it is paid.

use std::sync::Arc;

use kassa_wire::snapshot::SessionSnapshot;
use kassa_wire::status::Completion;

use super::call_failure::CallFailure;
use super::orders::Order;
use super::shop::Shop;

/// Reads the session, its history and the placed order again. If a read fails, the earlier state stays.
pub(super) async fn refresh(shop: &Shop, order: &Order) {
    let state = order.state();
    let Some(created) = state.created else { return };
    let session = read_session(shop, order, &created.session_url).await;
    if let Ok(history) = shop.read_history(order, &created.session_id).await {
        order.change(|state| state.history = Some(history));
    }
    let order_id = session.ok().and_then(|session| order_id(&session)).or(state.order_id);
    if let Some(order_id) = order_id {
        read_placed(shop, order, order_id).await;
    }
}

/// Returns the id of the order, if the session has one.
fn order_id(session: &SessionSnapshot) -> Option<String> {
    session.state.completion().and_then(Completion::order_id).map(str::to_string)
}

/// Reads the page session, the only source that the shop trusts.
async fn read_session(shop: &Shop, order: &Order, session_url: &str) -> Result<SessionSnapshot, CallFailure> {
    let read = shop.read_page_session(order, session_url).await;
    order.change(|state| match &read {
        Ok((session, shown)) => {
            state.session = Some(session.clone());
            state.session_shown.clone_from(shown);
            state.is_gone = false;
        }
        Err(trouble) => state.is_gone = trouble.is_not_found(),
    });
    read.map(|(session, _)| session)
}

async fn read_placed(shop: &Shop, order: &Order, order_id: String) {
    if let Ok(placed) = shop.read_order(order, &order_id).await {
        order.change(|state| {
            state.order_id = Some(order_id);
            state.placed = Some(placed);
        });
    }
}

/// Follows up a callback or the return of the browser. The first of them places the order; the other finds it placed.
///
/// Both only trigger a read: the shop acts on the session that it reads, not on the callback's body.
pub(super) async fn follow_up(shop: Arc<Shop>, order: Arc<Order>) {
    let turn = order.turn.lock().await;
    if order.state().order_id.is_none() {
        let result = place_if_paid(&shop, &order).await;
        order.change(|state| state.trouble = result.err());
    }
    drop(turn);
    refresh(&shop, &order).await;
}

async fn place_if_paid(shop: &Shop, order: &Order) -> Result<(), CallFailure> {
    let Some(created) = order.state().created else { return Ok(()) };
    let session = read_session(shop, order, &created.session_url).await?;
    if let Some(Completion::Token(token)) = session.state.completion() {
        let order_id = shop.place(order, token).await?;
        order.change(|state| state.order_id = Some(order_id));
    }
    Ok(())
}
