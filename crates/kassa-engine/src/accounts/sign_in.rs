//! Sign-ins of operators to the console.
//!
//! An operator signs in with the generated password first, and then chooses one. A chosen password can be guessed, so
//! its stored form is an argon2id hash, which is slow on purpose. A generated password has 256 random bits.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kassa_domain::time::{HOUR_MS, MINUTE_MS};
use kassa_domain::{Actor, Role, Username};
use kassa_store::{ConsoleSession, NewConsoleSession, OperatorRow, StoreError};
use tokio::sync::Semaphore;

use super::{Accounts, Login, LoginFailure};
use crate::audit::Requester;
use crate::ids::new_secret;
use crate::keys::HASH_OF_NOBODY;

/// The longest time from a sign-in to the next, in milliseconds.
const LIFETIME_MS: i64 = 12 * HOUR_MS;

/// The longest time between two requests, in milliseconds.
const IDLE_MS: i64 = HOUR_MS;

/// The shortest password that an operator may choose, in characters.
const SHORTEST_PASSWORD: usize = 12;

/// The longest password that an operator may choose, in bytes.
const LONGEST_PASSWORD: usize = 256;

/// The rule for a chosen password, for error messages.
pub const PASSWORD_RULE: &str = "A password has at least 12 characters and at most 256 bytes";

/// Maximum number of passwords that are hashed at the same time. Each takes 19 MiB.
static HASHING: Semaphore = Semaphore::const_new(2);

/// An argon2id hash that no password has. It costs as much to check as others.
const HASH_OF_NO_PASSWORD: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The password of an operator for the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorPassword {
    /// The generated one. The operator has to choose another one.
    Generated,
    /// The operator chose it.
    Chosen,
    /// None: the operator signs in with OpenID Connect.
    AtProvider,
}

/// An operator who is signed in.
#[derive(Clone, Debug)]
pub struct SignedInOperator {
    /// The operator's name.
    pub name: Username,
    /// The operator's role at this moment.
    pub role: Role,
    /// The operator's password.
    pub password: OperatorPassword,
    /// The secret that forms of the operator's pages must contain.
    pub form_secret: String,
}

impl SignedInOperator {
    /// The operator as the actor of a change.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Operator(self.name.clone())
    }
}

/// The outcome of choosing a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordChoice {
    /// The password is valid from now on. All other sign-ins of the operator ended.
    Chosen,
    /// The present password is wrong.
    WrongPassword,
    /// The new password breaks [`PASSWORD_RULE`].
    Unusable,
}

impl Accounts {
    /// Signs an operator in. Returns the secret for the browser's cookie.
    pub async fn sign_in(&self, login: &Login) -> Result<String, LoginFailure> {
        let now = self.0.clock.monotonic_now();
        let admitted = self.0.logins.admit(login, now).map_err(LoginFailure::LimitPause)?;
        let found = self.0.store.operator(&login.username).await?;
        match self.operator_with_password(found, &login.password).await? {
            Some(operator) => {
                self.0.logins.succeeded(&admitted, now);
                Ok(self.start_console_session(operator.credential.username).await?)
            }
            None => Err(LoginFailure::Wrong(admitted)),
        }
    }

    /// Signs in as the sandbox's operator with this role, without a password. Only for a sandbox on the developer's own
    /// machine.
    pub async fn sign_in_to_sandbox(&self, role: Role) -> Result<String, StoreError> {
        let name = match role {
            Role::Admin => "dev-admin",
            Role::Support => "dev-support",
            Role::ReadOnly => "dev-read-only",
        };
        // No person knows its generated password. If it exists already, an earlier sign-in created it.
        self.create_operator(name, role, &Requester::in_process(Actor::System)).await?;
        self.start_console_session(Username::new(name)).await
    }

    /// The operator whose cookie has this secret, if the sign-in is still valid.
    pub async fn signed_in(&self, secret: &str) -> Result<Option<SignedInOperator>, StoreError> {
        let hash = self.0.keys.console_session_hash(secret);
        let now = self.0.clock.system_now();
        let found = self.0.store.console_session(&hash).await?;
        let is_valid = |it: &ConsoleSession| now < it.expires_at && now.ms_since(it.used_at) < IDLE_MS;
        let Some(session) = found.filter(is_valid) else { return Ok(None) };
        if now.ms_since(session.used_at) >= MINUTE_MS {
            self.0.store.use_console_session(&hash, now).await?;
        }
        Ok(Some(SignedInOperator {
            password: password_of(&session),
            name: session.operator,
            role: session.role,
            form_secret: self.0.keys.console_form_secret(secret),
        }))
    }

