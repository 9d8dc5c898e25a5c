//! Reads all stored texts that can name a consumer, a page at a time.

use std::collections::BTreeSet;

use kassa_store::{ConsumerSearch, ConsumerText, ScanPlace, StoreError, UnreadableTexts};

use crate::expiry::pause_after;
use crate::parts::EngineParts;

/// A scan that is under way. It pauses after each page as long as the page took, so that the store is free for other
/// work half of the time.
pub(super) struct ConsumerScan<'a> {
    engine: &'a EngineParts,
    search: &'a ConsumerSearch,
    /// The rows of these payment sessions count too, if no index finds them.
    owners: &'a BTreeSet<String>,
    place: Option<ScanPlace>,
    /// The texts so far that cannot be read.
    pub(super) unreadable: UnreadableTexts,
}

impl<'a> ConsumerScan<'a> {
    pub(super) fn new(
        engine: &'a EngineParts,
        search: &'a ConsumerSearch,
        owners: &'a BTreeSet<String>,
    ) -> Self {
        Self {
            engine,
            search,
            owners,
            place: Some(ScanPlace::default()),
            unreadable: UnreadableTexts::default(),
        }
    }

    /// The texts of the next page about the consumer; `None` after the last page.
    pub(super) async fn next_page(&mut self) -> Result<Option<Vec<ConsumerText>>, StoreError> {
        let Some(place) = self.place.take() else { return Ok(None) };
        let begun = self.engine.clock.monotonic_now();
        let page = self.engine.store.scan_consumer(self.search, self.owners, &place).await?;
        self.place = page.next;
        self.unreadable.add(page.unreadable);
        pause_after(self.engine, begun).await;
        Ok(Some(page.texts))
    }
}
