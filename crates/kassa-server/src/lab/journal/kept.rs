//! The entries of one merchant: the latest, within a bound on their number and their weight.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::{Entry, Wanted};

/// Entries kept.
const MOST_ENTRIES: usize = 10_000;

/// What the entries of one merchant may weigh together, in bytes.
const MOST_BYTES: usize = 16_000_000;

/// One merchant's journal.
#[derive(Default)]
pub(in crate::lab) struct Journal {
    kept: Mutex<Kept>,
    news: Notify,
}

#[derive(Default)]
struct Kept {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    last_number: u64,
}

impl Journal {
    /// Keeps an entry, and wakes who waits for it. The oldest go when there are too many.
    pub(in crate::lab) fn keep(&self, mut entry: Entry) {
        let mut kept = self.kept();
        kept.last_number += 1;
        entry.number = kept.last_number;
        kept.bytes += entry.weight();
        kept.entries.push_back(Arc::new(entry));
        while kept.entries.len() > MOST_ENTRIES || kept.bytes > MOST_BYTES {
            let Some(oldest) = kept.entries.pop_front() else { break };
            kept.bytes -= oldest.weight();
        }
        drop(kept);
        self.news.notify_waiters();
    }

    /// The oldest entries that are wanted, and how many are.
    pub(super) fn select(&self, wanted: &Wanted) -> (Vec<Arc<Entry>>, usize) {
        let kept = self.kept();
        let matching = || kept.entries.iter().filter(|entry| wanted.includes(entry));
        (matching().take(wanted.limit).cloned().collect(), matching().count())
    }

    /// The newest entries that are wanted, newest first, and how many are.
    pub(in crate::lab) fn latest(&self, wanted: &Wanted) -> (Vec<Arc<Entry>>, usize) {
        let kept = self.kept();
        let matching = || kept.entries.iter().rev().filter(|entry| wanted.includes(entry));
        (matching().take(wanted.limit).cloned().collect(), matching().count())
    }

    /// All entries, oldest first.
    pub(in crate::lab) fn entries(&self) -> Vec<Arc<Entry>> {
        self.kept().entries.iter().cloned().collect()
    }

    /// Ends at the next entry from this call on.
    pub(in crate::lab) fn news(&self) -> Notified<'_> {
        self.news.notified()
    }

    /// Forgets the entries. Numbers go on.
    pub(in crate::lab) fn clear(&self) {
        let mut kept = self.kept();
        kept.entries.clear();
        kept.bytes = 0;
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
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
            weather: Vec::new(),
        }
    }

    #[test]
    fn the_oldest_entries_go_when_there_are_too_many() {
        let journal = Journal::default();
        for _ in 0..=MOST_ENTRIES {
            journal.keep(entry(0));
        }
        let (oldest, matching) = journal.select(&Wanted::everything(1));
        assert_eq!((oldest[0].number, matching), (2, MOST_ENTRIES));
    }

    #[test]
    fn the_oldest_entries_go_when_they_weigh_too_much() {
        let journal = Journal::default();
        for _ in 0..20 {
            journal.keep(entry(1_000_000));
        }
        let (oldest, matching) = journal.select(&Wanted::everything(1));
        assert_eq!((oldest[0].number, matching), (6, 15));
        journal.clear();
        journal.keep(entry(0));
        assert_eq!(journal.kept().bytes, entry(0).weight(), "what was cleared weighs nothing");
    }
}
