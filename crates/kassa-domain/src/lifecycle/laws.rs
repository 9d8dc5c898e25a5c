//! Checks the laws of the lifecycle for every pair of status and event.

use super::*;

fn pairs() -> impl Iterator<Item = (Status, Event)> {
    Status::ALL.iter().flat_map(|status| Event::ALL.iter().map(|event| (*status, *event)))
}

#[test]
fn rows_and_columns_are_in_the_order_of_their_enums() {
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
fn a_final_status_refuses_every_event() {
    for (status, event) in pairs().filter(|(status, _)| status.is_final()) {
        assert_eq!(transition(status, event), Transition::Refused, "{status} {event:?}");
    }
}

#[test]
fn no_event_returns_to_waiting() {
    for (status, event) in pairs() {
        assert_ne!(transition(status, event), Transition::To(Status::Waiting), "{status} {event:?}");
    }
}

#[test]
fn a_cell_never_moves_a_status_to_itself() {
    for (status, event) in pairs() {
        assert_ne!(transition(status, event), Transition::To(status), "write `=` for {status} {event:?}");
    }
}

#[test]
fn every_open_status_can_be_entered_completed_and_disabled() {
    for open in OpenStatus::ALL {
        let status = Status::from(open);
        assert_eq!(transition(status, MerchantDisabled), DISABLED);
        assert_eq!(transition(status, PaymentSessionCompleted), COMPLETED);
        assert_ne!(transition(status, ConsumerEntered), Refused, "{status} cannot be entered");
    }
}

#[test]
fn only_an_authorization_or_a_completed_payment_session_completes() {
    for (status, event) in pairs() {
        if transition(status, event) == COMPLETED {
            assert!(matches!(event, PaymentAuthorized | PaymentSessionCompleted));
        }
    }
}

#[test]
fn a_waiting_session_refuses_every_exit_and_every_payment_outcome() {
    for event in [ConsumerWentBack, ConsumerCancelled, PaymentAuthorized, PaymentDeclined, PaymentErrored] {
        assert_eq!(transition(Status::Waiting, event), Refused, "{event:?}");
    }
}

#[test]
fn every_status_is_parsed_from_its_own_word() {
    for status in Status::ALL {
        assert_eq!(Status::parse(status.as_str()), Some(*status));
    }
    assert_eq!(Status::parse("COMPLETE"), None);
}

#[test]
fn every_event_is_parsed_from_its_own_name() {
    for event in Event::ALL {
        assert_eq!(Event::parse(event.name()), Some(*event));
    }
    assert_eq!(Event::parse("consumerEntered"), None);
}

#[test]
fn a_cell_in_words_names_the_row_and_the_statuses() {
    let says = "The row ConsumerWentBack of the lifecycle table moves IN_PROGRESS to BACK.";
    assert_eq!(cell_in_words(Status::InProgress, ConsumerWentBack), says);
    for (status, event) in pairs() {
        let words = cell_in_words(status, event);
        assert!(words.contains(event.name()) && words.contains(status.as_str()), "{words}");
    }
}

#[test]
fn only_the_waiting_status_never_sends_a_callback() {
    for rule in &STATUS_RULES {
        assert_eq!(rule.callback == CallbackRule::Never, rule.status == Status::Waiting);
    }
}

#[test]
fn the_diagram_has_an_edge_for_each_cell_that_moves() {
    let drawn = mermaid();
    for (status, event) in pairs() {
        if let To(target) = transition(status, event) {
            let edge = drawn.lines().find(|l| l.contains(&alloc::format!("{status} --> {target}: ")));
            assert!(edge.is_some_and(|line| line.contains(event.name())), "{status} {event:?}");
        }
    }
}
