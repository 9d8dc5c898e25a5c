//! One conversation with the mail server. Each step knows whether the server can have accepted the e-mail: it can only
//! after the content was sent.

use std::time::Duration;

use kassa_engine::SendOutcome;
use lettre::Message;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use tokio::time::timeout;

use super::failure::Failure;

/// The time for connecting, and for each command before the content.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(20);

/// The time for the content and its answer. Servers check a message before they answer.
const CONTENT_TIMEOUT: Duration = Duration::from_secs(90);

/// The time for the end of a conversation, whose outcome is known already.
const QUIT_TIMEOUT: Duration = Duration::from_secs(2);

/// A mail server, and the login there.
pub(super) struct MailServer {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: ServerTls,
    pub(super) credentials: Option<Credentials>,
}

/// When the connection is encrypted.
pub(super) enum ServerTls {
    AtOnce(TlsParameters),
    AfterStartTls(TlsParameters),
    None,
}

impl MailServer {
    /// Hands an e-mail to the server.
    pub(super) async fn take(&self, letter: &Message) -> SendOutcome {
        let mut connection = match self.connected().await {
            Ok(connection) => connection,
            Err(failure) => return failure.before_the_recipient(),
        };
        let outcome = transfer(&mut connection, letter).await;
        // The outcome stays, even if the server does not answer this.
        let _ = timeout(QUIT_TIMEOUT, connection.quit()).await;
        outcome
    }

    /// Connects and logs in.
    async fn connected(&self) -> Result<AsyncSmtpConnection, Failure> {
        let (address, hello) = ((self.host.as_str(), self.port), ClientId::default());
        let at_once = match &self.tls {
            ServerTls::AtOnce(parameters) => Some(parameters.clone()),
            ServerTls::AfterStartTls(_) | ServerTls::None => None,
        };
        let connecting =
            AsyncSmtpConnection::connect_tokio1(address, Some(COMMAND_TIMEOUT), &hello, at_once, None);
        let mut connection = step(COMMAND_TIMEOUT, connecting).await?;
        if let ServerTls::AfterStartTls(parameters) = &self.tls {
            step(COMMAND_TIMEOUT, connection.starttls(parameters.clone(), &hello)).await?;
        }
        if let Some(credentials) = &self.credentials {
            step(COMMAND_TIMEOUT, connection.auth(DEFAULT_MECHANISMS, credentials)).await?;
        }
        Ok(connection)
    }
}

/// Sends the addresses and the content.
async fn transfer(connection: &mut AsyncSmtpConnection, letter: &Message) -> SendOutcome {
    let (envelope, content) = (letter.envelope(), letter.formatted());
    let has = |extension| connection.server_info().supports_feature(extension);
    let mut parameters = Vec::new();
    let mut addresses = envelope.from().into_iter().chain(envelope.to());
    if addresses.any(|address| !AsRef::<str>::as_ref(address).is_ascii()) {
        if !has(Extension::SmtpUtfEight) {
            return SendOutcome::Refused("the server accepts no address with such letters".to_string());
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !content.is_ascii() && has(Extension::EightBitMime) {
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let from = Mail::new(envelope.from().cloned(), parameters);
    if let Err(failure) = step(COMMAND_TIMEOUT, connection.command(from)).await {
        return failure.before_the_recipient();
    }
    for recipient in envelope.to() {
        let recipient = Rcpt::new(recipient.clone(), Vec::new());
        if let Err(failure) = step(COMMAND_TIMEOUT, connection.command(recipient)).await {
            return failure.before_the_content();
        }
    }
    if let Err(failure) = step(COMMAND_TIMEOUT, connection.command(Data)).await {
        return failure.before_the_content();
    }
    match step(CONTENT_TIMEOUT, connection.message(&content)).await {
        Ok(answer) => SendOutcome::Sent(format!("the server answered {}", answer.code())),
        Err(failure) => failure.after_the_content(),
    }
}

/// Waits for one step, within a limit.
async fn step<T>(limit: Duration, work: impl Future<Output = Result<T, SmtpError>>) -> Result<T, Failure> {
    match timeout(limit, work).await {
        Ok(done) => done.map_err(|error| Failure::of(&error)),
        Err(_) => Err(Failure::Silent("the server did not answer in time")),
    }
}
