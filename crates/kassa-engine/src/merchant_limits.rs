//! Limits on what a merchant may have Kassa send to others: callbacks once more, and messages to consumers.

use kassa_domain::time::{MINUTE_MS, SECOND_MS};
use kassa_domain::{MerchantId, PageSessionId};

use crate::clock::Monotonic;
use crate::limits::{LimitPause, LimitRule, Limiter};
use crate::messages::Messengers;
use crate::mode::Mode;

const REDELIVERIES_OF_ONE: LimitRule = LimitRule::steady(10, 10 * SECOND_MS);
const REDELIVERIES_OF_MERCHANT: LimitRule = LimitRule::steady(300, SECOND_MS / 5);
const MESSAGES_OF_SESSION: LimitRule = LimitRule::steady(10, MINUTE_MS);

/// A person gets no more than a few messages a day.
const MESSAGES_TO_PERSON: LimitRule = LimitRule::steady(20, 30 * MINUTE_MS);

/// In the sandbox nobody receives messages, and test suites write to one address again and again.
const MESSAGES_TO_INBOX: LimitRule = LimitRule::steady(1_000, SECOND_MS);

/// The limits of each merchant.
pub(crate) struct MerchantLimits {
    redeliveries_of_one: Limiter,
    redeliveries_of_merchant: Limiter,
    messages_of_session: Limiter,
    messages_to_recipient: Limiter,
}

impl MerchantLimits {
    /// The limits of a node. A sandbox with a mail server sends to people, too.
    pub(crate) fn new(mode: Mode, messengers: &Messengers) -> Self {
        let to_recipient = match mode {
            Mode::Sandbox if messengers.is_empty() => MESSAGES_TO_INBOX,
            Mode::Sandbox | Mode::Live => MESSAGES_TO_PERSON,
        };
        Self {
            redeliveries_of_one: Limiter::new(REDELIVERIES_OF_ONE),
            redeliveries_of_merchant: Limiter::new(REDELIVERIES_OF_MERCHANT),
            messages_of_session: Limiter::new(MESSAGES_OF_SESSION),
            messages_to_recipient: Limiter::new(to_recipient),
        }
    }

    /// Whether the merchant may request this redelivery. `what` names an event, a session or an instant.
    pub(crate) fn redeliver(
        &self,
        merchant: &MerchantId,
        what: &str,
        now: Monotonic,
    ) -> Result<(), LimitPause> {
        let of_one = &self.redeliveries_of_one;
        of_one.take(of_one.key(&(merchant, what)), now)?;
        self.redeliveries_of_merchant.take(self.redeliveries_of_merchant.key(merchant), now)
    }

    /// Whether the merchant may send a message about this session to this recipient.
    pub(crate) fn send(
        &self,
        merchant: &MerchantId,
        session: &PageSessionId,
        recipient: &str,
        now: Monotonic,
    ) -> Result<(), LimitPause> {
        let of_session = &self.messages_of_session;
        of_session.take(of_session.key(session), now)?;
        let to_recipient = &self.messages_to_recipient;
        to_recipient.take(to_recipient.key(&(merchant, without_variants(recipient))), now)
    }
}

/// One spelling of an address or a phone number.
fn without_variants(recipient: &str) -> String {
    recipient.chars().filter(|sign| !" -()".contains(*sign)).flat_map(char::to_lowercase).collect()
}
