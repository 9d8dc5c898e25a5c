//! How page sessions ended, and how far consumers came.

use kassa_domain::lifecycle::Status;
use kassa_store::SessionFact;

/// The number of page sessions in each status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcomes {
    pub(crate) total: usize,
    /// The statuses in the order of the lifecycle, with the number of page sessions in each.
    pub(crate) by_status: Vec<(Status, usize)>,
}

impl Outcomes {
    pub(crate) fn of(facts: &[SessionFact]) -> Self {
        let count = |status: &Status| facts.iter().filter(|fact| fact.status == *status).count();
        let by_status = Status::ALL.iter().map(|status| (*status, count(status))).collect();
        Self { total: facts.len(), by_status }
    }
}

/// A step of the funnel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) label: &'static str,
    pub(crate) count: usize,
    /// The share of all page sessions, in percent.
    pub(crate) percent: usize,
}

/// The number of page sessions that reached each step. A page session that reached one reached those before it.
pub(crate) fn funnel(facts: &[SessionFact]) -> Vec<Step> {
    let is_paid = |fact: &SessionFact| fact.status == Status::Completed;
    let tried = |fact: &SessionFact| fact.tried_to_pay || is_paid(fact);
    let opened = |fact: &SessionFact| fact.was_opened || tried(fact);
    let count = |reached: &dyn Fn(&SessionFact) -> bool| facts.iter().filter(|fact| reached(fact)).count();
    let steps = [
        ("Created", facts.len()),
        ("Opened", count(&opened)),
        ("Tried to pay", count(&tried)),
        ("Paid", count(&is_paid)),
    ];
    let step = |(label, count)| Step { label, count, percent: percent(count, facts.len()) };
    steps.map(step).to_vec()
}

/// A share in whole percent, rounded. No shares of nothing.
pub(crate) fn percent(part: usize, whole: usize) -> usize {
    if whole == 0 { 0 } else { (part * 200 + whole) / (whole * 2) }
}

#[cfg(test)]
mod tests {
    use kassa_domain::{PageSessionId, Timestamp};

    use super::*;

    fn fact(status: Status, was_opened: bool, tried_to_pay: bool) -> SessionFact {
        let created_at = Timestamp::from_ms(0);
        SessionFact { id: PageSessionId::new("id"), status, created_at, tried_to_pay, was_opened }
    }

    #[test]
    fn a_funnel_counts_who_reached_each_step() {
        let facts = [
            fact(Status::Waiting, false, false),
            fact(Status::Disabled, true, false),
            fact(Status::Failed, true, true),
            // Paid on a sibling page session.
            fact(Status::Completed, false, false),
        ];
        let counts: Vec<_> = funnel(&facts).into_iter().map(|step| (step.count, step.percent)).collect();
        assert_eq!(counts, [(4, 100), (3, 75), (2, 50), (1, 25)]);
        let outcomes = Outcomes::of(&facts);
        assert_eq!(outcomes.total, 4);
        assert_eq!(outcomes.by_status.iter().map(|(_, count)| count).sum::<usize>(), 4);
    }

    #[test]
    fn a_share_is_rounded() {
        assert_eq!((percent(1, 3), percent(2, 3), percent(0, 0)), (33, 67, 0));
    }
}
