//! The HPP calls (docs/wire.md#page-sessions).

use http::header::ETAG;
use http::{Method, StatusCode};
use kassa_wire::hpp::{Distribution, SessionCreated, SessionCreation};
use kassa_wire::snapshot::SessionSnapshot;

use super::exchange::{RequestSpec, segment};
use super::retry::Repeatability;
use super::{Client, ClientError, Reply};

/// The answer to a conditional read.
#[derive(Clone, Debug)]
pub enum ConditionalRead {
    /// The session, with a tag for the next read if the service sends one.
    Changed {
        /// The session.
        snapshot: Box<SessionSnapshot>,
        /// The tag to send with the next read.
        etag: Option<String>,
    },
    /// The session has not changed since that tag.
    Unchanged,
}

impl Client {
    /// The URL of a payment session, for the creation of a page session.
    #[must_use]
    pub fn payment_session_url(&self, payment_session_id: &str) -> String {
        format!("{}/payments/v1/sessions/{payment_session_id}", self.base_url())
    }

    /// Creates a page session. A call that may have been executed is not repeated, because each call makes a new
    /// session (docs/wire.md#create-a-page-session).
    pub async fn create_session(
        &self,
        creation: &SessionCreation,
    ) -> Result<Reply<SessionCreated>, ClientError> {
        let path = "/hpp/v1/sessions".to_string();
        let request = RequestSpec::write(Method::POST, path, creation, Repeatability::Once)?;
        Reply::of(&self.exchange(request).await?)
    }

    /// Reads a page session. A 404 means that it has expired or belongs to another account
    /// (docs/wire.md#read-a-page-session).
    pub async fn read_session(&self, session_id: &str) -> Result<Reply<SessionSnapshot>, ClientError> {
        Reply::of(&self.exchange(RequestSpec::read(session_path(session_id)?)).await?)
    }

    /// Reads a page session if it has changed since `etag`. The service waits up to `wait_s` seconds for a change if it
    /// supports that. A service that supports neither answers with the session at once.
    pub async fn read_session_since(
        &self,
        session_id: &str,
        etag: Option<&str>,
        wait_s: Option<u32>,
    ) -> Result<ConditionalRead, ClientError> {
        let mut request = RequestSpec::read(session_path(session_id)?);
        if let Some(etag) = etag {
            request = request.with_header("if-none-match", etag);
            if let Some(wait_s) = wait_s {
                request = request.with_header("prefer", format!("wait={wait_s}")).long_poll_s(wait_s);
            }
        }
        let answer = self.exchange(request).await?;
        if answer.status == StatusCode::NOT_MODIFIED {
            return Ok(ConditionalRead::Unchanged);
        }
        let etag = answer.headers.get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_string);
        let reply: Reply<SessionSnapshot> = Reply::of(&answer)?;
        Ok(ConditionalRead::Changed { snapshot: Box::new(reply.value), etag })
    }

    /// Disables a page session. Repeating it is no error (docs/wire.md#disable-a-page-session).
    pub async fn disable_session(&self, session_id: &str) -> Result<(), ClientError> {
        let request = RequestSpec::bare(Method::DELETE, session_path(session_id)?, Repeatability::Safe);
        self.exchange(request).await.map(drop)
    }

    /// Sends the link to the consumer. Success means that the service accepted the message
    /// (docs/wire.md#distribution-behaviour).
    pub async fn distribute_session(
        &self,
        session_id: &str,
        distribution: &Distribution,
    ) -> Result<(), ClientError> {
        let path = format!("{}/distribution", session_path(session_id)?);
        let request = RequestSpec::write(Method::POST, path, distribution, Repeatability::Once)?;
        self.exchange(request).await.map(drop)
    }
}

fn session_path(session_id: &str) -> Result<String, ClientError> {
    Ok(format!("/hpp/v1/sessions/{}", segment(session_id)?))
}
