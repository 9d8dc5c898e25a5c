//! Verifies the audit trail in the database: the links of every chain, and the tables that the trail vouches for.
//!
//! A node may write meanwhile. A row that is not in the trail yet is not compared. A missing row is judged at the
//! end, when the acts that were recorded meanwhile are known, too.

use kassa_domain::MerchantId;
use kassa_store::{ChainEnds, ChainedEntry, ChainedEvent, Store, StoreError};
use kassa_wire::audit::{
    ChainPlace, CheckedEntry, EntryContent, NotedHead, SYSTEM_CHAIN, StatusChangeRecord, merchant_chain,
    merchant_of_chain,
};
use kassa_wire::stored::Stored as _;
use kassa_wire::time::Instant;

use super::AuditTrail;
use super::comparison::{compare, inserted, place_of};
use super::content::status_change;
use super::problem::{AuditProblem, EventDifference, EventOfSession, HeadDifference, StatusChangePlace};
use super::state::{ActsOfTrail, StoredAccounts};

/// Maximum number of rows that one statement reads.
const ROWS_AT_ONCE: i64 = 1000;

/// Maximum number of missing rows that are judged at the end.
const SUSPICIONS: usize = 1000;

/// A position before every position of a feed.
const BEFORE_THE_FEED: i64 = i64::MIN;

/// The progress of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The entries that were verified.
    pub entries: u64,
    /// The page sessions that were compared.
    pub sessions: u64,
}

/// The outcome for a trail without problems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedTrail {
    /// The head of each chain.
    pub heads: Vec<NotedHead>,
    /// The number of entries and page sessions.
    pub progress: Progress,
    /// The number of status changes and acts that were not in the trail at the beginning, up to a limit.
    pub waiting: i64,
}

/// The reason why a trail was not verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The trail is broken.
    #[error("the audit trail is broken. {0}")]
    Broken(Box<AuditProblem>),
    /// The database cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AuditProblem> for VerifyError {
    fn from(problem: AuditProblem) -> Self {
        Self::Broken(Box::new(problem))
    }
}

/// A row that is missing, with its entry.
struct Suspicion {
    place: StatusChangePlace,
    difference: EventDifference,
    merchant: String,
    recorded_at: i64,
    expires_at: Option<Instant>,
}

/// A verification under way.
struct Verification<'a> {
    store: &'a Store,
    acts: ActsOfTrail,
    /// The place up to which the acts are read.
    acts_place: ChainPlace,
    heads: Vec<NotedHead>,
    suspicions: Vec<Suspicion>,
    progress: Progress,
    report: &'a (dyn Fn(Progress) + Send + Sync),
}

impl AuditTrail {
    /// Verifies every chain, compares the tables, and checks that the trail contains these heads. Memory is bounded by
    /// the number of accounts and chains. Returns the first problem as an error.
    pub async fn verify(
        &self,
        noted: &[NotedHead],
        report: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<VerifiedTrail, VerifyError> {
        let mut verification = Verification {
            store: &self.0,
            acts: ActsOfTrail::default(),
            acts_place: ChainPlace::default(),
            heads: Vec::new(),
            suspicions: Vec::new(),
            progress: Progress { entries: 0, sessions: 0 },
            report,
        };
        // Rows that wait now may be in the trail at the end, and are not verified all the same.
        let waiting = self.0.audit_backlog(ROWS_AT_ONCE).await?;
        verification.run(noted).await?;
        verification.heads.sort_by(|one, other| one.chain.cmp(&other.chain));
        Ok(VerifiedTrail { heads: verification.heads, progress: verification.progress, waiting })
    }
}

impl Verification<'_> {
    async fn run(&mut self, noted: &[NotedHead]) -> Result<(), VerifyError> {
        let stored_before = StoredAccounts::read(self.store).await?;
        self.all_chains().await?;
        self.merchants_without_chain(&stored_before).await?;
        self.sessions().await?;
        self.read_new_acts().await?;
        self.judge_suspicions()?;
        // An account that was changed during the verification differs from the acts in one of the two comparisons only.
        let stored_after = StoredAccounts::read(self.store).await?;
        let before = self.acts.differences(&stored_before);
        let differs = self.acts.differences(&stored_after).into_iter().find(|found| before.contains(found));
        if let Some(problem) = differs {
            return Err(problem.into());
        }
        for head in noted {
            self.noted_head(head).await?;
        }
        Ok(())
    }

    /// Verifies the chain of acts, and then the others, because the acts explain what is missing.
    async fn all_chains(&mut self) -> Result<(), VerifyError> {
        let mut after = String::new();
        let mut chains = Vec::new();
        while let Some(chain) = self.next_chain(&after).await? {
            after.clone_from(&chain);
            chains.push(chain);
        }
        chains.sort_by_key(|chain| chain != SYSTEM_CHAIN);
        for chain in chains {
            self.chain(&chain).await?;
        }
        Ok(())
    }

