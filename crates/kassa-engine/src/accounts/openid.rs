//! Operators who sign in with OpenID Connect. The provider says who a person is, and which role the person has.
//!
//! The issuer and the subject are the identity of such an operator, and never the name: another person may get the same
//! name later. A name has a `@`, which no operator with a password has, so the two cannot be mistaken for each other.

use std::net::IpAddr;

use kassa_domain::{Actor, Role, Username};
use kassa_store::{Credential, OperatorIdentity, OperatorRow, StoreError};
use kassa_wire::audit::ActOrigin;
use url::Url;

use super::{Accounts, AdmittedLogin, Audience, Login, log_if};
use crate::audit::{Act, ActKind, Requester};
use crate::keys::HASH_OF_NOBODY;
use crate::limits::LimitPause;
use crate::metrics::OpenIdResult;

/// How many operators may have had the same name.
const NAMES_TRIED: usize = 50;

/// A person, as an OpenID provider describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenIdPerson {
    /// The issuer: the URL of the provider.
    pub issuer: String,
    /// The subject: the provider's own id of the person.
    pub subject: String,
    /// The name, such as an e-mail address.
    pub name: String,
    /// The role.
    pub role: Role,
}

/// The outcome of a sign-in with OpenID Connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenIdSignIn {
    /// The operator is signed in. This is the secret for the browser's cookie.
    SignedIn(String),
    /// An admin revoked this operator.
    Revoked(Username),
}

/// A sign-in whose answer from the provider may be checked.
pub struct OpenIdAttempt {
    login: Login,
    admitted: AdmittedLogin,
}

impl Accounts {
    /// Whether the answer of a provider may be checked for this caller. Failed sign-ins are limited like wrong
    /// passwords.
    pub fn admit_openid(&self, from: Option<IpAddr>) -> Result<OpenIdAttempt, LimitPause> {
        let username = "(OpenID Connect)".to_string();
        let login = Login { audience: Audience::Console, username, password: String::new(), from };
        match self.0.logins.admit(&login, self.0.clock.monotonic_now()) {
            Ok(admitted) => Ok(OpenIdAttempt { login, admitted }),
            Err(pause) => {
                self.report_paused(&login, pause);
                Err(pause)
            }
        }
    }

    /// Counts a failed sign-in for the limits. `Err` if the caller has to pause.
    pub fn openid_failed(&self, attempt: &OpenIdAttempt) -> Result<(), LimitPause> {
        self.count_failure(&attempt.login, &attempt.admitted)
    }

    /// Counts how a sign-in with OpenID Connect ended, for the metrics.
    pub fn count_openid_sign_in(&self, result: OpenIdResult) {
        self.0.metrics.node.openid_sign_in(result);
    }

    /// Ends the console sessions of a person who has no role any more.
    pub async fn openid_role_ended(&self, issuer: &str, subject: &str) -> Result<(), StoreError> {
        let identity = OperatorIdentity { issuer: issuer.to_string(), subject: subject.to_string() };
        let Some(operator) = self.0.store.operator_with_identity(&identity).await? else { return Ok(()) };
        let operator = operator.credential.username;
        self.0.store.end_console_sessions_of(&operator).await?;
        tracing::info!(%operator, "the OpenID provider gives this operator no role; all sign-ins of it ended");
        Ok(())
    }

    /// Signs in a person whom a provider vouches for. Creates the operator at the first sign-in. Later the operator
    /// gets the role that the provider says now.
    pub async fn sign_in_with_openid(
        &self,
        person: &OpenIdPerson,
        origin: ActOrigin,
        attempt: &OpenIdAttempt,
    ) -> Result<OpenIdSignIn, StoreError> {
        let identity = OperatorIdentity { issuer: person.issuer.clone(), subject: person.subject.clone() };
        let operator = match self.0.store.operator_with_identity(&identity).await? {
            Some(operator) => operator,
            None => self.create_with_identity(person, &identity, &origin).await?,
        };
        let name = operator.credential.username.clone();
        if operator.credential.revoked_at.is_some() || !self.give_role(&operator, person, origin).await? {
            return Ok(OpenIdSignIn::Revoked(name));
        }
        self.0.logins.succeeded(&attempt.admitted, self.0.clock.monotonic_now());
        Ok(OpenIdSignIn::SignedIn(self.start_console_session(name).await?))
    }

