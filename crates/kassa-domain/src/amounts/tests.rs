//! Checks the worked samples of docs/wire.md#amount-rules, and the rules over any cart.

use alloc::string::{String, ToString};
use alloc::vec;

use proptest::prelude::*;

use super::*;

/// A line of one unit with a tax.
fn taxed(total_amount: i64, total_tax_amount: i64, tax_rate: i64) -> LineAmounts {
    LineAmounts {
        tax_rate: Some(tax_rate),
        total_tax_amount: Some(total_tax_amount),
        ..untaxed(total_amount)
    }
}

/// A line of one unit without a tax.
fn untaxed(total_amount: i64) -> LineAmounts {
    LineAmounts {
        kind: LineKind::Article,
        quantity: 1,
        unit_price: total_amount,
        total_discount_amount: 0,
        total_amount,
        tax_rate: None,
        total_tax_amount: None,
    }
}

fn order(order_amount: i64, order_tax_amount: i64, lines: &[LineAmounts]) -> OrderAmounts {
    OrderAmounts { order_amount, order_tax_amount: Some(order_tax_amount), lines: lines.to_vec() }
}

#[track_caller]
fn check(order: &OrderAmounts, expected: &[&str]) {
    let bad: Vec<String> = order.bad().iter().map(ToString::to_string).collect();
    assert_eq!(bad, expected, "{order:?}");
}

#[test]
fn the_worked_sample_is_valid() {
    check(&order(62_400, 10_400, &[taxed(59_500, 9_917, 2_000), taxed(2_900, 483, 2_000)]), &[]);
}

#[test]
fn the_recorded_sample_is_valid() {
    check(&order(22_299, 4_170, &[taxed(9_999, 1_870, 2_300), taxed(12_300, 2_300, 2_300)]), &[]);
}

#[test]
fn the_sales_tax_sample_is_valid() {
    let tax = LineAmounts { kind: LineKind::SalesTax, ..untaxed(1_000) };
    check(&order(21_000, 1_000, &[untaxed(20_000), tax]), &[]);
    check(&order(21_000, 1_001, &[untaxed(20_000), tax]), &["order_tax_amount"]);
}

#[test]
fn the_guides_sample_with_a_wrong_order_amount_is_refused() {
    let order = OrderAmounts { order_amount: 57_064, order_tax_amount: None, lines: vec![untaxed(20_000)] };
    check(&order, &["order_amount"]);
}

#[test]
fn a_line_total_may_be_off_by_the_quantity() {
    for (total, is_right) in [(246, false), (247, true), (250, true), (253, true), (254, false)] {
        let line = LineAmounts { quantity: 3, unit_price: 100, total_discount_amount: 50, ..untaxed(total) };
        let expected: &[&str] = if is_right { &[] } else { &["order_lines[0].total_amount"] };
        check(&order(total, 0, &[line]), expected);
    }
    let no_units = LineAmounts { quantity: 0, unit_price: 100, ..untaxed(1) };
    check(&order(1, 0, &[no_units]), &["order_lines[0].total_amount"]);
}

#[test]
fn a_discount_is_never_positive() {
    let discount = |amount| LineAmounts { kind: LineKind::Discount, ..untaxed(amount) };
    check(&order(900, 0, &[untaxed(1_000), discount(-100)]), &[]);
    check(&order(1_000, 0, &[untaxed(1_000), discount(0)]), &[]);
    check(
        &order(1_100, 0, &[untaxed(1_000), discount(100)]),
        &["order_lines[1].unit_price", "order_lines[1].total_amount"],
    );
    let outweighed = LineAmounts { unit_price: 100, total_discount_amount: 200, ..discount(-100) };
    check(&order(900, 0, &[untaxed(1_000), outweighed]), &["order_lines[1].unit_price"]);
}

#[test]
fn a_line_tax_may_be_one_minor_unit_off() {
    for (tax, is_right) in [(1_998, false), (1_999, true), (2_000, true), (2_001, true), (2_002, false)] {
        assert_eq!(taxed(10_000, tax, 2_500).tax_is_right(), is_right, "{tax}");
    }
}

