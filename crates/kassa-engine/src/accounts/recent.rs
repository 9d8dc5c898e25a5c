//! The callers that logged in within the last second, by a fingerprint of what they sent. Most callers make many calls
//! in a second, and only the first of them has to be read, found and compared with a hash.
//!
//! An entry is as old as the credential that was read for it, so a credential that another node revoked is refused
//! within a second. A change by this node discards all entries. A caller with an entry passed the limits on failed
//! logins, and the limits know it for an hour.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::Arc;

use kassa_domain::Username;
use kassa_domain::merchant::Merchant;
use parking_lot::RwLock;

use super::cache::FRESH_MS;
use crate::clock::Monotonic;

/// Maximum number of entries. Beyond it, all entries are discarded.
const LARGEST: usize = 10_000;

/// A fingerprint of the address and the `Authorization` header of a call. The node chooses the keys of the two hashes
/// at its start, so nobody can find another header with the same fingerprint, and no secret is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallerFingerprint(u64, u64);

/// A caller that logged in.
#[derive(Clone)]
pub(super) struct RecentCaller {
    pub(super) merchant: Arc<Merchant>,
    pub(super) username: Username,
    /// When the credential was read.
    pub(super) read_at: Monotonic,
}

/// The callers that logged in within the last second.
#[derive(Default)]
pub(crate) struct RecentCallers {
    keys: (RandomState, RandomState),
    entries: RwLock<Entries>,
}

#[derive(Default)]
struct Entries {
    /// How often all entries were discarded. A caller that was checked before that is not remembered after it.
    generation: u64,
    callers: HashMap<CallerFingerprint, RecentCaller>,
}

/// The state of the entries before a login is checked.
#[derive(Clone, Copy)]
pub(super) struct BeforeCheck(u64);

impl RecentCallers {
    pub(super) fn fingerprint(&self, authorization: &[u8], from: Option<IpAddr>) -> CallerFingerprint {
        let sent = (authorization, from);
        CallerFingerprint(self.keys.0.hash_one(sent), self.keys.1.hash_one(sent))
    }

    /// The caller with this fingerprint, if it logged in within the last second.
    pub(super) fn get(&self, fingerprint: CallerFingerprint, now: Monotonic) -> Option<RecentCaller> {
        let entries = self.entries.read();
        let caller = entries.callers.get(&fingerprint)?;
        (now.ms_since(caller.read_at) < FRESH_MS).then(|| caller.clone())
    }

    /// Call this before the credential is read.
    pub(super) fn before_check(&self) -> BeforeCheck {
        BeforeCheck(self.entries.read().generation)
    }

    /// Remembers a caller, unless all entries were discarded since `before`.
    pub(super) fn keep(&self, fingerprint: CallerFingerprint, caller: RecentCaller, before: BeforeCheck) {
        let mut entries = self.entries.write();
        if entries.generation != before.0 {
            return;
        }
        if entries.callers.len() >= LARGEST {
            entries.callers.clear();
        }
        entries.callers.insert(fingerprint, caller);
    }

    /// Discards all entries, so that the next calls are checked.
    pub(crate) fn forget(&self) {
        let mut entries = self.entries.write();
        entries.generation += 1;
        entries.callers.clear();
    }
}

#[cfg(test)]
mod tests {
    use kassa_domain::MerchantId;
    use kassa_domain::merchant::MerchantSettings;

    use super::*;

    const HEADER: &[u8] = b"Basic dTpw";

    fn at(ms: i64) -> Monotonic {
        Monotonic::from_ms(ms)
    }

    fn read_at(ms: i64) -> RecentCaller {
        let (id, name, settings) = (MerchantId::new("PK1"), String::new(), MerchantSettings::default());
        let merchant = Arc::new(Merchant { id, name, settings, suspended_at: None });
        RecentCaller { merchant, username: Username::new("u"), read_at: at(ms) }
    }

    #[test]
    fn a_caller_is_remembered_for_a_second_after_its_credential_was_read() {
        let recent = RecentCallers::default();
        let fingerprint = recent.fingerprint(HEADER, None);
        recent.keep(fingerprint, read_at(0), recent.before_check());
        assert!(recent.get(fingerprint, at(FRESH_MS - 1)).is_some());
        assert!(recent.get(fingerprint, at(FRESH_MS)).is_none());
    }

    #[test]
    fn a_caller_that_was_checked_before_a_change_is_not_remembered_after_it() {
        let recent = RecentCallers::default();
        let fingerprint = recent.fingerprint(HEADER, None);
        let before = recent.before_check();
        recent.forget();
        recent.keep(fingerprint, read_at(0), before);
        assert!(recent.get(fingerprint, at(0)).is_none());
        recent.keep(fingerprint, read_at(0), recent.before_check());
        recent.forget();
        assert!(recent.get(fingerprint, at(0)).is_none());
    }

    #[test]
    fn another_header_or_address_is_another_caller() {
        let recent = RecentCallers::default();
        let from = |address: &str| Some(address.parse().unwrap());
        recent.keep(recent.fingerprint(HEADER, from("192.0.2.1")), read_at(0), recent.before_check());
        for (header, address) in
            [(&b"Basic dTpx"[..], from("192.0.2.1")), (HEADER, from("192.0.2.2")), (HEADER, None)]
        {
            assert!(recent.get(recent.fingerprint(header, address), at(0)).is_none());
        }
    }

    #[test]
    fn recent_callers_take_bounded_memory() {
        let recent = RecentCallers::default();
        for number in 0..=LARGEST {
            let fingerprint = recent.fingerprint(number.to_string().as_bytes(), None);
            recent.keep(fingerprint, read_at(0), recent.before_check());
        }
        assert!(recent.entries.read().callers.len() <= LARGEST);
    }
}
