//! Sources of randomness: the operating system, or a seed that repeats a run.

use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A source of random bytes.
pub trait Random: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);

    /// A separate source for short-lived values: correlation ids, nonces, jitter. They are drawn in an order that no
    /// run repeats. With a separate source, ids, tokens and secrets depend on the seed and the calls alone.
    fn ephemeral(&self) -> Arc<dyn Random>;
}

/// The operating system's source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the one place where the system's randomness is read")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }

    /// Does not ask the system each time, because every call of the API needs random bytes.
    fn ephemeral(&self) -> Arc<dyn Random> {
        let mut seed = [0; 32];
        self.fill(&mut seed);
        Arc::new(SeededRandom(Mutex::new(ChaCha20Rng::from_seed(seed))))
    }
}

/// A generator with a seed. In tests a fixed seed repeats a run. Production code never fixes a seed.
#[derive(Debug)]
pub struct SeededRandom(Mutex<ChaCha20Rng>);

impl SeededRandom {
    /// Starts from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(ChaCha20Rng::seed_from_u64(seed)))
    }

    fn rng(&self) -> MutexGuard<'_, ChaCha20Rng> {
        self.0.lock()
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        self.rng().fill_bytes(bytes);
    }

    fn ephemeral(&self) -> Arc<dyn Random> {
        let mut ephemeral = self.rng().clone();
        ephemeral.set_stream(1);
        Arc::new(Self(Mutex::new(ephemeral)))
    }
}