    /// A merchant without a chain has no event that is marked as chained.
    async fn merchants_without_chain(&self, stored: &StoredAccounts) -> Result<(), VerifyError> {
        for merchant in stored.merchants() {
            let chain = merchant_chain(merchant);
            if !self.heads.iter().any(|head| head.chain == chain) {
                self.tail(&chain, &MerchantId::new(merchant), BEFORE_THE_FEED).await?;
            }
        }
        Ok(())
    }

    /// The next name of a chain: in `audit_chain`, or only in `audit_entry`.
    async fn next_chain(&self, after: &str) -> Result<Option<String>, StoreError> {
        let named = self.store.chains(after, 1).await?.into_iter().next().map(|ends| ends.chain);
        let with_entries = self.store.next_chain_with_entries(after).await?;
        Ok([named, with_entries].into_iter().flatten().min())
    }

    /// Verifies a chain, up to the head that it has at the beginning.
    async fn chain(&mut self, chain: &str) -> Result<(), VerifyError> {
        let no_head = || AuditProblem::NoHead { chain: chain.to_string() };
        let ends = self.store.chain_ends(chain).await?.ok_or_else(no_head)?;
        let mut place = self.beginning(&ends).await?;
        let mut feed_position = match place.position {
            0 => BEFORE_THE_FEED,
            // The events before the first kept entry are unknown.
            _ => self.feed_position_before(chain, &place).await?,
        };
        while place.position < ends.last_position {
            let page = self.store.chain_entries(chain, place.position, ROWS_AT_ONCE).await?;
            if page.is_empty() {
                break;
            }
            let contents = self.follow(chain, &mut place, &page)?;
            match merchant_of_chain(chain) {
                Some(merchant) => {
                    let merchant = MerchantId::new(merchant);
                    feed_position = self.changes(chain, &merchant, feed_position, &page, contents).await?;
                }
                None => self.apply(contents),
            }
        }
        self.check_head(&ends, &place).await?;
        if chain == SYSTEM_CHAIN {
            self.acts_place = place.clone();
        }
        if let Some(merchant) = merchant_of_chain(chain) {
            self.tail(chain, &MerchantId::new(merchant), feed_position).await?;
        }
        self.heads.push(NotedHead { chain: chain.to_string(), place });
        Ok(())
    }

    /// The place before the first entry of a chain. An act vouches for entries that were removed.
    async fn beginning(&mut self, ends: &ChainEnds) -> Result<ChainPlace, VerifyError> {
        let ChainEnds { chain, removed_position: position, removed_hash: hash, .. } = ends;
        let is_whole = *position == 0 && hash.is_empty();
        if !is_whole && !self.acts.shortened(chain, *position, hash) {
            // Retention may have run meanwhile.
            self.read_new_acts().await?;
            if !self.acts.shortened(chain, *position, hash) {
                return Err(AuditProblem::Removed { chain: chain.clone(), position: *position }.into());
            }
        }
        Ok(ChainPlace { position: *position, hash: hash.clone() })
    }

    /// The position of the feed before the first entry after a place.
    async fn feed_position_before(&self, chain: &str, place: &ChainPlace) -> Result<i64, StoreError> {
        let first = self.store.chain_entries(chain, place.position, 1).await?.into_iter().next();
        let content = first.and_then(|entry| EntryContent::from_stored(&entry.content).ok());
        Ok(match content {
            Some(EntryContent::StatusChange(change)) => change.feed_position.saturating_sub(1),
            Some(EntryContent::Act(_)) | None => BEFORE_THE_FEED,
        })
    }

    /// Checks the links of a page, and reads the contents.
    fn follow(
        &mut self,
        chain: &str,
        place: &mut ChainPlace,
        page: &[ChainedEntry],
    ) -> Result<Vec<EntryContent>, VerifyError> {
        let mut contents = Vec::with_capacity(page.len());
        for entry in page {
            let checked = CheckedEntry {
                position: entry.position,
                recorded_at: Instant::from_ms(entry.recorded_at.as_ms()),
                content: &entry.content,
                hash: &entry.hash,
            };
            let (chain, position) = (chain.to_string(), place.position.saturating_add(1));
            if let Err(link) = place.follow(&chain, checked) {
                return Err(AuditProblem::Link { chain, position, link }.into());
            }
            let content = EntryContent::from_stored(&entry.content);
            contents.push(content.map_err(|error| {
                let reason = error.to_string();
                AuditProblem::Content { chain, position, reason }
            })?);
        }
        self.progress.entries += u64::try_from(page.len()).unwrap_or_default();
        (self.report)(self.progress);
        Ok(contents)
    }

