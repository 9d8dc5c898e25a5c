//! Randomness, as a dependency: the operating system's, or a test's.

/// A source of random numbers.
pub trait RandomSource: Send + Sync {
    /// Returns a random number.
    fn number(&self) -> u64;
}

/// The operating system's source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomSource;

impl RandomSource for SystemRandomSource {
    #[expect(clippy::disallowed_methods, reason = "the one place where the system's randomness is read")]
    fn number(&self) -> u64 {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        u64::from_le_bytes(bytes)
    }
}

/// A random number from 0 to below `limit`; 0 if `limit` is not positive.
pub(crate) fn below(random: &dyn RandomSource, limit: i64) -> i64 {
    let limit = limit.max(1).unsigned_abs();
    i64::try_from(random.number() % limit).unwrap_or(0)
}