    /// Gives an operator the role that the provider says. Returns `false` if an admin revoked the operator meanwhile.
    async fn give_role(
        &self,
        operator: &OperatorRow,
        person: &OpenIdPerson,
        origin: ActOrigin,
    ) -> Result<bool, StoreError> {
        if operator.role == person.role {
            return Ok(true);
        }
        let name = &operator.credential.username;
        let by = Requester { actor: Actor::Operator(name.clone()), origin };
        let act = Act::on(ActKind::OperatorRoleChanged, name.as_str()).with("role", person.role.as_str());
        let act = act.with("openid_issuer", person.issuer.as_str());
        let record = self.0.acts.record(&act, &by)?;
        let is_changed = self.0.store.set_operator_role(name.as_str(), person.role, &record).await?;
        Ok(log_if(is_changed, &by, &act))
    }

    /// Creates the operator of a person who signs in for the first time, under the first name that is free.
    async fn create_with_identity(
        &self,
        person: &OpenIdPerson,
        identity: &OperatorIdentity,
        origin: &ActOrigin,
    ) -> Result<OperatorRow, StoreError> {
        for number in 1..=NAMES_TRIED {
            let username = Username::new(account_name(person, number));
            let credential =
                Credential { username, secret_hash: HASH_OF_NOBODY.to_string(), revoked_at: None };
            let by =
                Requester { actor: Actor::Operator(credential.username.clone()), origin: origin.clone() };
            let act = Act::credential_created(ActKind::OperatorCreated, None, &credential)
                .with("role", person.role.as_str())
                .with("openid_issuer", identity.issuer.as_str())
                .with("openid_subject", identity.subject.as_str());
            let record = self.0.acts.record(&act, &by)?;
            let now = self.0.clock.system_now();
            let added = self.0.store.add_operator(&credential, person.role, Some(identity), now, &record);
            log_if(added.await?, &by, &act);
            // Another sign-in of the same person may have been faster.
            if let Some(operator) = self.0.store.operator_with_identity(identity).await? {
                return Ok(operator);
            }
        }
        Err(StoreError::Fault(format!("{NAMES_TRIED} operators have the name of one person").into()))
    }
}

/// The name of the operator: the person's name, after `@` the host of the issuer if it has no `@` of its own, and a
/// number if others have had the same name.
fn account_name(person: &OpenIdPerson, number: usize) -> String {
    let host = || Url::parse(&person.issuer).ok().and_then(|url| url.host_str().map(str::to_string));
    let name = match person.name.contains('@') {
        true => person.name.clone(),
        false => format!("{}@{}", person.name, host().unwrap_or_default()),
    };
    if number == 1 { name } else { format!("{name}-{number}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_openid_operator_is_never_that_of_an_operator_with_a_password() {
        let person = |name: &str| OpenIdPerson {
            issuer: "https://login.example/realms/acme".to_string(),
            subject: "1".to_string(),
            name: name.to_string(),
            role: Role::Support,
        };
        assert_eq!(account_name(&person("ada@shop.example"), 1), "ada@shop.example");
        assert_eq!(account_name(&person("ada@shop.example"), 2), "ada@shop.example-2");
        assert_eq!(account_name(&person("ada"), 1), "ada@login.example");
        assert_eq!(account_name(&person("ada"), 3), "ada@login.example-3");
        for name in ["ada", "ada@shop.example"] {
            assert!(!super::super::is_id(&account_name(&person(name), 1)));
        }
    }
}
