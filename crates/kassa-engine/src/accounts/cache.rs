//! Merchants and credentials, as they were read within the last second. Every call reads the credential, and every
//! status change reads the merchant.
//!
//! A change by this node takes effect at once. A change by another node, such as a revoked credential, takes effect
//! within a second. The cache also remembers unknown usernames. Otherwise calls with an unknown username would read the
//! store each time, and their duration would reveal which usernames exist.

use std::collections::HashMap;
use std::sync::Arc;

use kassa_domain::merchant::{Merchant, MerchantSettings, MerchantState};
use kassa_domain::time::SECOND_MS;
use kassa_domain::{MerchantId, Timestamp};
use kassa_store::{Credential, NewAct, Store, StoreError};
use parking_lot::RwLock;

use super::recent::RecentCallers;
use crate::clock::{Clock, Monotonic};

/// How long an entry is used after it was read.
pub(super) const FRESH_MS: i64 = SECOND_MS;

/// Maximum number of entries. Beyond it, the cache discards all entries.
const LARGEST: usize = 10_000;

/// The longest unknown name that is remembered, in bytes. Callers choose the name.
const LONGEST_ABSENT: usize = 256;

/// Reads merchants and credentials, and remembers them.
pub(crate) struct MerchantCache {
    store: Store,
    clock: Arc<dyn Clock>,
    by_id: Remembered<Merchant>,
    by_username: Remembered<KnownCredential>,
    /// The callers that logged in with these credentials.
    pub(super) recent_callers: RecentCallers,
}

/// A credential with its merchant.
pub(super) struct KnownCredential {
    pub(super) merchant: Arc<Merchant>,
    pub(super) credential: Credential,
    pub(super) read_at: Monotonic,
}

impl MerchantCache {
    pub(crate) fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        let (by_id, by_username) = (Remembered::new(Absence::IsForgotten), Remembered::new(Absence::IsKept));
        Self { store, clock, by_id, by_username, recent_callers: RecentCallers::default() }
    }

    /// The merchant of this id.
    pub(crate) async fn merchant(&self, id: &MerchantId) -> Result<Option<Arc<Merchant>>, StoreError> {
        self.by_id.get(id.as_str(), self.clock.monotonic_now(), || self.store.merchant(id)).await
    }

    /// The merchant and the credential that a username names.
    pub(super) async fn credential(
        &self,
        username: &str,
    ) -> Result<Option<Arc<KnownCredential>>, StoreError> {
        let read_at = self.clock.monotonic_now();
        let read = async || {
            let found = self.store.credential(username).await?;
            Ok(found.map(|(merchant, credential)| KnownCredential {
                merchant: Arc::new(merchant),
                credential,
                read_at,
            }))
        };
        self.by_username.get(username, read_at, read).await
    }

    /// Adds a merchant with its first credential. Returns `false`, and changes nothing, if the merchant exists or the
    /// username exists.
    pub(crate) async fn add(
        &self,
        merchant: &Merchant,
        credential: &Credential,
        at: Timestamp,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let answer = self.store.add_merchant(merchant, credential, at, act).await;
        self.forget();
        answer
    }

    /// Adds a credential of a merchant; `false` if the username exists.
    pub(crate) async fn add_credential(
        &self,
        of: &MerchantId,
        credential: &Credential,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let answer = self.store.add_credential(of, credential, self.clock.system_now(), act).await;
        self.forget();
        answer
    }

    /// Deletes a merchant with all its data. Its credentials are refused from the next call on.
    pub(crate) async fn erase(&self, id: &MerchantId, act: &NewAct) -> Result<(), StoreError> {
        let answer = self.store.erase_merchant(id, act).await;
        self.forget();
        answer
    }

    /// Changes a merchant's name, from the next call on; `false` if there is no such merchant.
    pub(crate) async fn rename(&self, id: &MerchantId, name: &str, act: &NewAct) -> Result<bool, StoreError> {
        let answer = self.store.rename_merchant(id, name, act).await;
        self.forget();
        answer
    }

    /// Suspends a merchant, or makes it active again; `false` if nothing was changed.
    pub(crate) async fn set_state(
        &self,
        id: &MerchantId,
        state: MerchantState,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let at = match state {
            MerchantState::Active => None,
            MerchantState::Suspended => Some(self.clock.system_now()),
        };
        let answer = self.store.set_suspended(id, at, act).await;
        self.forget();
        answer
    }

    /// Changes a merchant's settings, from the next call on. `change` may run more than once. `record` makes the act of
    /// the change.
    pub(crate) async fn change_settings<T>(
        &self,
        of: &MerchantId,
        change: impl Fn(&mut MerchantSettings) -> T,
        record: impl Fn(&MerchantSettings, &MerchantSettings) -> Result<NewAct, StoreError>,
    ) -> Result<T, StoreError> {
        let answer = self.store.change_settings(of, change, record).await;
        self.forget();
        answer
    }

    /// Revokes a credential, of this merchant if one is given. It is refused from the next call on. Returns `false` if
    /// there is no such active credential.
    pub(crate) async fn revoke_credential(
        &self,
        username: &str,
        of: Option<&MerchantId>,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let answer = self.store.revoke_credential(username, of, self.clock.system_now(), act).await;
        self.forget();
        answer
    }

    /// Revokes a credential of this merchant, unless it is the last active one; `false` if nothing was changed.
    pub(crate) async fn revoke_unless_last(
        &self,
        username: &str,
        of: &MerchantId,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let now = self.clock.system_now();
        let answer = self.store.revoke_credential_unless_last(username, of, now, act).await;
        self.forget();
        answer
    }

    /// Discards all entries, so that the next calls read the store.
    fn forget(&self) {
        self.by_id.forget();
        self.by_username.forget();
        self.recent_callers.forget();
    }
}

