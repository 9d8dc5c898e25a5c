//! The failure of a step, and what it means for the e-mail.

use std::error::Error as _;
use std::io;

use kassa_engine::SendOutcome;
use lettre::transport::smtp::Error as SmtpError;

/// The failure of one step.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The server answered with this code, and perhaps with an enhanced one (RFC 3463), such as `5.1.1`.
    Refusal { code: u16, enhanced: Option<String> },
    /// There was no answer.
    Silent(&'static str),
    /// The server lacks something that the settings ask for.
    Unsuited(&'static str),
}

impl Failure {
    pub(super) fn of(error: &SmtpError) -> Self {
        if let Some(code) = error.status().map(u16::from) {
            return Self::Refusal { code, enhanced: enhanced_code(error) };
        }
        if error.is_client() {
            return Self::Unsuited("the server offers no STARTTLS, or no login that Kassa knows");
        }
        Self::Silent(if error.is_timeout() {
            "the server did not answer in time"
        } else if error.is_tls() || is_refused_by_tls(error) {
            "TLS with the server failed"
        } else {
            "no connection to the server, or it ended"
        })
    }

    /// The server refuses Kassa and not the e-mail. An operator can correct that, so the e-mail is sent later.
    pub(super) fn before_the_recipient(self) -> SendOutcome {
        match self {
            Self::Refusal { .. } => SendOutcome::Postponed(self.detail()),
            Self::Silent(reason) => SendOutcome::NotSent(reason.to_string()),
            Self::Unsuited(reason) => SendOutcome::Postponed(reason.to_string()),
        }
    }

    /// The server knows the recipient, and has no content yet.
    pub(super) fn before_the_content(self) -> SendOutcome {
        match self {
            Self::Refusal { code: 550..=556, ref enhanced } if !is_about_kassa(enhanced.as_deref()) => {
                SendOutcome::Refused(self.detail())
            }
            Self::Refusal { .. } | Self::Silent(_) | Self::Unsuited(_) => self.before_the_recipient(),
        }
    }

    /// The server has the content. Without an answer it may have accepted the e-mail.
    pub(super) fn after_the_content(self) -> SendOutcome {
        match self {
            Self::Silent(reason) => SendOutcome::NoAnswer(reason.to_string()),
            Self::Refusal { .. } | Self::Unsuited(_) => self.before_the_content(),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Refusal { code, enhanced: Some(enhanced) } => {
                format!("the server answered {code} {enhanced}")
            }
            Self::Refusal { code, enhanced: None } => format!("the server answered {code}"),
            Self::Silent(reason) | Self::Unsuited(reason) => (*reason).to_string(),
        }
    }
}

/// Whether an enhanced code is about the sender and not about the recipient: a rule of the server (5.7), or its state
/// (5.3, 5.4).
fn is_about_kassa(enhanced: Option<&str>) -> bool {
    enhanced.is_some_and(|code| ["5.3.", "5.4.", "5.7."].iter().any(|class| code.starts_with(class)))
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

/// The enhanced status code at the beginning of an answer.
fn enhanced_code(error: &SmtpError) -> Option<String> {
    let answer = error.source()?.to_string();
    let word = answer.split_whitespace().next()?;
    let is_number =
        |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_code = word.split('.').count() == 3 && word.split('.').all(is_number);
    is_code.then(|| word.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(code: u16, enhanced: &str) -> Failure {
        Failure::Refusal { code, enhanced: Some(enhanced.to_string()).filter(|code| !code.is_empty()) }
    }

    #[test]
    fn only_a_refusal_of_the_recipient_or_of_the_content_ends_a_message() {
        for (code, enhanced, expected) in [
            (550, "5.1.1", "refused"),
            (550, "", "refused"),
            (552, "5.2.2", "refused"),
            (550, "5.7.1", "postponed"),
            (550, "5.4.5", "postponed"),
            (451, "4.7.1", "postponed"),
            (421, "", "postponed"),
        ] {
            assert_eq!(refusal(code, enhanced).before_the_content().as_str(), expected, "{code} {enhanced}");
            assert_eq!(refusal(code, enhanced).after_the_content().as_str(), expected, "{code} {enhanced}");
            assert_eq!(refusal(code, enhanced).before_the_recipient().as_str(), "postponed", "{code}");
        }
    }

    #[test]
    fn only_silence_after_the_content_is_an_unknown_outcome() {
        let silent = || Failure::Silent("no connection to the server, or it ended");
        assert_eq!(silent().before_the_recipient().as_str(), "not_sent");
        assert_eq!(silent().before_the_content().as_str(), "not_sent");
        assert_eq!(silent().after_the_content().as_str(), "no_answer");
    }
}