    /// Encrypts a text that only a browser keeps, for [`Accounts::unsealed_from_browser`].
    #[must_use]
    pub fn sealed_for_browser(&self, text: &str) -> String {
        self.0.keys.seal_for_browser(text, &new_secret(&*self.0.random))
    }

    /// The text that [`Accounts::sealed_for_browser`] encrypted. `None` if this system did not encrypt it.
    #[must_use]
    pub fn unsealed_from_browser(&self, sealed: &str) -> Option<String> {
        self.0.keys.open_from_browser(sealed)
    }

    /// Ends the sign-in whose cookie has this secret.
    pub async fn sign_out(&self, secret: &str) -> Result<(), StoreError> {
        self.0.store.end_console_session(&self.0.keys.console_session_hash(secret)).await
    }

    /// Replaces the password of the operator who is signed in with this secret.
    pub async fn choose_password(
        &self,
        operator: &SignedInOperator,
        secret: &str,
        (present, new): (&str, &str),
        by: &Requester,
    ) -> Result<PasswordChoice, StoreError> {
        if new.chars().count() < SHORTEST_PASSWORD || new.len() > LONGEST_PASSWORD {
            return Ok(PasswordChoice::Unusable);
        }
        let found = self.0.store.operator(operator.name.as_str()).await?;
        if self.operator_with_password(found, present).await?.is_none() {
            return Ok(PasswordChoice::WrongPassword);
        }
        let hash = self.hash_of(new).await?;
        let session = self.0.keys.console_session_hash(secret);
        Ok(match self.keep_chosen_password(operator.name.as_str(), &hash, &session, by).await? {
            true => PasswordChoice::Chosen,
            // The operator was revoked meanwhile.
            false => PasswordChoice::WrongPassword,
        })
    }

    pub(super) async fn start_console_session(&self, operator: Username) -> Result<String, StoreError> {
        let secret = URL_SAFE_NO_PAD.encode(new_secret::<32>(&*self.0.random));
        let created_at = self.0.clock.system_now();
        let token_hash = self.0.keys.console_session_hash(&secret);
        let expires_at = created_at.plus_ms(LIFETIME_MS);
        let name = operator.as_str().to_string();
        let new = NewConsoleSession { token_hash, operator, created_at, expires_at };
        self.0.store.add_console_session(&new).await?;
        tracing::info!(operator = name, "signed in to the console");
        Ok(secret)
    }

    /// The operator, if it is active and this is its password. The steps are the same for an unknown name, so that the
    /// duration does not reveal which names exist.
    async fn operator_with_password(
        &self,
        found: Option<OperatorRow>,
        password: &str,
    ) -> Result<Option<OperatorRow>, StoreError> {
        let chosen = found.as_ref().and_then(|operator| operator.password_hash.clone());
        let has_chosen = chosen.is_some();
        let chosen = chosen.unwrap_or_else(|| HASH_OF_NO_PASSWORD.to_string());
        let is_chosen = is_password_of(password.to_string(), chosen).await?;
        let generated = found.as_ref().map_or(HASH_OF_NOBODY, |operator| &operator.credential.secret_hash);
        let is_generated = self.0.keys.is_secret_of(password, generated);
        let is_right = if has_chosen { is_chosen } else { is_generated };
        let may_sign_in =
            |operator: &OperatorRow| operator.credential.revoked_at.is_none() && operator.identity.is_none();
        Ok(found.filter(|operator| is_right && may_sign_in(operator)))
    }

    async fn hash_of(&self, password: &str) -> Result<String, StoreError> {
        let salt = new_secret::<16>(&*self.0.random);
        let password = password.to_string();
        let hash = hashing(move || {
            let hash: PasswordHash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt)?;
            Ok::<_, argon2::password_hash::Error>(hash.to_string())
        });
        hash.await?.map_err(|error| StoreError::Fault(format!("a password cannot be hashed: {error}").into()))
    }
}

fn password_of(session: &ConsoleSession) -> OperatorPassword {
    match (session.has_identity, session.has_own_password) {
        (true, _) => OperatorPassword::AtProvider,
        (false, true) => OperatorPassword::Chosen,
        (false, false) => OperatorPassword::Generated,
    }
}

async fn is_password_of(password: String, hash: String) -> Result<bool, StoreError> {
    hashing(move || {
        let hash = PasswordHash::new(&hash);
        hash.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await
}

/// Runs a slow computation outside of the threads that answer requests.
async fn hashing<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    let _turn = HASHING.acquire().await.map_err(|_| StoreError::Fault("the node stops".into()))?;
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StoreError::Fault(format!("a password cannot be checked: {error}").into()))
}
