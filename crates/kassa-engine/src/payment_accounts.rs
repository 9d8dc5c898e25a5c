//! Merchants' accounts at payment systems: base URL, username and password. The password can be set, but only the
//! engine reads it.
//!
//! The password is encrypted with a key that is not in the database. It is bound to the merchant, the base URL and the
//! username, so a row that was copied to another merchant cannot be decrypted there.

mod base_url;
mod keys;
mod reencryption;

use std::fmt;
use std::sync::Arc;

use kassa_domain::MerchantId;
use kassa_store::{PaymentAccountRow, Store, StoreError};
use kassa_wire::kassa::{ListedPaymentAccount, PaymentAccountSetting};
use kassa_wire::time::Instant;
use zeroize::Zeroizing;

use crate::accounts::{Absence, Remembered};
use crate::audit::{Act, ActKind, ActLog, Requester, log_act};
use crate::clock::Clock;
use crate::random::Random;

pub use base_url::{BaseUrl, WrongBaseUrl};
pub use keys::{AccountKeys, WrongAccountKeys};
pub use reencryption::{Reencryption, UnreadableRow};

/// The rules for the fields of an account, for error messages.
pub const ACCOUNT_RULE: &str = "base_url is a URL like https://api.klarna.com, without a path, and https except on \
                                this machine. username has 1 to 255 characters without colons, and password 1 to \
                                1024; neither has control characters";

/// The longest username, in characters.
const LONGEST_USERNAME: usize = 255;

/// The longest password, in characters.
const LONGEST_PASSWORD: usize = 1024;

/// The number of characters of a password that a list shows.
const SHOWN_CHARACTERS: usize = 4;

/// The shortest password whose last characters a list shows. Of a shorter one they would reveal too much.
const SHORTEST_SHOWN: usize = 12;

/// A merchant's account at a payment system. The `Debug` output does not contain the password, which is overwritten in
/// memory when the value is dropped.
#[derive(Clone)]
pub struct PaymentAccount {
    /// The username there.
    pub username: String,
    /// The password there.
    pub password: Zeroizing<String>,
}

impl fmt::Debug for PaymentAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentAccount").field("username", &self.username).finish_non_exhaustive()
    }
}

/// The reason why the password of an account cannot be decrypted, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableAccount {
    /// This process has no keys.
    #[error("account_key_file is not set, so passwords of payment accounts can be neither stored nor read")]
    NoKeys,
    /// The key of the account is not among those of this process.
    #[error(
        "the password is encrypted with the key {0}, which is not in account_key_file: add that key as the second \
         line, or set the account again"
    )]
    UnknownKey(String),
    /// The key does not decrypt the password.
    #[error(
        "the stored password is damaged, or belongs to another merchant, base URL or username: set the account again"
    )]
    Damaged,
}

/// The reason why an account cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PaymentAccountError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The password cannot be decrypted.
    #[error(transparent)]
    Unreadable(#[from] UnreadableAccount),
}

/// The outcome of setting an account.
#[derive(Debug)]
pub enum SetAccountOutcome {
    /// The account is stored.
    Set(ListedPaymentAccount),
    /// There is no such merchant.
    UnknownMerchant,
    /// These fields are not acceptable: see [`ACCOUNT_RULE`].
    Unusable(Vec<&'static str>),
    /// This process has no keys, so it cannot encrypt the password.
    NoKeys,
}

/// The account of a merchant for calls that do not say which account they are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnlyAccount {
    /// The merchant has one account, at this base URL.
    At(BaseUrl),
    /// The merchant has no account.
    Missing,
    /// The merchant has accounts at these base URLs, so the call is ambiguous.
    OneOf(Vec<String>),
}

/// Sets and reads merchants' accounts at payment systems.
#[derive(Clone)]
pub struct PaymentAccounts(Arc<Parts>);

struct Parts {
    store: Store,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    keys: Option<AccountKeys>,
    acts: ActLog,
    /// Rows as they were read within the last second, with encrypted passwords.
    rows: Remembered<PaymentAccountRow>,
}

