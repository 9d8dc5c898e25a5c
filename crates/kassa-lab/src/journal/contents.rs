//! The journal of one merchant: its latest entries, bounded in number and total size.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::{Entry, EntryFilter};

/// Maximum number of entries.
const MAX_ENTRIES: usize = 10_000;

/// Maximum total size of one merchant's entries, in bytes.
const MAX_BYTES: usize = 16_000_000;

/// One merchant's journal.
#[derive(Default)]
pub(crate) struct Journal {
    kept: Mutex<Contents>,
    news: Notify,
}

#[derive(Default)]
struct Contents {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    last_number: u64,
}

impl Journal {
    /// Adds an entry and wakes waiting readers. Drops the oldest entries beyond the bounds.
    pub(crate) fn keep(&self, mut entry: Entry) {
        let mut kept = self.contents();
        kept.last_number += 1;
        entry.number = kept.last_number;
        kept.bytes += entry.size();
        kept.entries.push_back(Arc::new(entry));
        while kept.entries.len() > MAX_ENTRIES || kept.bytes > MAX_BYTES {
            let Some(oldest) = kept.entries.pop_front() else { break };
            kept.bytes -= oldest.size();
        }
        drop(kept);
        self.news.notify_waiters();
    }

    /// Returns the oldest matching entries, and the number of all matching entries.
    pub(super) fn select(&self, filter: &EntryFilter) -> (Vec<Arc<Entry>>, usize) {
        let kept = self.contents();
        let matching = || kept.entries.iter().filter(|entry| filter.includes(entry));
        (matching().take(filter.limit).cloned().collect(), matching().count())
    }

    /// Returns the newest matching entries, newest first, and the number of all matching entries.
    pub(crate) fn latest(&self, filter: &EntryFilter) -> (Vec<Arc<Entry>>, usize) {
        let kept = self.contents();
        let matching = || kept.entries.iter().rev().filter(|entry| filter.includes(entry));
        (matching().take(filter.limit).cloned().collect(), matching().count())
    }

    /// Returns all entries, oldest first.
    pub(crate) fn entries(&self) -> Vec<Arc<Entry>> {
        self.contents().entries.iter().cloned().collect()
    }

    /// Returns the number of the newest entry that was ever added, or 0.
    pub(super) fn last_number(&self) -> u64 {
        self.contents().last_number
    }

    /// Completes at the next entry that is added after this call.
    pub(crate) fn news(&self) -> Notified<'_> {
        self.news.notified()
    }

    /// Deletes the entries. New entries continue the numbering.
    pub(crate) fn clear(&self) {
        let mut kept = self.contents();
        kept.entries.clear();
        kept.bytes = 0;
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, Method};
    use kassa_domain::Timestamp;

    use super::super::{Message, Subject};
    use super::*;

    fn entry(body: usize) -> Entry {
        Entry {
            number: 0,
            subject: Subject::Call,
            at: Timestamp::from_ms(0),
            duration_ms: 0,
            method: Method::GET,
            path: "/hpp/v1/sessions".to_string(),
            page_session_id: None,
            request: Message::of(&HeaderMap::new(), Bytes::from(vec![b' '; body])),
            answer: None,
            failure: None,
            faults: Vec::new(),
        }
    }

    #[test]
    fn the_oldest_entries_are_dropped_beyond_the_maximum_number() {
        let journal = Journal::default();
        for _ in 0..=MAX_ENTRIES {
            journal.keep(entry(0));
        }
        let (oldest, matching) = journal.select(&EntryFilter::unfiltered(1));
        assert_eq!((oldest[0].number, matching), (2, MAX_ENTRIES));
    }

    #[test]
    fn the_oldest_entries_are_dropped_beyond_the_maximum_size() {
        let journal = Journal::default();
        for _ in 0..20 {
            journal.keep(entry(1_000_000));
        }
        let (oldest, matching) = journal.select(&EntryFilter::unfiltered(1));
        assert_eq!((oldest[0].number, matching), (6, 15));
        journal.clear();
        journal.keep(entry(0));
        assert_eq!(journal.contents().bytes, entry(0).size(), "cleared entries do not count");
    }
}
