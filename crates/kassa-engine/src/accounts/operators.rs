//! Operators: their creation, their roles, and their end.

use kassa_domain::{Actor, Role};
use kassa_store::StoreError;
use kassa_wire::kassa::{CredentialCreated, ListedOperator};
use kassa_wire::time::format_ms;

use super::{AccountCreation, Accounts, is_id, log_if};

impl Accounts {
    /// Creates an operator with this role.
    pub async fn create_operator(
        &self,
        name: &str,
        role: Role,
        actor: &Actor,
    ) -> Result<AccountCreation<CredentialCreated>, StoreError> {
        if !is_id(name) {
            return Ok(AccountCreation::Unusable(vec!["name"]));
        }
        let new = CredentialCreated { username: name.to_string(), ..self.new_credential(name) };
        let is_new = self.0.store.add_operator(&self.stored(&new), role, self.0.clock.system_now()).await?;
        Ok(match log_if(is_new, actor, "operator created", name) {
            true => AccountCreation::New(new),
            false => AccountCreation::Taken,
        })
    }

    /// The operators, oldest first.
    pub async fn operators(&self) -> Result<Vec<ListedOperator>, StoreError> {
        Ok(self.0.store.operators().await?.iter().map(listed).collect())
    }

    /// Changes the role of an operator, from the next request on; `false` if no active operator has this name.
    pub async fn set_operator_role(&self, name: &str, role: Role, actor: &Actor) -> Result<bool, StoreError> {
        let is_changed = self.0.store.set_operator_role(name, role).await?;
        Ok(log_if(is_changed, actor, "role of an operator changed", name))
    }

    /// Gives an operator a new generated password, forgets the chosen one, and ends all sign-ins of the operator.
    /// `None` if no active operator has this name.
    pub async fn reset_operator(
        &self,
        name: &str,
        actor: &Actor,
    ) -> Result<Option<CredentialCreated>, StoreError> {
        let new = CredentialCreated { username: name.to_string(), ..self.new_credential(name) };
        let is_reset = self.0.store.reset_operator(&self.stored(&new)).await?;
        Ok(log_if(is_reset, actor, "password of an operator reset", name).then_some(new))
    }

    /// Revokes an operator; `false` if no active operator has this name. All sign-ins of the operator end.
    pub async fn revoke_operator(&self, name: &str, actor: &Actor) -> Result<bool, StoreError> {
        let is_revoked = self.0.store.revoke_operator(name, self.0.clock.system_now()).await?;
        Ok(log_if(is_revoked, actor, "operator revoked", name))
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