#[test]
fn the_tax_of_a_discount_is_negative() {
    check(&order(8_000, 1_600, &[taxed(10_000, 2_000, 2_500), taxed(-2_000, -400, 2_500)]), &[]);
    check(
        &order(8_000, 1_600, &[taxed(10_000, 2_000, 2_500), taxed(-2_000, 400, 2_500)]),
        &["order_lines[1].total_tax_amount", "order_tax_amount"],
    );
}

#[test]
fn the_order_tax_may_be_off_by_the_larger_of_lines_and_units() {
    let three_units = LineAmounts { quantity: 3, unit_price: 100, ..taxed(300, 60, 2_500) };
    check(&order(300, 63, &[three_units]), &[]);
    check(&order(300, 64, &[three_units]), &["order_tax_amount"]);
    let no_units = LineAmounts { quantity: 0, ..taxed(0, 0, 2_500) };
    check(&order(0, 2, &[no_units, no_units]), &[]);
}

#[test]
fn all_bad_amounts_are_reported_together() {
    let wrong = LineAmounts { quantity: 2, ..taxed(1_000, 999, 2_500) };
    check(
        &order(1, 0, &[wrong]),
        &[
            "order_lines[0].total_amount",
            "order_lines[0].total_tax_amount",
            "order_amount",
            "order_tax_amount",
        ],
    );
}

fn any_line() -> impl Strategy<Value = LineAmounts> {
    let kind = prop_oneof![Just(LineKind::Article), Just(LineKind::Discount), Just(LineKind::SalesTax)];
    let numbers = (any::<i64>(), any::<i64>(), any::<i64>(), any::<i64>());
    let tax = (any::<Option<i64>>(), any::<Option<i64>>());
    (kind, numbers, tax).prop_map(
        |(kind, (quantity, unit_price, total_discount_amount, total_amount), tax)| {
            let (tax_rate, total_tax_amount) = tax;
            LineAmounts {
                kind,
                quantity,
                unit_price,
                total_discount_amount,
                total_amount,
                tax_rate,
                total_tax_amount,
            }
        },
    )
}

/// A line with correct amounts. Its tax is rounded to the nearest minor unit.
fn correct_line() -> impl Strategy<Value = LineAmounts> {
    (0..1_000_i64, -100_000..100_000_i64, 0..50_000_i64, 0..=10_000_i64).prop_map(
        |(quantity, unit_price, total_discount_amount, rate)| {
            let total_amount = quantity * unit_price - total_discount_amount;
            let tax = (2 * total_amount * rate).div_euclid(2 * (10_000 + rate));
            LineAmounts { quantity, unit_price, total_discount_amount, ..taxed(total_amount, tax, rate) }
        },
    )
}

proptest! {
    #[test]
    fn the_check_never_overflows(
        order_amount: i64, order_tax_amount: Option<i64>, lines in proptest::collection::vec(any_line(), 0..20),
    ) {
        let _ = OrderAmounts { order_amount, order_tax_amount, lines }.bad();
    }

    #[test]
    fn a_cart_of_correct_lines_is_valid(lines in proptest::collection::vec(correct_line(), 1..20)) {
        let order_amount = lines.iter().map(|line| line.total_amount).sum();
        let order_tax_amount = lines.iter().filter_map(|line| line.total_tax_amount).sum();
        check(&order(order_amount, order_tax_amount, &lines), &[]);
    }

    #[test]
    fn an_order_amount_that_differs_from_the_sum_is_bad(
        lines in proptest::collection::vec(correct_line(), 1..20), off in 1..1_000_i64,
    ) {
        let order_amount = lines.iter().map(|line| line.total_amount).sum::<i64>() + off;
        let order = OrderAmounts { order_amount, order_tax_amount: None, lines };
        prop_assert_eq!(order.bad(), [BadAmount::OrderAmount]);
    }
}
