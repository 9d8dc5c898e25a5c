//! Operators: their creation, their roles, their end, and their return.

use kassa_domain::Role;
use kassa_store::{Credential, StoreError};
use kassa_wire::audit::sha256;
use kassa_wire::kassa::{CredentialCreated, ListedOperator};
use kassa_wire::time::format_ms;

use super::{AccountCreation, Accounts, is_id, log_if};
use crate::audit::{Act, ActKind, Requester};
use crate::keys::HASH_OF_NOBODY;

/// The outcome of changing an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperatorChange<T> {
    /// The change was made.
    Made(T),
    /// No operator with this name can be changed in this way: it does not exist, or it is revoked.
    Unknown,
    /// The operator signs in with OpenID Connect, and the provider decides this.
    AtProvider,
}

impl Accounts {
    /// Creates an operator with this role.
    pub async fn create_operator(
        &self,
        name: &str,
        role: Role,
        by: &Requester,
    ) -> Result<AccountCreation<CredentialCreated>, StoreError> {
        if !is_id(name) {
            return Ok(AccountCreation::Unusable(vec!["name"]));
        }
        let new = CredentialCreated { username: name.to_string(), ..self.new_credential(name) };
        let stored = self.stored(&new);
        let act =
            Act::credential_created(ActKind::OperatorCreated, None, &stored).with("role", role.as_str());
        let record = self.0.acts.record(&act, by)?;
        let now = self.0.clock.system_now();
        let is_new = self.0.store.add_operator(&stored, role, None, now, &record).await?;
        Ok(match log_if(is_new, by, &act) {
            true => AccountCreation::New(new),
            false => AccountCreation::Taken,
        })
    }

    /// The operators, oldest first.
    pub async fn operators(&self) -> Result<Vec<ListedOperator>, StoreError> {
        Ok(self.0.store.operators().await?.iter().map(listed).collect())
    }

    /// Changes the role of an operator who has a password, from the next request on.
    pub async fn set_operator_role(
        &self,
        name: &str,
        role: Role,
        by: &Requester,
    ) -> Result<OperatorChange<()>, StoreError> {
        if self.is_at_provider(name).await? {
            return Ok(OperatorChange::AtProvider);
        }
        let act = Act::on(ActKind::OperatorRoleChanged, name).with("role", role.as_str());
        let record = self.0.acts.record(&act, by)?;
        let is_changed = self.0.store.set_operator_role(name, role, &record).await?;
        Ok(log_if(is_changed, by, &act).then_some(()).into())
    }

    /// Gives an operator a new generated password, forgets the chosen one, and ends all sign-ins of the operator.
    pub async fn reset_operator(
        &self,
        name: &str,
        by: &Requester,
    ) -> Result<OperatorChange<CredentialCreated>, StoreError> {
        if self.is_at_provider(name).await? {
            return Ok(OperatorChange::AtProvider);
        }
        let new = CredentialCreated { username: name.to_string(), ..self.new_credential(name) };
        let stored = self.stored(&new);
        let act = Act::credential_created(ActKind::OperatorReset, None, &stored);
        let record = self.0.acts.record(&act, by)?;
        let is_reset = self.0.store.reset_operator(&stored, &record).await?;
        Ok(log_if(is_reset, by, &act).then_some(new).into())
    }

    /// Lets a revoked operator sign in again. Returns a new generated password, or `None` for an operator who signs in
    /// with OpenID Connect.
    pub async fn restore_operator(
        &self,
        name: &str,
        by: &Requester,
    ) -> Result<OperatorChange<Option<CredentialCreated>>, StoreError> {
        let Some(found) = self.0.store.operator(name).await? else { return Ok(OperatorChange::Unknown) };
        let new = match found.identity {
            None => Some(CredentialCreated { username: name.to_string(), ..self.new_credential(name) }),
            Some(_) => None,
        };
        let without_password =
            Credential { secret_hash: HASH_OF_NOBODY.to_string(), revoked_at: None, ..found.credential };
        let stored = new.as_ref().map_or(without_password, |new| self.stored(new));
        let act = Act::credential_created(ActKind::OperatorRestored, None, &stored);
        let record = self.0.acts.record(&act, by)?;
        let is_restored = self.0.store.restore_operator(&stored, &record).await?;
        Ok(log_if(is_restored, by, &act).then_some(new).into())
    }

    async fn is_at_provider(&self, name: &str) -> Result<bool, StoreError> {
        Ok(self.0.store.operator(name).await?.is_some_and(|operator| operator.identity.is_some()))
    }

    /// Stores the hash of the password that an operator chose, and ends its sign-ins except one.
    pub(super) async fn keep_chosen_password(
        &self,
        name: &str,
        password_hash: &str,
        except: &str,
        by: &Requester,
    ) -> Result<bool, StoreError> {
        let act = Act::on(ActKind::PasswordChosen, name).with("password_sha256", sha256(password_hash));
        let record = self.0.acts.record(&act, by)?;
        let is_kept = self.0.store.set_operator_password(name, password_hash, except, &record).await?;
        Ok(log_if(is_kept, by, &act))
    }

    /// Revokes an operator; `false` if no active operator has this name. All sign-ins of the operator end.
    pub async fn revoke_operator(&self, name: &str, by: &Requester) -> Result<bool, StoreError> {
        let act = Act::on(ActKind::OperatorRevoked, name);
        let record = self.0.acts.record(&act, by)?;
        let is_revoked = self.0.store.revoke_operator(name, self.0.clock.system_now(), &record).await?;
        Ok(log_if(is_revoked, by, &act))
    }
}

/// A change that was made has an answer.
impl<T> From<Option<T>> for OperatorChange<T> {
    fn from(made: Option<T>) -> Self {
        made.map_or(Self::Unknown, Self::Made)
    }
}

fn listed(operator: &kassa_store::DatedOperator) -> ListedOperator {
    ListedOperator {
        username: operator.username.as_str().to_string(),
        role: operator.role.as_str().to_ascii_lowercase(),
        created_at: format_ms(operator.created_at.as_ms()),
        revoked_at: operator.revoked_at.map(|at| format_ms(at.as_ms())),
        sign_in: if operator.identity.is_some() { "openid" } else { "password" }.to_string(),
    }
}
