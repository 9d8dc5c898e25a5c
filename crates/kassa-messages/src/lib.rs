//! Sends messages to consumers: e-mails over SMTP, and text messages through a gateway. The engine decides when, and
//! records each attempt.

mod email;
mod letter;
mod sms;

pub use email::{EmailSender, EmailSettings, SmtpEncryption, UnusableEmailSettings};
pub use sms::{BodyFormat, HttpGateway, SmsGateway, SmsSender, TwilioAccount};
