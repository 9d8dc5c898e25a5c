//! Counts the places and calls of each address, in a table of fixed size.

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Counters of one row.
const WIDTH: usize = 4096;

/// Counts per address without a lock, and in memory that does not depend on the number of addresses.
///
/// Each address has one counter in each of two rows, chosen by keyed hashes, and the lower one is its count (a
/// count-min sketch). A count is never too low. It is too high only if both counters are shared with busy addresses,
/// which nobody can arrange, because the keys are random.
pub(crate) struct PerAddress {
    rows: [CounterRow; 2],
}

struct CounterRow {
    key: RandomState,
    counters: Box<[AtomicU32]>,
}

/// One place or call in the count of an address, until this is dropped.
pub(crate) struct CountedPlace {
    table: Arc<PerAddress>,
    slots: [usize; 2],
}

impl PerAddress {
    pub(crate) fn new() -> Self {
        let row = || CounterRow {
            key: RandomState::new(),
            counters: std::iter::repeat_with(AtomicU32::default).take(WIDTH).collect(),
        };
        Self { rows: [row(), row()] }
    }

    /// Counts one more for `address`, and returns its present count.
    pub(crate) fn take(self: &Arc<Self>, address: IpAddr) -> (CountedPlace, u32) {
        let subscriber = subscriber(address);
        let mut count = u32::MAX;
        let slots = [0, 1].map(|row: usize| {
            let CounterRow { key, counters } = &self.rows[row];
            let slot =
                usize::try_from(key.hash_one(subscriber) % WIDTH as u64).expect("it is below the width");
            count = count.min(counters[slot].fetch_add(1, Ordering::Relaxed) + 1);
            slot
        });
        (CountedPlace { table: self.clone(), slots }, count)
    }
}

impl Drop for CountedPlace {
    fn drop(&mut self) {
        for (row, slot) in self.table.rows.iter().zip(self.slots) {
            row.counters[slot].fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// The unit that counts as one address: an IPv4 address, or a /64 network of IPv6, which belongs to one subscriber.
fn subscriber(address: IpAddr) -> (bool, u64) {
    match address.to_canonical() {
        IpAddr::V4(address) => (false, u64::from(address.to_bits())),
        IpAddr::V6(address) => (true, u64::try_from(address.to_bits() >> 64).expect("64 bits are left")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(table: &Arc<PerAddress>, address: &str) -> u32 {
        table.take(address.parse().unwrap()).1
    }

    #[test]
    fn each_address_has_its_own_count() {
        let table = Arc::new(PerAddress::new());
        let taken: Vec<_> = (0..3).map(|_| table.take("192.0.2.1".parse().unwrap())).collect();
        assert_eq!(taken.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(count(&table, "::ffff:192.0.2.1"), 4, "the same address, written as IPv6");
        assert_eq!(count(&table, "192.0.2.2"), 1);
        drop(taken);
        assert_eq!(count(&table, "192.0.2.1"), 1);
    }

    #[test]
    fn one_subscriber_of_ipv6_counts_as_one_address() {
        let table = Arc::new(PerAddress::new());
        let _taken = table.take("2001:db8:1:2::1".parse().unwrap());
        assert_eq!(count(&table, "2001:db8:1:2:ffff::2"), 2);
        assert_eq!(count(&table, "2001:db8:1:3::1"), 1);
    }
}
