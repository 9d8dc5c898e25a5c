//! The audit trail as it is exported: entries in hash chains (docs/audit.md).

mod content;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::stored::Stored;
use crate::time::Instant;

pub use content::{ActOrigin, ActRecord, EntryContent, StatusChangeRecord};

/// The chain of administrative acts.
pub const SYSTEM_CHAIN: &str = "system";

/// The beginning of the name of a merchant's chain. The rest is the merchant's id.
const MERCHANT_CHAIN: &str = "merchant/";

/// The name of a merchant's chain.
#[must_use]
pub fn merchant_chain(merchant: &str) -> String {
    format!("{MERCHANT_CHAIN}{merchant}")
}

/// The merchant whose chain this is; `None` for another chain.
#[must_use]
pub fn merchant_of_chain(chain: &str) -> Option<&str> {
    chain.strip_prefix(MERCHANT_CHAIN)
}

/// One line of an export.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExportedEntry {
    /// The name of the chain.
    pub chain: String,
    /// The position in the chain, from 1.
    pub position: i64,
    /// When the entry was put into the chain.
    pub recorded_at: Instant,
    /// The content, with the bytes that the hash covers.
    pub content: Box<RawValue>,
    /// The hash of the entry before; empty for the first entry.
    pub previous_hash: String,
    /// The hash of the entry.
    pub hash: String,
}

impl Stored for ExportedEntry {
    const NAME: &'static str = "line of an exported audit trail";
}

/// The hash of an entry: SHA-256, in hexadecimal, over five lines without a line break at the end. No part but the
/// content can contain a line break, and JSON has none either, so no two entries have the same lines.
#[must_use]
pub fn entry_hash(
    previous_hash: &str,
    chain: &str,
    position: i64,
    recorded_at: Instant,
    content: &str,
) -> String {
    sha256(&format!("{previous_hash}\n{chain}\n{position}\n{recorded_at}\n{content}"))
}

/// SHA-256 of a text, in hexadecimal.
#[must_use]
pub fn sha256(text: &str) -> String {
    base16ct::lower::encode_string(&Sha256::digest(text))
}

/// An entry that is checked against the one before.
#[derive(Clone, Copy, Debug)]
pub struct CheckedEntry<'a> {
    /// The position.
    pub position: i64,
    /// When the entry was put into the chain.
    pub recorded_at: Instant,
    /// The content.
    pub content: &'a str,
    /// The hash.
    pub hash: &'a str,
}

/// A place in a chain: an entry is the next one if its position and its hash follow from here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainPlace {
    /// The position of the last entry; 0 at the beginning.
    pub position: i64,
    /// The hash of the last entry; empty at the beginning.
    pub hash: String,
}

impl ChainPlace {
    /// Moves on to the next entry, if it follows.
    pub fn follow(&mut self, chain: &str, entry: CheckedEntry<'_>) -> Result<(), BrokenLink> {
        let expected = self.position.saturating_add(1);
        if entry.position != expected {
            return Err(BrokenLink::Position { expected, found: entry.position });
        }
        if entry.hash != entry_hash(&self.hash, chain, entry.position, entry.recorded_at, entry.content) {
            return Err(BrokenLink::Hash);
        }
        self.position = entry.position;
        self.hash.clear();
        self.hash.push_str(entry.hash);
        Ok(())
    }
}

/// The reason why an entry does not follow the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokenLink {
    /// An entry is missing, or is there twice.
    Position {
        /// The position of the next entry.
        expected: i64,
        /// The position that was found instead.
        found: i64,
    },
    /// The entry, or the one before, was changed.
    Hash,
}

impl fmt::Display for BrokenLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Position { expected, found } => {
                write!(f, "entry {expected} is missing: the next entry is {found}")
            }
            Self::Hash => f.write_str("its hash does not fit: the entry, or the one before it, was changed"),
        }
    }
}

/// The head of a chain as somebody noted it: `CHAIN:POSITION:HASH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotedHead {
    /// The name of the chain.
    pub chain: String,
    /// The place of the entry that was the last one.
    pub place: ChainPlace,
}

impl fmt::Display for NotedHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.chain, self.place.position, self.place.hash)
    }
}

/// The reason why a noted head cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnreadableHead;

impl fmt::Display for UnreadableHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "expected CHAIN:POSITION:HASH, with a position from 1 and a hash of 64 hexadecimal digits",
        )
    }
}

impl std::error::Error for UnreadableHead {}

impl FromStr for NotedHead {
    type Err = UnreadableHead;

    fn from_str(text: &str) -> Result<Self, UnreadableHead> {
        let mut parts = text.trim().rsplitn(3, ':');
        let (hash, position, chain) = (parts.next(), parts.next(), parts.next());
        let (Some(hash), Some(position), Some(chain)) = (hash, position, chain) else {
            return Err(UnreadableHead);
        };
        let position: i64 = position.parse().map_err(|_| UnreadableHead)?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if position < 1 || !is_hash || chain.is_empty() {
            return Err(UnreadableHead);
        }
        let place = ChainPlace { position, hash: hash.to_ascii_lowercase() };
        Ok(Self { chain: chain.to_string(), place })
    }
}

#[cfg(test)]
mod tests;
