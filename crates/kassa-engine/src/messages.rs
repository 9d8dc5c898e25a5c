//! Sends messages to consumers: the link to a page, by e-mail or text message.
//!
//! A message is stored together with its delivery. A worker of any node claims a delivery under a lease with a fence,
//! and makes one attempt at a time. A message that was not sent, or that is refused for now, is sent later with the
//! same id. So nothing that was accepted is lost. If a message was sent and no answer arrived, it is sent again, too,
//! but only twice. So a message arrives more than once only if an answer was lost.

mod attempt;

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use kassa_domain::Actor;
use kassa_domain::page_session::{ShopColors, ShopLinks};
use kassa_domain::time::SECOND_MS;
use kassa_store::{ClaimedDelivery, Message, NewDelivery, StoreError};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::callbacks::breaker::Breaker;
use crate::change_log::log_change;
use crate::clock::Monotonic;
use crate::metrics::MessageResult;
use crate::pace::Pace;
use crate::parts::EngineParts;

/// The time between two reads of the store for messages that are due.
const LOOK_AGAIN_MS: i64 = SECOND_MS;

/// The time for one attempt. Mail servers may take long to check a message.
const ATTEMPT_MS: i64 = 150 * SECOND_MS;

/// The lease of a claim. An attempt begins only if it ends before the lease does.
const LEASE_MS: i64 = 180 * SECOND_MS;

/// Maximum number of attempts of one channel that run at once on a node.
const ATTEMPTS_AT_ONCE: usize = 8;

/// Sends the messages of one channel: to an SMTP server, or to a gateway for text messages.
pub trait Messenger: Send + Sync {
    /// Makes one attempt.
    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> BoxFuture<'a, SendOutcome>;
}

/// A message that is about to be sent.
#[derive(Clone, Debug)]
pub struct OutgoingMessage {
    /// Its id: the same in every attempt.
    pub id: String,
    /// The e-mail address, or the phone number in international form.
    pub recipient: String,
    /// The subject of an e-mail, else empty.
    pub subject: String,
    /// The text, which contains the link.
    pub text: String,
    /// The link to the page.
    pub link: String,
    /// The name of the shop, in one line.
    pub shop_name: String,
    /// The locale of the text, such as `sv-SE`.
    pub locale: String,
    /// The shop's own pages.
    pub links: ShopLinks,
    /// The colours of the shop.
    pub colors: ShopColors,
}

/// The outcome of one attempt. The details are codes or Kassa's own words, and contain no text of another server, which
/// could repeat the recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// It was accepted.
    Sent(String),
    /// It was refused for good.
    Refused(String),
    /// It was refused for now: a later attempt may be accepted.
    Postponed(String),
    /// It was not sent, because the server does not answer.
    NotSent(String),
    /// It was sent and no answer came, so it is unknown whether the message was accepted.
    NoAnswer(String),
}

impl SendOutcome {
    /// The word in records, metrics and logs.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Sent(_) => "sent",
            Self::Refused(_) => "refused",
            Self::Postponed(_) => "postponed",
            Self::NotSent(_) => "not_sent",
            Self::NoAnswer(_) => NO_ANSWER,
        }
    }

    fn detail(&self) -> &str {
        match self {
            Self::Sent(detail)
            | Self::Refused(detail)
            | Self::Postponed(detail)
            | Self::NotSent(detail)
            | Self::NoAnswer(detail) => detail,
        }
    }
}

/// The word of [`SendOutcome::NoAnswer`].
const NO_ANSWER: &str = "no_answer";

/// A way to reach a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageChannel {
    /// An e-mail.
    Email,
    /// A text message.
    Sms,
    /// A token that the merchant hands out itself.
    Token,
}

impl MessageChannel {
    /// The word of the channel in records and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Token => "token",
        }
    }
}

/// The messengers of a node.
#[derive(Clone, Default)]
pub struct Messengers {
    /// Sends e-mails.
    pub email: Option<Arc<dyn Messenger>>,
    /// Sends text messages.
    pub sms: Option<Arc<dyn Messenger>>,
}

impl fmt::Debug for Messengers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { email, sms } = self;
        f.debug_struct("Messengers").field("email", &email.is_some()).field("sms", &sms.is_some()).finish()
    }
}

impl Messengers {
    /// Whether this node sends no messages.
    pub(crate) fn is_empty(&self) -> bool {
        self.email.is_none() && self.sms.is_none()
    }

    fn of(&self, channel: MessageChannel) -> Option<&Arc<dyn Messenger>> {
        match channel {
            MessageChannel::Email => self.email.as_ref(),
            MessageChannel::Sms => self.sms.as_ref(),
            MessageChannel::Token => None,
        }
    }
}