    /// The last entry is the head. A chain that grew meanwhile has moved its head.
    async fn check_head(&self, ends: &ChainEnds, place: &ChainPlace) -> Result<(), VerifyError> {
        let has_head = place.position == ends.last_position && place.hash == ends.last_hash;
        let newer = self.store.chain_ends(&ends.chain).await?;
        let has_newer =
            newer.is_some_and(|newer| newer.last_position == place.position && newer.last_hash == place.hash);
        let goes_on = place.position > ends.last_position
            && !self.store.chain_entries(&ends.chain, place.position, 1).await?.is_empty();
        match has_head || has_newer || goes_on {
            true => self.check_nothing_behind(ends, place).await,
            false => Err(AuditProblem::Head {
                chain: ends.chain.clone(),
                found: place.position,
                head: ends.last_position,
            }
            .into()),
        }
    }

    /// No entry is behind the head: one that another node appended meanwhile has moved it.
    async fn check_nothing_behind(&self, ends: &ChainEnds, place: &ChainPlace) -> Result<(), VerifyError> {
        let behind = self.store.chain_entries(&ends.chain, place.position, 1).await?;
        let Some(entry) = behind.first() else { return Ok(()) };
        let head = self.store.chain_ends(&ends.chain).await?.map_or(0, |ends| ends.last_position);
        match entry.position <= head {
            true => Ok(()),
            false => {
                let (chain, found) = (ends.chain.clone(), entry.position);
                Err(AuditProblem::Head { chain, found, head }.into())
            }
        }
    }

    fn apply(&mut self, contents: Vec<EntryContent>) {
        for content in contents {
            match content {
                EntryContent::Act(act) => self.acts.apply(&act),
                EntryContent::StatusChange(_) => {}
            }
        }
    }

    /// Compares a page of status changes with their rows. Returns the position of the feed up to which both agree.
    async fn changes(
        &mut self,
        chain: &str,
        merchant: &MerchantId,
        after: i64,
        page: &[ChainedEntry],
        contents: Vec<EntryContent>,
    ) -> Result<i64, VerifyError> {
        let changes = contents.into_iter().filter_map(|content| match content {
            EntryContent::StatusChange(change) => Some(change),
            EntryContent::Act(_) => None,
        });
        let entries: Vec<_> = page.iter().zip(changes).collect();
        let mut last = after;
        for (entry, change) in &entries {
            if change.feed_position <= last {
                let (chain, position) = (chain.to_string(), entry.position);
                return Err(AuditProblem::FeedOrder { chain, position }.into());
            }
            last = change.feed_position;
        }
        let mut rows = self.rows_between(merchant, after, last).await?.into_iter().peekable();
        for (entry, change) in entries {
            if let Some(row) = rows.next_if(|row| row.position < change.feed_position) {
                return Err(inserted(chain, &row).into());
            }
            match rows.next_if(|row| row.position == change.feed_position) {
                Some(row) => compare(chain, entry, &change, &status_change(&row))?,
                None => self.missing(chain, merchant, entry, &change).await?,
            }
        }
        match rows.next() {
            Some(row) => Err(inserted(chain, &row).into()),
            None => Ok(last),
        }
    }

    /// The rows of a part of a feed. A page has at most as many, unless rows were inserted.
    async fn rows_between(
        &self,
        of: &MerchantId,
        after: i64,
        up_to: i64,
    ) -> Result<Vec<ChainedEvent>, StoreError> {
        self.store.chained_events(of, after, up_to, 2 * ROWS_AT_ONCE).await
    }

    /// Up to the position to which the feed is chained, no row is behind the last entry.
    async fn tail(&self, chain: &str, merchant: &MerchantId, last: i64) -> Result<(), VerifyError> {
        // The rows are read before the chain: an entry that was appended meanwhile is no problem.
        let chained = self.store.feed_ends(merchant).await?.chained_position;
        let row = self.rows_between(merchant, last, chained).await?.into_iter().next();
        let Some(row) = row else { return Ok(()) };
        match self.has_entry_of(chain, &row).await? {
            true => Ok(()),
            false => Err(inserted(chain, &row).into()),
        }
    }

    /// Whether the entries that were appended since the verification began contain a row.
    async fn has_entry_of(&self, chain: &str, row: &ChainedEvent) -> Result<bool, StoreError> {
        let mut after =
            self.heads.iter().find(|head| head.chain == chain).map_or(0, |head| head.place.position);
        loop {
            let page = self.store.chain_entries(chain, after, ROWS_AT_ONCE).await?;
            let Some(last) = page.last() else { return Ok(false) };
            after = last.position;
            let wanted = EntryContent::StatusChange(status_change(row));
            if page
                .iter()
                .any(|entry| EntryContent::from_stored(&entry.content).ok().as_ref() == Some(&wanted))
            {
                return Ok(true);
            }
        }
    }

