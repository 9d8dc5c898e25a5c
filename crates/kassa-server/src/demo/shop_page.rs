//! `GET /demo`: the shop, the cart, and the choices of an integrator.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;

use super::answer::{NotShown, see_other};
use super::basket::{Basket, Fields};
use super::bill::Bill;
use super::catalogue::{CATALOGUE, Product};
use super::choices::{CATEGORIES, CHANNELS, Choice, MODES, URLS};
use super::market::Market;
use super::order_page::status_shown;
use super::orders::Order;
use super::shop::Shop;
use crate::developer_page::{Frame, mood_of, page, time_of_day};

/// So many orders are listed.
const LISTED: usize = 8;

pub(super) async fn show(
    State(shop): State<Arc<Shop>>,
    Query(fields): Query<Fields>,
) -> Result<Response, NotShown> {
    let frame = shop.frame();
    let basket = Basket::of(&fields);
    let shown = ShopPage {
        frame: &frame,
        shelf: CATALOGUE
            .iter()
            .zip(basket.quantities)
            .map(|(product, count)| on_shelf(product, count, &basket))
            .collect(),
        cart: cart(&basket),
        latest: shop.orders.latest(LISTED).iter().map(|order| listed(order)).collect(),
        basket: &basket,
    };
    Ok(page(StatusCode::OK, &frame, &shown)?)
}

/// Does what a button of the cart says, and ends at the address of the changed basket.
pub(super) async fn change(Query(fields): Query<Fields>) -> Result<Response, NotShown> {
    see_other(&Basket::of(&fields).href())
}

#[derive(Template)]
#[template(path = "demo/shop.html")]
struct ShopPage<'a> {
    frame: &'a Frame,
    basket: &'a Basket,
    shelf: Vec<OnShelf>,
    cart: Cart,
    latest: Vec<Listed>,
}

impl ShopPage<'_> {
    fn markets(&self) -> [Market; 4] {
        Market::ALL
    }

    fn channels(&self) -> &'static [Choice] {
        &CHANNELS
    }

    fn modes(&self) -> &'static [Choice] {
        &MODES
    }

    fn categories(&self) -> &'static [Choice] {
        &CATEGORIES
    }

    fn urls(&self) -> &'static [Choice] {
        &URLS
    }
}

/// An article as it is offered.
struct OnShelf {
    product: &'static Product,
    price: String,
    count: u8,
}

/// The cart with its sums.
struct Cart {
    lines: Vec<CartLine>,
    tax: String,
    total: String,
}

/// One line of the cart.
struct CartLine {
    /// Names the article; empty for the line of a tax.
    id: String,
    name: String,
    quantity: i64,
    total: String,
}

/// An order in the list of the latest.
struct Listed {
    href: String,
    reference: String,
    at: String,
    amount: String,
    status: String,
    mood: &'static str,
}

fn on_shelf(product: &'static Product, count: u8, basket: &Basket) -> OnShelf {
    OnShelf { product, price: basket.market.written(product.price(basket.market)), count }
}

fn cart(basket: &Basket) -> Cart {
    let bill = Bill::of(basket);
    let written = |amount| basket.market.written(amount);
    let lines = bill.lines.iter().map(|line| CartLine {
        id: line.reference.clone().unwrap_or_default(),
        name: line.name.clone(),
        quantity: line.quantity,
        total: written(line.total_amount),
    });
    Cart { lines: lines.collect(), tax: written(bill.order_tax_amount), total: written(bill.order_amount) }
}

fn listed(order: &Order) -> Listed {
    let status = status_shown(&order.state());
    Listed {
        href: order.href(),
        reference: order.reference(),
        at: order.opened_at.clone(),
        amount: order.basket.market.written(order.bill.order_amount),
        mood: mood_of(&status),
        status,
    }
}
