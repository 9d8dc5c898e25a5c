//! The bodies of the lab, under `/lab/v1`. Most of them refuse unknown fields, which reveals misspelled ones.

mod clock;
mod export;
mod faults;
mod journal;
mod rate_limits;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shape::{TEXT, body};

pub use clock::{ClockAdvance, ClockAdvanced, ClockRead, ClockSetting, Fired, FiredKind};
pub use export::{Export, ImportDone};
pub use faults::{CallFault, CallFaultRule, CallbackFault, CallbackFaultRule, FaultRules, Moment};
pub use journal::{JournalAnswer, JournalEntry, JournalMessage, JournalPage};
pub use rate_limits::RateLimitSetting;

/// `GET /lab/v1/inbox`: the messages that Kassa would have sent.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Inbox {
    /// The messages, oldest first.
    pub messages: Vec<InboxMessage>,
}

/// One message in the inbox.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct InboxMessage {
    /// The message's id.
    pub message_id: String,
    /// The id of the page session.
    pub session_id: String,
    /// The method: `email`, `sms` or `token`.
    pub method: String,
    /// The e-mail address, the phone number, or the access id.
    pub recipient: String,
    /// The subject of an e-mail; empty for other methods.
    pub subject: String,
    /// The text.
    pub body: String,
    /// The link to the page.
    pub link: String,
    /// The URL of the QR code.
    pub qr_code_url: String,
    /// The content of the QR code.
    pub qr_code_content: String,
    /// When Kassa accepted the message.
    pub created_at: String,
}

/// The answer to `POST /lab/v1/orders/{order_id}/accept` and `reject`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FraudCheckEnded {
    /// The order's id.
    pub order_id: String,
    /// The order's fraud status: `ACCEPTED` or `REJECTED`.
    pub fraud_status: String,
}

body! {
    /// The optional body of `POST /lab/v1/sessions/{session_id}/approve`, `decline` and `error`.
    ConsumerActionDetails {
        required {}
        optional {
            /// The reason of a decline or an error, for the timeline.
            reason: String = TEXT,
            /// For `approve`: the consumer's e-mail address. Its tag can make the order pending.
            email: String = TEXT,
            /// The identifier of the category that the consumer chooses. The default is the first one.
            payment_method_category: String = TEXT,
        }
    }
}

/// The answer to `GET /lab/v1/sessions/{session_id}/link`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageLink {
    /// The id of the page session.
    pub session_id: String,
    /// The URL of the public payment page, as the creation answered it.
    pub redirect_url: String,
    /// The URL of the public QR code of the page.
    pub qr_code_url: String,
}

body! {
    /// The optional body of `POST /lab/v1/payment-sessions/{session_id}/approve` and `decline`.
    PaymentSessionActionDetails unknown Refused {
        required {}
        optional {
            /// For `approve`: the consumer's e-mail address. Its tag can make the order pending.
            email: String = TEXT,
            /// For `approve`: the identifier of the category that the consumer chooses. The default is the first one.
            payment_method_category: String = TEXT,
        }
    }
}

/// The answer to `POST /lab/v1/payment-sessions/{session_id}/approve` and `decline`.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct PaymentSessionDecided {
    /// The token of the new authorization; `null` after a decline.
    pub authorization_token: Option<String>,
}

body! {
    /// `POST /lab/v1/merchants`: the merchant to create.
    TestMerchantCreation unknown Refused {
        required {}
        optional {
            /// The name that the page shows to consumers.
            name: String = TEXT,
        }
    }
}

/// A merchant for a test, with its credential. Only this answer shows the password and the secret.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct TestMerchantCreated {
    /// The merchant's id.
    pub merchant_id: String,
    /// The name that the page shows to consumers.
    pub name: String,
    /// The username of its credential.
    pub username: String,
    /// The password of its credential.
    pub password: String,
    /// The secret that signs its callbacks, in the form `whsec_<base64>`.
    pub callback_secret: String,
}