    /// The row of an entry is missing. The acts decide at the end whether it was deleted in an orderly way.
    async fn missing(
        &mut self,
        chain: &str,
        merchant: &MerchantId,
        entry: &ChainedEntry,
        change: &StatusChangeRecord,
    ) -> Result<(), VerifyError> {
        let difference = match self.store.has_page_session(&change.session_id).await? {
            true => EventDifference::EventMissing,
            false => EventDifference::SessionMissing,
        };
        let suspicion = Suspicion {
            place: place_of(chain, Some(entry.position), &change.session_id, change.sequence),
            difference,
            merchant: merchant.as_str().to_string(),
            recorded_at: entry.recorded_at.as_ms(),
            expires_at: change.expires_at,
        };
        if self.is_explained(&suspicion) {
            return Ok(());
        }
        self.suspicions.push(suspicion);
        if self.suspicions.len() >= SUSPICIONS {
            self.read_new_acts().await?;
            self.judge_suspicions()?;
        }
        Ok(())
    }

    fn is_explained(&self, suspicion: &Suspicion) -> bool {
        let is_expired = suspicion.difference == EventDifference::SessionMissing
            && self.acts.expired(suspicion.expires_at);
        is_expired || self.acts.erased_since(&suspicion.merchant, suspicion.recorded_at)
    }

    fn judge_suspicions(&mut self) -> Result<(), VerifyError> {
        for suspicion in std::mem::take(&mut self.suspicions) {
            if !self.is_explained(&suspicion) {
                let Suspicion { place, difference, .. } = suspicion;
                return Err(AuditProblem::StatusChange { place, difference }.into());
            }
        }
        Ok(())
    }

    /// Reads the acts that were recorded since the chain of acts was verified, chained or not.
    async fn read_new_acts(&mut self) -> Result<(), VerifyError> {
        // An act that is chained between both reads is read twice, which changes nothing.
        let waiting = self.store.unchained_acts(i64::MAX).await?;
        let mut place = self.acts_place.clone();
        loop {
            let page = self.store.chain_entries(SYSTEM_CHAIN, place.position, ROWS_AT_ONCE).await?;
            if page.is_empty() {
                break;
            }
            let contents = self.follow(SYSTEM_CHAIN, &mut place, &page)?;
            self.apply(contents);
        }
        self.acts_place = place;
        let contents = waiting.iter().filter_map(|act| EntryContent::from_stored(&act.content).ok());
        let contents = contents.collect();
        self.apply(contents);
        Ok(())
    }

    /// Compares the status of each page session with the event that led to its version.
    async fn sessions(&mut self) -> Result<(), VerifyError> {
        let mut after = String::new();
        loop {
            let page = self.store.compared_sessions(&after, ROWS_AT_ONCE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id.as_str().to_string();
            self.progress.sessions += u64::try_from(page.len()).unwrap_or_default();
            (self.report)(self.progress);
            for session in page {
                let is_new = session.version == 0 && session.status == "WAITING";
                let event = match (&session.status_of_event, &session.merchant_of_event) {
                    (None, _) if is_new => continue,
                    (None, _) => EventOfSession::Missing,
                    (Some(status), _) if *status != session.status => EventOfSession::Other(status.clone()),
                    (Some(_), Some(merchant)) if merchant != session.merchant_id.as_str() => {
                        EventOfSession::OtherMerchant(merchant.clone())
                    }
                    (Some(_), _) => continue,
                };
                let (session, status, version) =
                    (session.id.as_str().to_string(), session.status, session.version);
                return Err(AuditProblem::SessionStatus { session, status, version, event }.into());
            }
        }
    }

    /// The trail contains a head that was noted elsewhere.
    async fn noted_head(&self, noted: &NotedHead) -> Result<(), VerifyError> {
        let ends = self.store.chain_ends(&noted.chain).await?;
        let removed = ends.map_or_else(ChainPlace::default, |ends| ChainPlace {
            position: ends.removed_position,
            hash: ends.removed_hash,
        });
        if noted.place == removed {
            return Ok(());
        }
        if noted.place.position <= removed.position {
            let difference = HeadDifference::Removed(removed.position);
            return Err(AuditProblem::NotedHead { noted: noted.clone(), difference }.into());
        }
        let before = noted.place.position - 1;
        let found = self.store.chain_entries(&noted.chain, before, 1).await?.into_iter().next();
        let difference = match found {
            Some(entry) if entry.position == noted.place.position && entry.hash == noted.place.hash => {
                return Ok(());
            }
            Some(entry) if entry.position == noted.place.position => HeadDifference::OtherHash(entry.hash),
            Some(_) | None => {
                let ends = self.store.chain_ends(&noted.chain).await?;
                HeadDifference::EndsBefore(ends.map_or(0, |ends| ends.last_position))
            }
        };
        Err(AuditProblem::NotedHead { noted: noted.clone(), difference }.into())
    }
}
