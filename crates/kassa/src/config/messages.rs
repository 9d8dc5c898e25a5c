//! The settings of messages to consumers: the mail server, and the gateway for text messages.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kassa_engine::{Messenger, Messengers};
use kassa_messages::{
    BodyFormat, EmailSender, EmailSettings, HttpGateway, SmsGateway, SmsSender, SmtpEncryption, TwilioAccount,
};
use kassa_outgoing::{AddressPolicy, Network, OutgoingPolicy, Ports};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::Config;
use super::lists::network;
use super::safety::{Unsafe, is_this_machine};
use crate::failure::Failure;

/// The table `[messages]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MessageSettings {
    /// The mail server, which sends [e-mails](docs/messages.md#e-mail).
    email: Option<EmailTable>,
    /// The gateway for [text messages](docs/messages.md#text-messages).
    sms: Option<SmsTable>,
}

/// The table `[messages.email]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EmailTable {
    /// The host name of the mail server.
    #[schemars(example = "smtp.example")]
    host: String,
    /// The port of the mail server.
    #[schemars(extend("x-default" = "587 for `starttls`, 465 for `tls`, 25 for `none`"), example = 587)]
    port: Option<u16>,
    /// The encryption. With `starttls`, a server that does not offer TLS gets no e-mail. `tls` encrypts from the first
    /// byte. `none` is for a server on this machine.
    #[serde(default)]
    encryption: EncryptionName,
    /// The username of the login at the server. It needs `password_file`.
    #[schemars(example = &"kassa")]
    username: Option<String>,
    /// The file with the password of the login, on one line.
    #[schemars(example = "/etc/kassa/smtp-password")]
    password_file: Option<PathBuf>,
    /// The file with the certificate of your own authority (PEM), in addition to the authorities of the platform.
    #[schemars(example = "/etc/kassa/smtp-authority.pem")]
    authority_file: Option<PathBuf>,
    /// The address of the sender. The consumer sees the name of the shop beside it.
    #[schemars(example = "pay@shop.example")]
    from: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum EncryptionName {
    #[default]
    StartTls,
    Tls,
    None,
}

