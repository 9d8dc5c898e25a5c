//! Accounts: merchants with their credentials, and operators. The server generates every password.

mod cache;
mod callers;
mod dev_account;
mod logins;
mod openid;
mod operators;
mod recent;
mod sign_in;

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kassa_domain::merchant::{CallbackSecret, Merchant, MerchantSettings, MerchantState};
use kassa_domain::{MerchantId, Role, Timestamp, Username};
use kassa_store::{Credential, DatedCredential, MerchantRow, Store, StoreError};
use kassa_wire::kassa::{CredentialCreated, ListedCredential, ListedMerchant, MerchantCreated};
use kassa_wire::one_line::breaks_a_line;
use kassa_wire::signature::secret_text;
use kassa_wire::time::{Instant, format_ms};

use crate::audit::{Act, ActKind, ActLog, Requester, log_act, settings_act};
use crate::clock::Clock;
use crate::ids::{new_secret, new_uuid};
use crate::keys::{HASH_OF_NOBODY, Keys};
use crate::limits::LimitPause;
use crate::metrics::Metrics;
use crate::random::Random;

use cache::KnownCredential;
pub(crate) use cache::{Absence, MerchantCache, Remembered};
pub use dev_account::{DEV_MERCHANT, DevAccount, DevCredential, SandboxAccounts};
pub use logins::{AdmittedLogin, Audience, Login};
pub use openid::{OpenIdAttempt, OpenIdPerson, OpenIdSignIn};
pub use operators::OperatorChange;
pub use recent::CallerFingerprint;
pub use sign_in::{OperatorPassword, PASSWORD_RULE, PasswordChoice, SignedInOperator};

use logins::LoginLimits;
use recent::RecentCaller;

/// The longest name of a merchant, in characters.
const LONGEST_NAME: usize = 100;

/// The rule for a merchant's name, for error messages.
pub const NAME_RULE: &str = "A name is one line of at most 100 characters, without control characters and without \
                             marks that \
                             reorder text";

/// The longest id of a merchant or name of an operator, in characters.
const LONGEST_ID: usize = 64;

/// The outcome of creating an account.
pub enum AccountCreation<T> {
    /// The account exists now. Its secrets are shown only here.
    New(T),
    /// The account existed before.
    Taken,
    /// These fields are not acceptable.
    Unusable(Vec<&'static str>),
}

/// How often a username is generated again if it exists.
const USERNAMES_TRIED: usize = 3;

/// The outcome of revoking a merchant's own credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeOutcome {
    /// The credential is refused from now on.
    Revoked,
    /// There is no active credential with this username.
    Unknown,
    /// It is the last active credential. Without it the merchant could not create another one.
    Last,
}

/// A merchant that logged in.
pub struct LoggedIn {
    /// The merchant.
    pub merchant: Arc<Merchant>,
    /// The username of its credential.
    pub username: Username,
    /// The present instant by its clock.
    pub now: Timestamp,
}

/// The reason why a login failed.
pub enum LoginFailure {
    /// The password is wrong, or no active credential has this username.
    Wrong(AdmittedLogin),
    /// The password was not checked, because too many logins failed.
    LimitPause(LimitPause),
    /// The store cannot be read.
    Store(StoreError),
}

impl From<StoreError> for LoginFailure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Creates and checks accounts.
#[derive(Clone)]
pub struct Accounts(Arc<Parts>);

struct Parts {
    store: Store,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    keys: Keys,
    merchants: Arc<MerchantCache>,
    metrics: Arc<Metrics>,
    logins: LoginLimits,
    acts: ActLog,
}

