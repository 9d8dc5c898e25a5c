//! The provider, as the console uses it: where to send a browser, and who came back.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kassa_engine::{Clock, OpenIdPerson, Random, new_secret};
use kassa_outgoing::Outgoing;
use openidconnect::core::{CoreAuthenticationFlow, CoreClientAuthMethod};
use openidconnect::{
    AccessToken, AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, LogoutRequest,
    Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    Scope, SubjectIdentifier,
};

use crate::claims::Claims;
use crate::directory::{Directory, Metadata};
use crate::failure::{OpenIdFailure, error_code};
use crate::http_client::{NoProviderAnswer, ProviderClient, Scheme};
use crate::pending::{LONGEST_SIGN_IN_MS, PendingSignIn};
use crate::settings::OpenIdSettings;
use crate::tokens::{CheckedToken, InfoClaims, ProviderSession, TokenClaims, TokenError, Tokens, check};

/// The path to which the provider sends a browser back: the redirect URI, without the base URL.
pub const RETURN_PATH: &str = "/console/sign-in/openid/return";

/// The settings of the sign-in, and the way of the calls to the provider.
#[derive(Clone)]
pub struct OpenIdSetup {
    /// The settings.
    pub settings: OpenIdSettings,
    /// The way of the calls.
    pub outgoing: Arc<dyn Outgoing>,
}

impl fmt::Debug for OpenIdSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
    }
}

impl OpenIdSetup {
    /// Makes the provider. Kassa asks it when the first browser signs in, and not before.
    #[must_use]
    pub fn start(self, base_url: &str, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> OpenIdProvider {
        let issuer =
            IssuerUrl::new(self.settings.issuer.clone()).expect("the settings have the URL of an issuer");
        let redirect_url = RedirectUrl::new(format!("{base_url}{RETURN_PATH}")).expect("a base URL is a URL");
        let scheme = Scheme::of_issuer(&self.settings.issuer);
        OpenIdProvider {
            redirect_url,
            client: ProviderClient::new(self.outgoing, scheme),
            directory: Directory::new(issuer, scheme, clock.clone()),
            settings: self.settings,
            clock,
            random,
        }
    }
}

/// The provider at which operators sign in.
pub struct OpenIdProvider {
    settings: OpenIdSettings,
    redirect_url: RedirectUrl,
    client: ProviderClient,
    directory: Directory,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// A sign-in that has begun.
pub struct StartedSignIn {
    /// The address at the provider to which the browser goes.
    pub url: String,
    /// The values that only this browser may have.
    pub pending: PendingSignIn,
}

/// The answer of the provider in the address at which the browser comes back.
#[derive(Clone, Copy, Default)]
pub struct BrowserAnswer<'a> {
    /// The value that proves that this browser began the sign-in.
    pub state: Option<&'a str>,
    /// The code that Kassa exchanges for tokens.
    pub code: Option<&'a str>,
    /// The code of the error, if the provider refused.
    pub error: Option<&'a str>,
    /// The issuer, if the provider names it (RFC 9207).
    pub issuer: Option<&'a str>,
}

impl OpenIdProvider {
    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &OpenIdSettings {
        &self.settings
    }

    /// Begins a sign-in that leads to a page.
    pub async fn start(&self, to: &str) -> Result<StartedSignIn, OpenIdFailure> {
        let metadata = self.directory.metadata(&self.client).await?;
        let pending = PendingSignIn {
            state: self.secret(),
            nonce: self.secret(),
            verifier: self.secret(),
            to: to.to_string(),
            expires_at_ms: self.clock.system_now().plus_ms(LONGEST_SIGN_IN_MS).as_ms(),
        };
        let (state, nonce) = (CsrfToken::new(pending.state.clone()), Nonce::new(pending.nonce.clone()));
        let verifier = PkceCodeVerifier::new(pending.verifier.clone());
        let (url, _, _) = self
            .session(&metadata)
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || nonce)
            .add_scopes(self.settings.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(StartedSignIn { url: url.into(), pending })
    }

    /// Finishes a sign-in that waits in the browser, with the answer that the browser brought.
    pub async fn finish(
        &self,
        pending: Option<&PendingSignIn>,
        answer: &BrowserAnswer<'_>,
    ) -> Result<OpenIdPerson, OpenIdFailure> {
        let state = answer.state.unwrap_or_default();
        let is_answered = |pending: &&PendingSignIn| pending.is_answered_by(state, self.clock.system_now());
        let pending = pending.filter(is_answered).ok_or(OpenIdFailure::Stale)?;
        if answer.issuer.is_some_and(|issuer| issuer != self.settings.issuer) {
            return Err(OpenIdFailure::TokenRefused("the browser came from another issuer".to_string()));
        }
        match (answer.error, answer.code) {
            (Some(error), _) => Err(OpenIdFailure::Denied(error_code(error))),
            (None, Some(code)) => self.person(pending, code).await,
            (None, None) => Err(OpenIdFailure::Stale),
        }
    }

