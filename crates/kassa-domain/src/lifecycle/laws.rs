//! The laws of the lifecycle, checked for every pair of status and event.

use super::*;

fn pairs() -> impl Iterator<Item = (Status, Event)> {
    Status::ALL.iter().flat_map(|status| Event::ALL.iter().map(|event| (*status, *event)))
}

#[test]
fn each_row_stands_at_its_event_and_each_rule_at_its_status() {
    for (index, (event, _)) in LIFECYCLE.iter().enumerate() {
        assert_eq!(*event as usize, index);
    }
    for (index, rule) in STATUS_RULES.iter().enumerate() {
        assert_eq!(rule.status as usize, index);
    }
    for (index, open) in OpenStatus::ALL.iter().enumerate() {
        assert_eq!(*open as usize, index);
        assert_eq!(Status::from(*open).open(), Some(*open));
        assert_eq!(Status::from(*open) as usize, index);
    }
}

#[test]
fn no_event_leaves_a_final_status() {
    for (status, event) in pairs().filter(|(status, _)| status.is_final()) {
        assert_eq!(ask(status, event), Cell::Refused, "{status} {event:?}");
    }
}

#[test]
fn no_event_returns_to_waiting() {
    for (status, event) in pairs() {
        assert_ne!(ask(status, event), Cell::To(Status::Waiting), "{status} {event:?}");
    }
}

#[test]
fn a_cell_never_moves_a_status_to_itself() {
    for (status, event) in pairs() {
        assert_ne!(ask(status, event), Cell::To(status), "write `=` for {status} {event:?}");
    }
}

#[test]
fn every_open_status_can_still_end_in_each_final_status_or_be_disabled() {
    for open in OpenStatus::ALL {
        let status = Status::from(open);
        assert_eq!(ask(status, MerchantDisabled), DISABLED);
        assert_eq!(ask(status, PaymentSessionCompleted), COMPLETED);
        assert_ne!(ask(status, ConsumerEntered), Refused, "{status} cannot be entered");
    }
}

#[test]
fn only_an_authorization_or_a_completed_payment_session_completes() {
    for (status, event) in pairs() {
        if ask(status, event) == COMPLETED {
            assert!(matches!(event, PaymentAuthorized | PaymentSessionCompleted));
        }
    }
}

#[test]
fn nothing_is_paid_or_declined_before_the_consumer_entered() {
    for event in [ConsumerWentBack, ConsumerCancelled, PaymentAuthorized, PaymentDeclined, PaymentErrored] {
        assert_eq!(ask(Status::Waiting, event), Refused, "{event:?}");
    }
}

#[test]
fn every_status_reads_back_from_its_own_word() {
    for status in Status::ALL {
        assert_eq!(Status::parse(status.as_str()), Some(*status));
    }
    assert_eq!(Status::parse("COMPLETE"), None);
}

#[test]
fn creation_never_calls_back_and_every_other_status_can() {
    for rule in &STATUS_RULES {
        assert_eq!(rule.calls_back == CallsBack::Never, rule.status == Status::Waiting);
    }
}

#[test]
fn the_picture_has_an_edge_for_each_moving_cell() {
    let drawn = mermaid();
    for (status, event) in pairs() {
        if let To(target) = ask(status, event) {
            let edge = drawn.lines().find(|l| l.contains(&alloc::format!("{status} --> {target}: ")));
            assert!(edge.is_some_and(|line| line.contains(event.name())), "{status} {event:?}");
        }
    }
}
