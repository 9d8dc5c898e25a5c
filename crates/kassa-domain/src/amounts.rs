//! The rules that the amounts of a cart obey (spec 6.1), in exact integer arithmetic.

use alloc::vec::Vec;
use core::fmt;

/// A tax rate has two implied decimals: 2500 is 25 %. So the whole, 100 %, is this.
const WHOLE_RATE: i128 = 10_000;

/// The amounts of one order line, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineAmounts {
    /// Whether the line is the tax itself, as in the United States (`type: sales_tax`).
    pub kind: LineKind,
    /// How many units.
    pub quantity: i64,
    /// The price of one unit, tax included, discount not.
    pub unit_price: i64,
    /// The discount on the whole line; none counts as zero.
    pub total_discount_amount: i64,
    /// What the line costs.
    pub total_amount: i64,
    /// The tax rate with two implied decimals.
    pub tax_rate: Option<i64>,
    /// The tax contained in `total_amount`.
    pub total_tax_amount: Option<i64>,
}

/// What a line stands for, as far as amounts are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Something sold, shipped or discounted.
    Article,
    /// The sales tax of the whole order, as a line of its own.
    SalesTax,
}

/// The amounts of an order and of its lines, in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderAmounts {
    /// What the order costs.
    pub order_amount: i64,
    /// The tax contained in it, where the merchant told it.
    pub order_tax_amount: Option<i64>,
    /// The lines.
    pub lines: Vec<LineAmounts>,
}

/// An amount that breaks a rule. Its `Display` form is the field's path on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadAmount {
    /// Rule 1: the line's total is not quantity times unit price less discount.
    LineTotal {
        /// Counts from zero.
        line: usize,
    },
    /// Rule 2: the line's tax is more than one minor unit away from what its rate says.
    LineTax {
        /// Counts from zero.
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
            Self::LineTax { line } => write!(f, "order_lines[{line}].total_tax_amount"),
            Self::OrderAmount => f.write_str("order_amount"),
            Self::OrderTax => f.write_str("order_tax_amount"),
        }
    }
}

impl OrderAmounts {
    /// Every amount that breaks a rule, lines first. A rule speaks only of amounts that were given.
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

    /// Rule 4. With a sales tax line there is nothing to round, so the tax is exact; otherwise each item may round by one.
    fn tax_adds_up(&self) -> bool {
        let Some(order_tax) = self.order_tax_amount else { return true };
        let difference = i128::from(order_tax) - sum(&self.lines, LineAmounts::tax);
        let is_american = self.lines.iter().any(|line| line.kind == LineKind::SalesTax);
        let tolerance = if is_american { 0 } else { self.item_count() };
        difference.unsigned_abs() <= tolerance
    }

    /// The number of items. The sources leave open whether lines or units are meant: the larger counts.
    fn item_count(&self) -> u128 {
        let units = sum(&self.lines, |line| line.quantity).max(0).unsigned_abs();
        units.max(self.lines.len() as u128)
    }
}

/// The lines that break rule 1 or 2. They are checked apart where there is no order amount to add up to.
#[must_use]
pub fn bad_lines(lines: &[LineAmounts]) -> Vec<BadAmount> {
    let mut bad = Vec::new();
    for (line, amounts) in lines.iter().enumerate() {
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
    /// Rule 1. The product of two `i64` fits an `i128`.
    fn total_is_right(&self) -> bool {
        let gross = i128::from(self.quantity) * i128::from(self.unit_price);
        gross - i128::from(self.total_discount_amount) == i128::from(self.total_amount)
    }

    /// Rule 2, multiplied by `10000 + tax_rate` so that nothing is divided and nothing is rounded.
    fn tax_is_right(&self) -> bool {
        let (Some(rate), Some(tax)) = (self.tax_rate, self.total_tax_amount) else { return true };
        let whole = WHOLE_RATE + i128::from(rate);
        let told = i128::from(tax) * whole;
        let computed = i128::from(self.total_amount) * i128::from(rate);
        told.abs_diff(computed) <= whole.max(0).unsigned_abs()
    }

    /// What the line adds to the order's tax.
    fn tax(&self) -> i64 {
        match self.kind {
            LineKind::Article => self.total_tax_amount.unwrap_or(0),
            LineKind::SalesTax => self.total_amount,
        }
    }
}

fn sum(lines: &[LineAmounts], amount: impl Fn(&LineAmounts) -> i64) -> i128 {
    lines.iter().map(|line| i128::from(amount(line))).sum()
}

#[cfg(test)]
mod tests;
