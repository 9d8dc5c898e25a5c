//! `GET /demo/orders/{order}`: shows the order to the consumer, and beside it everything that the merchant sees.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use kassa_wire::snapshot::SessionSnapshot;

use super::answer::ShopError;
use super::arrival::{Arrival, ArrivalSource};
use super::call_failure::CallFailure;
use super::exchange::Exchange;
use super::follow_up::refresh;
use super::orders::{Order, State as OrderState};
use super::shop::Shop;
use super::stage::{Stage, StageText};
use kassa_developer_page::{EntryView, Frame, JsonToken, page, status_class, time_of_day, timeline};

pub(super) async fn show(
    State(shop): State<Arc<Shop>>,
    Path(number): Path<u64>,
) -> Result<Response, ShopError> {
    let order = shop.orders.find(number).ok_or(ShopError::NoSuchOrder)?;
    refresh(&shop, &order).await;
    answer(&shop, &order, StatusCode::OK)
}

/// Renders the order's page in its current state.
pub(super) fn answer(shop: &Shop, order: &Order, status: StatusCode) -> Result<Response, ShopError> {
    let frame = shop.frame();
    let shown = OrderPage {
        frame: &frame,
        reference: order.reference(),
        live_href: format!("{}/live", order.href()),
        body: render_body(order)?,
    };
    Ok(page(status, &frame, &shown)?)
}

/// Renders the part of the page that the live view sends again. It depends only on the order.
pub(super) fn render_body(order: &Order) -> Result<String, askama::Error> {
    OrderBody::of(order, &order.state()).render()
}

/// Returns the status for the list of orders: the placed order's status, or else the session's.
pub(super) fn status_shown(state: &OrderState) -> String {
    if let Some(placed) = &state.placed {
        return placed.status.clone();
    }
    if state.created.is_none() {
        return "REFUSED".to_string();
    }
    if state.is_gone {
        return "EXPIRED".to_string();
    }
    state.session.as_ref().map_or("WAITING".to_string(), |session| session.status().to_string())
}

#[derive(Template)]
#[template(path = "demo/order.html")]
struct OrderPage<'a> {
    frame: &'a Frame,
    reference: String,
    live_href: String,
    /// HTML of another template, which has escaped it.
    body: String,
}

#[derive(Template)]
#[template(path = "demo/order_body.html")]
struct OrderBody<'a> {
    href: String,
    shop_href: String,
    reference: String,
    words: StageText,
    status: String,
    lines: Vec<Line>,
    total: String,
    tax: String,
    actions: AllowedActions,
    facts: Vec<(&'static str, &'static str, String)>,
    trouble: Option<&'a CallFailure>,
    session: Option<&'a SessionSnapshot>,
    session_shown: &'a [JsonToken],
    arrivals: Vec<Arrival>,
    timeline: Vec<EntryView>,
    exchanges: Vec<Exchange>,
}

/// One line of the receipt.
struct Line {
    name: String,
    quantity: i64,
    total: String,
}

/// The actions that the order allows now.
struct AllowedActions {
    /// The payment page's address, if the link can still be paid.
    pay_href: Option<String>,
    /// The QR code of the payment page, for another screen.
    qr_code_url: Option<String>,
    can_be_placed: bool,
    /// The amount that can be captured, formatted.
    capture: Option<String>,
    /// The amount that can be refunded, formatted.
    refund: Option<String>,
}

impl<'a> OrderBody<'a> {
    fn of(order: &Order, state: &'a OrderState) -> Self {
        let stage = Stage::of(state);
        let formatted = |amount| order.basket.market.formatted(amount);
        Self {
            href: order.href(),
            shop_href: order.basket.href(),
            reference: order.reference(),
            words: stage.words(),
            status: status_shown(state),
            lines: lines(order),
            total: formatted(order.bill.order_amount),
            tax: formatted(order.bill.order_tax_amount),
            actions: AllowedActions::of(order, state, stage),
            facts: facts(order, state),
            trouble: state.trouble.as_ref(),
            session: state.session.as_ref(),
            session_shown: &state.session_shown,
            arrivals: state.arrivals.all(),
            timeline: state
                .history
                .as_ref()
                .map(|history| timeline(&history.timeline, |_| None))
                .unwrap_or_default(),
            exchanges: state.wire.exchanges(),
        }
    }
}

impl AllowedActions {
    fn of(order: &Order, state: &OrderState, stage: Stage) -> Self {
        let created = state.created.as_ref().filter(|_| stage.can_be_paid());
        let positive = |amount: i64| (amount > 0).then(|| order.basket.market.formatted(amount));
        let placed = state.placed.as_ref().filter(|_| stage != Stage::OrderEnded);
        let refundable = state.placed.as_ref().map(|placed| placed.captured_amount - placed.refunded_amount);
        Self {
            pay_href: created.map(|created| created.redirect_url.clone()),
            qr_code_url: created.map(|created| created.qr_code_url.clone()),
            can_be_placed: stage == Stage::Paid,
            capture: placed.and_then(|placed| positive(placed.remaining_authorized_amount)),
            refund: refundable.and_then(positive),
        }
    }
}

fn lines(order: &Order) -> Vec<Line> {
    let lines = order.bill.lines.iter().map(|line| Line {
        name: line.name.clone(),
        quantity: line.quantity,
        total: order.basket.market.formatted(line.total_amount),
    });
    lines.collect()
}

/// Returns the facts about a placed order: label, test id and value.
fn facts(order: &Order, state: &OrderState) -> Vec<(&'static str, &'static str, String)> {
    let Some(placed) = &state.placed else { return Vec::new() };
    let formatted = |amount| order.basket.market.formatted(amount);
    let mut facts = vec![
        ("Order id", "order-id", placed.order_id.clone()),
        ("Reference", "klarna-reference", placed.klarna_reference.clone()),
    ];
    if placed.captured_amount > 0 {
        facts.push(("Captured", "captured", formatted(placed.captured_amount)));
    }
    if placed.refunded_amount > 0 {
        facts.push(("Refunded", "refunded", formatted(placed.refunded_amount)));
    }
    facts
}