    /// Exchanges the code for tokens, and checks them.
    async fn person(&self, pending: &PendingSignIn, code: &str) -> Result<OpenIdPerson, OpenIdFailure> {
        let metadata = self.directory.metadata(&self.client).await?;
        let tokens = self.exchange(&self.session(&metadata), pending, code).await?;
        let checked = self.checked(&metadata, &tokens, &Nonce::new(pending.nonce.clone())).await?;
        let mut claims = Claims::of(&checked);
        if claims.lack_any(&self.settings) && metadata.userinfo_endpoint().is_some() {
            let info = self.info(&self.session(&metadata), &tokens, checked.subject().clone()).await?;
            claims.add(Claims::of(&info));
        }
        claims.person(&self.settings)
    }

    /// The address at which an operator signs out of the provider, if the provider has one and this node knows it. Asks
    /// nobody, so the page after a sign-out never waits for the provider.
    #[must_use]
    pub fn sign_out_url(&self) -> Option<String> {
        let metadata = self.directory.known()?;
        let address = metadata.additional_metadata().end_session_endpoint.clone()?;
        let request = LogoutRequest::from(address).set_client_id(self.client_id());
        Some(request.http_get_url().into())
    }

    fn client_id(&self) -> ClientId {
        ClientId::new(self.settings.client_id.clone())
    }

    /// 256 random bits, in base64url.
    fn secret(&self) -> String {
        URL_SAFE_NO_PAD.encode(new_secret::<32>(&*self.random))
    }

    fn session(&self, metadata: &Metadata) -> ProviderSession {
        let secret = ClientSecret::new(self.settings.client_secret.text().to_string());
        ProviderSession::from_provider_metadata(metadata.clone(), self.client_id(), Some(secret))
            .set_redirect_uri(self.redirect_url.clone())
            .set_auth_type(auth_type(metadata))
    }

    async fn exchange(
        &self,
        session: &ProviderSession,
        pending: &PendingSignIn,
        code: &str,
    ) -> Result<Tokens, OpenIdFailure> {
        let request = session.exchange_code(AuthorizationCode::new(code.to_string()));
        let request = request.map_err(|_| no_tokens("it has no token endpoint"))?;
        let verifier = PkceCodeVerifier::new(pending.verifier.clone());
        request.set_pkce_verifier(verifier).request_async(&self.client).await.map_err(|error| failed(&error))
    }

    /// Checks the ID token. If its key is unknown, the provider may have new keys, so they are read again.
    async fn checked(
        &self,
        metadata: &Arc<Metadata>,
        tokens: &Tokens,
        nonce: &Nonce,
    ) -> Result<TokenClaims, OpenIdFailure> {
        let check =
            |metadata: &Metadata| check(tokens, &self.session(metadata), nonce, self.clock.system_now());
        let first = match check(metadata) {
            CheckedToken::UnknownKey(failure) => match self.directory.newer(metadata, &self.client).await {
                Some(newer) => check(&newer),
                None => CheckedToken::Refused(failure),
            },
            checked @ (CheckedToken::Valid(_) | CheckedToken::Refused(_)) => checked,
        };
        match first {
            CheckedToken::Valid(claims) => Ok(*claims),
            CheckedToken::UnknownKey(failure) | CheckedToken::Refused(failure) => Err(failure),
        }
    }

    /// The claims that the provider has beside those of the token.
    async fn info(
        &self,
        session: &ProviderSession,
        tokens: &Tokens,
        subject: SubjectIdentifier,
    ) -> Result<InfoClaims, OpenIdFailure> {
        let no_info = |reason: &str| OpenIdFailure::provider("the claims of the person", reason);
        let access_token: AccessToken = tokens.access_token().clone();
        // The library panics if it cannot put the token into a header.
        if !access_token.secret().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(no_info("its access token cannot be sent"));
        }
        let request = session.user_info(access_token, Some(subject));
        let request = request.map_err(|_| no_info("it has no address for them"))?;
        // The library's errors may repeat personal data.
        request.request_async(&self.client).await.map_err(|_| no_info("its answer cannot be used"))
    }
}

/// How Kassa proves its identity to the token endpoint: in a header, unless the provider wants it in the body.
fn auth_type(metadata: &Metadata) -> AuthType {
    use CoreClientAuthMethod::{ClientSecretBasic, ClientSecretPost};
    let methods = metadata.token_endpoint_auth_methods_supported().map_or(&[][..], Vec::as_slice);
    match methods.contains(&ClientSecretPost) && !methods.contains(&ClientSecretBasic) {
        true => AuthType::RequestBody,
        false => AuthType::BasicAuth,
    }
}

fn no_tokens(reason: impl Into<Cow<'static, str>>) -> OpenIdFailure {
    OpenIdFailure::provider("the tokens", reason.into())
}

/// The failure of an exchange. The answer may contain tokens, so only the code of its error is repeated.
fn failed(error: &RequestTokenError<NoProviderAnswer, TokenError>) -> OpenIdFailure {
    match error {
        RequestTokenError::ServerResponse(refusal) => {
            OpenIdFailure::CodeRefused(error_code(refusal.error().as_ref()))
        }
        RequestTokenError::Request(no_answer) => no_tokens(no_answer.to_string()),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => no_tokens("its answer cannot be read"),
    }
}