impl Accounts {
    pub(crate) fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        keys: Keys,
        merchants: Arc<MerchantCache>,
        metrics: Arc<Metrics>,
        acts: ActLog,
    ) -> Self {
        let logins = LoginLimits::default();
        Self(Arc::new(Parts { store, clock, random, keys, merchants, metrics, logins, acts }))
    }

    /// Whether this process created the system's keys: the database was empty before.
    #[must_use]
    pub fn is_first_start(&self) -> bool {
        self.0.keys.are_new
    }

    /// The fingerprint of the `Authorization` header of a call from this address.
    #[must_use]
    pub fn fingerprint(&self, authorization: &[u8], from: Option<IpAddr>) -> CallerFingerprint {
        self.0.merchants.recent_callers.fingerprint(authorization, from)
    }

    /// The caller with this fingerprint, if it logged in within the last second.
    #[must_use]
    pub fn recent_login(&self, fingerprint: CallerFingerprint) -> Option<LoggedIn> {
        let recent_callers = &self.0.merchants.recent_callers;
        recent_callers.get(fingerprint, self.0.clock.monotonic_now()).map(|caller| self.logged_in(caller))
    }

    /// Checks a merchant's login, and remembers the caller for a second.
    pub async fn log_in(
        &self,
        login: &Login,
        fingerprint: CallerFingerprint,
    ) -> Result<LoggedIn, LoginFailure> {
        let merchants = &self.0.merchants;
        let before = merchants.recent_callers.before_check();
        let found =
            self.check(login, merchants.credential(&login.username), |found| &found.credential).await?;
        let KnownCredential { merchant, credential, read_at } = &*found;
        let (merchant, username) = (merchant.clone(), credential.username.clone());
        let caller = RecentCaller { merchant, username, read_at: *read_at };
        merchants.recent_callers.keep(fingerprint, caller.clone(), before);
        Ok(self.logged_in(caller))
    }

    fn logged_in(&self, caller: RecentCaller) -> LoggedIn {
        let RecentCaller { merchant, username, read_at: _ } = caller;
        let now = self.0.clock.now(&merchant.id);
        LoggedIn { merchant, username, now }
    }

    /// Checks an operator's login with the generated password. Returns the operator's role.
    pub async fn log_in_operator(&self, login: &Login) -> Result<Role, LoginFailure> {
        let found = self.0.store.operator(&login.username);
        self.check(login, found, |operator| &operator.credential).await.map(|operator| operator.role)
    }

    /// Counts a failed login, for the limits, the metrics and the log. `Err` if the caller has to pause.
    pub fn count_failure(&self, login: &Login, admitted: &AdmittedLogin) -> Result<(), LimitPause> {
        let answer = self.0.logins.failed(login, admitted, self.0.clock.monotonic_now());
        self.report_failure(login, answer);
        answer
    }

    /// Reports a login that was refused without a check.
    pub fn report_paused(&self, login: &Login, paused: LimitPause) {
        self.report_failure(login, Err(paused));
    }

    fn report_failure(&self, login: &Login, answer: Result<(), LimitPause>) {
        let Parts { logins, clock, metrics, .. } = &*self.0;
        logins.report(login, answer, clock.monotonic_now(), &metrics.node);
    }

    /// Finds the credential of a username, and compares the password with it. An unknown username takes the same steps
    /// as a wrong password, so that the duration does not reveal which usernames exist.
    async fn check<T>(
        &self,
        login: &Login,
        find: impl Future<Output = Result<Option<T>, StoreError>>,
        credential: impl Fn(&T) -> &Credential,
    ) -> Result<T, LoginFailure> {
        let Parts { logins, clock, keys, .. } = &*self.0;
        let now = clock.monotonic_now();
        let admitted = logins.admit(login, now).map_err(LoginFailure::LimitPause)?;
        let found = find.await?;
        let hash = found.as_ref().map_or(HASH_OF_NOBODY, |found| &credential(found).secret_hash);
        let is_right = keys.is_secret_of(&login.password, hash);
        match found.filter(|found| is_right && credential(found).revoked_at.is_none()) {
            Some(found) => {
                logins.succeeded(&admitted, now);
                Ok(found)
            }
            None => Err(LoginFailure::Wrong(admitted)),
        }
    }

    /// The merchant with this id.
    pub async fn merchant(&self, id: &MerchantId) -> Result<Option<Arc<Merchant>>, StoreError> {
        self.0.merchants.merchant(id).await
    }

    /// The newest secret that signs a merchant's callbacks; empty if there is no such merchant.
    pub async fn callback_secret(&self, merchant: &str) -> Result<String, StoreError> {
        let stored = self.merchant(&MerchantId::new(merchant)).await?;
        let newest = stored.as_ref().and_then(|merchant| merchant.settings.callback_secrets.first());
        Ok(newest.map(|newest| newest.secret.clone()).unwrap_or_default())
    }

    /// A new secret for a merchant's callbacks.
    #[must_use]
    pub fn new_callback_secret(&self, at: Timestamp) -> CallbackSecret {
        let random = &*self.0.random;
        let secret = secret_text(&new_secret::<32>(random));
        CallbackSecret { id: new_uuid(random, at), secret, created_at: at }
    }

    /// Changes a merchant's settings, from the next call on. `change` may run more than once.
    pub async fn change_settings<T>(
        &self,
        of: &MerchantId,
        by: &Requester,
        change: impl Fn(&mut MerchantSettings) -> T,
    ) -> Result<T, StoreError> {
        let record = |before: &MerchantSettings, after: &MerchantSettings| {
            self.0.acts.record(&settings_act(of, before, after)?, by)
        };
        let changed = self.0.merchants.change_settings(of, change, record).await?;
        log_act(&Act::on(ActKind::SettingsChanged, of.as_str()), by);
        Ok(changed)
    }

    /// Adds a merchant with one credential and a new callback secret. Returns `false`, and changes nothing, if the
    /// merchant or the username exists.
    pub async fn add_merchant(
        &self,
        id: &str,
        name: &str,
        username: &str,
        password: &str,
        by: &Requester,
    ) -> Result<bool, StoreError> {
        let id = MerchantId::new(id);
        let now = self.0.clock.now(&id);
        let secret = self.new_callback_secret(now);
        let merchant = Merchant {
            id,
            name: name.to_string(),
            settings: MerchantSettings { callback_secrets: vec![secret], ..MerchantSettings::default() },
            suspended_at: None,
        };
        let credential = Credential {
            username: Username::new(username),
            secret_hash: self.0.keys.credential_hash(password),
            revoked_at: None,
        };
        let act = Act::merchant_created(&merchant.id, name, &credential, &merchant.settings)?;
        let record = self.0.acts.record(&act, by)?;
        let is_new = self.0.merchants.add(&merchant, &credential, now, &record).await?;
        Ok(log_if(is_new, by, &act))
    }

    /// Creates a merchant with its first credential and its callback secret.
    pub async fn create_merchant(
        &self,
        id: &str,
        name: &str,
        by: &Requester,
    ) -> Result<AccountCreation<MerchantCreated>, StoreError> {
        let fields = [(is_id(id), "merchant_id"), (is_name(name), "name")];
        let unusable: Vec<_> =
            fields.into_iter().filter(|(is_good, _)| !is_good).map(|(_, field)| field).collect();
        if !unusable.is_empty() {
            return Ok(AccountCreation::Unusable(unusable));
        }
        for _ in 0..USERNAMES_TRIED {
            if self.0.merchants.merchant(&MerchantId::new(id)).await?.is_some() {
                return Ok(AccountCreation::Taken);
            }
            let CredentialCreated { username, password } = self.new_credential(id);
            if self.add_merchant(id, name, &username, &password, by).await? {
                let callback_secret = self.callback_secret(id).await?;
                let merchant_id = id.to_string();
                return Ok(AccountCreation::New(MerchantCreated {
                    merchant_id,
                    username,
                    password,
                    callback_secret,
                }));
            }
        }
        Err(no_free_username())
    }

    /// Changes the name that consumers read, from the next call on. `None` if there is no such merchant, and `false` if
    /// the name breaks [`NAME_RULE`].
    pub async fn rename_merchant(
        &self,
        id: &MerchantId,
        name: &str,
        by: &Requester,
    ) -> Result<Option<bool>, StoreError> {
        if !is_name(name) {
            return Ok(Some(false));
        }
        let act = Act::on(ActKind::MerchantRenamed, id.as_str()).with("name", name);
        let record = self.0.acts.record(&act, by)?;
        let is_renamed = self.0.merchants.rename(id, name, &record).await?;
        Ok(log_if(is_renamed, by, &act).then_some(true))
    }

    /// Suspends a merchant, or makes it active again. This node follows at once, other nodes within a second. `false`
    /// if there is no such merchant. A merchant that has this state already stays as it is.
    pub async fn set_merchant_state(
        &self,
        id: &MerchantId,
        state: MerchantState,
        by: &Requester,
    ) -> Result<bool, StoreError> {
        let kind = match state {
            MerchantState::Active => ActKind::MerchantResumed,
            MerchantState::Suspended => ActKind::MerchantSuspended,
        };
        let act = Act::on(kind, id.as_str());
        let record = self.0.acts.record(&act, by)?;
        let is_changed = self.0.merchants.set_state(id, state, &record).await?;
        Ok(log_if(is_changed, by, &act) || self.merchant(id).await?.is_some())
    }

    /// The merchants by id.
    pub async fn merchants_by_id(&self) -> Result<Vec<ListedMerchant>, StoreError> {
        let merchants = self.0.store.merchants().await?;
        Ok(merchants.into_iter().map(listed_merchant).collect())
    }

    /// The merchant of this id, as lists show it; `None` if there is none.
    pub async fn listed_merchant(&self, id: &MerchantId) -> Result<Option<ListedMerchant>, StoreError> {
        let merchant = self.merchant(id).await?;
        Ok(merchant.map(|merchant| {
            listed_merchant(MerchantRow {
                merchant_id: merchant.id.as_str().to_string(),
                name: merchant.name.clone(),
                suspended_at: merchant.suspended_at,
            })
        }))
    }

    /// Creates another credential; `None` if there is no such merchant.
    pub async fn create_credential(
        &self,
        merchant: &str,
        by: &Requester,
    ) -> Result<Option<CredentialCreated>, StoreError> {
        let id = MerchantId::new(merchant);
        if self.0.merchants.merchant(&id).await?.is_none() {
            return Ok(None);
        }
        for _ in 0..USERNAMES_TRIED {
            let new = self.new_credential(merchant);
            let stored = self.stored(&new);
            let act = Act::credential_created(ActKind::CredentialCreated, Some(&id), &stored);
            if self.0.merchants.add_credential(&id, &stored, &self.0.acts.record(&act, by)?).await? {
                log_act(&act, by);
                return Ok(Some(new));
            }
        }
        Err(no_free_username())
    }

    /// The credentials of a merchant, oldest first.
    pub async fn credentials_of(&self, merchant: &str) -> Result<Vec<ListedCredential>, StoreError> {
        let found = self.0.store.credentials_of(&MerchantId::new(merchant)).await?;
        Ok(found.into_iter().map(listed).collect())
    }

    /// Revokes a credential; `false` if no active credential has this username.
    pub async fn revoke_credential(&self, username: &str, by: &Requester) -> Result<bool, StoreError> {
        self.revoke(username, None, by).await
    }

    /// Revokes a credential of this merchant; `false` if no active credential of the merchant has this username.
    pub async fn revoke_credential_of(
        &self,
        merchant: &MerchantId,
        username: &str,
        by: &Requester,
    ) -> Result<bool, StoreError> {
        self.revoke(username, Some(merchant), by).await
    }

    async fn revoke(
        &self,
        username: &str,
        of: Option<&MerchantId>,
        by: &Requester,
    ) -> Result<bool, StoreError> {
        let act = Act::on(ActKind::CredentialRevoked, username);
        let record = self.0.acts.record(&act, by)?;
        Ok(log_if(self.0.merchants.revoke_credential(username, of, &record).await?, by, &act))
    }

    /// Revokes a credential of this merchant, unless it is the last active one.
    pub async fn revoke_own_credential(
        &self,
        of: &MerchantId,
        username: &str,
        by: &Requester,
    ) -> Result<RevokeOutcome, StoreError> {
        let act = Act::on(ActKind::CredentialRevoked, username);
        let record = self.0.acts.record(&act, by)?;
        let is_revoked = self.0.merchants.revoke_unless_last(username, of, &record).await?;
        if log_if(is_revoked, by, &act) {
            return Ok(RevokeOutcome::Revoked);
        }
        let credentials = self.0.store.credentials_of(of).await?;
        let is_active =
            credentials.iter().any(|(name, _, revoked_at)| name.as_str() == username && revoked_at.is_none());
        Ok(if is_active { RevokeOutcome::Last } else { RevokeOutcome::Unknown })
    }

    fn new_credential(&self, merchant: &str) -> CredentialCreated {
        let random = &*self.0.random;
        let key_id: String = new_uuid(random, self.0.clock.system_now()).chars().rev().take(8).collect();
        CredentialCreated {
            username: format!("{merchant}_{key_id}"),
            password: URL_SAFE_NO_PAD.encode(new_secret::<32>(random)),
        }
    }

    fn stored(&self, new: &CredentialCreated) -> Credential {
        Credential {
            username: Username::new(&new.username),
            secret_hash: self.0.keys.credential_hash(&new.password),
            revoked_at: None,
        }
    }
}

