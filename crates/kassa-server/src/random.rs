//! Randomness, handed in: the operating system's, or a seed's so that a run can be repeated.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Where random bytes come from.
pub trait Random: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);

    /// A source for what passes, and is asked for in no order that could be repeated: correlation ids, nonces, jitter.
    /// It takes nothing from this one, so that ids, tokens and secrets follow from what callers do.
    fn for_what_passes(&self) -> Arc<dyn Random>;
}

/// The operating system's source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the one place where the system's randomness is read")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }

    /// Does not ask the system each time: every call of the API wants some.
    fn for_what_passes(&self) -> Arc<dyn Random> {
        let mut seed = [0; 32];
        self.fill(&mut seed);
        Arc::new(SeededRandom(Mutex::new(ChaCha20Rng::from_seed(seed))))
    }
}

/// What follows from a seed. A seed that is given repeats a run, in tests; nothing that it makes is for a payment.
#[derive(Debug)]
pub struct SeededRandom(Mutex<ChaCha20Rng>);

impl SeededRandom {
    /// Starts from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(ChaCha20Rng::seed_from_u64(seed)))
    }

    fn rng(&self) -> MutexGuard<'_, ChaCha20Rng> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        self.rng().fill_bytes(bytes);
    }

    fn for_what_passes(&self) -> Arc<dyn Random> {
        let mut passing = self.rng().clone();
        passing.set_stream(1);
        Arc::new(Self(Mutex::new(passing)))
    }
}
