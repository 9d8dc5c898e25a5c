//! The data of one consumer: an export for a request of access, and the erasure.
//!
//! An erasure first reads all texts that can name the consumer. It stores the list of payment sessions together with
//! the administrative act, and then erases one row at a time. If the process dies, a repeated erasure finishes the
//! list.

mod scan;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kassa_domain::MerchantId;
use kassa_domain::payment_session::AUTHORIZATION_LIFETIME_MS;
use kassa_store::{
    ConsumerIdentity, ConsumerPageSession, ConsumerSearch, ConsumerText, StoreError, UnreadableTexts,
    WrongIdentity,
};
use kassa_wire::kassa::{
    ConsumerData, ConsumerErasureReport, ConsumerPage, ConsumerPaymentSession, StoredConsumerText,
};
use kassa_wire::stored::Stored as _;
use kassa_wire::time::Instant;
use serde_json::{Map, Value};

use crate::audit::{Act, ActKind, Requester, log_act};
use crate::expiry::pause_after;
use crate::parts::EngineParts;
use crate::snapshot::session_status;
use scan::ConsumerScan;

/// An erasure that is asked for.
#[derive(Clone, Debug)]
pub struct ConsumerErasure {
    /// The consumer, and the merchant whose data are erased.
    pub search: ConsumerSearch,
    /// Whether payments that are still open are erased, too.
    pub includes_open: bool,
    /// Whether Kassa changes nothing, and only says what it would erase.
    pub is_dry_run: bool,
    /// Whether Kassa erases what it can read if it cannot read every text.
    pub skips_unreadable: bool,
}

