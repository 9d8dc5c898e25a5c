//! Administrative acts: an actor, an object, the change, and the origin of the request.

use std::sync::Arc;

use kassa_domain::merchant::MerchantSettings;
use kassa_domain::{Actor, MerchantId, PageSessionId, Timestamp};
use kassa_store::{Credential, NewAct, ProfileRow, StoreError};
use kassa_wire::audit::{ActOrigin, ActRecord, EntryContent, sha256};
use kassa_wire::time::{Instant, format_ms};
use serde_json::{Map, Value, json};

use super::content::history_actor;
use crate::change_log::log_administration;
use crate::clock::Clock;
use crate::ids::new_uuid;
use crate::random::Random;

/// The actor of an act, and the origin of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requester {
    /// The actor.
    pub actor: Actor,
    /// The origin of the request.
    pub origin: ActOrigin,
}

impl Requester {
    /// A requester in the node itself, or in a program that contains the engine.
    #[must_use]
    pub const fn in_process(actor: Actor) -> Self {
        Self { actor, origin: ActOrigin::Process }
    }
}

/// Declares the kinds of acts: the variant, its word in the trail, and its words in the log.
macro_rules! act_kinds {
    ($($(#[$doc:meta])* $variant:ident = $word:literal, $words:literal;)*) => {
        /// The kind of an administrative act.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ActKind {
            $($(#[$doc])* $variant,)*
        }

        impl ActKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in the trail, which never changes.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// The words in the log.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self {
                    $(Self::$variant => $words,)*
                }
            }
        }
    };
}

act_kinds! {
    /// A merchant was created, with its first credential.
    MerchantCreated = "merchant_created", "merchant created";
    /// The name of a merchant, which consumers read, was changed.
    MerchantRenamed = "merchant_renamed", "merchant renamed";
    /// A merchant was suspended: it takes no new payments.
    MerchantSuspended = "merchant_suspended", "merchant suspended";
    /// A suspended merchant takes payments again.
    MerchantResumed = "merchant_resumed", "merchant takes payments again";
    /// A merchant was deleted with all its data, by the lab.
    MerchantDeleted = "merchant_deleted", "merchant deleted";
    /// The data and settings of a merchant were deleted, by the lab.
    MerchantReset = "merchant_reset", "data and settings of a merchant deleted";
    /// A history was imported for a merchant, by the lab.
    HistoryImported = "history_imported", "history of a merchant imported";
    /// The settings or the callback secrets of a merchant were changed.
    SettingsChanged = "settings_changed", "settings of a merchant changed";
    /// A credential was created.
    CredentialCreated = "credential_created", "credential created";
    /// A credential was revoked.
    CredentialRevoked = "credential_revoked", "credential revoked";
    /// An operator was created.
    OperatorCreated = "operator_created", "operator created";
    /// The role of an operator was changed.
    OperatorRoleChanged = "operator_role_changed", "role of an operator changed";
    /// An operator got a new generated password, and the chosen one was forgotten.
    OperatorReset = "operator_reset", "password of an operator reset";
    /// An operator chose a password for the console.
    PasswordChosen = "password_chosen", "password chosen";
    /// An operator was revoked.
    OperatorRevoked = "operator_revoked", "operator revoked";
    /// A revoked operator may sign in again.
    OperatorRestored = "operator_restored", "operator restored";
    /// A merchant's account at a payment system was set.
    PaymentAccountSet = "payment_account_set", "payment account set";
    /// A merchant's account at a payment system was removed.
    PaymentAccountRemoved = "payment_account_removed", "payment account removed";
    /// A profile of a merchant was created.
    ProfileCreated = "profile_created", "profile created";
    /// A profile of a merchant was replaced as a whole.
    ProfileReplaced = "profile_replaced", "profile replaced";
    /// A profile of a merchant was deleted. Sessions that it was applied to keep its values.
    ProfileDeleted = "profile_deleted", "profile deleted";
    /// Payment accounts and all other encrypted texts were encrypted again with the newest key. Recorded before it
    /// begins.
    Reencrypted = "payment_accounts_reencrypted", "encrypted data re-encrypted";
    /// Callback secrets and data of consumers are encrypted from now on. Recorded before stored data are encrypted.
    EncryptionExtended = "encryption_extended", "encryption of all data begun";
    /// The data of a consumer are erased. The object is a keyed hash of the address or number. Recorded before it
    /// begins.
    ConsumerErased = "consumer_erased", "data of a consumer erased";
    /// The database no longer needs a key.
    KeyForgotten = "account_key_forgotten", "account key forgotten";
    /// The callback of an event was sent again.
    EventRedelivered = "event_redelivered", "callback redelivered";
    /// The given-up callbacks of a page session were sent again.
    SessionRedelivered = "session_redelivered", "callbacks of a page session redelivered";
    /// The given-up callbacks of a merchant were sent again.
    MerchantRedelivered = "merchant_redelivered", "callbacks of a merchant redelivered";
    /// A stuck payment operation was settled. The status change that follows is in the merchant's chain.
    OperationSettled = "operation_settled", "stuck payment operation settled";
    /// Retention deleted page sessions past their age. Recorded once in each run that deletes.
    SessionsExpired = "sessions_expired", "expired page sessions deleted";
    /// Old entries of a merchant's chain were removed.
    TrailShortened = "trail_shortened", "old entries of the audit trail removed";
}

/// An administrative act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The kind.
    pub kind: ActKind,
    /// The object, such as a username or the id of a merchant.
    pub object: String,
    /// The changes, without secrets.
    pub details: Map<String, Value>,
}

impl Act {
    /// An act on an object, without details.
    pub fn on(kind: ActKind, object: impl Into<String>) -> Self {
        Self { kind, object: object.into(), details: Map::new() }
    }

