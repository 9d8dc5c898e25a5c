//! The rules for the ages at which rows are deleted.

use kassa_domain::time::DAY_MS;
use kassa_engine::ClassRetention;

use super::Config;

/// The shortest retention, in days. Kassa attempts callbacks for days after a session's last change, and the merchant
/// must be able to read their outcome.
pub(super) const SHORTEST_DAYS: u16 = 7;

/// The days for which classes of data are kept that are deleted before their page sessions.
const CLASS_DAYS: u16 = 30;

pub(super) const fn default_days() -> u16 {
    90
}

/// The default of a class of data, in words.
pub(super) fn default_of_class() -> String {
    format!("`{CLASS_DAYS}`, or `retention_days` if that is less")
}

impl Config {
    /// Checks how many days each class of data is kept: no class is kept longer than the rows that it belongs to.
    pub(super) fn check_retention(&self) -> Result<(), String> {
        let days = self.retention_days;
        if days < SHORTEST_DAYS {
            return Err(format!(
                "retention_days is less than {SHORTEST_DAYS}: callbacks may still be under way"
            ));
        }
        if self.audit_retention_days.is_some_and(|audit_days| audit_days <= days) {
            return Err(
                "audit_retention_days is not more than retention_days: the audit trail must be kept longer \
                        than the page sessions"
                    .to_string(),
            );
        }
        for (name, class_days, shortest) in [
            ("message_retention_days", self.message_retention_days, 1),
            ("request_retention_days", self.request_retention_days, 1),
            ("answer_retention_days", self.answer_retention_days, SHORTEST_DAYS),
        ] {
            match class_days {
                Some(class_days) if class_days < shortest => {
                    return Err(format!("{name} is less than {shortest}"));
                }
                Some(class_days) if class_days > days => {
                    return Err(format!(
                        "{name} is more than retention_days: these data are deleted with their page sessions"
                    ));
                }
                Some(_) | None => {}
            }
        }
        if self.contact_retention_days.is_some_and(|contact_days| contact_days < days) {
            return Err("contact_retention_days is less than retention_days: the contact data of an order are also in \
                        its page session"
                .to_string());
        }
        Ok(())
    }

    /// How long classes of data are kept.
    pub(super) fn class_retention(&self) -> ClassRetention {
        let ms = |days: Option<u16>| i64::from(days.unwrap_or(CLASS_DAYS.min(self.retention_days))) * DAY_MS;
        ClassRetention {
            messages_ms: ms(self.message_retention_days),
            requests_ms: ms(self.request_retention_days),
            callback_answers_ms: ms(self.answer_retention_days),
            order_contacts_ms: self.contact_retention_days.map(|days| i64::from(days) * DAY_MS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::safety::tests::config;
    use super::*;

    #[test]
    fn no_class_of_data_is_kept_longer_than_the_rows_that_it_belongs_to() {
        for (settings, refused) in [
            ("", None),
            ("audit_retention_days = 91", None),
            ("audit_retention_days = 90", Some("audit_retention_days")),
            ("retention_days = 6", Some("retention_days")),
            ("message_retention_days = 90\nrequest_retention_days = 1\nanswer_retention_days = 7", None),
            ("message_retention_days = 91", Some("message_retention_days is more than retention_days")),
            ("request_retention_days = 0", Some("request_retention_days is less than 1")),
            ("answer_retention_days = 6", Some("answer_retention_days is less than 7")),
            ("retention_days = 10\nanswer_retention_days = 11", Some("answer_retention_days is more")),
            ("contact_retention_days = 90", None),
            ("contact_retention_days = 89", Some("contact_retention_days is less than retention_days")),
        ] {
            let checked = config(settings).check_retention();
            assert_eq!(checked.is_err(), refused.is_some(), "{settings}: {checked:?}");
            assert!(refused.is_none_or(|refused| checked.unwrap_err().starts_with(refused)), "{settings}");
        }
    }

    #[test]
    fn classes_are_kept_for_a_month_or_as_long_as_their_page_sessions() {
        assert_eq!(config("").class_retention(), ClassRetention::default());
        let short = config("retention_days = 7\ncontact_retention_days = 400").class_retention();
        assert_eq!((short.messages_ms, short.order_contacts_ms), (7 * DAY_MS, Some(400 * DAY_MS)));
    }
}
