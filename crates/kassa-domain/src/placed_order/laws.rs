//! Checks the laws of a placed order over any sequence of operations.

use alloc::string::ToString;

use proptest::prelude::*;

use super::*;
use crate::time::HOUR_MS;

const PLACED_AT: Timestamp = Timestamp::from_ms(1_657_273_696_680);

#[derive(Clone, Copy, Debug)]
enum Operation {
    Capture(i64),
    Refund(i64),
    Cancel,
    Release,
    Extend,
    Update(i64),
}

fn any_operation() -> impl Strategy<Value = Operation> {
    let amount = prop_oneof![-10..2_000_i64, any::<i64>()];
    prop_oneof![
        4 => amount.clone().prop_map(Operation::Capture),
        4 => amount.clone().prop_map(Operation::Refund),
        1 => Just(Operation::Cancel),
        1 => Just(Operation::Release),
        1 => Just(Operation::Extend),
        2 => amount.prop_map(Operation::Update),
    ]
}

fn apply(order: &mut PlacedOrder, operation: Operation, now: Timestamp) -> Result<(), Refusal> {
    match operation {
        Operation::Capture(amount) => order.capture("c".to_string(), amount, now),
        Operation::Refund(amount) => order.refund("r".to_string(), amount, now),
        Operation::Cancel => order.cancel(now),
        Operation::Release => order.release_remaining(now),
        Operation::Extend => order.extend(now),
        Operation::Update(amount) => order.update_authorization(amount, now),
    }
}

/// Any order that a sequence of operations produces, and the instant of the last operation.
fn any_history() -> impl Strategy<Value = (PlacedOrder, Timestamp)> {
    let steps = proptest::collection::vec((any_operation(), 0..20 * DAY_MS), 0..20);
    (0..2_000_i64, steps).prop_map(|(amount, steps)| {
        let mut order = PlacedOrder::place(amount, PLACED_AT);
        let mut now = PLACED_AT;
        for (operation, wait_ms) in steps {
            now = now.plus_ms(wait_ms);
            let _ = apply(&mut order, operation, now);
        }
        (order, now)
    })
}

proptest! {
    #[test]
    fn captures_never_exceed_the_order_amount((order, now) in any_history()) {
        prop_assert!(order.captured_amount() <= order.order_amount());
        prop_assert!(order.remaining_authorized_amount(now) >= 0);
        prop_assert!(order.remaining_authorized_amount(now) + order.captured_amount() <= order.order_amount());
    }

    #[test]
    fn refunds_never_exceed_the_captures((order, _) in any_history()) {
        prop_assert!(order.refunded_amount() <= order.captured_amount());
        let shares = order.refunded_per_capture();
        prop_assert_eq!(shares.iter().sum::<i64>(), order.refunded_amount());
        prop_assert!(shares.iter().zip(order.captures()).all(|(share, capture)| *share <= capture.amount));
    }

    #[test]
    fn a_refused_operation_changes_nothing((order, now) in any_history(), operation in any_operation()) {
        let mut after = order.clone();
        if apply(&mut after, operation, now).is_err() {
            prop_assert_eq!(after, order);
        }
    }

    #[test]
    fn a_cancelled_order_refuses_every_operation((order, now) in any_history(), operation in any_operation()) {
        let mut cancelled = order;
        if cancelled.cancel(now).is_ok() {
            prop_assert!(apply(&mut cancelled, operation, now).is_err());
            prop_assert_eq!(cancelled.status(now), OrderStatus::Cancelled);
            prop_assert_eq!(cancelled.captured_amount(), 0);
        }
    }

    #[test]
    fn an_expired_order_is_never_captured((order, _) in any_history(), amount: i64) {
        let mut order = order;
        let now = order.expires_at();
        prop_assert!(order.capture("c".to_string(), amount, now).is_err());
        prop_assert_eq!(order.remaining_authorized_amount(now), 0);
    }

    #[test]
    fn the_status_agrees_with_the_amounts((order, now) in any_history()) {
        let captured = order.captured_amount();
        match order.status(now) {
            OrderStatus::Authorized => prop_assert_eq!(order.remaining_authorized_amount(now), order.order_amount()),
            OrderStatus::PartCaptured => prop_assert!(captured > 0 && captured < order.order_amount()),
            OrderStatus::Captured => prop_assert!(!order.captures().is_empty()),
            OrderStatus::Cancelled | OrderStatus::Expired => prop_assert_eq!(captured, 0),
        }
    }

    #[test]
    fn an_extension_never_shortens_the_authorization((order, now) in any_history()) {
        let mut extended = order.clone();
        let _ = extended.extend(now);
        prop_assert!(extended.expires_at() >= order.expires_at());
    }

    #[test]
    fn an_order_reads_back_as_it_was_written((order, _) in any_history()) {
        let text = serde_json::to_string(&order)?;
        prop_assert_eq!(serde_json::from_str::<PlacedOrder>(&text)?, order);
    }
}

