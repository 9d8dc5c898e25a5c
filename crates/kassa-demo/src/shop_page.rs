//! `GET /demo`: shows the articles, the cart, and the integrator's choices.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;

use super::answer::{ShopError, see_other};
use super::basket::{Basket, Fields};
use super::cart_totals::CartTotals;
use super::catalogue::{CATALOGUE, Product};
use super::choices::{CATEGORIES, CHANNELS, Choice, MODES, URLS};
use super::market::Market;
use super::order_page::status_shown;
use super::orders::Order;
use super::shop::Shop;
use kassa_developer_page::{Frame, mood_of, page, time_of_day};

/// Maximum number of orders in the list.
const MAX_LISTED: usize = 8;

pub(super) async fn show(
    State(shop): State<Arc<Shop>>,
    Query(fields): Query<Fields>,
) -> Result<Response, ShopError> {
    let frame = shop.frame();
    let basket = Basket::of(&fields);
    let shown = ShopPage {
        frame: &frame,
        shelf: CATALOGUE
            .iter()
            .zip(basket.quantities)
            .map(|(product, count)| article_view(product, count, &basket))
            .collect(),
        cart: cart(&basket),
        latest: shop.orders.latest(MAX_LISTED).iter().map(|order| listed(order)).collect(),
        basket: &basket,
    };
    Ok(page(StatusCode::OK, &frame, &shown)?)
}

/// Applies a button of the cart, and redirects to the address of the changed basket.
pub(super) async fn change(Query(fields): Query<Fields>) -> Result<Response, ShopError> {
    see_other(&Basket::of(&fields).href())
}

#[derive(Template)]
#[template(path = "demo/shop.html")]
struct ShopPage<'a> {
    frame: &'a Frame,
    basket: &'a Basket,
    shelf: Vec<ArticleView>,
    cart: Cart,
    latest: Vec<ListedOrder>,
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

/// An article on the page.
struct ArticleView {
    product: &'static Product,
    price: String,
    count: u8,
}

/// The cart with its totals.
struct Cart {
    lines: Vec<CartLine>,
    tax: String,
    total: String,
}

/// One line of the cart.
struct CartLine {
    /// The article's id; empty for a tax line.
    id: String,
    name: String,
    quantity: i64,
    total: String,
}

/// An order in the list of the latest orders.
struct ListedOrder {
    href: String,
    reference: String,
    at: String,
    amount: String,
    status: String,
    mood: &'static str,
}

fn article_view(product: &'static Product, count: u8, basket: &Basket) -> ArticleView {
    ArticleView { product, price: basket.market.formatted(product.price(basket.market)), count }
}

fn cart(basket: &Basket) -> Cart {
    let bill = CartTotals::of(basket);
    let formatted = |amount| basket.market.formatted(amount);
    let lines = bill.lines.iter().map(|line| CartLine {
        id: line.reference.clone().unwrap_or_default(),
        name: line.name.clone(),
        quantity: line.quantity,
        total: formatted(line.total_amount),
    });
    Cart {
        lines: lines.collect(),
        tax: formatted(bill.order_tax_amount),
        total: formatted(bill.order_amount),
    }
}

fn listed(order: &Order) -> ListedOrder {
    let status = status_shown(&order.state());
    ListedOrder {
        href: order.href(),
        reference: order.reference(),
        at: order.opened_at.clone(),
        amount: order.basket.market.formatted(order.bill.order_amount),
        mood: mood_of(&status),
        status,
    }
}