impl PaymentAccounts {
    /// Creates the capability. Without keys, no account can be set or used. `ephemeral_random` is for the ids of acts.
    #[must_use]
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        ephemeral_random: Arc<dyn Random>,
        keys: Option<AccountKeys>,
    ) -> Self {
        let rows = Remembered::new(Absence::IsForgotten);
        let acts = ActLog::new(clock.clone(), ephemeral_random);
        Self(Arc::new(Parts { store, clock, random, keys, acts, rows }))
    }

    /// Sets the account of a merchant at a base URL. It replaces an account that was set before.
    pub async fn set(
        &self,
        of: &MerchantId,
        asked: &PaymentAccountSetting,
        by: &Requester,
    ) -> Result<SetAccountOutcome, StoreError> {
        let Parts { store, clock, random, keys, acts, rows } = &*self.0;
        let Some(keys) = keys else { return Ok(SetAccountOutcome::NoKeys) };
        let base_url = match usable_base_url(asked) {
            Ok(base_url) => base_url,
            Err(fields) => return Ok(SetAccountOutcome::Unusable(fields)),
        };
        let bound_to = binding(of, base_url.as_str(), &asked.username);
        let now = clock.system_now();
        let row = PaymentAccountRow {
            merchant_id: of.clone(),
            base_url: base_url.as_str().to_string(),
            username: asked.username.clone(),
            secret: keys.encrypt(&asked.password.0, &bound_to, &**random),
            key_name: keys.newest().to_string(),
            created_at: now,
            updated_at: now,
        };
        let act = Act::payment_account(ActKind::PaymentAccountSet, of, base_url.as_str());
        let act = act.with("username", asked.username.as_str()).with("key", keys.newest());
        let stored = store.set_payment_account(&row, &acts.record(&act, by)?).await;
        rows.forget();
        let Some(stored) = stored? else { return Ok(SetAccountOutcome::UnknownMerchant) };
        log_act(&act, by);
        Ok(SetAccountOutcome::Set(self.listed(stored)))
    }

    /// The accounts of a merchant, by base URL, without their passwords.
    pub async fn list(&self, of: &MerchantId) -> Result<Vec<ListedPaymentAccount>, StoreError> {
        let found = self.0.store.payment_accounts(of).await?;
        Ok(found.into_iter().map(|row| self.listed(row)).collect())
    }

    /// The only account of a merchant.
    pub async fn only_account(&self, of: &MerchantId) -> Result<OnlyAccount, StoreError> {
        let found = self.0.store.payment_accounts(of).await?;
        let base_urls: Vec<_> = found.into_iter().map(|row| row.base_url).collect();
        Ok(match &base_urls[..] {
            [] => OnlyAccount::Missing,
            [one] => match one.parse() {
                Ok(base_url) => OnlyAccount::At(base_url),
                Err(WrongBaseUrl::NotAnOrigin | WrongBaseUrl::PlainHttp) => OnlyAccount::Missing,
            },
            [_, _, ..] => OnlyAccount::OneOf(base_urls),
        })
    }

    /// Removes the account of a merchant at a base URL; `false` if there is none. Other nodes use it for a second more.
    pub async fn remove(
        &self,
        of: &MerchantId,
        base_url: &BaseUrl,
        by: &Requester,
    ) -> Result<bool, StoreError> {
        let act = Act::payment_account(ActKind::PaymentAccountRemoved, of, base_url.as_str());
        let record = self.0.acts.record(&act, by)?;
        let is_removed = self.0.store.remove_payment_account(of, base_url.as_str(), &record).await;
        self.0.rows.forget();
        let is_removed = is_removed?;
        if is_removed {
            log_act(&act, by);
        }
        Ok(is_removed)
    }

    /// The account of a merchant at a base URL, with its password; `None` if there is none. A change by another node
    /// takes effect within a second.
    pub async fn account_of(
        &self,
        merchant: &MerchantId,
        base_url: &BaseUrl,
    ) -> Result<Option<PaymentAccount>, PaymentAccountError> {
        let Parts { store, clock, rows, .. } = &*self.0;
        let read = || store.payment_account(merchant, base_url.as_str());
        let found = rows.get(&object(merchant, base_url), clock.monotonic_now(), read).await?;
        let Some(row) = found else { return Ok(None) };
        Ok(Some(PaymentAccount { username: row.username.clone(), password: self.password_of(&row)? }))
    }

    /// Decrypts the password of an account.
    fn password_of(&self, row: &PaymentAccountRow) -> Result<Zeroizing<String>, UnreadableAccount> {
        let keys = self.0.keys.as_ref().ok_or(UnreadableAccount::NoKeys)?;
        if !keys.contain(&row.key_name) {
            return Err(UnreadableAccount::UnknownKey(row.key_name.clone()));
        }
        let bound_to = binding(&row.merchant_id, &row.base_url, &row.username);
        keys.decrypt(&row.key_name, &row.secret, &bound_to).ok_or(UnreadableAccount::Damaged)
    }

    fn listed(&self, row: PaymentAccountRow) -> ListedPaymentAccount {
        let (password_ends_with, problem) = match self.password_of(&row) {
            Ok(password) => (shown_end(&password), None),
            Err(why) => (None, Some(why.to_string())),
        };
        ListedPaymentAccount {
            base_url: row.base_url,
            username: row.username,
            password_ends_with,
            key: row.key_name,
            problem,
            created_at: Instant::from_ms(row.created_at.as_ms()),
            updated_at: Instant::from_ms(row.updated_at.as_ms()),
        }
    }
}

/// Checks the fields of an account. Returns its base URL, or the names of the fields that are not acceptable.
fn usable_base_url(asked: &PaymentAccountSetting) -> Result<BaseUrl, Vec<&'static str>> {
    let PaymentAccountSetting { base_url, username, password } = asked;
    let parsed = base_url.parse::<BaseUrl>();
    let is_one = |text: &str, longest: usize| {
        (1..=longest).contains(&text.chars().count()) && !text.contains(char::is_control)
    };
    let fields = [
        (parsed.is_ok(), "base_url"),
        (is_one(username, LONGEST_USERNAME) && !username.contains(':'), "username"),
        (is_one(&password.0, LONGEST_PASSWORD), "password"),
    ];
    let unusable: Vec<_> =
        fields.into_iter().filter(|(is_good, _)| !is_good).map(|(_, field)| field).collect();
    match parsed {
        Ok(base_url) if unusable.is_empty() => Ok(base_url),
        Ok(_) | Err(_) => Err(unusable),
    }
}

/// The bytes that an encrypted password is bound to: each part with its length, so that no two accounts have the same.
fn binding(merchant: &MerchantId, base_url: &str, username: &str) -> Vec<u8> {
    let parts = [merchant.as_str(), base_url, username];
    parts.iter().flat_map(|part| [&part.len().to_be_bytes(), part.as_bytes()].concat()).collect()
}

/// The last characters of a password, to recognize it, if it is long enough.
fn shown_end(password: &str) -> Option<String> {
    let length = password.chars().count();
    (length >= SHORTEST_SHOWN).then(|| password.chars().skip(length - SHOWN_CHARACTERS).collect())
}

/// Names an account, for the log and the cache.
fn object(merchant: &MerchantId, base_url: &BaseUrl) -> String {
    format!("{merchant} {base_url}")
}

#[cfg(test)]
mod tests;
