//! Whole numbers, read from decimal text in exact arithmetic.

/// A number as a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WholeNumber {
    /// The number is whole.
    Exact(i64),
    /// The number has a fraction, and this is the part before it.
    Truncated(i64),
}

impl WholeNumber {
    /// Reads a decimal number with an optional fraction and an optional exponent. `None`: the text is not a number, or
    /// the number is out of range.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
            None => (text, 0),
        };
        let (before, after) = match mantissa.split_once('.') {
            Some((before, after)) if is_digits(after) => (before, after),
            Some(_) => return None,
            None => (mantissa, ""),
        };
        if !is_digits(before) {
            return None;
        }
        let digits = format!("{before}{after}");
        let fraction = i64::try_from(after.len()).ok()?.checked_sub(exponent)?;
        whole(is_negative, &digits, fraction)
    }

    /// Returns the number if it is whole.
    #[must_use]
    pub fn exact(self) -> Option<i64> {
        match self {
            Self::Exact(number) => Some(number),
            Self::Truncated(_) => None,
        }
    }

    /// Returns the number without its fraction.
    #[must_use]
    pub fn truncated(self) -> i64 {
        match self {
            Self::Exact(number) | Self::Truncated(number) => number,
        }
    }
}

/// Computes `digits * 10^-fraction`.
fn whole(is_negative: bool, digits: &str, fraction: i64) -> Option<WholeNumber> {
    let significant = digits.trim_end_matches('0');
    let dropped = i64::try_from(digits.len() - significant.len()).ok()?;
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return Some(WholeNumber::Exact(0));
    }
    let fraction = fraction.checked_sub(dropped)?;
    if fraction <= 0 {
        return number(is_negative, significant, fraction.unsigned_abs()).map(WholeNumber::Exact);
    }
    let split = significant.len().saturating_sub(usize::try_from(fraction).unwrap_or(usize::MAX));
    number(is_negative, &significant[..split], 0).map(WholeNumber::Truncated)
}

/// Computes `digits * 10^zeros`. `digits` may be empty, which is zero.
fn number(is_negative: bool, digits: &str, zeros: u64) -> Option<i64> {
    // The longest `i64` has 19 digits. The check keeps a huge exponent from becoming a huge text.
    let zeros = usize::try_from(zeros).ok().filter(|zeros| *zeros <= 19)?;
    let sign = if is_negative { "-" } else { "" };
    format!("{sign}0{digits}{}", "0".repeat(zeros)).parse().ok()
}

fn read_exponent(text: &str) -> Option<i64> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if !is_digits(digits) {
        return None;
    }
    // An exponent that does not fit is as good as the largest one that cannot overflow the sums above.
    let size = digits.parse::<i64>().unwrap_or(i64::MAX).min(i64::MAX / 4);
    Some(if is_negative { -size } else { size })
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
