//! The accounts as the administrative acts in the trail describe them, and their comparison with the tables.

use std::collections::BTreeMap;

use kassa_store::{ComparedAccount, OperatorIdentity, Store, StoreError};
use kassa_wire::audit::{ActRecord, sha256};
use kassa_wire::time::{Instant, parse_ms};
use serde_json::Value;

use super::act::ActKind;
use super::problem::{AccountDifference, AccountKind, AuditProblem};

/// An account, as the acts describe it.
#[derive(Clone, Debug, Default)]
struct TrailAccount {
    /// The merchant of a credential, if an act names it.
    merchant: Option<String>,
    /// Whether it is revoked. Of a merchant: whether it is suspended.
    is_revoked: bool,
    /// The hash of the text that the last act vouches for.
    vouched_sha256: Option<String>,
    /// The name of a merchant or the role of an operator, if an act says it.
    title: Option<String>,
    /// The hash of the stored form of the password that an operator chose; `None` if it chose none.
    chosen_sha256: Option<String>,
    /// The identity of an operator at an OpenID provider.
    identity: Option<OperatorIdentity>,
    /// Whether it is the default profile of its merchant.
    is_default: bool,
}

/// The accounts and deletions that the administrative acts describe.
#[derive(Clone, Debug, Default)]
pub(super) struct ActsOfTrail {
    merchants: BTreeMap<String, TrailAccount>,
    credentials: BTreeMap<String, TrailAccount>,
    operators: BTreeMap<String, TrailAccount>,
    payment_accounts: BTreeMap<String, TrailAccount>,
    profiles: BTreeMap<String, TrailAccount>,
    /// Page sessions that expired before this instant may be deleted.
    expired_before: Option<i64>,
    /// The last removed entry of each chain that was shortened: its position and its hash.
    shortened: BTreeMap<String, (i64, String)>,
    /// When the data of merchants was deleted.
    erased_at: BTreeMap<String, i64>,
}

/// The accounts in the tables.
pub(super) struct StoredAccounts {
    merchants: Vec<ComparedAccount>,
    credentials: Vec<ComparedAccount>,
    operators: Vec<ComparedAccount>,
    payment_accounts: Vec<ComparedAccount>,
    profiles: Vec<ComparedAccount>,
}

impl StoredAccounts {
    /// The ids of the merchants.
    pub(super) fn merchants(&self) -> impl Iterator<Item = &str> {
        self.merchants.iter().map(|merchant| merchant.name.as_str())
    }

    pub(super) async fn read(store: &Store) -> Result<Self, StoreError> {
        Ok(Self {
            merchants: store.compared_merchants().await?,
            credentials: store.compared_credentials().await?,
            operators: store.compared_operators().await?,
            payment_accounts: store.compared_payment_accounts().await?,
            profiles: store.compared_profiles().await?,
        })
    }
}

fn text<'a>(act: &'a ActRecord, name: &str) -> Option<&'a str> {
    act.details.get(name).and_then(Value::as_str)
}

impl ActsOfTrail {
    /// Adds the next act.
    pub(super) fn apply(&mut self, act: &ActRecord) {
        let object = act.object.clone();
        match ActKind::ALL.iter().find(|kind| kind.as_str() == act.act) {
            Some(kind) => self.apply_kind(*kind, act),
            None => match act.act.as_str() {
                "merchant_existed" => self.add(AccountKind::Merchant, object, TrailAccount::default()),
                "credential_existed" => self.add(AccountKind::Credential, object, TrailAccount::default()),
                "credential_was_revoked" => self.add(AccountKind::Credential, object, revoked()),
                "operator_existed" => self.add(AccountKind::Operator, object, TrailAccount::default()),
                "operator_was_revoked" => self.add(AccountKind::Operator, object, revoked()),
                "payment_account_existed" => {
                    self.add(AccountKind::PaymentAccount, object, TrailAccount::default());
                }
                // An act of a newer version of Kassa.
                _ => {}
            },
        }
    }

