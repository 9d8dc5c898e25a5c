//! Encrypts secrets and data of consumers before they are stored: authorization tokens and the texts that may contain
//! one, the content of payment sessions, authorizations and orders, messages, and merchants' settings.
//!
//! A sealed text is the same each time for the same text, purpose and key: its nonce is a keyed hash of the text. So a
//! statement can compare it, and it can be a primary key. A reader of the database sees only which texts are equal.

mod rotation;
mod scope;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use kassa_domain::AuthorizationToken;
use kassa_sql::{Cause, Column, Row, Value};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::StoreError;
use crate::secret_box::SecretBox;

pub use rotation::{KeyRegistration, Resealing};
pub use scope::SealScope;

/// The beginning of a sealed text: `sealed:KEY:DATA`, with the name of the key, and nonce and ciphertext in base64url.
pub(crate) const SEALED: &str = "sealed:";

/// The beginning of a text that is stored in clear although it begins like a sealed or marked one.
const CLEAR: &str = "clear:";

/// The field of a JSON text with an authorization token.
const TOKEN_FIELD: &str = "\"authorization_token\"";

/// Encrypts with its first key, and decrypts with each. Without keys, it stores texts in clear.
#[derive(Clone, Default)]
pub struct DataSeal {
    keys: Arc<[SealKey]>,
    /// Whether it seals contents, and not only texts with a token. Nodes of earlier versions cannot read contents that
    /// are sealed. All clones share the answer, because a node learns it while it runs.
    seals_contents: Arc<AtomicBool>,
}

/// A key of a seal. The `Debug` output contains only its name.
pub struct SealKey {
    name: String,
    nonces: Zeroizing<[u8; 32]>,
    cipher: SecretBox,
}

/// The column that a sealed text is for. The text cannot be decrypted for another purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A column with an authorization token. All have one purpose, so that their values can be compared.
    Token,
    /// The body of an event.
    EventBody,
    /// The body of a callback to a payment session's own URL.
    CallbackBody,
    /// The headers of an answer to a callback. The merchant's answer may repeat the token.
    AnswerHeaders,
    /// The body of an answer to a callback.
    AnswerBody,
    /// The authorization of a payment operation.
    OperationAuthorization,
    /// The request of a payment operation.
    OperationRequest,
    /// The stored answer of an idempotency key.
    IdempotentAnswer,
    /// The content of a payment session.
    PaymentSession,
    /// The payment that a consumer started, with the content of the payment session.
    StartedPayment,
    /// The content of a payment session when it was authorized.
    Authorization,
    /// The details that the consumer of an authorization entered.
    EnteredDetails,
    /// The check of a consumer's identity document, with the authorization that waits for it.
    IdCheck,
    /// An order.
    Order,
    /// A customer token.
    CustomerToken,
    /// The recipient, the subject, the text and the link of a message.
    Message,
    /// The settings of a merchant, with the secrets that sign callbacks.
    MerchantSettings,
}

/// The texts of a purpose that are sealed.
enum Sealed {
    /// Every text.
    Always,
    /// Every text with an authorization token. The body of most events contains none.
    WithToken,
    /// Every text, once all nodes can read it.
    AsContent,
}

/// The reason why a stored text cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableSeal {
    /// The key that encrypted the text is missing.
    #[error(
        "{what} in the database is encrypted with the key {key}, which is not in account_key_file: add that key as the \
         second line, and restart the node"
    )]
    UnknownKey {
        /// A description of the text.
        what: &'static str,
        /// The name of the key.
        key: String,
    },
    /// The key does not decrypt the text.
    #[error("{what} in the database is damaged: the key {key} does not decrypt it")]
    Damaged {
        /// A description of the text.
        what: &'static str,
        /// The name of the key.
        key: String,
    },
}

impl UnreadableSeal {
    /// The name of the key that encrypted the text.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::UnknownKey { key, .. } | Self::Damaged { key, .. } => key,
        }
    }
}

impl From<UnreadableSeal> for StoreError {
    fn from(error: UnreadableSeal) -> Self {
        match error {
            UnreadableSeal::UnknownKey { .. } => Self::Unusable(Cause::of(error)),
            UnreadableSeal::Damaged { .. } => Self::Fault(Cause::of(error)),
        }
    }
}

