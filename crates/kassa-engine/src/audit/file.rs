//! Verifies an exported file, without a database.

use std::collections::BTreeMap;

use kassa_wire::audit::{BrokenLink, ChainPlace, CheckedEntry, EntryContent, ExportedEntry, NotedHead};

use kassa_wire::stored::Stored as _;

use super::problem::HeadDifference;

/// The reason why an exported file is not verified.
#[derive(Debug, thiserror::Error)]
pub enum FileProblem {
    /// A line cannot be read.
    #[error("line {line}: {error}")]
    Unreadable {
        /// The number of the line, from 1.
        line: u64,
        /// The reason.
        #[source]
        error: serde_json::Error,
    },
    /// An entry does not follow the one before.
    #[error("line {line}, chain {chain}: {link}")]
    Link {
        /// The number of the line, from 1.
        line: u64,
        /// The chain.
        chain: String,
        /// The reason.
        link: BrokenLink,
    },
    /// The previous hash of an entry is not that of the entry before.
    #[error("line {line}, chain {chain}: its previous_hash is not the hash of the entry before")]
    Previous {
        /// The number of the line, from 1.
        line: u64,
        /// The chain.
        chain: String,
    },
    /// The file does not contain a head that was noted elsewhere.
    #[error("the noted head {noted}: {difference}")]
    NotedHead {
        /// The head.
        noted: NotedHead,
        /// The difference.
        difference: HeadDifference,
    },
    /// The file begins after a head that was noted elsewhere, so it cannot say whether it contains the head.
    #[error("the noted head {0}: the file begins after it")]
    BeginsAfter(NotedHead),
}

/// The check of a file, line by line. Memory is bounded by the number of chains.
#[derive(Debug)]
pub struct FileCheck {
    lines: u64,
    chains: BTreeMap<String, FileChain>,
    noted: Vec<NotedHead>,
}

/// The part of a chain that was read.
#[derive(Debug)]
struct FileChain {
    /// The position of the first entry in the file.
    first: i64,
    place: ChainPlace,
}

impl FileCheck {
    /// Begins a check. The file must contain these heads.
    #[must_use]
    pub fn new(noted: Vec<NotedHead>) -> Self {
        Self { lines: 0, chains: BTreeMap::new(), noted }
    }

    /// The number of lines that were checked.
    #[must_use]
    pub const fn lines(&self) -> u64 {
        self.lines
    }

    /// Checks the next line. The first entry of a chain is trusted to follow its previous hash, unless it is entry 1.
    pub fn line(&mut self, text: &str) -> Result<(), FileProblem> {
        self.lines += 1;
        let line = self.lines;
        let unreadable = |error| FileProblem::Unreadable { line, error };
        let entry: ExportedEntry = ExportedEntry::from_stored(text).map_err(unreadable)?;
        let content = entry.content.get();
        EntryContent::from_stored(content).map_err(unreadable)?;
        let chain = self.chains.entry(entry.chain.clone()).or_insert_with(|| FileChain::before(&entry));
        if chain.place.hash != entry.previous_hash {
            return Err(FileProblem::Previous { line, chain: entry.chain });
        }
        let checked = CheckedEntry {
            position: entry.position,
            recorded_at: entry.recorded_at,
            content,
            hash: &entry.hash,
        };
        if let Err(link) = chain.place.follow(&entry.chain, checked) {
            return Err(FileProblem::Link { line, chain: entry.chain, link });
        }
        let other = self.noted.iter().find(|noted| {
            noted.chain == entry.chain
                && noted.place.position == entry.position
                && noted.place.hash != entry.hash
        });
        match other {
            Some(noted) => {
                let difference = HeadDifference::OtherHash(entry.hash);
                Err(FileProblem::NotedHead { noted: noted.clone(), difference })
            }
            None => Ok(()),
        }
    }

    /// The chains whose first entries are not in the file, with the position of the first entry that is.
    #[must_use]
    pub fn beginnings(&self) -> Vec<(String, i64)> {
        let cut = self.chains.iter().filter(|(_, chain)| chain.first > 1);
        cut.map(|(name, chain)| (name.clone(), chain.first)).collect()
    }

    /// Ends the check. Returns the heads of the file.
    pub fn end(self) -> Result<Vec<NotedHead>, FileProblem> {
        for noted in self.noted {
            let (first, last) =
                self.chains.get(&noted.chain).map_or((1, 0), |chain| (chain.first, chain.place.position));
            if noted.place.position < first {
                return Err(FileProblem::BeginsAfter(noted));
            }
            if noted.place.position > last {
                let difference = HeadDifference::EndsBefore(last);
                return Err(FileProblem::NotedHead { noted, difference });
            }
        }
        let heads = self.chains.into_iter().map(|(chain, file)| NotedHead { chain, place: file.place });
        Ok(heads.collect())
    }
}

impl FileChain {
    fn before(first: &ExportedEntry) -> Self {
        let place = match first.position {
            1 => ChainPlace::default(),
            _ => ChainPlace { position: first.position.saturating_sub(1), hash: first.previous_hash.clone() },
        };
        Self { first: first.position, place }
    }
}