    fn apply_kind(&mut self, kind: ActKind, act: &ActRecord) {
        let object = act.object.clone();
        match kind {
            ActKind::MerchantCreated => self.create_merchant(act),
            ActKind::MerchantDeleted => self.delete_merchant(&object, at(act)),
            ActKind::MerchantReset => {
                self.erased_at.insert(object, at(act));
            }
            ActKind::SettingsChanged => {
                let merchant = self.merchants.entry(object).or_default();
                merchant.vouched_sha256 = text(act, "settings_sha256").map(str::to_string);
            }
            ActKind::CredentialCreated => self.add(AccountKind::Credential, object, created(act)),
            ActKind::OperatorCreated => self.add(AccountKind::Operator, object, created(act)),
            ActKind::CredentialRevoked => {
                self.credentials.entry(object).or_default().is_revoked = true;
            }
            ActKind::MerchantRenamed => {
                let merchant = self.merchants.entry(object).or_default();
                merchant.title = text(act, "name").map(str::to_string);
            }
            ActKind::MerchantSuspended | ActKind::MerchantResumed => {
                let merchant = self.merchants.entry(object).or_default();
                merchant.is_revoked = kind == ActKind::MerchantSuspended;
            }
            ActKind::OperatorRoleChanged => {
                let operator = self.operators.entry(object).or_default();
                operator.title = text(act, "role").map(str::to_string);
            }
            ActKind::OperatorReset | ActKind::OperatorRestored => {
                let operator = self.operators.entry(object).or_default();
                operator.vouched_sha256 = text(act, "credential_sha256").map(str::to_string);
                operator.chosen_sha256 = None;
                operator.is_revoked &= kind != ActKind::OperatorRestored;
            }
            ActKind::PasswordChosen => {
                let operator = self.operators.entry(object).or_default();
                operator.chosen_sha256 = text(act, "password_sha256").map(str::to_string);
            }
            ActKind::OperatorRevoked => {
                self.operators.entry(object).or_default().is_revoked = true;
            }
            ActKind::PaymentAccountSet => {
                self.add(AccountKind::PaymentAccount, object, TrailAccount::default());
            }
            ActKind::PaymentAccountRemoved => {
                self.payment_accounts.remove(&object);
            }
            ActKind::ProfileCreated | ActKind::ProfileReplaced => self.set_profile(act),
            ActKind::ProfileDeleted => drop(self.profiles.remove(&object)),
            ActKind::SessionsExpired => {
                let before = text(act, "expired_before").and_then(parse_ms);
                self.expired_before = self.expired_before.max(before);
            }
            ActKind::TrailShortened => self.shorten_trail(act),
            ActKind::HistoryImported
            | ActKind::Reencrypted
            | ActKind::KeyForgotten
            | ActKind::EncryptionExtended
            | ActKind::ConsumerErased
            | ActKind::EventRedelivered
            | ActKind::SessionRedelivered
            | ActKind::MerchantRedelivered
            | ActKind::OperationSettled => {}
        }
    }

    fn create_merchant(&mut self, act: &ActRecord) {
        let vouched_sha256 = text(act, "settings_sha256").map(str::to_string);
        let title = text(act, "name").map(str::to_string);
        let merchant = TrailAccount { vouched_sha256, title, ..TrailAccount::default() };
        self.add(AccountKind::Merchant, act.object.clone(), merchant);
        if let Some(username) = text(act, "credential") {
            let credential = TrailAccount { merchant: Some(act.object.clone()), ..created(act) };
            self.add(AccountKind::Credential, username.to_string(), credential);
        }
    }

    fn shorten_trail(&mut self, act: &ActRecord) {
        let position = act.details.get("position").and_then(Value::as_i64).unwrap_or_default();
        let hash = text(act, "hash").unwrap_or_default().to_string();
        self.shortened.insert(act.object.clone(), (position, hash));
    }

    fn set_profile(&mut self, act: &ActRecord) {
        let is_default = act.details.get("is_default").and_then(Value::as_bool).unwrap_or_default();
        let merchant = act.object.split(' ').next().unwrap_or_default();
        if is_default {
            let of_merchant = format!("{merchant} ");
            let others = self.profiles.iter_mut().filter(|(name, _)| name.starts_with(&of_merchant));
            others.for_each(|(_, profile)| profile.is_default = false);
        }
        let profile = TrailAccount {
            vouched_sha256: text(act, "content_sha256").map(str::to_string),
            title: text(act, "name").map(str::to_string),
            is_default,
            ..TrailAccount::default()
        };
        self.add(AccountKind::Profile, act.object.clone(), profile);
    }

    fn delete_merchant(&mut self, id: &str, at: i64) {
        self.merchants.remove(id);
        self.credentials.retain(|_, credential| credential.merchant.as_deref() != Some(id));
        let of_merchant = format!("{id} ");
        self.payment_accounts.retain(|name, _| !name.starts_with(&of_merchant));
        self.profiles.retain(|name, _| !name.starts_with(&of_merchant));
        self.erased_at.insert(id.to_string(), at);
    }

    fn add(&mut self, kind: AccountKind, name: String, account: TrailAccount) {
        self.of_kind_mut(kind).insert(name, account);
    }

    fn of_kind_mut(&mut self, kind: AccountKind) -> &mut BTreeMap<String, TrailAccount> {
        match kind {
            AccountKind::Merchant => &mut self.merchants,
            AccountKind::Credential => &mut self.credentials,
            AccountKind::Operator => &mut self.operators,
            AccountKind::PaymentAccount => &mut self.payment_accounts,
            AccountKind::Profile => &mut self.profiles,
        }
    }

    /// Whether retention removed the entries of a chain up to this one.
    pub(super) fn shortened(&self, chain: &str, position: i64, hash: &str) -> bool {
        self.shortened.get(chain).is_some_and(|(last, of_last)| *last == position && of_last == hash)
    }