/// The messengers, and the signal to look for messages that are due.
pub(crate) struct MessageQueue {
    messengers: Messengers,
    /// Whether the inbox of the sandbox receives the messages that nobody sends.
    has_inbox: bool,
    look_now: Notify,
}

impl MessageQueue {
    pub(crate) fn new(messengers: Messengers, has_inbox: bool) -> Self {
        Self { messengers, has_inbox, look_now: Notify::new() }
    }

    /// Whether a message of this channel reaches anybody.
    pub(crate) fn offers(&self, channel: MessageChannel) -> bool {
        self.has_inbox || channel == MessageChannel::Token || self.messengers.of(channel).is_some()
    }
}

/// Stores a message, with its delivery if a messenger sends it.
pub(crate) async fn accept(
    engine: &EngineParts,
    message: &Message,
    (channel, locale): (MessageChannel, &str),
    actor: &Actor,
) -> Result<(), StoreError> {
    let count = |result| engine.metrics.sessions.message(channel.as_str(), result);
    let delivery = engine
        .messages
        .messengers
        .of(channel)
        .map(|_| NewDelivery { locale: locale.to_string(), accepted_at: engine.time.lease_now() });
    let added = engine.store.add_message(message, delivery.as_ref()).await;
    added.inspect_err(|_| count(MessageResult::Failed))?;
    count(MessageResult::Accepted);
    log_change(actor, "page session distributed", message.page_session_id.as_str());
    if delivery.is_some() {
        engine.messages.look_now.notify_one();
    }
    Ok(())
}

/// Sends the messages that are due until `stop`. Attempts under way then are finished.
pub(crate) async fn send_until(engine: Arc<EngineParts>, stop: CancellationToken) {
    let mut channels: Vec<Channel> = [MessageChannel::Email, MessageChannel::Sms]
        .into_iter()
        .filter_map(|one| Channel::of(&engine, one))
        .collect();
    if channels.is_empty() {
        return;
    }
    let mut pace = Pace::new(&*engine.clock, LOOK_AGAIN_MS);
    while pace.next_look_or(&stop, engine.messages.look_now.notified()).await {
        for channel in &mut channels {
            if let Err(error) = channel.start_attempts(&engine).await {
                tracing::warn!(%error, "messages cannot be claimed; the node retries within one second");
            }
        }
    }
    for channel in &mut channels {
        while channel.attempts.join_next().await.is_some() {}
    }
}

/// The attempts of one channel on this node.
struct Channel {
    kind: MessageChannel,
    messenger: Arc<dyn Messenger>,
    /// While the server is silent, it is asked less and less often.
    breaker: Arc<Mutex<Breaker>>,
    attempts: JoinSet<()>,
}

impl Channel {
    fn of(engine: &EngineParts, kind: MessageChannel) -> Option<Self> {
        let messenger = engine.messages.messengers.of(kind)?.clone();
        Some(Self { kind, messenger, breaker: Arc::default(), attempts: JoinSet::new() })
    }

    async fn start_attempts(&mut self, engine: &Arc<EngineParts>) -> Result<(), StoreError> {
        while self.attempts.try_join_next().is_some() {}
        let free = ATTEMPTS_AT_ONCE.saturating_sub(self.attempts.len());
        let allowed = self.breaker.lock().allows(free, engine.clock.monotonic_now());
        if allowed == 0 {
            return Ok(());
        }
        let now = engine.time.lease_now();
        let limit = i64::try_from(allowed).unwrap_or(i64::MAX);
        let lease = (now, now.plus_ms(LEASE_MS));
        let claimed_at = engine.clock.monotonic_now();
        for delivery in engine.store.claim_deliveries(self.kind.as_str(), lease, limit).await? {
            let claim = Claim { channel: self.kind, delivery, ends_at: claimed_at.plus_ms(LEASE_MS) };
            self.start(engine.clone(), claim);
        }
        Ok(())
    }

    fn start(&mut self, engine: Arc<EngineParts>, claim: Claim) {
        let (messenger, breaker) = (self.messenger.clone(), self.breaker.clone());
        self.attempts.spawn(async move {
            let wake = WakeWorker(&engine.messages);
            if let Err(error) = attempt::make(&engine, &*messenger, &breaker, &claim).await {
                let page_session_id = &claim.delivery.page_session_id;
                tracing::warn!(%page_session_id, ?error, "an attempt to send a message was not recorded; it is \
                                                          repeated when the lease ends");
            }
            drop(wake);
        });
    }
}

/// A delivery that this node has claimed.
struct Claim {
    channel: MessageChannel,
    delivery: ClaimedDelivery,
    /// When its lease ends.
    ends_at: Monotonic,
}

/// Has the worker look for the next message when this one has ended, also if its attempt panics.
struct WakeWorker<'a>(&'a MessageQueue);

impl Drop for WakeWorker<'_> {
    fn drop(&mut self) {
        self.0.look_now.notify_one();
    }
}