impl SealKey {
    /// Derives a key of a seal from another key, which may also serve other purposes.
    #[must_use]
    pub fn derive(name: &str, from: &[u8]) -> Self {
        let nonces = Zeroizing::new(keyed_hash(from, &[b"kassa token seal: nonces"]));
        let cipher = Zeroizing::new(keyed_hash(from, &[b"kassa token seal: cipher"]));
        Self { name: name.to_string(), nonces, cipher: SecretBox::new(&cipher) }
    }

    fn seal(&self, purpose: Purpose, text: &str) -> String {
        let hash = keyed_hash(self.nonces.as_slice(), &[purpose.word().as_bytes(), b"\0", text.as_bytes()]);
        let mut nonce = [0; SecretBox::NONCE_BYTES];
        nonce.copy_from_slice(&hash[..SecretBox::NONCE_BYTES]);
        let data = URL_SAFE_NO_PAD.encode(self.cipher.seal(text, purpose.word().as_bytes(), nonce));
        format!("{SEALED}{}:{data}", self.name)
    }

    fn open(&self, purpose: Purpose, data: &str) -> Option<String> {
        let sealed = URL_SAFE_NO_PAD.decode(data).ok()?;
        self.cipher.open(&sealed, purpose.word().as_bytes()).map(|mut text| std::mem::take(&mut *text))
    }
}

impl fmt::Debug for DataSeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DataSeal").field(&self.keys).finish()
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Purpose {
    /// The word that texts of this purpose are bound to. It never changes.
    const fn word(self) -> &'static str {
        match self {
            Self::Token => "authorization token",
            Self::EventBody => "event body",
            Self::CallbackBody => "callback body",
            Self::AnswerHeaders => "answer headers",
            Self::AnswerBody => "answer body",
            Self::OperationAuthorization => "operation authorization",
            Self::OperationRequest => "operation request",
            Self::IdempotentAnswer => "idempotent answer",
            Self::PaymentSession => "payment session",
            Self::StartedPayment => "started payment",
            Self::Authorization => "authorization",
            Self::EnteredDetails => "entered details",
            Self::IdCheck => "identity check",
            Self::Order => "order",
            Self::CustomerToken => "customer token",
            Self::Message => "message",
            Self::MerchantSettings => "merchant settings",
        }
    }

    /// A description of the texts of this purpose, for error messages.
    const fn what(self) -> &'static str {
        match self {
            Self::Token => "an authorization token",
            Self::EventBody => "the body of an event",
            Self::CallbackBody => "the body of a callback",
            Self::AnswerHeaders | Self::AnswerBody => "the answer to a callback",
            Self::OperationAuthorization | Self::OperationRequest => "a payment operation",
            Self::IdempotentAnswer => "the answer of an idempotency key",
            Self::PaymentSession | Self::StartedPayment => "a payment session",
            Self::Authorization | Self::EnteredDetails | Self::IdCheck => "an authorization",
            Self::Order => "an order",
            Self::CustomerToken => "a customer token",
            Self::Message => "a message",
            Self::MerchantSettings => "a merchant",
        }
    }

    /// The texts of this purpose that are sealed.
    const fn sealed(self) -> Sealed {
        match self {
            Self::EventBody | Self::CallbackBody => Sealed::WithToken,
            Self::Token
            | Self::AnswerHeaders
            | Self::AnswerBody
            | Self::IdCheck
            | Self::OperationAuthorization
            | Self::OperationRequest
            | Self::IdempotentAnswer => Sealed::Always,
            Self::PaymentSession
            | Self::StartedPayment
            | Self::Authorization
            | Self::EnteredDetails
            | Self::Order
            | Self::CustomerToken
            | Self::Message
            | Self::MerchantSettings => Sealed::AsContent,
        }
    }
}

impl DataSeal {
    /// A seal with these keys. The first encrypts.
    #[must_use]
    pub fn new(keys: impl IntoIterator<Item = SealKey>) -> Self {
        Self { keys: keys.into_iter().collect(), seals_contents: Arc::default() }
    }

    /// Whether a text of this purpose is sealed, if there are keys.
    fn seals(&self, purpose: Purpose, text: &str) -> bool {
        match purpose.sealed() {
            Sealed::Always => true,
            Sealed::WithToken => text.contains(TOKEN_FIELD),
            Sealed::AsContent => self.seals_contents.load(Ordering::Relaxed),
        }
    }

