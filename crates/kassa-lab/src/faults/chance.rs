//! Repeatable random decisions. Each depends only on the seed and on its subject, not on the order of the decisions.

use sha2::{Digest, Sha256};

/// Decides whether a rule with this chance applies. `rule` is its list and position; `of` names the subject.
pub(super) fn applies(chance: f64, seed: u64, rule: (&str, usize), of: [u64; 3]) -> bool {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    hash.update(rule.0);
    hash.update((rule.1 as u64).to_be_bytes());
    for number in of {
        hash.update(number.to_be_bytes());
    }
    let digest = hash.finalize();
    let drawn = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    f64::from(drawn) < chance * (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applying(chance: f64, seed: u64) -> Vec<u64> {
        (0..1_000).filter(|number| applies(chance, seed, ("callbacks", 0), [*number, 1, 1])).collect()
    }

    #[test]
    fn a_chance_has_its_probability_and_repeats_for_the_same_seed() {
        assert_eq!(applying(0.0, 7).len(), 0);
        assert_eq!(applying(1.0, 7).len(), 1_000);
        let some = applying(0.2, 7);
        assert!((150..250).contains(&some.len()), "{} of 1000", some.len());
        assert_eq!(some, applying(0.2, 7));
        assert_ne!(some, applying(0.2, 8));
    }
}
