//! The rules for the ages at which rows are deleted.

/// The shortest retention, in days. Kassa attempts callbacks for days after a session's last change, and the merchant
/// must be able to read their outcome.
const SHORTEST_DAYS: u16 = 7;

pub(super) const fn default_days() -> u16 {
    90
}

/// Checks how many days page sessions and entries of the audit trail are kept.
pub(super) fn check(days: u16, audit_days: Option<u16>) -> Result<(), String> {
    if days < SHORTEST_DAYS {
        return Err(format!("retention_days is less than {SHORTEST_DAYS}: callbacks may still be under way"));
    }
    if audit_days.is_some_and(|audit_days| audit_days <= days) {
        return Err(
            "audit_retention_days is not more than retention_days: the audit trail must be kept longer than \
                    the page sessions"
                .to_string(),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_audit_trail_is_kept_longer_than_the_page_sessions() {
        assert_eq!(check(90, None), Ok(()));
        assert_eq!(check(90, Some(91)), Ok(()));
        assert!(check(90, Some(90)).unwrap_err().starts_with("audit_retention_days"));
        assert!(check(6, None).unwrap_err().starts_with("retention_days"));
    }
}
