//! Operators: their creation, their roles, and their end.

use kassa_domain::Role;
use kassa_store::StoreError;
use kassa_wire::audit::sha256;
use kassa_wire::kassa::{CredentialCreated, ListedOperator};
use kassa_wire::time::format_ms;

use super::{AccountCreation, Accounts, is_id, log_if};
use crate::audit::{Act, ActKind, Requester};

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
        let is_new = self.0.store.add_operator(&stored, role, self.0.clock.system_now(), &record).await?;
        Ok(match log_if(is_new, by, &act) {
            true => AccountCreation::New(new),
            false => AccountCreation::Taken,
        })
    }

    /// The operators, oldest first.
    pub async fn operators(&self) -> Result<Vec<ListedOperator>, StoreError> {
        Ok(self.0.store.operators().await?.iter().map(listed).collect())
    }

    /// Changes the role of an operator, from the next request on; `false` if no active operator has this name.
    pub async fn set_operator_role(
        &self,
        name: &str,
        role: Role,
        by: &Requester,
    ) -> Result<bool, StoreError> {
        let act = Act::on(ActKind::OperatorRoleChanged, name).with("role", role.as_str());
        let record = self.0.acts.record(&act, by)?;
        Ok(log_if(self.0.store.set_operator_role(name, role, &record).await?, by, &act))
    }

    /// Gives an operator a new generated password, forgets the chosen one, and ends all sign-ins of the operator.
    /// `None` if no active operator has this name.
    pub async fn reset_operator(
        &self,
        name: &str,
        by: &Requester,
    ) -> Result<Option<CredentialCreated>, StoreError> {
        let new = CredentialCreated { username: name.to_string(), ..self.new_credential(name) };
        let stored = self.stored(&new);
        let act = Act::credential_created(ActKind::OperatorReset, None, &stored);
        let record = self.0.acts.record(&act, by)?;
        Ok(log_if(self.0.store.reset_operator(&stored, &record).await?, by, &act).then_some(new))
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

fn listed(operator: &kassa_store::DatedOperator) -> ListedOperator {
    ListedOperator {
        username: operator.username.as_str().to_string(),
        role: operator.role.as_str().to_ascii_lowercase(),
        created_at: format_ms(operator.created_at.as_ms()),
        revoked_at: operator.revoked_at.map(|at| format_ms(at.as_ms())),
    }
}