/// Whether unknown names are remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absence {
    IsKept,
    IsForgotten,
}

/// Values by name, each with the moment at which it was read.
pub(crate) struct Remembered<V> {
    absence: Absence,
    entries: RwLock<Entries<V>>,
}

struct Entries<V> {
    /// How often all entries were discarded. A value that was read before that is not remembered after it.
    generation: u64,
    found: HashMap<String, (Arc<V>, Monotonic)>,
    /// Names that were not found. They have a map of their own, so that invented names displace no value.
    absent: HashMap<String, Monotonic>,
}

impl<V> Remembered<V> {
    pub(crate) fn new(absence: Absence) -> Self {
        let entries = Entries { generation: 0, found: HashMap::new(), absent: HashMap::new() };
        Self { absence, entries: RwLock::new(entries) }
    }

    /// The value of a name: as it was read within the last second, or as `read` returns it.
    pub(crate) async fn get<F>(
        &self,
        name: &str,
        now: Monotonic,
        read: impl FnOnce() -> F,
    ) -> Result<Option<Arc<V>>, StoreError>
    where
        F: Future<Output = Result<Option<V>, StoreError>>,
    {
        let generation = {
            let entries = self.entries.read();
            if let Some(known) = entries.get(name, now) {
                return Ok(known);
            }
            entries.generation
        };
        let value = read().await?.map(Arc::new);
        let mut entries = self.entries.write();
        if entries.generation == generation {
            entries.keep(name, now, value.clone(), self.absence);
        }
        Ok(value)
    }

    /// Discards all entries.
    pub(crate) fn forget(&self) {
        let mut entries = self.entries.write();
        entries.generation += 1;
        entries.found.clear();
        entries.absent.clear();
    }
}

