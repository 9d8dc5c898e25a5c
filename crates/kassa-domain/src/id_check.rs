//! The check of the consumer's identity document by the staff of a shop (docs/wire.md#identity-check).

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::time::MINUTE_MS;
use crate::{AuthorizationToken, Timestamp};

/// The time that the staff has for the check, in milliseconds.
pub const ID_CHECK_MS: i64 = 15 * MINUTE_MS;

/// A check that a payment system asked for, with the payment that it authorizes if the document is right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdCheck {
    /// The part that the consumer and the staff see.
    pub challenge: IdChallenge,
    /// The payment that waits for the answer.
    pub payment: HeldPayment,
}

/// The part of a check that merchant, staff and consumer see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdChallenge {
    /// The wire's `challenge`: a letter and two digits. The staff compares it with the code on the consumer's phone.
    pub code: String,
    /// From this instant on, no answer counts.
    pub expires_at: Timestamp,
}

/// A payment that the payment system authorizes once the document was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldPayment {
    /// The token of the authorization.
    pub token: AuthorizationToken,
    /// The lower-case identifier of the category that the consumer chose.
    pub category: String,
    /// The payment system's record of the consumer, as JSON.
    pub consumer: Option<String>,
    /// The version of the payment session that the consumer confirmed.
    pub payment_version: i64,
}

impl IdChallenge {
    /// The challenge of a check that begins now. `random` decides the code.
    #[must_use]
    pub fn new(random: [u8; 2], now: Timestamp) -> Self {
        let letter = char::from(LETTERS[usize::from(random[0]) % LETTERS.len()]);
        let number = random[1] % 100;
        Self { code: alloc::format!("{letter}{number:02}"), expires_at: now.plus_ms(ID_CHECK_MS) }
    }
}

/// The letters of a code. Those that look like digits are left out.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRTUVWXY";

/// The answer of the staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdVerdict {
    /// The document is valid, and belongs to the consumer.
    Passed,
    /// The document is missing or wrong.
    Failed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_letter_and_two_digits() {
        for random in [[0, 0], [7, 99], [255, 255]] {
            let IdChallenge { code, expires_at } = IdChallenge::new(random, Timestamp::from_ms(5));
            let (letter, digits) = code.split_at(1);
            assert!(LETTERS.contains(&letter.as_bytes()[0]) && digits.len() == 2, "{code}");
            assert!(digits.bytes().all(|digit| digit.is_ascii_digit()), "{code}");
            assert_eq!(expires_at, Timestamp::from_ms(5 + 15 * 60_000));
        }
    }
}