/// Logs a change if it was made. Returns whether it was made.
fn log_if(is_made: bool, by: &Requester, act: &Act) -> bool {
    if is_made {
        log_act(act, by);
    }
    is_made
}

fn no_free_username() -> StoreError {
    StoreError::Fault("every generated username exists".into())
}

/// Whether a text can be part of a path, a log line and a username: letters, digits, `-` and `_`.
pub(crate) fn is_id(text: &str) -> bool {
    let is_good = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    (1..=LONGEST_ID).contains(&text.len()) && text.chars().all(is_good)
}

/// Whether a merchant may have this name. The name is on pages and in the subjects of messages.
#[must_use]
pub fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= LONGEST_NAME && !text.contains(breaks_a_line)
}

fn listed_merchant(row: MerchantRow) -> ListedMerchant {
    let MerchantRow { merchant_id, name, suspended_at } = row;
    ListedMerchant { merchant_id, name, suspended_at: suspended_at.map(|at| Instant::from_ms(at.as_ms())) }
}

fn listed((username, created_at, revoked_at): DatedCredential) -> ListedCredential {
    ListedCredential {
        username: username.as_str().to_string(),
        created_at: format_ms(created_at.as_ms()),
        revoked_at: revoked_at.map(|at| format_ms(at.as_ms())),
    }
}
