//! E-mails over SMTP.

mod conversation;
mod failure;

use std::fmt;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use kassa_engine::{Messenger, OutgoingMessage, SendOutcome};
use kassa_i18n::Languages;
use lettre::Address;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, TlsParameters};

use crate::letter::letter;
use conversation::{MailServer, ServerTls};

/// The protection of the connection to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpEncryption {
    /// TLS from the first byte, usually on port 465.
    Tls,
    /// TLS after `STARTTLS`, usually on port 587. A server that does not offer it gets no message.
    StartTls,
    /// None: only for a server on this machine or in a trusted network.
    None,
}

/// The settings of the SMTP server, and the sender.
#[derive(Clone)]
pub struct EmailSettings {
    /// The server's host name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The protection of the connection.
    pub encryption: SmtpEncryption,
    /// The username and the password, if the server asks for them.
    pub credentials: Option<(String, String)>,
    /// Certificates (PEM) of an authority of the operator's own, which signs the server's certificate.
    pub authority: Option<Vec<u8>>,
    /// The address of the sender, such as `pay@example.com`.
    pub from: String,
}

/// The reason why no e-mail can be sent with these settings.
#[derive(Debug, thiserror::Error)]
pub enum UnusableEmailSettings {
    /// The sender's address is not an address.
    #[error("the sender {0} is not an e-mail address, such as pay@example.com")]
    Sender(String),
    /// The certificates or the host name cannot be used for TLS.
    #[error("TLS to the mail server cannot be set up")]
    Tls(#[source] SmtpError),
}

impl fmt::Debug for EmailSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, encryption, from, .. } = self;
        f.debug_struct("EmailSettings")
            .field("host", host)
            .field("port", port)
            .field("encryption", encryption)
            .field("from", from)
            .finish_non_exhaustive()
    }
}

/// Sends e-mails. Each attempt makes a connection of its own.
pub struct EmailSender {
    server: MailServer,
    from: Address,
    languages: Languages,
}

impl EmailSender {
    /// Sets up the sender. Makes no connection.
    pub fn new(settings: EmailSettings, languages: Languages) -> Result<Self, UnusableEmailSettings> {
        let from = settings.from.parse().map_err(|_| UnusableEmailSettings::Sender(settings.from.clone()))?;
        let tls = tls(&settings)?;
        let EmailSettings { host, port, credentials, .. } = settings;
        let credentials = credentials.map(|(username, password)| Credentials::new(username, password));
        Ok(Self { server: MailServer { host, port, tls, credentials }, from, languages })
    }

    async fn attempt(&self, message: &OutgoingMessage) -> SendOutcome {
        match letter(message, &self.from, self.languages.of(&message.locale)) {
            Ok(letter) => self.server.take(&letter).await,
            Err(error) => SendOutcome::Refused(error.to_string()),
        }
    }
}

impl Messenger for EmailSender {
    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> BoxFuture<'a, SendOutcome> {
        self.attempt(message).boxed()
    }
}

fn tls(settings: &EmailSettings) -> Result<ServerTls, UnusableEmailSettings> {
    let parameters = || {
        let mut builder = TlsParameters::builder(settings.host.clone());
        if let Some(authority) = &settings.authority {
            builder = builder.add_root_certificate(Certificate::from_pem(authority)?);
        }
        builder.build_rustls()
    };
    let parameters = || parameters().map_err(UnusableEmailSettings::Tls);
    Ok(match settings.encryption {
        SmtpEncryption::Tls => ServerTls::AtOnce(parameters()?),
        SmtpEncryption::StartTls => ServerTls::AfterStartTls(parameters()?),
        SmtpEncryption::None => ServerTls::None,
    })
}
