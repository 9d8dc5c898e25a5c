//! The amounts of a basket, by the rules of docs/wire.md#amount-rules, in whole minor units.

use kassa_wire::cart::OrderLine;

use super::basket::Basket;
use super::catalogue::{CATALOGUE, Product};
use super::market::Market;

/// 100 % as a tax rate with two implied decimals.
const FULL_RATE: i64 = 10_000;

/// The order lines and totals of a basket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CartTotals {
    pub(super) lines: Vec<OrderLine>,
    pub(super) order_amount: i64,
    pub(super) order_tax_amount: i64,
}

impl CartTotals {
    pub(super) fn of(basket: &Basket) -> Self {
        let market = basket.market;
        let bought = || CATALOGUE.iter().zip(basket.quantities).filter(|(_, count)| *count > 0);
        let mut lines: Vec<OrderLine> =
            bought().map(|(product, count)| line(product, i64::from(count), market)).collect();
        let mut order_tax_amount = lines.iter().filter_map(|line| line.total_tax_amount).sum();
        let taxed_on_top: i64 = bought()
            .map(|(product, count)| {
                i64::from(count) * product.price(market) * market.taxes().rate_on_top(product.tax_class)
            })
            .sum();
        if taxed_on_top > 0 {
            let tax = rounded(taxed_on_top, FULL_RATE);
            lines.push(sales_tax_line(tax));
            order_tax_amount += tax;
        }
        Self { order_amount: lines.iter().map(|line| line.total_amount).sum(), lines, order_tax_amount }
    }
}

/// The line of one article. If the price contains the tax, its share is `total * rate / (100 % + rate)`.
fn line(product: &Product, quantity: i64, market: Market) -> OrderLine {
    let unit_price = product.price(market);
    let total_amount = quantity * unit_price;
    let tax_rate = market.taxes().rate_of_line(product.tax_class);
    OrderLine {
        r#type: Some("physical".to_string()),
        reference: Some(product.id.to_string()),
        name: product.name.to_string(),
        quantity,
        unit_price,
        tax_rate,
        total_amount,
        total_tax_amount: tax_rate.map(|rate| rounded(total_amount * rate, FULL_RATE + rate)),
        ..OrderLine::default()
    }
}

/// The line of the sales tax. In the United States the tax is a separate line without a rate.
fn sales_tax_line(tax: i64) -> OrderLine {
    OrderLine {
        r#type: Some("sales_tax".to_string()),
        name: "Sales tax".to_string(),
        quantity: 1,
        unit_price: tax,
        total_amount: tax,
        ..OrderLine::default()
    }
}

/// Divides two non-negative amounts and rounds to the nearest whole number, halves up.
fn rounded(dividend: i64, divisor: i64) -> i64 {
    (dividend + divisor / 2) / divisor
}

#[cfg(test)]
mod tests {
    use kassa_domain::amounts::{LineAmounts, LineKind, OrderAmounts};

    use super::*;
    use crate::catalogue::ARTICLE_COUNT;

    #[track_caller]
    fn check(market: Market, quantities: [u8; ARTICLE_COUNT]) {
        let bill = CartTotals::of(&Basket { market, quantities, ..Basket::default() });
        let amounts = OrderAmounts {
            order_amount: bill.order_amount,
            order_tax_amount: Some(bill.order_tax_amount),
            lines: bill.lines.iter().map(amounts).collect(),
        };
        assert_eq!(amounts.bad(), [], "{market:?} {quantities:?}: {amounts:?}");
        let exact: i64 = amounts.lines.iter().map(tax).sum();
        assert_eq!(bill.order_tax_amount, exact, "the taxes of the lines add up without any tolerance");
    }

    fn amounts(line: &OrderLine) -> LineAmounts {
        let is_tax = line.r#type.as_deref() == Some("sales_tax");
        LineAmounts {
            kind: if is_tax { LineKind::SalesTax } else { LineKind::Article },
            quantity: line.quantity,
            unit_price: line.unit_price,
            total_discount_amount: line.total_discount_amount.unwrap_or(0),
            total_amount: line.total_amount,
            tax_rate: line.tax_rate,
            total_tax_amount: line.total_tax_amount,
        }
    }

    fn tax(line: &LineAmounts) -> i64 {
        match line.kind {
            LineKind::Article | LineKind::Discount => line.total_tax_amount.unwrap_or(0),
            LineKind::SalesTax => line.total_amount,
        }
    }

    #[test]
    fn each_article_obeys_the_amount_rules_in_every_quantity_and_market() {
        for market in Market::ALL {
            for product in 0..ARTICLE_COUNT {
                for count in 1..=9 {
                    let mut quantities = [0; ARTICLE_COUNT];
                    quantities[product] = count;
                    check(market, quantities);
                }
            }
        }
    }

    #[test]
    fn mixed_baskets_obey_the_amount_rules() {
        for market in Market::ALL {
            for step in 0..100_usize {
                let count = |place| u8::try_from((step / 7 + step * (place + 1)) % 10).unwrap();
                check(market, std::array::from_fn(count));
            }
        }
    }

    #[test]
    fn one_basket_has_these_amounts_in_each_market() {
        let of = |market| {
            let bill =
                CartTotals::of(&Basket { market, quantities: [2, 1, 0, 0, 0, 0], ..Basket::default() });
            (bill.order_amount, bill.order_tax_amount, bill.lines.len())
        };
        assert_eq!(of(Market::Sweden), (49_700, 7_160 + 1_489, 2));
        assert_eq!(of(Market::Germany), (4_429, 508 + 82, 2));
        assert_eq!(of(Market::UnitedKingdom), (3_789, 465, 2));
        assert_eq!(of(Market::UnitedStates), (4_575 + 256, 256, 3));
    }
}
