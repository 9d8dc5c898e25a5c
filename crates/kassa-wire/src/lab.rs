//! The bodies of the lab, under `/lab/v1`. What is sent to it is read strictly: a misspelled field is refused.

mod clock;
mod export;
mod journal;
mod weather;

use serde::{Deserialize, Serialize};

pub use clock::{ClockAdvance, ClockAdvanced, ClockRead, ClockSetting, Fired, FiredWhat};
pub use export::{Export, ImportDone};
pub use journal::{JournalAnswer, JournalEntry, JournalMessage, JournalPage};
pub use weather::{CallFault, CallRule, CallbackFault, CallbackRule, Moment, Weather};

/// `GET /lab/v1/inbox`: the messages that would have been sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Inbox {
    /// Oldest first.
    pub messages: Vec<InboxMessage>,
}

/// One message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InboxMessage {
    /// Names it.
    pub message_id: String,
    /// The page session it is about.
    pub session_id: String,
    /// `email`, `sms` or `token`.
    pub method: String,
    /// The address, the number, or the access id.
    pub recipient: String,
    /// The subject of an e-mail, else empty.
    pub subject: String,
    /// The text.
    pub body: String,
    /// The link to the page.
    pub link: String,
    /// The image of the link.
    pub qr_code_url: String,
    /// What a camera reads from the image.
    pub qr_code_content: String,
    /// When it was accepted.
    pub created_at: String,
}

/// `POST /lab/v1/merchants`: what the merchant is to be called.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestMerchantCreation {
    /// Its name, as the page shows it.
    pub name: Option<String>,
}

/// A merchant for a test, with its credential; shown this once.
#[derive(Clone, Serialize, Deserialize)]
pub struct TestMerchant {
    /// Names it.
    pub merchant_id: String,
    /// Its name, as the page shows it.
    pub name: String,
    /// The public half of its credential.
    pub username: String,
    /// The secret half.
    pub password: String,
    /// Signs its callbacks: `whsec_<base64>`.
    pub callback_secret: String,
}