    /// Adds a detail. It must not be a secret.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_string(), value.into());
        self
    }

    /// A merchant is created with its first credential.
    pub(crate) fn merchant_created(
        merchant: &MerchantId,
        name: &str,
        credential: &Credential,
        settings: &MerchantSettings,
    ) -> Result<Self, StoreError> {
        let act = Self::on(ActKind::MerchantCreated, merchant.as_str()).with("name", name);
        let act = act.with("credential", credential.username.as_str());
        let act = act.with("credential_sha256", sha256(&credential.secret_hash));
        Ok(act.with("settings_sha256", sha256_of(settings)?))
    }

    /// A credential of a merchant, or an operator, is created.
    pub(crate) fn credential_created(
        kind: ActKind,
        of: Option<&MerchantId>,
        credential: &Credential,
    ) -> Self {
        let act = Self::on(kind, credential.username.as_str());
        let act = match of {
            Some(merchant) => act.with("merchant", merchant.as_str()),
            None => act,
        };
        act.with("credential_sha256", sha256(&credential.secret_hash))
    }

    /// A payment account is set or removed.
    pub(crate) fn payment_account(kind: ActKind, of: &MerchantId, base_url: &str) -> Self {
        Self::on(kind, format!("{of} {base_url}"))
    }

    /// A profile is created or replaced.
    pub(crate) fn profile(kind: ActKind, profile: &ProfileRow) -> Self {
        let act = Self::on(kind, format!("{} {}", profile.merchant_id, profile.profile_id));
        let act = act.with("name", profile.name.as_str()).with("is_default", profile.is_default);
        act.with("content_sha256", sha256(&profile.content))
    }

    /// A profile is deleted.
    pub(crate) fn profile_deleted(of: &MerchantId, profile_id: &str) -> Self {
        Self::on(ActKind::ProfileDeleted, format!("{of} {profile_id}"))
    }

    /// An operator settles a stuck operation.
    pub(crate) fn settled(of: &PageSessionId, order: Option<&str>) -> Self {
        let act = Self::on(ActKind::OperationSettled, of.as_str());
        match order {
            Some(order) => act.with("order_id", order),
            None => act.with("not_ordered", true),
        }
    }

    /// Retention removes the entries of a chain up to a place.
    pub(crate) fn trail_shortened(chain: &str, position: i64, hash: &str) -> Self {
        Self::on(ActKind::TrailShortened, chain).with("position", position).with("hash", hash)
    }

    /// Retention deletes page sessions that expired before an instant.
    pub(crate) fn sessions_expired(before: Timestamp) -> Self {
        Self::on(ActKind::SessionsExpired, "page sessions").with("expired_before", format_ms(before.as_ms()))
    }
}

/// The act of a change of settings, in words without secrets.
pub(crate) fn settings_act(
    of: &MerchantId,
    before: &MerchantSettings,
    after: &MerchantSettings,
) -> Result<Act, StoreError> {
    let mut act = Act::on(ActKind::SettingsChanged, of.as_str());
    let ids = |settings: &MerchantSettings| -> Vec<String> {
        settings.callback_secrets.iter().map(|secret| secret.id.clone()).collect()
    };
    let (had, has) = (ids(before), ids(after));
    let missing = |from: &[String], among: &[String]| -> Vec<String> {
        from.iter().filter(|id| !among.contains(id)).cloned().collect()
    };
    for (name, changed) in [("secrets_added", missing(&has, &had)), ("secrets_removed", missing(&had, &has))]
    {
        if !changed.is_empty() {
            act = act.with(name, changed);
        }
    }
    if before.retry_schedule != after.retry_schedule {
        act = act.with("retry_schedule", serde_json::to_value(&after.retry_schedule)?);
    }
    if before.disabled_calls_back != after.disabled_calls_back {
        act = act.with("disabled_calls_back", after.disabled_calls_back);
    }
    if before.payment_method_categories != after.payment_method_categories {
        act = act.with("payment_method_categories", json!(after.payment_method_categories));
    }
    if before.consumer_timeout_s != after.consumer_timeout_s {
        act = act.with("consumer_timeout_s", json!(after.consumer_timeout_s));
    }
    Ok(act.with("settings_sha256", sha256_of(after)?))
}

/// The hash of settings as the store writes them. It reveals nothing, because each merchant has a secret of 256 bits.
fn sha256_of(settings: &MerchantSettings) -> Result<String, StoreError> {
    Ok(sha256(&serde_json::to_string(settings)?))
}

/// Makes the records of acts, and logs acts that are durable.
#[derive(Clone)]
pub(crate) struct ActLog {
    clock: Arc<dyn Clock>,
    /// A source of its own: the ids of acts must not change the ids of other rows.
    random: Arc<dyn Random>,
}

impl ActLog {
    pub(crate) fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random }
    }

    /// The record of an act, to be inserted in the transaction of its change.
    pub(crate) fn record(&self, act: &Act, by: &Requester) -> Result<NewAct, StoreError> {
        let now = self.clock.system_now();
        let id = new_uuid(&*self.random, now);
        let content = EntryContent::Act(ActRecord {
            act: act.kind.as_str().to_string(),
            object: act.object.clone(),
            details: act.details.clone(),
            actor: history_actor(&by.actor),
            origin: by.origin.clone(),
            at: Some(Instant::from_ms(now.as_ms())),
            act_id: Some(id.clone()),
        });
        Ok(NewAct { id, recorded_at: now, content: serde_json::to_string(&content)? })
    }
}

/// Logs an act, once it is durable.
pub(crate) fn log_act(act: &Act, by: &Requester) {
    log_administration(&by.actor, act.kind.words(), &act.object);
}
