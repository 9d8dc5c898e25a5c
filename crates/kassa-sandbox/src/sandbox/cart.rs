//! Checks a cart: its amounts must add up, and an order's cart must match the authorized one.

use kassa_domain::amounts::{LineAmounts, LineKind, OrderAmounts};
use kassa_wire::cart::OrderLine;
use kassa_wire::payments::{OrderCreation, PaymentSession};

/// Returns every field that breaks an amount rule (docs/wire.md#amount-rules).
pub(crate) fn bad_amounts(
    order_amount: i64,
    order_tax_amount: Option<i64>,
    order_lines: &[OrderLine],
) -> Vec<String> {
    let lines = order_lines.iter().map(line_amounts).collect();
    let amounts = OrderAmounts { order_amount, order_tax_amount, lines };
    amounts.bad().iter().map(ToString::to_string).collect()
}

fn line_amounts(line: &OrderLine) -> LineAmounts {
    LineAmounts {
        kind: if line_type(line) == "sales_tax" { LineKind::SalesTax } else { LineKind::Article },
        quantity: line.quantity,
        unit_price: line.unit_price,
        total_discount_amount: line.total_discount_amount.unwrap_or(0),
        total_amount: line.total_amount,
        tax_rate: line.tax_rate,
        total_tax_amount: line.total_tax_amount,
    }
}

fn line_type(line: &OrderLine) -> String {
    line.r#type.as_deref().unwrap_or("physical").to_ascii_lowercase()
}

/// Returns the fields in which a new order differs from the authorized content (docs/wire.md#matching-an-order).
pub(crate) fn mismatches(authorized: &PaymentSession, order: &OrderCreation) -> Vec<&'static str> {
    let is_same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    let mut fields = Vec::new();
    if !is_same(&authorized.purchase_country, &order.purchase_country) {
        fields.push("purchase_country");
    }
    if !is_same(&authorized.purchase_currency, &order.purchase_currency) {
        fields.push("purchase_currency");
    }
    if authorized.order_amount != order.order_amount {
        fields.push("order_amount");
    }
    if authorized.order_tax_amount.unwrap_or(0) != order.order_tax_amount.unwrap_or(0) {
        fields.push("order_tax_amount");
    }
    let agreed = authorized.order_lines.iter().map(agreed_parts);
    if !agreed.eq(order.order_lines.iter().map(agreed_parts)) {
        fields.push("order_lines");
    }
    fields
}

/// Returns the parts of a line that must not change. Pictures, links and the merchant's own data may change.
fn agreed_parts(line: &OrderLine) -> (String, &str, Option<&str>, LineAmounts) {
    (line_type(line), &line.name, line.reference.as_deref(), line_amounts(line))
}

#[cfg(test)]
mod tests {
    use kassa_wire::shape::Shaped;
    use serde_json::{Value, json};

    use super::*;

    fn authorized() -> Value {
        json!({
            "purchase_country": "SE", "purchase_currency": "SEK", "order_amount": 100, "order_tax_amount": 20,
            "order_lines": [{
                "name": "Shoe", "quantity": 1, "unit_price": 100, "total_amount": 100, "tax_rate": 2500,
                "total_tax_amount": 20,
            }],
        })
    }

    #[track_caller]
    fn check(change: impl Fn(&mut Value), expected: &[&str]) {
        let mut order = authorized();
        change(&mut order);
        let authorized = PaymentSession::read(authorized()).unwrap();
        assert_eq!(mismatches(&authorized, &OrderCreation::read(order).unwrap()), expected);
    }

    #[test]
    fn an_order_must_keep_country_currency_amounts_and_lines() {
        check(|_| {}, &[]);
        check(|order| order["purchase_country"] = json!("DE"), &["purchase_country"]);
        check(|order| order["purchase_currency"] = json!("EUR"), &["purchase_currency"]);
        check(|order| order["order_amount"] = json!(99), &["order_amount"]);
        check(|order| order["order_tax_amount"] = json!(null), &["order_tax_amount"]);
        check(|order| order["order_lines"][0]["quantity"] = json!(2), &["order_lines"]);
        check(|order| order["order_lines"][0]["name"] = json!("Boot"), &["order_lines"]);
    }

    #[test]
    fn pictures_references_and_the_case_of_words_may_differ() {
        check(|order| order["purchase_country"] = json!("se"), &[]);
        check(|order| order["order_lines"][0]["type"] = json!("physical"), &[]);
        check(|order| order["order_lines"][0]["total_discount_amount"] = json!(0), &[]);
        check(|order| order["order_lines"][0]["image_url"] = json!("https://shop.example/shoe.png"), &[]);
        check(|order| order["merchant_reference1"] = json!("M-1"), &[]);
    }
}
