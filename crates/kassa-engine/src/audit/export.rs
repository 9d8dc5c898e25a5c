//! Reads the audit trail for an export, a page at a time.

use kassa_domain::Timestamp;
use kassa_store::StoreError;
use kassa_wire::audit::{ExportedEntry, merchant_chain};
use kassa_wire::time::Instant;
use serde_json::value::RawValue;

use super::AuditTrail;

/// Maximum number of entries of a page.
const ENTRIES_AT_ONCE: i64 = 1000;

/// The entries that an export contains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportFilter {
    /// Only the chain of this merchant.
    pub merchant: Option<String>,
    /// Only entries from this instant on.
    pub since: Option<Timestamp>,
}

/// An export under way.
pub struct AuditExport<'a> {
    trail: &'a AuditTrail,
    filter: ExportFilter,
    /// The chain that is read; `None` before the first.
    chain: Option<String>,
    position: i64,
    hash: String,
    is_done: bool,
}

impl AuditTrail {
    /// Begins an export: chain by chain, in the order of the entries.
    #[must_use]
    pub fn export(&self, filter: ExportFilter) -> AuditExport<'_> {
        AuditExport { trail: self, filter, chain: None, position: 0, hash: String::new(), is_done: false }
    }
}

impl AuditExport<'_> {
    /// The next entries; empty at the end.
    pub async fn next_page(&mut self) -> Result<Vec<ExportedEntry>, StoreError> {
        while !self.is_done {
            let Some(chain) = self.chain.clone() else {
                self.next_chain().await?;
                continue;
            };
            let page = self.trail.0.chain_entries(&chain, self.position, ENTRIES_AT_ONCE).await?;
            if page.is_empty() {
                self.next_chain().await?;
                continue;
            }
            let mut exported = Vec::with_capacity(page.len());
            for entry in page {
                let previous_hash = std::mem::replace(&mut self.hash, entry.hash.clone());
                self.position = entry.position;
                if self.filter.since.is_some_and(|since| entry.recorded_at < since) {
                    continue;
                }
                exported.push(ExportedEntry {
                    chain: chain.clone(),
                    position: entry.position,
                    recorded_at: Instant::from_ms(entry.recorded_at.as_ms()),
                    content: RawValue::from_string(entry.content)?,
                    previous_hash,
                    hash: entry.hash,
                });
            }
            if !exported.is_empty() {
                return Ok(exported);
            }
        }
        Ok(Vec::new())
    }

    /// Moves on to the next chain, or ends.
    async fn next_chain(&mut self) -> Result<(), StoreError> {
        let next = match (&self.filter.merchant, &self.chain) {
            (Some(merchant), None) => Some(merchant_chain(merchant)),
            (Some(_), Some(_)) => None,
            (None, chain) => {
                let after = chain.as_deref().unwrap_or_default();
                self.trail.0.chains(after, 1).await?.into_iter().next().map(|ends| ends.chain)
            }
        };
        let ends = match &next {
            Some(chain) => self.trail.0.chain_ends(chain).await?,
            None => None,
        };
        (self.position, self.hash) =
            ends.map_or((0, String::new()), |ends| (ends.removed_position, ends.removed_hash));
        self.is_done = next.is_none();
        self.chain = next;
        Ok(())
    }
}
