//! The merchants, as they were read within the last second: every call asks who calls, and every change whom to tell.
//!
//! What this process changes it forgets at once. What another process changes, a credential taken back for instance,
//! holds here a second later at most.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use kassa_domain::merchant::{Merchant, MerchantSettings};
use kassa_domain::time::SECOND_MS;
use kassa_domain::{MerchantId, Timestamp};
use kassa_store::{Credential, Store, StoreError};

use crate::clock::{Clock, Monotonic};

/// How long what was read is good.
const FRESH_MS: i64 = SECOND_MS;

/// Entries kept at most; beyond, all are forgotten.
const LARGEST: usize = 10_000;

/// Reads merchants and credentials, and remembers them.
pub(crate) struct Merchants {
    store: Store,
    clock: Arc<dyn Clock>,
    by_id: Remembered<Merchant>,
    by_username: Remembered<(Arc<Merchant>, Credential)>,
}

impl Merchants {
    pub(crate) fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, by_id: Remembered::default(), by_username: Remembered::default() }
    }

    /// The merchant of this id.
    pub(crate) async fn merchant(&self, id: &MerchantId) -> Result<Option<Arc<Merchant>>, StoreError> {
        self.by_id.get(id.as_str(), self.clock.monotonic_now(), || self.store.merchant(id)).await
    }

    /// The merchant and the credential that a username names.
    pub(crate) async fn credential(
        &self,
        username: &str,
    ) -> Result<Option<Arc<(Arc<Merchant>, Credential)>>, StoreError> {
        let read = async || {
            let found = self.store.credential(username).await?;
            Ok(found.map(|(merchant, credential)| (Arc::new(merchant), credential)))
        };
        self.by_username.get(username, self.clock.monotonic_now(), read).await
    }

    /// Adds a merchant with its first credential; changes nothing where the merchant is there already.
    pub(crate) async fn add(
        &self,
        merchant: &Merchant,
        credential: &Credential,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.store.add_merchant(merchant, credential, at).await
    }

    /// Erases a merchant with all it had. Its credential opens nothing from the next call on.
    pub(crate) async fn erase(&self, id: &MerchantId) -> Result<(), StoreError> {
        let answer = self.store.erase_merchant(id).await;
        self.forget();
        answer
    }

    /// Changes a merchant's settings; `change` may run more than once. They hold from the next call on.
    pub(crate) async fn change_settings<T>(
        &self,
        of: &MerchantId,
        change: impl Fn(&mut MerchantSettings) -> T,
    ) -> Result<T, StoreError> {
        let answer = self.store.change_settings(of, change).await;
        self.forget();
        answer
    }

    /// Takes a credential back, of this merchant where one is given: it is refused from the next call on. `false` where
    /// there is none that is good.
    pub(crate) async fn revoke_credential(
        &self,
        username: &str,
        of: Option<&MerchantId>,
    ) -> Result<bool, StoreError> {
        let answer = self.store.revoke_credential(username, of, self.clock.system_now()).await;
        self.forget();
        answer
    }

    /// Reads everything anew from the next call on.
    fn forget(&self) {
        self.by_id.forget();
        self.by_username.forget();
    }
}

/// What was read, by name, each with when.
struct Remembered<V>(RwLock<Entries<V>>);

struct Entries<V> {
    /// How often everything was forgotten: what was read before that is not remembered after it.
    generation: u64,
    by_name: HashMap<String, (Arc<V>, Monotonic)>,
}

impl<V> Default for Remembered<V> {
    fn default() -> Self {
        Self(RwLock::new(Entries { generation: 0, by_name: HashMap::new() }))
    }
}

impl<V> Remembered<V> {
    async fn get<F>(
        &self,
        name: &str,
        now: Monotonic,
        read: impl FnOnce() -> F,
    ) -> Result<Option<Arc<V>>, StoreError>
    where
        F: Future<Output = Result<Option<V>, StoreError>>,
    {
        let generation = {
            let entries = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if let Some((value, read_at)) = entries.by_name.get(name)
                && now.ms_since(*read_at) < FRESH_MS
            {
                return Ok(Some(value.clone()));
            }
            entries.generation
        };
        let Some(value) = read().await?.map(Arc::new) else { return Ok(None) };
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if entries.generation == generation {
            if entries.by_name.len() >= LARGEST {
                entries.by_name.clear();
            }
            entries.by_name.insert(name.to_string(), (value.clone(), now));
        }
        Ok(Some(value))
    }

    fn forget(&self) {
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        entries.generation += 1;
        entries.by_name.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Monotonic {
        Monotonic::from_ms(ms)
    }

    async fn get(remembered: &Remembered<u32>, now: Monotonic, stored: u32) -> u32 {
        let read = || async { Ok(Some(stored)) };
        *remembered.get("name", now, read).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn what_was_read_is_good_for_a_second() {
        let remembered = Remembered::default();
        assert_eq!(get(&remembered, at(0), 1).await, 1);
        assert_eq!(get(&remembered, at(FRESH_MS - 1), 2).await, 1);
        assert_eq!(get(&remembered, at(FRESH_MS), 2).await, 2);
    }

    #[tokio::test]
    async fn what_was_read_before_a_change_is_not_remembered_after_it() {
        let remembered = Remembered::default();
        let read_late = || async {
            remembered.forget();
            Ok(Some(1))
        };
        assert_eq!(*remembered.get("name", at(0), read_late).await.unwrap().unwrap(), 1);
        assert_eq!(get(&remembered, at(0), 2).await, 2);
    }

    #[tokio::test]
    async fn who_is_not_there_is_not_remembered() {
        let remembered = Remembered::<u32>::default();
        let absent = || async { Ok(None) };
        assert!(remembered.get("name", at(0), absent).await.unwrap().is_none());
        assert_eq!(get(&remembered, at(0), 1).await, 1);
    }
}
