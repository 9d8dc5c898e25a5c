//! E-mails over SMTP.

use std::error::Error as _;
use std::time::Duration;
use std::{fmt, io};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use kassa_engine::{Messenger, OutgoingMessage, SendOutcome};
use kassa_i18n::Languages;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use crate::letter::letter;

/// The time for connecting and for each command.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);

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
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Address,
    languages: Languages,
}

impl EmailSender {
    /// Sets up the sender. Makes no connection.
    pub fn new(settings: EmailSettings, languages: Languages) -> Result<Self, UnusableEmailSettings> {
        let from = settings.from.parse().map_err(|_| UnusableEmailSettings::Sender(settings.from.clone()))?;
        let tls = tls(&settings)?;
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port)
            .timeout(Some(COMMAND_TIMEOUT))
            .tls(tls);
        if let Some((username, password)) = settings.credentials {
            transport = transport.credentials(Credentials::new(username, password));
        }
        Ok(Self { transport: transport.build(), from, languages })
    }

    async fn attempt(&self, message: &OutgoingMessage) -> SendOutcome {
        let letter = match letter(message, &self.from, self.languages.of(&message.locale)) {
            Ok(letter) => letter,
            Err(error) => return SendOutcome::Refused(error.to_string()),
        };
        match self.transport.send(letter).await {
            Ok(answer) => SendOutcome::Sent(format!("the server answered {}", answer.code())),
            Err(error) => outcome_of(&error),
        }
    }
}

impl Messenger for EmailSender {
    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> BoxFuture<'a, SendOutcome> {
        self.attempt(message).boxed()
    }
}

fn tls(settings: &EmailSettings) -> Result<Tls, UnusableEmailSettings> {
    let parameters = || {
        let mut builder = TlsParameters::builder(settings.host.clone());
        if let Some(authority) = &settings.authority {
            builder = builder.add_root_certificate(Certificate::from_pem(authority)?);
        }
        builder.build_rustls()
    };
    Ok(match settings.encryption {
        SmtpEncryption::Tls => Tls::Wrapper(parameters().map_err(UnusableEmailSettings::Tls)?),
        SmtpEncryption::StartTls => Tls::Required(parameters().map_err(UnusableEmailSettings::Tls)?),
        SmtpEncryption::None => Tls::None,
    })
}

/// The outcome after an error. A server that refuses the login or a command refuses Kassa and not the message, so an
/// operator can correct it, and the message is sent later.
fn outcome_of(error: &SmtpError) -> SendOutcome {
    let Some(code) = error.status().map(u16::from) else {
        return SendOutcome::NoAnswer(failure(error).to_string());
    };
    let detail = match enhanced_code(error) {
        Some(enhanced) => format!("the server answered {code} {enhanced}"),
        None => format!("the server answered {code}"),
    };
    match code {
        550..=556 => SendOutcome::Refused(detail),
        _ => SendOutcome::Postponed(detail),
    }
}

/// A failure without an answer, in Kassa's own words.
fn failure(error: &SmtpError) -> &'static str {
    if error.is_timeout() {
        "the server did not answer in time"
    } else if error.is_tls() || is_refused_by_tls(error) {
        "TLS with the server failed"
    } else if error.is_client() {
        "the server lacks a feature that the message needs"
    } else {
        "no connection to the server, or it ended"
    }
}

/// Whether TLS refused the connection, for example because of the certificate. The library reports this as a failed
/// connection, whose reason is invalid data.
fn is_refused_by_tls(error: &SmtpError) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        let failure = cause.downcast_ref::<io::Error>();
        if failure.is_some_and(|failure| failure.kind() == io::ErrorKind::InvalidData) {
            return true;
        }
        source = cause.source();
    }
    false
}

/// The enhanced status code (RFC 3463) at the beginning of an answer, such as `5.1.1`.
fn enhanced_code(error: &SmtpError) -> Option<String> {
    let answer = error.source()?.to_string();
    let word = answer.split_whitespace().next()?;
    let mut parts = word.split('.');
    let is_code = word.len() <= 9
        && parts
            .by_ref()
            .all(|part| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
        && word.split('.').count() == 3;
    is_code.then(|| word.to_string())
}
