//! The capabilities that the page needs, and the session that a link opens.

use kassa_domain::page_session::PageSession;
use kassa_domain::{Actor, PageSessionId};
use kassa_engine::{Accounts, Engine, Links, News, Reads};
use kassa_http::{ApiError, Calls, note_actor, note_page_session};
use kassa_i18n::Languages;
use kassa_images::Images;
use kassa_wire::error::ErrorCode;

/// The capabilities that the page needs.
#[derive(Clone)]
pub struct Pages {
    /// Performs the consumer's actions.
    pub engine: Engine,
    /// Reads page sessions.
    pub reads: Reads,
    /// The shop's name.
    pub accounts: Accounts,
    /// The session of a page's token, and the addresses that a browser may be sent to.
    pub links: Links,
    /// Waits for changes, for open pages.
    pub news: News,
    /// Merchants' images.
    pub images: Images,
    /// The texts in each language.
    pub languages: Languages,
    /// Correlation ids, nonces and the log.
    pub calls: Calls,
}

/// Whether a part of a path has the form of a token.
pub(super) fn is_token(text: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    !text.is_empty() && text.chars().all(is_letter)
}

/// Returns the session that a link opens. An expired session has its own error, because the page says that it expired.
pub(super) async fn opened(pages: &Pages, token: &str) -> Result<PageSession, ApiError> {
    let session = found(pages, pages.links.page_session_of(token)).await?;
    note_actor(Actor::Consumer);
    note_page_session(&session);
    unless_expired(pages, session)
}

/// Returns the session whose page for the staff a link opens.
pub(super) async fn opened_by_staff(pages: &Pages, token: &str) -> Result<PageSession, ApiError> {
    let session = found(pages, pages.links.page_session_of_staff(token)).await?;
    note_actor(Actor::Staff);
    note_page_session(&session);
    unless_expired(pages, session)
}

/// Returns the session of a page that is open already. The request is not in the timeline: no person made it.
pub(super) async fn followed(pages: &Pages, token: &str) -> Result<PageSession, ApiError> {
    unless_expired(pages, found(pages, pages.links.page_session_of(token)).await?)
}

/// Returns the session of a page of the staff that is open already.
pub(super) async fn followed_by_staff(pages: &Pages, token: &str) -> Result<PageSession, ApiError> {
    unless_expired(pages, found(pages, pages.links.page_session_of_staff(token)).await?)
}

/// Reads the session of an open page again.
pub(super) async fn read_followed(pages: &Pages, id: &PageSessionId) -> Result<PageSession, ApiError> {
    unless_expired(pages, found(pages, Some(id.clone())).await?)
}

async fn found(pages: &Pages, id: Option<PageSessionId>) -> Result<PageSession, ApiError> {
    let found = match id {
        Some(id) => pages.reads.page_session(&id).await?,
        None => None,
    };
    found.ok_or_else(|| ApiError::without_message(ErrorCode::NotFound))
}

fn unless_expired(pages: &Pages, session: PageSession) -> Result<PageSession, ApiError> {
    match session.is_expired(pages.engine.now(&session.merchant_id)) {
        true => Err(ApiError::without_message(ErrorCode::Gone)),
        false => Ok(session),
    }
}
