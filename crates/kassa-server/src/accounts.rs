//! Accounts: merchants, their credentials, and operators; made with passwords that nobody chose.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kassa_domain::{MerchantId, Username};
use kassa_store::{Credential, DatedCredential, StoreError};
use kassa_wire::kassa::{ListedCredential, ListedMerchant, NewCredential, NewMerchant};
use kassa_wire::one_line::breaks_a_line;
use kassa_wire::time::format_ms;

use crate::app::App;
use crate::ids::{new_secret, new_uuid};

/// The longest name of a merchant, in characters.
const LONGEST_NAME: usize = 100;

/// Which names can be used, for who gave another.
pub const NAME_RULE: &str = "A name is one line of at most 100 characters, without control characters and without marks that \
                             reorder text";

/// The longest id of a merchant or name of an operator, in characters.
const LONGEST_ID: usize = 64;

/// What became of an account that was to be made.
pub enum Made<T> {
    /// It was: its secrets are shown this once.
    New(T),
    /// It is there already.
    Taken,
    /// These fields cannot be used.
    Unusable(Vec<&'static str>),
}

/// How often a username is made anew if the one that was made is taken.
const USERNAMES_TRIED: usize = 3;

/// The outcome of revoking a merchant's own credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RevokeOutcome {
    Revoked,
    /// There is no active credential of this name.
    Unknown,
    /// It is the last active one: without it the merchant could not make another.
    Last,
}

impl App {
    /// Makes a merchant with its first credential and its callback secret.
    pub async fn make_merchant(&self, id: &str, name: &str) -> Result<Made<NewMerchant>, StoreError> {
        let fields = [(is_id(id), "merchant_id"), (is_name(name), "name")];
        let unusable: Vec<_> =
            fields.into_iter().filter(|(is_good, _)| !is_good).map(|(_, field)| field).collect();
        if !unusable.is_empty() {
            return Ok(Made::Unusable(unusable));
        }
        for _ in 0..USERNAMES_TRIED {
            if self.merchants.merchant(&MerchantId::new(id)).await?.is_some() {
                return Ok(Made::Taken);
            }
            let NewCredential { username, password } = self.new_credential(id);
            if self.add_merchant(id, name, &username, &password).await? {
                let callback_secret = self.callback_secret(id).await?;
                let merchant_id = id.to_string();
                return Ok(Made::New(NewMerchant { merchant_id, username, password, callback_secret }));
            }
        }
        Err(no_free_username())
    }

    /// The merchants by id.
    pub async fn merchants_by_id(&self) -> Result<Vec<ListedMerchant>, StoreError> {
        let merchants = self.store.merchants().await?;
        let listed = |(merchant_id, name)| ListedMerchant { merchant_id, name };
        Ok(merchants.into_iter().map(listed).collect())
    }

    /// Makes another credential; `None` where there is no such merchant.
    pub async fn make_credential(&self, merchant: &str) -> Result<Option<NewCredential>, StoreError> {
        let id = MerchantId::new(merchant);
        if self.merchants.merchant(&id).await?.is_none() {
            return Ok(None);
        }
        for _ in 0..USERNAMES_TRIED {
            let new = self.new_credential(merchant);
            if self.merchants.add_credential(&id, &self.stored(&new)).await? {
                return Ok(Some(new));
            }
        }
        Err(no_free_username())
    }

    /// The credentials of a merchant, oldest first.
    pub async fn credentials_of(&self, merchant: &str) -> Result<Vec<ListedCredential>, StoreError> {
        let found = self.store.credentials_of(&MerchantId::new(merchant)).await?;
        Ok(found.into_iter().map(listed).collect())
    }

    /// Takes a credential back; `false` where there is none that is good.
    pub async fn revoke_credential(&self, username: &str) -> Result<bool, StoreError> {
        self.merchants.revoke_credential(username, None).await
    }

    /// Revokes a credential of this merchant, unless it is the last active one.
    pub(crate) async fn revoke_own_credential(
        &self,
        of: &MerchantId,
        username: &str,
    ) -> Result<RevokeOutcome, StoreError> {
        if self.merchants.revoke_unless_last(username, of).await? {
            return Ok(RevokeOutcome::Revoked);
        }
        let credentials = self.store.credentials_of(of).await?;
        let is_active =
            credentials.iter().any(|(name, _, revoked_at)| name.as_str() == username && revoked_at.is_none());
        Ok(if is_active { RevokeOutcome::Last } else { RevokeOutcome::Unknown })
    }

    /// Makes an operator, who may make merchants and credentials over the API.
    pub async fn make_operator(&self, name: &str) -> Result<Made<NewCredential>, StoreError> {
        if !is_id(name) {
            return Ok(Made::Unusable(vec!["name"]));
        }
        let new = NewCredential { username: name.to_string(), ..self.new_credential(name) };
        Ok(match self.store.add_operator(&self.stored(&new), self.clock.system_now()).await? {
            true => Made::New(new),
            false => Made::Taken,
        })
    }

    /// The operators, oldest first.
    pub async fn operators(&self) -> Result<Vec<ListedCredential>, StoreError> {
        Ok(self.store.operators().await?.into_iter().map(listed).collect())
    }

    /// Lets an operator go; `false` where there is none of this name that still may.
    pub async fn revoke_operator(&self, name: &str) -> Result<bool, StoreError> {
        self.store.revoke_operator(name, self.clock.system_now()).await
    }

    fn new_credential(&self, merchant: &str) -> NewCredential {
        let random = &*self.random;
        let key_id: String = new_uuid(random, self.clock.system_now()).chars().rev().take(8).collect();
        NewCredential {
            username: format!("{merchant}_{key_id}"),
            password: URL_SAFE_NO_PAD.encode(new_secret::<32>(random)),
        }
    }

    fn stored(&self, new: &NewCredential) -> Credential {
        Credential {
            username: Username::new(&new.username),
            secret_hash: self.keys.credential_hash(&new.password),
            revoked_at: None,
        }
    }
}

fn no_free_username() -> StoreError {
    StoreError::Fault("every username that was made is taken".into())
}

/// What can stand in a path, a log and a username: letters, digits, `-` and `_`.
fn is_id(text: &str) -> bool {
    let is_good = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    (1..=LONGEST_ID).contains(&text.len()) && text.chars().all(is_good)
}

/// What consumers can read in a line: the name stands on pages and in the subjects of messages.
pub(crate) fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= LONGEST_NAME && !text.contains(breaks_a_line)
}

fn listed((username, created_at, revoked_at): DatedCredential) -> ListedCredential {
    ListedCredential {
        username: username.as_str().to_string(),
        created_at: format_ms(created_at.as_ms()),
        revoked_at: revoked_at.map(|at| format_ms(at.as_ms())),
    }
}