    /// Whether retention may have deleted a page session that expired at this instant.
    pub(super) fn expired(&self, expires_at: Option<Instant>) -> bool {
        let before = self.expired_before.unwrap_or(i64::MIN);
        expires_at.is_some_and(|at| at.as_ms() < before)
    }

    /// Whether the data of a merchant was deleted after an entry was recorded.
    pub(super) fn erased_since(&self, merchant: &str, recorded_at: i64) -> bool {
        let tolerated = recorded_at.saturating_sub(CHAINED_LATE_MS);
        self.erased_at.get(merchant).is_some_and(|erased_at| *erased_at >= tolerated)
    }

    /// The differences between the accounts and what the acts say.
    pub(super) fn differences(&self, stored: &StoredAccounts) -> Vec<AuditProblem> {
        let kinds = [
            (AccountKind::Merchant, &self.merchants, &stored.merchants),
            (AccountKind::Credential, &self.credentials, &stored.credentials),
            (AccountKind::Operator, &self.operators, &stored.operators),
            (AccountKind::PaymentAccount, &self.payment_accounts, &stored.payment_accounts),
            (AccountKind::Profile, &self.profiles, &stored.profiles),
        ];
        kinds.into_iter().flat_map(|(kind, trail, stored)| compare(kind, trail, stored)).collect()
    }
}

/// An entry may be chained this long after its event was read, while a deletion is committed between both.
const CHAINED_LATE_MS: i64 = 60_000;

fn at(act: &ActRecord) -> i64 {
    act.at.map_or(0, Instant::as_ms)
}

fn revoked() -> TrailAccount {
    TrailAccount { is_revoked: true, ..TrailAccount::default() }
}

fn created(act: &ActRecord) -> TrailAccount {
    TrailAccount {
        merchant: text(act, "merchant").map(str::to_string),
        vouched_sha256: text(act, "credential_sha256").map(str::to_string),
        title: text(act, "role").map(str::to_string),
        identity: identity(act),
        ..TrailAccount::default()
    }
}

fn identity(act: &ActRecord) -> Option<OperatorIdentity> {
    let (issuer, subject) = (text(act, "openid_issuer")?, text(act, "openid_subject")?);
    Some(OperatorIdentity { issuer: issuer.to_string(), subject: subject.to_string() })
}

fn compare(
    kind: AccountKind,
    trail: &BTreeMap<String, TrailAccount>,
    stored: &[ComparedAccount],
) -> Vec<AuditProblem> {
    let problem = |name: &str, difference| AuditProblem::Account { kind, name: name.to_string(), difference };
    let mut problems = Vec::new();
    for account in stored {
        match trail.get(&account.name) {
            None => problems.push(problem(&account.name, AccountDifference::NoAct)),
            Some(trail) => {
                problems.extend(difference(kind, trail, account).map(|found| problem(&account.name, found)));
            }
        }
    }
    let names: std::collections::BTreeSet<_> = stored.iter().map(|account| &account.name).collect();
    let missing = trail.keys().filter(|name| !names.contains(name));
    problems.extend(missing.map(|name| problem(name, AccountDifference::Missing)));
    problems
}

fn difference(
    kind: AccountKind,
    trail: &TrailAccount,
    stored: &ComparedAccount,
) -> Option<AccountDifference> {
    if trail.is_revoked && stored.revoked_at.is_none() {
        return Some(match kind {
            AccountKind::Merchant => AccountDifference::NotSuspended,
            AccountKind::Credential
            | AccountKind::Operator
            | AccountKind::PaymentAccount
            | AccountKind::Profile => AccountDifference::NotRevoked,
        });
    }
    if !trail.is_revoked && stored.revoked_at.is_some() {
        return Some(match kind {
            AccountKind::Merchant => AccountDifference::SuspendedWithoutAct,
            AccountKind::Credential
            | AccountKind::Operator
            | AccountKind::PaymentAccount
            | AccountKind::Profile => AccountDifference::RevokedWithoutAct,
        });
    }
    if trail.title.is_some() && trail.title != stored.title {
        return Some(AccountDifference::TitleChanged);
    }
    if trail.chosen_sha256 != stored.chosen_password.as_deref().map(sha256) {
        return Some(AccountDifference::PasswordChanged);
    }
    if trail.identity != stored.identity {
        return Some(AccountDifference::IdentityChanged);
    }
    if trail.is_default != stored.is_default {
        return Some(AccountDifference::DefaultChanged);
    }
    let expected = trail.vouched_sha256.as_ref()?;
    if *expected == sha256(&stored.vouched) {
        return None;
    }
    Some(match kind {
        AccountKind::Merchant | AccountKind::Profile => AccountDifference::SettingsChanged,
        AccountKind::Credential | AccountKind::Operator | AccountKind::PaymentAccount => {
            AccountDifference::PasswordChanged
        }
    })
}
