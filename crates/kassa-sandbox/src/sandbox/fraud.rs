//! Fraud checks, which the consumer's e-mail address asks for (docs/wire.md#sandbox-consumers): `+pend-accept-5`
//! accepts an order after five minutes, and `+pend-reject-5` rejects it.

use kassa_domain::Timestamp;
use kassa_domain::placed_order::{FraudCheck, Verdict};
use kassa_domain::time::{DAY_MS, MINUTE_MS, SECOND_MS};

use crate::sandbox::tag;

/// The longest fraud check (docs/wire.md#fraud-status).
const LONGEST_MS: i64 = DAY_MS;

/// The notification follows the end of the check after this time. So every node whose clock is not far behind shows the
/// result to a merchant who reads the order when the notification arrives.
pub(crate) const NOTIFICATION_LAG_MS: i64 = 2 * SECOND_MS;

/// A fraud check that an order will have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlannedCheck {
    verdict: Verdict,
    /// The time from the order to the notification.
    after_ms: i64,
}

impl PlannedCheck {
    /// Returns the check that an e-mail address asks for.
    pub(crate) fn of(email: &str) -> Option<Self> {
        let tag = tag(email);
        let accept = tag.strip_prefix("pend-accept-").map(|minutes| (Verdict::Accept, minutes));
        let (verdict, minutes) =
            accept.or_else(|| tag.strip_prefix("pend-reject-").map(|minutes| (Verdict::Reject, minutes)))?;
        let minutes: i64 = minutes.parse::<u32>().ok()?.into();
        (minutes > 0).then(|| Self { verdict, after_ms: (minutes * MINUTE_MS).min(LONGEST_MS) })
    }

    pub(crate) fn of_order_placed(self, at: Timestamp) -> FraudCheck {
        FraudCheck { verdict: self.verdict, ends_at: at.plus_ms(self.after_ms - NOTIFICATION_LAG_MS) }
    }
}

/// Returns the event type of a notification.
pub(crate) fn event_type(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accept => "FRAUD_RISK_ACCEPTED",
        Verdict::Reject => "FRAUD_RISK_REJECTED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_ends_two_seconds_before_its_notification_is_due() {
        let placed_at = Timestamp::from_ms(1_000);
        let check = PlannedCheck::of("customer+pend-accept-1@email.se").unwrap().of_order_placed(placed_at);
        let due_at = check.ends_at.plus_ms(NOTIFICATION_LAG_MS);
        assert_eq!((due_at.ms_since(placed_at), due_at.ms_since(check.ends_at)), (MINUTE_MS, 2_000));
    }

    #[test]
    fn the_address_says_when_and_how_a_check_ends() {
        let planned = |verdict, minutes| Some(PlannedCheck { verdict, after_ms: minutes * MINUTE_MS });
        for (email, check) in [
            ("customer+pend-accept-5@email.se", planned(Verdict::Accept, 5)),
            ("Customer+Pend-Reject-05@email.se", planned(Verdict::Reject, 5)),
            ("customer+pend-accept-4000@email.se", planned(Verdict::Accept, 24 * 60)),
            ("customer+pend-accept-0@email.se", None),
            ("customer+pend-accept--5@email.se", None),
            ("customer+pend-accept-@email.se", None),
            ("customer+pend-accept@email.se", None),
            ("customer@email.se", None),
            ("", None),
        ] {
            assert_eq!(PlannedCheck::of(email), check, "{email}");
        }
    }
}
