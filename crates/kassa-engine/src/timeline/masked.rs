//! The recipient of a message, with most of its letters hidden. The timeline never shows an address of a consumer.

/// Replaces the hidden letters.
const HIDDEN: &str = "***";

/// The recipient of a message: of an e-mail address the first letter and the domain, of a number the last two digits.
pub(super) fn masked(recipient: &str) -> String {
    match recipient.rsplit_once('@') {
        Some((name, domain)) => {
            let first: String = name.chars().take(1).collect();
            format!("{first}{HIDDEN}@{domain}")
        }
        None => {
            let count = recipient.chars().count();
            let shown = if count > 4 { 2 } else { 0 };
            let last: String = recipient.chars().skip(count - shown).collect();
            format!("{HIDDEN}{last}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_of_a_recipient_is_hidden() {
        for (recipient, shown) in [
            ("customer+denied@email.se", "c***@email.se"),
            ("\"a@b\"@email.se", "\"***@email.se"),
            ("@email.se", "***@email.se"),
            ("+46701234567", "***67"),
            ("1234", "***"),
            ("", "***"),
        ] {
            assert_eq!(masked(recipient), shown);
        }
    }
}
