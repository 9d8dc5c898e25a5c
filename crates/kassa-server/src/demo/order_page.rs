//! `GET /demo/orders/{order}`: the order as the consumer sees it, and beside it everything that the merchant sees.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use kassa_wire::hpp::SessionRead;

use super::answer::NotShown;
use super::arrival::{Arrival, What};
use super::exchange::Exchange;
use super::follow::refresh;
use super::orders::{Order, State as OrderState};
use super::shop::Shop;
use super::standing::{Standing, Words};
use super::trouble::Trouble;
use crate::developer_page::{Frame, Moment, Piece, mood_of, page, time_of_day, timeline};

pub(super) async fn show(
    State(shop): State<Arc<Shop>>,
    Path(number): Path<u64>,
) -> Result<Response, NotShown> {
    let order = shop.orders.find(number).ok_or(NotShown::NoSuchOrder)?;
    refresh(&shop, &order).await;
    answer(&shop, &order, StatusCode::OK)
}

/// The order's page as it stands.
pub(super) fn answer(shop: &Shop, order: &Order, status: StatusCode) -> Result<Response, NotShown> {
    let frame = shop.frame();
    let shown = OrderPage {
        frame: &frame,
        reference: order.reference(),
        live_href: format!("{}/live", order.href()),
        body: written(order)?,
    };
    Ok(page(status, &frame, &shown)?)
}

/// The part of the page that changes, which the live view sends again. It depends on nothing but the order.
pub(super) fn written(order: &Order) -> Result<String, askama::Error> {
    OrderBody::of(order, &order.state()).render()
}

/// The status that names an order in a list: the order's own once it was placed, else the session's.
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
    state.session.as_ref().map_or("WAITING".to_string(), |session| session.status.clone())
}

#[derive(Template)]
#[template(path = "demo/order.html")]
struct OrderPage<'a> {
    frame: &'a Frame,
    reference: String,
    live_href: String,
    /// Written by a template of its own, and escaped there.
    body: String,
}

#[derive(Template)]
#[template(path = "demo/order_body.html")]
struct OrderBody<'a> {
    href: String,
    shop_href: String,
    reference: String,
    words: Words,
    status: String,
    lines: Vec<Line>,
    total: String,
    tax: String,
    acts: Acts,
    facts: Vec<(&'static str, &'static str, String)>,
    trouble: Option<&'a Trouble>,
    session: Option<&'a SessionRead>,
    session_shown: &'a [Piece],
    arrivals: Vec<Arrival>,
    timeline: Vec<Moment>,
    exchanges: Vec<Exchange>,
}

/// One line of the receipt.
struct Line {
    name: String,
    quantity: i64,
    total: String,
}

/// What can be done with an order now.
struct Acts {
    /// Where the consumer can pay.
    pay_href: Option<String>,
    /// The picture of that link, for another screen.
    qr_code_url: Option<String>,
    can_be_placed: bool,
    /// How much can be captured, as the market writes it.
    capture: Option<String>,
    /// How much can be refunded.
    refund: Option<String>,
}

impl<'a> OrderBody<'a> {
    fn of(order: &Order, state: &'a OrderState) -> Self {
        let standing = Standing::of(state);
        let written = |amount| order.basket.market.written(amount);
        Self {
            href: order.href(),
            shop_href: order.basket.href(),
            reference: order.reference(),
            words: standing.words(),
            status: status_shown(state),
            lines: lines(order),
            total: written(order.bill.order_amount),
            tax: written(order.bill.order_tax_amount),
            acts: Acts::of(order, state, standing),
            facts: facts(order, state),
            trouble: state.trouble.as_ref(),
            session: state.session.as_ref(),
            session_shown: &state.session_shown,
            arrivals: state.arrivals.all(),
            timeline: state.history.as_ref().map(timeline).unwrap_or_default(),
            exchanges: state.wire.exchanges(),
        }
    }
}

impl Acts {
    fn of(order: &Order, state: &OrderState, standing: Standing) -> Self {
        let created = state.created.as_ref().filter(|_| standing.can_be_paid());
        let positive = |amount: i64| (amount > 0).then(|| order.basket.market.written(amount));
        let placed = state.placed.as_ref().filter(|_| standing != Standing::OrderEnded);
        let refundable = state.placed.as_ref().map(|placed| placed.captured_amount - placed.refunded_amount);
        Self {
            pay_href: created.map(|created| created.redirect_url.clone()),
            qr_code_url: created.map(|created| created.qr_code_url.clone()),
            can_be_placed: standing == Standing::Paid,
            capture: placed.and_then(|placed| positive(placed.remaining_authorized_amount)),
            refund: refundable.and_then(positive),
        }
    }
}

fn lines(order: &Order) -> Vec<Line> {
    let lines = order.bill.lines.iter().map(|line| Line {
        name: line.name.clone(),
        quantity: line.quantity,
        total: order.basket.market.written(line.total_amount),
    });
    lines.collect()
}

/// What is known of a placed order: label, test id and value.
fn facts(order: &Order, state: &OrderState) -> Vec<(&'static str, &'static str, String)> {
    let Some(placed) = &state.placed else { return Vec::new() };
    let written = |amount| order.basket.market.written(amount);
    let mut facts = vec![
        ("Order id", "order-id", placed.order_id.clone()),
        ("Reference", "klarna-reference", placed.klarna_reference.clone()),
    ];
    if placed.captured_amount > 0 {
        facts.push(("Captured", "captured", written(placed.captured_amount)));
    }
    if placed.refunded_amount > 0 {
        facts.push(("Refunded", "refunded", written(placed.refunded_amount)));
    }
    facts
}
