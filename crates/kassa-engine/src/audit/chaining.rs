//! The task that puts status changes and administrative acts into the audit trail.
//!
//! Each node looks twice a second for rows that are not in the trail. If there are any, the node takes the turn, gives
//! positions to the events, and appends entries in batches. A node without the turn does nothing. The turn only saves
//! work: if two nodes append at once, the store refuses one of them whole. If a node dies, nothing is half done, and
//! another node continues when the turn ends.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::stream::{self, TryStreamExt as _};
use kassa_domain::time::{HOUR_MS, SECOND_MS};
use kassa_domain::{MerchantId, Timestamp};
use kassa_store::{ChainEnds, ChainedEntry, ChainedSource, StoreError};
use kassa_wire::audit::{EntryContent, SYSTEM_CHAIN, entry_hash, merchant_chain};
use kassa_wire::time::Instant;
use tokio_util::sync::CancellationToken;

use super::content::status_change;
use crate::clock::Monotonic;
use crate::ids::new_nonce;
use crate::pace::Pace;
use crate::parts::EngineParts;

/// The time between two looks for rows that are not in the trail.
const LOOK_AGAIN_MS: i64 = SECOND_MS / 2;

/// How long a node keeps the turn without renewing it.
const TURN_MS: i64 = 3 * SECOND_MS;

/// Maximum number of rows that one unit places or chains. It is small, because on SQLite other changes wait for it.
const ROWS_AT_ONCE: i64 = 100;

/// Maximum number of merchants whose events are chained at once, so that their units are committed together.
const MERCHANTS_AT_ONCE: usize = 16;

/// Maximum number of merchants that one statement reads.
const MERCHANTS_READ: i64 = 100;

/// The time between two logs of the heads.
const LOG_HEADS_MS: i64 = HOUR_MS;

/// Chains rows until `stop`.
pub(crate) async fn chain_until(engine: Arc<EngineParts>, stop: CancellationToken) {
    let mut node = ChainingNode::new(&engine);
    let mut pace = Pace::new(&*engine.clock, LOOK_AGAIN_MS);
    while pace.next_look(&stop).await {
        let Some(looked) = stop.run_until_cancelled(node.look(&engine)).await else { return };
        if let (Err(error), false) = (&looked, node.is_failing) {
            tracing::warn!(%error, "audit: entries could not be chained; the node retries twice a second");
        }
        node.is_failing = looked.is_err();
        engine.metrics.audit.behind_ms(engine.clock.monotonic_now().ms_since(node.complete_at));
    }
}

/// Chains every row that is committed, in turn or not.
pub(crate) async fn chain_now(engine: &EngineParts) -> Result<(), StoreError> {
    let node = ChainingNode::new(engine);
    while engine.store.has_audit_work().await? {
        node.chain_all(engine).await?;
    }
    Ok(())
}

/// The state of the task on one node.
struct ChainingNode {
    /// The name of the node in the turn.
    name: String,
    /// When this node last began to chain everything, and did so, or saw that nothing was missing or that another node
    /// has the turn.
    complete_at: Monotonic,
    /// Whether the last look failed. Only the first of several failures is logged.
    is_failing: bool,
    /// When this node last logged heads.
    logged_at: Option<Monotonic>,
    /// The chains that grew since then.
    grown: BTreeSet<String>,
}

impl ChainingNode {
    fn new(engine: &EngineParts) -> Self {
        Self {
            name: new_nonce(&*engine.ephemeral_random),
            complete_at: engine.clock.monotonic_now(),
            is_failing: false,
            logged_at: None,
            grown: BTreeSet::new(),
        }
    }

    /// Looks for rows that are not in the trail, and chains them if it is this node's turn.
    async fn look(&mut self, engine: &EngineParts) -> Result<(), StoreError> {
        let looked_at = engine.clock.monotonic_now();
        if engine.store.has_audit_work().await? && self.takes_turn(engine).await? {
            let grown = self.chain_all(engine).await?;
            self.grown.extend(grown);
        }
        self.complete_at = looked_at;
        self.log_heads(engine).await
    }

    async fn takes_turn(&self, engine: &EngineParts) -> Result<bool, StoreError> {
        let now = engine.time.lease_now();
        engine.store.take_audit_turn(&self.name, now, now.plus_ms(TURN_MS)).await
    }

    /// Places and chains every row. Returns the chains that grew. Ends early if another node has the turn.
    async fn chain_all(&self, engine: &EngineParts) -> Result<Vec<String>, StoreError> {
        let mut grown = chain_acts(engine).await?;
        self.place_all(engine).await?;
        let mut after = String::new();
        loop {
            let merchants = engine.store.unchained_merchants(&after, MERCHANTS_READ).await?;
            let Some(last) = merchants.last() else { return Ok(grown) };
            after = last.as_str().to_string();
            let chains = stream::iter(merchants.iter().map(Ok));
            chains
                .try_for_each_concurrent(MERCHANTS_AT_ONCE, |merchant| chain_merchant(engine, merchant))
                .await?;
            grown.extend(merchants.iter().map(|merchant| merchant_chain(merchant.as_str())));
            if !self.takes_turn(engine).await? {
                return Ok(grown);
            }
        }
    }