/// The table `[messages.sms]`. The key `gateway` names the kind.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(tag = "gateway", rename_all = "lowercase")]
enum SmsTable {
    /// Any gateway that accepts a message as one HTTP request, with a 2xx answer.
    Http(HttpTable),
    /// Twilio, or a gateway with the same API.
    Twilio(TwilioTable),
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct HttpTable {
    /// The URL of the gateway.
    #[schemars(with = "String", example = "https://sms.example/v1/messages")]
    url: Url,
    /// The sender that the consumer sees.
    #[schemars(example = &"SHOP")]
    from: String,
    /// The form of the body.
    #[schemars(example = &"json")]
    format: FormatName,
    /// The body of the request. Kassa replaces `{to}`, `{from}`, `{text}` and `{id}`, and escapes the values for the
    /// format.
    #[schemars(example = r#"{"to": "{to}", "sender": "{from}", "text": "{text}", "reference": "{id}"}"#)]
    body: String,
    /// The file with the value of the header `Authorization`, such as `Bearer ...`.
    #[schemars(example = "/etc/kassa/sms-authorization")]
    authorization_file: Option<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TwilioTable {
    /// The id of the account.
    #[schemars(example = &"AC00000000000000000000000000000000")]
    account: String,
    /// The file with the secret of the account.
    #[schemars(example = "/etc/kassa/twilio-token")]
    auth_token_file: PathBuf,
    /// The sender that the consumer sees: a number, or the id of a messaging service (`MG...`).
    #[schemars(example = "+15005550006")]
    from: String,
    /// The base URL of the API.
    #[serde(default = "twilio")]
    #[schemars(with = "String", extend("default" = TWILIO))]
    url: Url,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum FormatName {
    Json,
    Form,
}

/// The base URL of Twilio's API.
const TWILIO: &str = "https://api.twilio.com";

fn twilio() -> Url {
    Url::parse(TWILIO).expect("this is a URL")
}

impl Config {
    /// The messengers that are configured. Reads the files with their secrets.
    pub(crate) fn messengers(&self) -> Result<Messengers, Failure> {
        let MessageSettings { email, sms } = &self.messages;
        Ok(Messengers {
            email: email.as_ref().map(|table| self.email_sender(table)).transpose()?,
            sms: sms.as_ref().map(|table| self.sms_sender(table)).transpose()?,
        })
    }

    fn email_sender(&self, table: &EmailTable) -> Result<Arc<dyn Messenger>, Failure> {
        let EmailTable { host, encryption, username, password_file, authority_file, from, .. } = table;
        let credentials = match (username, password_file) {
            (Some(username), Some(file)) => {
                Some((username.clone(), secret("messages.email.password_file", file)?))
            }
            (None, None) => None,
            (Some(_), None) => {
                return Err(wrong("messages.email.password_file", &"missing beside the username"));
            }
            (None, Some(_)) => {
                return Err(wrong("messages.email.username", &"missing beside the password_file"));
            }
        };
        let authority = authority_file.as_ref().map(|file| {
            std::fs::read(file).map_err(|error| {
                wrong("messages.email.authority_file", &format_args!("{}: {error}", file.display()))
            })
        });
        let settings = EmailSettings {
            host: host.clone(),
            port: table.port(),
            encryption: encryption.of_library(),
            credentials,
            authority: authority.transpose()?,
            from: from.clone(),
        };
        let sender = EmailSender::new(settings, self.languages.clone());
        Ok(Arc::new(sender.map_err(|error| wrong("messages.email", &reasons(&error)))?))
    }

    fn sms_sender(&self, table: &SmsTable) -> Result<Arc<dyn Messenger>, Failure> {
        let gateway = match table.clone() {
            SmsTable::Http(HttpTable { url, from, format, body, authorization_file }) => {
                if !body.contains("{to}") || !body.contains("{text}") {
                    return Err(wrong("messages.sms.body", &"expected a text that contains {to} and {text}"));
                }
                let authorization = authorization_file
                    .map(|file| secret("messages.sms.authorization_file", &file))
                    .transpose()?;
                let url = url.to_string();
                SmsGateway::Http(HttpGateway { url, authorization, format: format.of_library(), body, from })
            }
            SmsTable::Twilio(TwilioTable { account, auth_token_file, from, url }) => {
                SmsGateway::Twilio(TwilioAccount {
                    url: url.as_str().trim_end_matches('/').to_string(),
                    account,
                    auth_token: secret("messages.sms.auth_token_file", &auth_token_file)?,
                    from,
                })
            }
        };
        let network = Network::new(policy(table.url(), self.outgoing.extra_root.clone()));
        let network = network.map_err(|error| wrong("messages.sms", &error))?;
        Ok(Arc::new(SmsSender::new(gateway, Arc::new(network))))
    }

    /// The files with secrets of messengers.
    pub(super) fn message_secret_files(&self) -> impl Iterator<Item = &Path> {
        let MessageSettings { email, sms } = &self.messages;
        let password = email.as_ref().and_then(|table| table.password_file.as_deref());
        let of_gateway = sms.as_ref().and_then(|table| match table {
            SmsTable::Http(table) => table.authorization_file.as_deref(),
            SmsTable::Twilio(table) => Some(table.auth_token_file.as_path()),
        });
        password.into_iter().chain(of_gateway)
    }

    /// The settings with which messages cross a network readable.
    pub(super) fn readable_messages(&self) -> Vec<Unsafe> {
        let MessageSettings { email, sms } = &self.messages;
        let has_plain_mail = email.as_ref().is_some_and(|table| {
            table.encryption == EncryptionName::None && !is_this_machine(url::Host::parse(&table.host).ok())
        });
        let has_plain_gateway = sms
            .as_ref()
            .is_some_and(|table| table.url().scheme() != "https" && !is_this_machine(table.url().host()));
        let rules = [
            (
                "email-in-clear",
                has_plain_mail,
                "messages.email.encryption is none: links and addresses would cross the network readable",
            ),
            (
                "sms-in-clear",
                has_plain_gateway,
                "messages.sms.url is plain http: links and phone numbers would cross the network readable",
            ),
        ];
        let problems = rules.into_iter().filter(|(_, applies, _)| *applies);
        problems.map(|(name, _, because)| Unsafe { name, because: because.to_string() }).collect()
    }
}

impl MessageSettings {
    /// Whether no message is sent.
    pub(crate) const fn is_empty(&self) -> bool {
        self.email.is_none() && self.sms.is_none()
    }
}

impl EmailTable {
    fn port(&self) -> u16 {
        self.port.unwrap_or(match self.encryption {
            EncryptionName::StartTls => 587,
            EncryptionName::Tls => 465,
            EncryptionName::None => 25,
        })
    }
}

impl EncryptionName {
    const fn of_library(self) -> SmtpEncryption {
        match self {
            Self::StartTls => SmtpEncryption::StartTls,
            Self::Tls => SmtpEncryption::Tls,
            Self::None => SmtpEncryption::None,
        }
    }
}

impl FormatName {
    const fn of_library(self) -> BodyFormat {
        match self {
            Self::Json => BodyFormat::Json,
            Self::Form => BodyFormat::Form,
        }
    }
}

impl SmsTable {
    const fn url(&self) -> &Url {
        match self {
            Self::Http(table) => &table.url,
            Self::Twilio(table) => &table.url,
        }
    }
}

/// The rules for calls to the gateway. The operator chose its address, so it may be in a private network.
fn policy(url: &Url, extra_root: Option<PathBuf>) -> OutgoingPolicy {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    OutgoingPolicy {
        addresses: AddressPolicy {
            allowed_networks: network(host).into_iter().collect(),
            allowed_hosts: vec![host.to_string()],
            allowed_ports: Ports::Any,
        },
        allows_http: url.scheme() == "http",
        extra_root,
    }
}

fn secret(setting: &str, path: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| wrong(setting, &format_args!("{}: {error}", path.display())))?;
    match text.trim() {
        "" => Err(wrong(setting, &format_args!("{} is empty", path.display()))),
        secret if secret.lines().count() > 1 => {
            Err(wrong(setting, &format_args!("{}: expected one secret, on one line", path.display())))
        }
        secret => Ok(secret.to_string()),
    }
}

fn wrong(setting: &str, reason: &dyn fmt::Display) -> Failure {
    Failure::Usage(format!("{setting}: {reason}"))
}

/// An error with its sources, in one line.
fn reasons(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(error.source(), |source| source.source());
    sources.fold(error.to_string(), |text, source| format!("{text}: {source}"))
}

/// The settings that are in effect, defaults included.
impl fmt::Display for MessageSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.email {
            Some(email) => {
                writeln!(f, "E-mails go from {} through {}:{}.", email.from, email.host, email.port())?;
            }
            None => writeln!(f, "No e-mails are sent.")?,
        }
        match &self.sms {
            Some(sms) => {
                let host = sms.url().host_str().unwrap_or_default();
                write!(f, "Text messages go through {host}.")
            }
            None => write!(f, "No text messages are sent."),
        }
    }
}

#[cfg(test)]
mod tests;