/// The reason why a search cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum WrongSearch {
    /// No consumer is named.
    #[error(transparent)]
    Identity(#[from] WrongIdentity),
    /// There is no such merchant, so the search would find nothing.
    #[error("there is no merchant {0}")]
    UnknownMerchant(MerchantId),
    /// The database cannot be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Shows and erases the data of consumers.
#[derive(Clone)]
pub struct Consumers(Arc<EngineParts>);

/// The rows of a consumer.
#[derive(Default)]
struct FoundConsumer {
    /// The payment sessions with their owning merchants. A row whose page session was deleted has that one's id.
    payment_sessions: BTreeMap<String, MerchantId>,
    /// The texts that belong to no payment session.
    other: Vec<ConsumerText>,
    /// The texts that cannot be read. They may be about the consumer.
    unreadable: UnreadableTexts,
}

impl Consumers {
    pub(crate) fn new(engine: Arc<EngineParts>) -> Self {
        Self(engine)
    }

    /// Reads the consumer and the merchant of a request.
    pub async fn search(
        &self,
        email: Option<&str>,
        phone: Option<&str>,
        merchant: Option<&str>,
    ) -> Result<ConsumerSearch, WrongSearch> {
        let identity = ConsumerIdentity::parse(email, phone)?;
        let merchant = merchant.map(MerchantId::new);
        match merchant {
            Some(merchant) if !self.0.store.has_merchant(&merchant).await? => {
                Err(WrongSearch::UnknownMerchant(merchant))
            }
            merchant => Ok(ConsumerSearch { identity, merchant }),
        }
    }

    /// Everything that is stored about a consumer.
    pub async fn show(&self, search: &ConsumerSearch) -> Result<ConsumerData, StoreError> {
        self.0.requests.write_queue().await;
        let mut found = self.find(search).await?;
        let mut by_owner = self.scanned_by_owner(search, &found).await?;
        let mut payment_sessions = Vec::new();
        for id in found.payment_sessions.keys() {
            let scanned = by_owner.remove(id).unwrap_or_default();
            payment_sessions.push(self.show_payment_session(id, scanned, &mut found.unreadable).await?);
        }
        let UnreadableTexts { keys_missing, damaged } = found.unreadable;
        let other = found.other.iter().map(shown).collect();
        Ok(ConsumerData { payment_sessions, other, unreadable: keys_missing, damaged })
    }

    /// The texts of the found payment sessions that no index finds, by payment session. One scan reads those of all.
    async fn scanned_by_owner(
        &self,
        search: &ConsumerSearch,
        found: &FoundConsumer,
    ) -> Result<BTreeMap<String, Vec<ConsumerText>>, StoreError> {
        let owners = found.payment_sessions.keys().cloned().collect();
        let mut by_owner: BTreeMap<String, Vec<ConsumerText>> = BTreeMap::new();
        if found.payment_sessions.is_empty() {
            return Ok(by_owner);
        }
        let mut scan = ConsumerScan::new(&self.0, search, &owners);
        while let Some(page) = scan.next_page().await? {
            for text in page.into_iter().filter(ConsumerText::is_erased_alone) {
                if let Some(owner) = &text.owner {
                    by_owner.entry(owner.clone()).or_default().push(text);
                }
            }
        }
        Ok(by_owner)
    }

    async fn show_payment_session(
        &self,
        id: &str,
        scanned: Vec<ConsumerText>,
        unreadable: &mut UnreadableTexts,
    ) -> Result<ConsumerPaymentSession, StoreError> {
        let pages = self.0.store.consumer_page_sessions(id).await?;
        let mut texts = Vec::new();
        for owner in owners(id, &pages) {
            let owned = self.0.store.owned_texts(&owner).await?;
            texts.extend(owned.texts);
            unreadable.add(owned.unreadable);
        }
        texts.extend(scanned);
        Ok(ConsumerPaymentSession {
            payment_session_id: id.to_string(),
            page_sessions: pages.iter().map(page).collect(),
            texts: texts.iter().map(shown).collect(),
        })
    }

    /// Whether [`Consumers::compact`] can rewrite this database. PostgreSQL does it with `vacuum full`.
    #[must_use]
    pub fn can_compact(&self) -> bool {
        self.0.store.can_compact()
    }

    /// Rewrites a SQLite file without unused space, which may have copies of erased rows. Writers wait meanwhile.
    /// `false` on PostgreSQL, where nothing is done.
    pub async fn compact(&self) -> Result<bool, StoreError> {
        self.0.store.compact().await
    }

    /// Erases the data of a consumer. A repeated erasure changes only what is left. The act is recorded also if there
    /// is nothing to erase, because it proves that the request was carried out. If texts cannot be read, nothing is
    /// erased unless the erasure skips them: the result would look complete.
    pub async fn erase(
        &self,
        erasure: &ConsumerErasure,
        by: &Requester,
    ) -> Result<ConsumerErasureReport, StoreError> {
        let store = &self.0.store;
        let ConsumerErasure { search, includes_open, is_dry_run, skips_unreadable } = erasure;
        let hash = store.consumer_hash(&search.identity);
        let hash = hash.ok_or_else(|| StoreError::Fault("the store hashes no addresses".into()))?;
        self.0.requests.write_queue().await;
        let mut found = self.find(search).await?;
        let begun = store.begun_erasure(&hash, search.merchant.as_ref()).await?;
        let mut open = BTreeSet::new();
        for id in found.payment_sessions.keys().filter(|_| !includes_open) {
            if self.is_open(id).await? {
                open.insert(id.clone());
            }
        }
        found.payment_sessions.extend(begun);
        let mut sessions = found.payment_sessions;
        sessions.retain(|id, _| !open.contains(id));
        found.unreadable.add(self.unreadable_of(sessions.keys()).await?);
        let is_refused = !found.unreadable.is_none() && !skips_unreadable;
        let mut report = ConsumerErasureReport {
            dry_run: *is_dry_run,
            payment_sessions: sessions.keys().cloned().collect(),
            open_payment_sessions: open.iter().cloned().collect(),
            other_rows: found.other.len(),
            erased_texts: 0,
            unreadable: found.unreadable.keys_missing,
            damaged: found.unreadable.damaged,
            refused: is_refused,
        };
        if !is_dry_run && !is_refused {
            report.erased_texts = self.erase_found(search, &hash, &sessions, &open, by).await?;
        }
        Ok(report)
    }

    /// The texts of payment sessions that cannot be read, and that no scan reads.
    async fn unreadable_of(
        &self,
        payment_sessions: impl Iterator<Item = &String>,
    ) -> Result<UnreadableTexts, StoreError> {
        let mut unreadable = UnreadableTexts::default();
        for id in payment_sessions {
            let begun = self.0.clock.monotonic_now();
            let pages = self.0.store.consumer_page_sessions(id).await?;
            for owner in owners(id, &pages) {
                unreadable.add(self.0.store.owned_texts(&owner).await?.unreadable);
            }
            pause_after(&self.0, begun).await;
        }
        Ok(unreadable)
    }

    /// Records the act, erases until nothing is left, and removes earlier versions of the rows. Returns the number of
    /// changed texts.
    async fn erase_found(
        &self,
        search: &ConsumerSearch,
        hash: &str,
        sessions: &BTreeMap<String, MerchantId>,
        open: &BTreeSet<String>,
        by: &Requester,
    ) -> Result<usize, StoreError> {
        let store = &self.0.store;
        let act = Act::on(ActKind::ConsumerErased, hash).with("payment_sessions", sessions.len());
        let act = match &search.merchant {
            Some(merchant) => act.with("merchant", merchant.as_str()),
            None => act,
        };
        let now = self.0.clock.system_now();
        store.begin_erasure(hash, sessions, now, &self.0.acts.record(&act, by)?).await?;
        let ids = sessions.keys().cloned().collect();
        let mut changed = 0;
        // A row that somebody else changed meanwhile may still have the data.
        loop {
            let in_pass = self.erase_once(search, &ids, open).await?;
            changed += in_pass;
            if in_pass == 0 {
                break;
            }
        }
        store.remove_old_versions().await?;
        store.end_erasure(hash, sessions.keys()).await?;
        log_act(&act, by);
        Ok(changed)
    }

    /// Goes through all rows once. Returns the number of changed texts.
    async fn erase_once(
        &self,
        search: &ConsumerSearch,
        ids: &BTreeSet<String>,
        open: &BTreeSet<String>,
    ) -> Result<usize, StoreError> {
        let store = &self.0.store;
        let mut changed = 0;
        for id in ids {
            let begun = self.0.clock.monotonic_now();
            let pages = store.consumer_page_sessions(id).await?;
            for owner in owners(id, &pages) {
                for text in store.owned_texts(&owner).await?.texts {
                    changed += usize::from(store.erase_text(&text, &search.identity).await?);
                }
            }
            pause_after(&self.0, begun).await;
        }
        let mut scan = ConsumerScan::new(&self.0, search, ids);
        while let Some(page) = scan.next_page().await? {
            for text in page.into_iter().filter(ConsumerText::is_erased_alone) {
                let is_open = text.owner.as_ref().is_some_and(|owner| open.contains(owner));
                changed += usize::from(!is_open && store.erase_text(&text, &search.identity).await?);
            }
        }
        Ok(changed)
    }

    /// Finds the rows that name the consumer.
    async fn find(&self, search: &ConsumerSearch) -> Result<FoundConsumer, StoreError> {
        let (mut owners, mut other) = (BTreeMap::new(), Vec::new());
        let nobody = BTreeSet::new();
        let mut scan = ConsumerScan::new(&self.0, search, &nobody);
        while let Some(page) = scan.next_page().await? {
            for text in page {
                match text.owner.clone().zip(text.merchant_id.clone()) {
                    Some((owner, merchant)) => drop(owners.insert(owner, merchant)),
                    None => other.push(text),
                }
            }
        }
        let unreadable = scan.unreadable;
        let mut payment_sessions = BTreeMap::new();
        for (owner, merchant) in owners {
            payment_sessions.insert(self.0.store.payment_session_of_owner(&owner).await?, merchant);
        }
        Ok(FoundConsumer { payment_sessions, other, unreadable })
    }

    async fn is_open(&self, id: &str) -> Result<bool, StoreError> {
        let ended_before = self.0.clock.system_now().plus_ms(-AUTHORIZATION_LIFETIME_MS);
        self.0.store.is_payment_open(id, ended_before).await
    }
}

/// The ids under which the rows of a payment session are found.
fn owners(id: &str, pages: &[ConsumerPageSession]) -> Vec<String> {
    std::iter::once(id.to_string()).chain(pages.iter().map(|page| page.id.as_str().to_string())).collect()
}

fn page(session: &ConsumerPageSession) -> ConsumerPage {
    ConsumerPage {
        session_id: session.id.as_str().to_string(),
        merchant_id: session.merchant_id.as_str().to_string(),
        status: session_status(session.status),
        created_at: Instant::from_ms(session.created_at.as_ms()),
        expires_at: Instant::from_ms(session.expires_at.as_ms()),
    }
}

fn shown(text: &ConsumerText) -> StoredConsumerText {
    let json = Map::from_stored(&text.text).ok().map(Value::Object);
    StoredConsumerText {
        stored_in: format!("{}.{}", text.table, text.column),
        content: json.unwrap_or_else(|| Value::String(text.text.clone())),
    }
}