impl<V> Entries<V> {
    /// The value of a name, or that it has none, if that is known. `None` if the store has to be asked.
    fn get(&self, name: &str, now: Monotonic) -> Option<Option<Arc<V>>> {
        let is_fresh = |read_at: Monotonic| now.ms_since(read_at) < FRESH_MS;
        match self.found.get(name) {
            Some((value, read_at)) => is_fresh(*read_at).then(|| Some(value.clone())),
            None => self.absent.get(name).is_some_and(|read_at| is_fresh(*read_at)).then_some(None),
        }
    }

    fn keep(&mut self, name: &str, now: Monotonic, value: Option<Arc<V>>, absence: Absence) {
        match value {
            Some(value) => {
                if self.found.len() >= LARGEST {
                    self.found.clear();
                }
                self.found.insert(name.to_string(), (value, now));
            }
            None if absence == Absence::IsKept && name.len() <= LONGEST_ABSENT => {
                if self.absent.len() >= LARGEST {
                    self.absent.clear();
                }
                self.absent.insert(name.to_string(), now);
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Monotonic {
        Monotonic::from_ms(ms)
    }

    fn remembered() -> Remembered<u32> {
        Remembered::new(Absence::IsKept)
    }

    async fn get(remembered: &Remembered<u32>, now: Monotonic, stored: u32) -> u32 {
        let read = || async { Ok(Some(stored)) };
        *remembered.get("name", now, read).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn an_entry_is_used_for_a_second() {
        let remembered = remembered();
        assert_eq!(get(&remembered, at(0), 1).await, 1);
        assert_eq!(get(&remembered, at(FRESH_MS - 1), 2).await, 1);
        assert_eq!(get(&remembered, at(FRESH_MS), 2).await, 2);
    }

    #[tokio::test]
    async fn a_value_read_before_a_change_is_not_remembered_after_it() {
        let remembered = remembered();
        let read_late = || async {
            remembered.forget();
            Ok(Some(1))
        };
        assert_eq!(*remembered.get("name", at(0), read_late).await.unwrap().unwrap(), 1);
        assert_eq!(get(&remembered, at(0), 2).await, 2);
    }

    /// How often the store is read by this many calls within a second, and one call after it.
    async fn reads(absence: Absence, stored: Option<u32>, calls: usize) -> usize {
        let (remembered, mut reads) = (Remembered::new(absence), 0);
        for now in std::iter::repeat_n(0, calls).chain([FRESH_MS]) {
            let read = || {
                reads += 1;
                async move { Ok(stored) }
            };
            assert_eq!(remembered.get("name", at(now), read).await.unwrap().as_deref(), stored.as_ref());
        }
        reads
    }

    #[tokio::test]
    async fn an_unknown_username_costs_as_many_reads_as_a_known_one() {
        assert_eq!(reads(Absence::IsKept, Some(1), 100).await, 2);
        assert_eq!(reads(Absence::IsKept, None, 100).await, 2);
    }

    #[tokio::test]
    async fn a_merchant_that_was_absent_is_found_at_once_when_another_process_made_it() {
        assert_eq!(reads(Absence::IsForgotten, None, 3).await, 4);
        let remembered = Remembered::new(Absence::IsForgotten);
        assert!(remembered.get("name", at(0), || async { Ok(None) }).await.unwrap().is_none());
        assert_eq!(get(&remembered, at(0), 1).await, 1);
    }

    #[tokio::test]
    async fn unknown_usernames_take_bounded_memory_and_displace_no_known_one() {
        let remembered = remembered();
        assert_eq!(get(&remembered, at(0), 1).await, 1);
        for number in 0..=LARGEST {
            let name = format!("made-up-{number}");
            assert!(remembered.get(&name, at(0), || async { Ok(None) }).await.unwrap().is_none());
        }
        let long = "x".repeat(LONGEST_ABSENT + 1);
        assert!(remembered.get(&long, at(0), || async { Ok(None) }).await.unwrap().is_none());
        let entries = remembered.entries.read();
        assert!(entries.absent.len() <= LARGEST && !entries.absent.contains_key(&long));
        assert!(entries.found.contains_key("name"));
    }
}
