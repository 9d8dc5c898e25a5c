//! Checks a cart: its amounts must add up.

use kassa_domain::amounts::{LineAmounts, LineKind, OrderAmounts};
use kassa_wire::cart::OrderLine;

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
        kind: match line_type(line).as_str() {
            "sales_tax" => LineKind::SalesTax,
            "discount" => LineKind::Discount,
            _ => LineKind::Article,
        },
        quantity: line.quantity,
        unit_price: line.unit_price,
        total_discount_amount: line.total_discount_amount.unwrap_or(0),
        total_amount: line.total_amount,
        tax_rate: line.tax_rate,
        total_tax_amount: line.total_tax_amount,
    }
}

/// Returns the type of a line in lower case.
pub(super) fn line_type(line: &OrderLine) -> String {
    line.r#type.as_deref().unwrap_or("physical").to_ascii_lowercase()
}