#[test]
fn an_order_expires_at_midnight_after_28_days() {
    let recorded = Timestamp::from_ms(1_659_657_600_000); // 2022-08-05T00:00:00.000Z
    assert_eq!(PlacedOrder::place(1, PLACED_AT).expires_at(), recorded);
}

#[test]
fn an_order_is_captured_in_parts_and_refunded() {
    let now = PLACED_AT.plus_ms(HOUR_MS);
    let mut order = PlacedOrder::place(1_000, PLACED_AT);
    assert_eq!(order.status(now), OrderStatus::Authorized);
    assert_eq!(order.refund("r".to_string(), 1, now), Err(Refusal::NoCaptures));
    assert_eq!(order.release_remaining(now), Err(Refusal::NoCaptures));
    assert_eq!(order.capture("1".to_string(), 1_001, now), Err(Refusal::MoreThanRemains));
    assert_eq!(order.capture("1".to_string(), 400, now), Ok(()));
    assert_eq!(order.status(now), OrderStatus::PartCaptured);
    assert_eq!(order.remaining_authorized_amount(now), 600);
    assert_eq!(order.cancel(now), Err(Refusal::HasCaptures));
    assert_eq!(
        order.update_authorization(399, now),
        Err(Refusal::LessThanCaptured { order_amount: 399, captured_amount: 400 })
    );
    assert_eq!(order.capture("2".to_string(), 600, now), Ok(()));
    assert_eq!(order.status(now), OrderStatus::Captured);
    assert_eq!(order.capture("3".to_string(), 1, now), Err(Refusal::Captured));
    assert_eq!(order.refund("r".to_string(), 500, now), Ok(()));
    assert_eq!(order.refunded_per_capture(), [400, 100]);
    assert_eq!(order.refund("r".to_string(), 501, now), Err(Refusal::MoreThanCaptured));
}

#[test]
fn a_released_order_refuses_another_capture() {
    let mut order = PlacedOrder::place(1_000, PLACED_AT);
    assert_eq!(order.capture("1".to_string(), 400, PLACED_AT), Ok(()));
    assert_eq!(order.release_remaining(PLACED_AT), Ok(()));
    assert_eq!(order.status(PLACED_AT), OrderStatus::Captured);
    assert_eq!(order.remaining_authorized_amount(PLACED_AT), 0);
    assert_eq!(order.capture("2".to_string(), 1, PLACED_AT), Err(Refusal::Captured));
}

#[test]
fn an_order_over_zero_is_captured_once() {
    let mut order = PlacedOrder::place(0, PLACED_AT);
    assert_eq!(order.status(PLACED_AT), OrderStatus::Authorized);
    assert_eq!(order.capture("1".to_string(), 0, PLACED_AT), Ok(()));
    assert_eq!(order.status(PLACED_AT), OrderStatus::Captured);
    assert_eq!(order.capture("2".to_string(), 0, PLACED_AT), Err(Refusal::Captured));
}

#[test]
fn a_negative_amount_is_never_captured() {
    for order_amount in [0, 400] {
        let mut order = PlacedOrder::place(order_amount, PLACED_AT);
        for amount in [-1, i64::MIN] {
            assert_eq!(order.capture("1".to_string(), amount, PLACED_AT), Err(Refusal::NotPositive));
        }
    }
}
