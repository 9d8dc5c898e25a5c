//! The HPP calls (spec 1).

use http::header::ETAG;
use http::{Method, StatusCode};
use kassa_wire::hpp::{Distribution, SessionCreated, SessionCreation};

use super::exchange::{Ask, segment};
use super::retry::Repeatability;
use super::{Client, ClientError, Reply};
use crate::snapshot::Snapshot;

/// What a conditional read answered.
#[derive(Clone, Debug)]
pub enum SessionRead {
    /// The session, and the tag for the next read where the service gives one.
    Fresh {
        /// The session.
        snapshot: Box<Snapshot>,
        /// To be sent with the next read.
        etag: Option<String>,
    },
    /// The session is as it was at that tag.
    Unchanged,
}

impl Client {
    /// The URL of a payment session, as the creation of a page session wants it.
    #[must_use]
    pub fn payment_session_url(&self, payment_session_id: &str) -> String {
        format!("{}/payments/v1/sessions/{payment_session_id}", self.base_url())
    }

    /// Creates a page session. It is not repeated where it may have been executed: each call makes a new
    /// session (spec 1.2).
    pub async fn create_session(
        &self,
        creation: &SessionCreation,
    ) -> Result<Reply<SessionCreated>, ClientError> {
        let path = "/hpp/v1/sessions".to_string();
        let ask = Ask::write(Method::POST, path, creation, Repeatability::Once)?;
        Reply::of(&self.exchange(ask).await?)
    }

    /// Reads a page session. A 404 means that it has expired, or is not the account's (spec 1.4).
    pub async fn read_session(&self, session_id: &str) -> Result<Reply<Snapshot>, ClientError> {
        Reply::of(&self.exchange(Ask::read(session_path(session_id)?)).await?)
    }

    /// Reads a page session unless it is as it was at `etag`; waits up to `wait_s` seconds for a change where
    /// the service offers it. A service that offers neither answers as ever.
    pub async fn read_session_since(
        &self,
        session_id: &str,
        etag: Option<&str>,
        wait_s: Option<u32>,
    ) -> Result<SessionRead, ClientError> {
        let mut ask = Ask::read(session_path(session_id)?);
        if let Some(etag) = etag {
            ask = ask.with_header("if-none-match", etag);
            if let Some(wait_s) = wait_s {
                ask = ask.with_header("prefer", format!("wait={wait_s}")).held_s(wait_s);
            }
        }
        let answer = self.exchange(ask).await?;
        if answer.status == StatusCode::NOT_MODIFIED {
            return Ok(SessionRead::Unchanged);
        }
        let etag = answer.headers.get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_string);
        let reply: Reply<Snapshot> = Reply::of(&answer)?;
        Ok(SessionRead::Fresh { snapshot: Box::new(reply.value), etag })
    }

    /// Disables a page session; a second time is no error (spec 1.5).
    pub async fn disable_session(&self, session_id: &str) -> Result<(), ClientError> {
        let ask = Ask::bare(Method::DELETE, session_path(session_id)?, Repeatability::Safe);
        self.exchange(ask).await.map(drop)
    }

    /// Sends the link to the consumer. Success means that it was accepted (spec 5.2).
    pub async fn distribute_session(
        &self,
        session_id: &str,
        distribution: &Distribution,
    ) -> Result<(), ClientError> {
        let path = format!("{}/distribution", session_path(session_id)?);
        let ask = Ask::write(Method::POST, path, distribution, Repeatability::Once)?;
        self.exchange(ask).await.map(drop)
    }
}

fn session_path(session_id: &str) -> Result<String, ClientError> {
    Ok(format!("/hpp/v1/sessions/{}", segment(session_id)?))
}