    /// Gives a position in its merchant's feed to every event.
    async fn place_all(&self, engine: &EngineParts) -> Result<(), StoreError> {
        let merchants = stream::try_unfold(String::new(), |after| async move {
            let next = engine.store.next_unplaced_merchant(&after).await?;
            Ok::<_, StoreError>(next.map(|merchant| (merchant.clone(), merchant.as_str().to_string())))
        });
        merchants
            .try_for_each_concurrent(MERCHANTS_AT_ONCE, |merchant| async move {
                while engine.store.place_events(&merchant, ROWS_AT_ONCE).await? {
                    if !self.takes_turn(engine).await? {
                        break;
                    }
                }
                Ok(())
            })
            .await
    }

    /// Logs the heads of the chains that grew now and then, so that a log system outside of the database keeps them.
    async fn log_heads(&mut self, engine: &EngineParts) -> Result<(), StoreError> {
        let now = engine.clock.monotonic_now();
        if self.grown.is_empty() || self.logged_at.is_some_and(|at| now.ms_since(at) < LOG_HEADS_MS) {
            return Ok(());
        }
        self.logged_at = Some(now);
        for chain in std::mem::take(&mut self.grown) {
            if let Some(ChainEnds { chain, last_position, last_hash, .. }) =
                engine.store.chain_ends(&chain).await?
            {
                tracing::info!(
                    head = format!("{chain}:{last_position}:{last_hash}"),
                    "audit: head of a chain"
                );
            }
        }
        Ok(())
    }
}

/// Moves every act that is not in the trail into it. Returns the chain if it grew.
async fn chain_acts(engine: &EngineParts) -> Result<Vec<String>, StoreError> {
    let mut grown = Vec::new();
    loop {
        // The ends are read before the acts: acts that are read later are not in the chain up to these ends.
        let ends = ends_of(engine, SYSTEM_CHAIN).await?;
        let acts = engine.store.unchained_acts(ROWS_AT_ONCE).await?;
        if acts.is_empty() {
            return Ok(grown);
        }
        grown = vec![SYSTEM_CHAIN.to_string()];
        let contents = acts.iter().map(|act| act.content.clone()).collect();
        let entries = following(&ends, contents, engine.clock.system_now());
        if engine.store.append_entries(&ends, &entries, ChainedSource::Acts(&acts)).await? {
            engine.metrics.audit.chained(entries.len());
        }
    }
}

/// Appends every event of the merchant that has a position and is not in its chain.
async fn chain_merchant(engine: &EngineParts, merchant: &MerchantId) -> Result<(), StoreError> {
    loop {
        let ends = ends_of(engine, &merchant_chain(merchant.as_str())).await?;
        let feed = engine.store.feed_ends(merchant).await?;
        let (after, up_to) = (feed.chained_position, feed.last_position);
        let events = engine.store.chained_events(merchant, after, up_to, ROWS_AT_ONCE).await?;
        let last = match events.last() {
            Some(last) => last.position,
            None if after < up_to => return engine.store.skip_erased_events(merchant, feed).await,
            None => return Ok(()),
        };
        let contents = events
            .iter()
            .map(|event| serde_json::to_string(&EntryContent::StatusChange(status_change(event))))
            .collect::<Result<_, _>>()?;
        let entries = following(&ends, contents, engine.clock.system_now());
        let source = ChainedSource::Feed(merchant, last);
        if engine.store.append_entries(&ends, &entries, source).await? {
            engine.metrics.audit.chained(entries.len());
        }
    }
}

async fn ends_of(engine: &EngineParts, chain: &str) -> Result<ChainEnds, StoreError> {
    Ok(engine.store.chain_ends(chain).await?.unwrap_or_else(|| ChainEnds::empty(chain)))
}

/// The entries with these contents that follow the end of a chain.
fn following(ends: &ChainEnds, contents: Vec<String>, now: Timestamp) -> Vec<ChainedEntry> {
    let (mut position, mut previous_hash) = (ends.last_position, ends.last_hash.clone());
    let entries = contents.into_iter().map(|content| {
        position += 1;
        let recorded_at = Instant::from_ms(now.as_ms());
        let hash = entry_hash(&previous_hash, &ends.chain, position, recorded_at, &content);
        previous_hash.clone_from(&hash);
        ChainedEntry { position, recorded_at: now, content, hash }
    });
    entries.collect()
}
