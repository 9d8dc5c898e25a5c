//! Reading page sessions and the feed.

use kassa_domain::page_session::{PageSession, Snapshot};
use kassa_domain::payment_session::PaymentSession;
use kassa_domain::{EventId, MerchantId, PageSessionId, PaymentSessionId};
use kassa_store::{
    AttemptFact, AttemptRow, FeedEvent, FeedFilter, FeedPage, IdempotentAnswer, RetryingEndpoint,
    SearchFilter, SearchPage, SearchTerm, SessionFact, SessionFilter, SessionPage, Store, StoreError,
    StuckOperation,
};

use crate::traces::about;

/// Reads. Changes nothing. The caller checks whose a row is.
#[derive(Clone)]
pub struct Reads(Store);

impl Reads {
    pub(crate) fn new(store: Store) -> Self {
        Self(store)
    }

    /// The page session with this id, expired or not.
    pub async fn page_session(&self, id: &PageSessionId) -> Result<Option<PageSession>, StoreError> {
        about(id);
        self.0.page_session(id).await
    }

    /// The part of a page session that the wire's read shows.
    pub async fn snapshot(&self, id: &PageSessionId) -> Result<Option<Snapshot>, StoreError> {
        about(id);
        self.0.snapshot(id).await
    }

    /// The payment session with this id, expired or not.
    pub async fn payment_session(&self, id: &PaymentSessionId) -> Result<Option<PaymentSession>, StoreError> {
        self.0.payment_session(id).await
    }

    /// The answer that was given to an idempotency key.
    pub async fn idempotent_answer(
        &self,
        of: &MerchantId,
        key: &str,
    ) -> Result<Option<IdempotentAnswer>, StoreError> {
        self.0.idempotent_answer(of, key).await
    }

    /// One page of the merchant's sessions, newest first.
    pub async fn sessions_of(
        &self,
        of: &MerchantId,
        wanted: &SessionFilter,
    ) -> Result<SessionPage, StoreError> {
        self.0.sessions_of(of, wanted).await
    }

    /// One page of the sessions of all merchants or of one, for operators.
    pub async fn list_sessions(&self, wanted: &SearchFilter) -> Result<SearchPage, StoreError> {
        self.0.list_sessions(wanted).await
    }

    /// The sessions with a search term, newest first, for operators.
    pub async fn search_sessions(
        &self,
        term: &SearchTerm,
        wanted: &SearchFilter,
    ) -> Result<SearchPage, StoreError> {
        self.0.search_sessions(term, wanted).await
    }

    /// The newest sessions of all merchants or of one, for the overview.
    pub async fn newest_session_facts(
        &self,
        of: Option<&MerchantId>,
        limit: i64,
    ) -> Result<Vec<SessionFact>, StoreError> {
        self.0.newest_session_facts(of, limit).await
    }

    /// The attempts of the callbacks of the newest sessions, for the overview.
    pub async fn attempt_facts(
        &self,
        of: Option<&MerchantId>,
        oldest: &PageSessionId,
        sessions: i64,
    ) -> Result<Vec<AttemptFact>, StoreError> {
        self.0.attempt_facts(of, oldest, sessions).await
    }

    /// The endpoints whose callbacks failed and will be attempted again.
    pub async fn retrying_endpoints(&self) -> Result<Vec<RetryingEndpoint>, StoreError> {
        self.0.retrying_endpoints().await
    }

    /// The payment operations that an operator must settle, oldest first.
    pub async fn stuck_operations(&self) -> Result<Vec<StuckOperation>, StoreError> {
        self.0.stuck_operations().await
    }

    /// The attempts of all callbacks of a session, oldest first.
    pub async fn attempts(&self, of: &PageSessionId) -> Result<Vec<AttemptRow>, StoreError> {
        self.0.attempts(of).await
    }

    /// One event of a merchant.
    pub async fn event(&self, of: &MerchantId, id: &EventId) -> Result<Option<FeedEvent>, StoreError> {
        self.0.event(of, id).await
    }

    /// One page of the merchant's feed.
    pub async fn feed(
        &self,
        of: &MerchantId,
        after: i64,
        wanted: FeedFilter,
        limit: usize,
    ) -> Result<FeedPage, StoreError> {
        self.0.feed(of, after, wanted, limit).await
    }

    /// Whether the first attempt of the callback of this version of a session has not ended yet.
    pub async fn waits_for_first_attempt(
        &self,
        id: &PageSessionId,
        version: i64,
    ) -> Result<bool, StoreError> {
        self.0.waits_for_first_attempt(id, version).await
    }
}
