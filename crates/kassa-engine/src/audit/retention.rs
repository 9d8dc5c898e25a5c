//! The retention of the audit trail: removes the entries of merchants' chains past their configured age.
//!
//! The chain of administrative acts is kept forever, because it vouches for the accounts and for the removals.

use kassa_domain::{Actor, Timestamp};
use kassa_store::{ChainEnds, ChainedEntry, StoreError};
use kassa_wire::audit::SYSTEM_CHAIN;

use super::act::{Act, Requester};
use crate::expiry::pause_after;
use crate::parts::EngineParts;

/// Maximum number of entries that one unit removes.
const ENTRIES_AT_ONCE: i64 = 500;

/// Removes the entries that were recorded before an instant. The last entry of a chain is kept. Pauses after each step
/// as long as the step took, so that the store is free for other work half of the time.
pub(crate) async fn shorten_chains(engine: &EngineParts, before: Timestamp) -> Result<(), StoreError> {
    let mut after = String::new();
    while let Some(ends) = engine.store.chains(&after, 1).await?.into_iter().next() {
        after.clone_from(&ends.chain);
        if ends.chain != SYSTEM_CHAIN {
            shorten(engine, ends, before).await?;
        }
    }
    Ok(())
}

async fn shorten(engine: &EngineParts, mut ends: ChainEnds, before: Timestamp) -> Result<(), StoreError> {
    loop {
        let begun = engine.clock.monotonic_now();
        let page = engine.store.chain_entries(&ends.chain, ends.removed_position, ENTRIES_AT_ONCE).await?;
        let is_old =
            |entry: &&ChainedEntry| entry.recorded_at < before && entry.position < ends.last_position;
        let Some(last) = page.iter().take_while(is_old).last() else { return Ok(()) };
        let act = Act::trail_shortened(&ends.chain, last.position, &last.hash);
        let record = engine.acts.record(&act, &Requester::in_process(Actor::System))?;
        if !engine.store.shorten_chain(&ends, last, &record).await? {
            return Ok(());
        }
        (ends.removed_position, ends.removed_hash) = (last.position, last.hash.clone());
        pause_after(engine, begun).await;
    }
}
