//! Random choices from a seed.

use kassa_engine::{Random, SeededRandom};

/// The environment variable with the seed. Set it to the printed seed of a failed run to repeat its random choices.
const SEED: &str = "KASSA_SEED";

/// The seed of this run.
pub fn seed() -> u64 {
    let seed =
        std::env::var(SEED).map_or_else(|_| u64::from(std::process::id()), |seed| seed.parse().unwrap());
    println!("{SEED}={seed}");
    seed
}

/// Random choices from a seed.
pub struct Dice(SeededRandom);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(SeededRandom::new(seed))
    }

    /// Returns a number from 0 to `limit - 1`.
    pub fn below(&self, limit: u32) -> u32 {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_le_bytes(bytes) % limit
    }

    pub fn one_of<'a, T>(&self, choices: &'a [T]) -> &'a T {
        &choices[self.below(u32::try_from(choices.len()).unwrap()) as usize]
    }
}