    /// Whether some texts of this purpose are sealed, if there are keys.
    fn may_seal(&self, purpose: Purpose) -> bool {
        match purpose.sealed() {
            Sealed::Always | Sealed::WithToken => true,
            Sealed::AsContent => self.seals_contents.load(Ordering::Relaxed),
        }
    }

    /// The name of the key that encrypts; `None` without keys.
    pub(crate) fn newest(&self) -> Option<&str> {
        self.keys.first().map(|key| key.name.as_str())
    }

    /// Whether a key with this name is among them.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.named(name).is_some()
    }

    fn named(&self, name: &str) -> Option<&SealKey> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// The form in which a text is stored.
    pub(crate) fn seal<'a>(&self, purpose: Purpose, text: &'a str) -> Cow<'a, str> {
        match self.keys.first() {
            Some(key) if self.seals(purpose, text) => Cow::Owned(key.seal(purpose, text)),
            Some(_) | None => in_clear(text),
        }
    }

    pub(crate) fn seal_token<'a>(&self, token: &'a AuthorizationToken) -> Cow<'a, str> {
        self.seal(Purpose::Token, token.as_str())
    }

    /// Every form in which a token may be stored: under each key, and in clear. The most likely form is the first. The
    /// sealed forms come twice, because a re-encryption may change the stored form between two lookups.
    pub(crate) fn forms<'a>(&'a self, token: &'a AuthorizationToken) -> impl Iterator<Item = String> + 'a {
        let sealed = || self.keys.iter().map(|key| key.seal(Purpose::Token, token.as_str()));
        sealed().chain(std::iter::once_with(|| in_clear(token.as_str()).into_owned())).chain(sealed())
    }

    /// The text whose form is stored.
    pub(crate) fn open(&self, purpose: Purpose, stored: String) -> Result<String, UnreadableSeal> {
        let Some(sealed) = stored.strip_prefix(SEALED) else {
            return Ok(stored.strip_prefix(CLEAR).map(str::to_string).unwrap_or(stored));
        };
        let (name, data) = sealed.split_once(':').unwrap_or((sealed, ""));
        let (what, key) = (purpose.what(), name.to_string());
        match self.named(name) {
            Some(with) => with.open(purpose, data).ok_or(UnreadableSeal::Damaged { what, key }),
            None => Err(UnreadableSeal::UnknownKey { what, key }),
        }
    }

    /// The form in which an optional text is stored.
    pub(crate) fn seal_optional(&self, purpose: Purpose, text: Option<&str>) -> Value<'static> {
        text.map(|text| self.seal(purpose, text).into_owned()).into()
    }

    pub(crate) fn text(&self, row: &mut Row, column: Column, purpose: Purpose) -> Result<String, StoreError> {
        Ok(self.open(purpose, row.text(column)?)?)
    }

    pub(crate) fn optional_text(
        &self,
        row: &mut Row,
        column: Column,
        purpose: Purpose,
    ) -> Result<Option<String>, StoreError> {
        let stored = row.get::<Option<String>>(column)?;
        Ok(stored.map(|stored| self.open(purpose, stored)).transpose()?)
    }

    pub(crate) fn token(&self, row: &mut Row, column: Column) -> Result<AuthorizationToken, StoreError> {
        self.text(row, column, Purpose::Token).map(AuthorizationToken::new)
    }

    pub(crate) fn optional_token(
        &self,
        row: &mut Row,
        column: Column,
    ) -> Result<Option<AuthorizationToken>, StoreError> {
        Ok(self.optional_text(row, column, Purpose::Token)?.map(AuthorizationToken::new))
    }
}

/// The form of a text that is stored in clear. No text looks like a sealed one, so a caller that knows a sealed text
/// cannot pass it off as a token.
fn in_clear(text: &str) -> Cow<'_, str> {
    match text.starts_with(SEALED) || text.starts_with(CLEAR) {
        true => Cow::Owned(format!("{CLEAR}{text}")),
        false => Cow::Borrowed(text),
    }
}

fn keyed_hash(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("an HMAC takes any key");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests;
