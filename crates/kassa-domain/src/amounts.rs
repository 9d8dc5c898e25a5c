//! Checks the amounts of a cart (docs/wire.md#amount-rules) in exact integer arithmetic.

use alloc::vec::Vec;
use core::fmt;

/// 100 % as a tax rate. Tax rates have two implied decimals: 2500 is 25 %.
const WHOLE_RATE: i128 = 10_000;

/// The amounts of one order line, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineAmounts {
    /// The kind of the line: an article, a discount, or the sales tax itself (`type: sales_tax`), as in the United
    /// States.
    pub kind: LineKind,
    /// The number of units.
    pub quantity: i64,
    /// The price of one unit, including tax, before any discount.
    pub unit_price: i64,
    /// The discount on the whole line; 0 without a discount.
    pub total_discount_amount: i64,
    /// The price of the whole line, including tax, after the discount.
    pub total_amount: i64,
    /// The tax rate with two implied decimals.
    pub tax_rate: Option<i64>,
    /// The tax contained in `total_amount`.
    pub total_tax_amount: Option<i64>,
}

/// The kind of an order line. It decides how the line counts towards the order's tax, and its sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// An article or a shipping fee.
    Article,
    /// A discount, as a line of its own (`type: discount`).
    Discount,
    /// The sales tax of the whole order, as a line of its own.
    SalesTax,
}

/// The amounts of an order and of its lines, in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderAmounts {
    /// The price of the whole order, including tax.
    pub order_amount: i64,
    /// The tax contained in `order_amount`, if the merchant gave it.
    pub order_tax_amount: Option<i64>,
    /// The order lines.
    pub lines: Vec<LineAmounts>,
}

/// An amount that breaks a rule. Its `Display` form is the field's path on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadAmount {
    /// Rule 1: the line's total differs by more than the quantity from quantity times unit price less discount. Rule 5:
    /// the total of a discount is positive.
    LineTotal {
        /// The index of the line, from zero.
        line: usize,
    },
    /// Rule 5: the unit price of a discount is positive.
    LinePrice {
        /// The index of the line, from zero.
        line: usize,
    },
    /// Rule 2: the line's tax differs by more than one minor unit from the tax that its rate gives.
    LineTax {
        /// The index of the line, from zero.
        line: usize,
    },
    /// Rule 3: the order's amount is not the sum of its lines.
    OrderAmount,
    /// Rule 4: the order's tax is too far from the sum of its lines' taxes.
    OrderTax,
}

impl fmt::Display for BadAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LineTotal { line } => write!(f, "order_lines[{line}].total_amount"),
            Self::LinePrice { line } => write!(f, "order_lines[{line}].unit_price"),
            Self::LineTax { line } => write!(f, "order_lines[{line}].total_tax_amount"),
            Self::OrderAmount => f.write_str("order_amount"),
            Self::OrderTax => f.write_str("order_tax_amount"),
        }
    }
}

impl OrderAmounts {
    /// Returns every amount that breaks a rule, lines first. An absent amount breaks no rule.
    #[must_use]
    pub fn bad(&self) -> Vec<BadAmount> {
        let mut bad = bad_lines(&self.lines);
        if sum(&self.lines, |line| line.total_amount) != i128::from(self.order_amount) {
            bad.push(BadAmount::OrderAmount);
        }
        if !self.tax_adds_up() {
            bad.push(BadAmount::OrderTax);
        }
        bad
    }

    /// Checks rule 4. With a sales tax line, the order's tax must be exact, because nothing is rounded. Otherwise each
    /// item may round by one minor unit.
    fn tax_adds_up(&self) -> bool {
        let Some(order_tax) = self.order_tax_amount else { return true };
        let difference = i128::from(order_tax) - sum(&self.lines, LineAmounts::tax);
        let has_sales_tax = self.lines.iter().any(|line| line.kind == LineKind::SalesTax);
        let tolerance = if has_sales_tax { 0 } else { self.item_count() };
        difference.unsigned_abs() <= tolerance
    }

    /// The number of items. The sources leave open whether lines or units are meant, so the larger number applies.
    fn item_count(&self) -> u128 {
        let units = sum(&self.lines, |line| line.quantity).max(0).unsigned_abs();
        units.max(self.lines.len() as u128)
    }
}

/// Returns the lines that break rule 1, 2 or 5. None of these rules needs the amount of an order.
#[must_use]
pub fn bad_lines(lines: &[LineAmounts]) -> Vec<BadAmount> {
    let mut bad = Vec::new();
    for (line, amounts) in lines.iter().enumerate() {
        if !amounts.price_is_right() {
            bad.push(BadAmount::LinePrice { line });
        }
        if !amounts.total_is_right() {
            bad.push(BadAmount::LineTotal { line });
        }
        if !amounts.tax_is_right() {
            bad.push(BadAmount::LineTax { line });
        }
    }
    bad
}

impl LineAmounts {
    /// Checks rule 5 for the unit price.
    fn price_is_right(&self) -> bool {
        self.kind != LineKind::Discount || self.unit_price <= 0
    }

    /// Checks rule 1, and rule 5 for the total. Each unit may round its price by one minor unit. The product of two
    /// `i64` fits into an `i128`.
    fn total_is_right(&self) -> bool {
        let gross = i128::from(self.quantity) * i128::from(self.unit_price);
        let net = gross - i128::from(self.total_discount_amount);
        let adds_up = net.abs_diff(i128::from(self.total_amount)) <= u128::from(self.quantity.unsigned_abs());
        adds_up && (self.kind != LineKind::Discount || self.total_amount <= 0)
    }

    /// Checks rule 2, with both sides multiplied by `10000 + tax_rate`, so that nothing is rounded.
    fn tax_is_right(&self) -> bool {
        let (Some(rate), Some(tax)) = (self.tax_rate, self.total_tax_amount) else { return true };
        let whole = WHOLE_RATE + i128::from(rate);
        let stated = i128::from(tax) * whole;
        let computed = i128::from(self.total_amount) * i128::from(rate);
        stated.abs_diff(computed) <= whole.max(0).unsigned_abs()
    }

    /// The line's share of the order's tax.
    fn tax(&self) -> i64 {
        match self.kind {
            LineKind::Article | LineKind::Discount => self.total_tax_amount.unwrap_or(0),
            LineKind::SalesTax => self.total_amount,
        }
    }
}

fn sum(lines: &[LineAmounts], amount: impl Fn(&LineAmounts) -> i64) -> i128 {
    lines.iter().map(|line| i128::from(amount(line))).sum()
}

#[cfg(test)]
mod tests;
