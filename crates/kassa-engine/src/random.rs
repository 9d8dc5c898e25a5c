//! Sources of randomness: the operating system, or a seed that repeats a run.

use std::cell::RefCell;
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

/// The operating system's source. Each thread gets its bytes in advance, because a call of the system costs more than
/// an id.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        POOL.with_borrow_mut(|pool| pool.fill(bytes));
    }

    /// Does not ask the system each time, because every call of the API needs random bytes.
    fn ephemeral(&self) -> Arc<dyn Random> {
        let mut seed = [0; 32];
        self.fill(&mut seed);
        Arc::new(SeededRandom(Mutex::new(ChaCha20Rng::from_seed(seed))))
    }
}

/// The size of a thread's pool, in bytes: 51 ids.
const POOL_BYTES: usize = 512;

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; POOL_BYTES], used: POOL_BYTES }) };
}

/// Random bytes of the system. Bytes that were used are zero, so that the memory reveals no earlier secret.
struct Pool {
    bytes: [u8; POOL_BYTES],
    used: usize,
}

impl Pool {
    fn fill(&mut self, bytes: &mut [u8]) {
        if bytes.len() > POOL_BYTES {
            return fill_by_system(bytes);
        }
        if self.bytes.len() - self.used < bytes.len() {
            fill_by_system(&mut self.bytes);
            self.used = 0;
        }
        let taken = &mut self.bytes[self.used..][..bytes.len()];
        bytes.copy_from_slice(taken);
        taken.fill(0);
        self.used += bytes.len();
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the system's randomness is read")]
fn fill_by_system(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes");
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_pool_gives_no_byte_twice_and_wipes_those_that_it_gave() {
        let mut pool = Pool { bytes: [0; POOL_BYTES], used: POOL_BYTES };
        let mut given = HashSet::new();
        for _ in 0..10 * POOL_BYTES / 24 {
            let mut bytes = [0; 24];
            pool.fill(&mut bytes);
            assert!(given.insert(bytes), "the same bytes twice");
            assert!(pool.bytes[..pool.used].iter().all(|byte| *byte == 0), "used bytes are left");
            assert!(pool.bytes[pool.used..].iter().filter(|byte| **byte == 0).count() < POOL_BYTES / 8);
        }
    }

    #[test]
    fn more_bytes_than_a_pool_are_random_too() {
        let mut bytes = [0; 4 * POOL_BYTES];
        SystemRandom.fill(&mut bytes);
        assert!(bytes.iter().filter(|byte| **byte == 0).count() < POOL_BYTES);
    }
}
