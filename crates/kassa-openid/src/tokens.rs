//! The types of the library for tokens that keep every claim, and the checks of an ID token.

use kassa_domain::Timestamp;
use kassa_domain::time::SECOND_MS;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, ClaimsVerificationError, Client, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IdToken, IdTokenClaims, IdTokenFields, IdTokenVerifier,
    Nonce, OAuth2TokenResponse as _, SignatureVerificationError, StandardErrorResponse,
    StandardTokenResponse, TokenResponse as _, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::failure::{OpenIdFailure, in_words};

/// How far the clocks of Kassa and of the provider may differ.
const SKEW_MS: i64 = 60 * SECOND_MS;

/// The algorithms with a public key. Without a signature, or with the client secret as the key, a token is refused.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// The claims that the library has no field for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct OtherClaims {
    #[serde(flatten)]
    claims: Map<String, Value>,
}

impl AdditionalClaims for OtherClaims {}

/// An ID token, not checked yet.
type UncheckedToken =
    IdToken<OtherClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

/// The answer of the token endpoint.
pub(crate) type Tokens = StandardTokenResponse<
    IdTokenFields<
        OtherClaims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

/// An error of the token endpoint.
pub(crate) type TokenError = StandardErrorResponse<CoreErrorResponseType>;

/// The claims of an ID token.
pub(crate) type TokenClaims = IdTokenClaims<OtherClaims, CoreGenderClaim>;

/// The claims of the user info endpoint.
pub(crate) type InfoClaims = UserInfoClaims<OtherClaims, CoreGenderClaim>;

/// Kassa as a client of the provider.
pub(crate) type ProviderSession = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    TokenError,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The outcome of checking a token.
pub(crate) enum CheckedToken {
    Valid(Box<TokenClaims>),
    /// No key of the provider made the signature. The provider may have new keys.
    UnknownKey(OpenIdFailure),
    Refused(OpenIdFailure),
}

/// Checks the ID token: signature, issuer, audience, expiry, nonce, and the hash of the access token.
pub(crate) fn check(
    tokens: &Tokens,
    session: &ProviderSession,
    nonce: &Nonce,
    now: Timestamp,
) -> CheckedToken {
    let Some(token) = tokens.id_token() else {
        return CheckedToken::Refused(refused("the answer has no ID token"));
    };
    let verifier = verifier(session, now);
    match token.claims(&verifier, nonce) {
        Ok(claims) => match has_access_token_hash(tokens, token, claims, &verifier) {
            true => CheckedToken::Valid(Box::new(claims.clone())),
            false => CheckedToken::Refused(refused("the access token is not the one of the ID token")),
        },
        Err(error) => {
            let failure = refused(&in_words(&error));
            match may_be_a_new_key(&error) {
                true => CheckedToken::UnknownKey(failure),
                false => CheckedToken::Refused(failure),
            }
        }
    }
}

fn refused(reason: &str) -> OpenIdFailure {
    OpenIdFailure::TokenRefused(reason.to_string())
}

fn verifier(session: &ProviderSession, now: Timestamp) -> IdTokenVerifier<'_, CoreJsonWebKey> {
    let expired_before = instant(now.plus_ms(-SKEW_MS));
    let latest_ms = now.plus_ms(SKEW_MS).as_ms();
    session
        .id_token_verifier()
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || expired_before.into())
        .set_issue_time_verifier_fn(move |issued_at| match issued_at.timestamp_millis() <= latest_ms {
            true => Ok(()),
            false => Err("the token was issued in the future".to_string()),
        })
}

/// An instant as the library reads it.
fn instant(at: Timestamp) -> std::time::SystemTime {
    let ms = u64::try_from(at.as_ms()).unwrap_or_default();
    std::time::UNIX_EPOCH + std::time::Duration::from_millis(ms)
}

fn has_access_token_hash(
    tokens: &Tokens,
    token: &UncheckedToken,
    claims: &TokenClaims,
    verifier: &IdTokenVerifier<'_, CoreJsonWebKey>,
) -> bool {
    let Some(expected) = claims.access_token_hash() else { return true };
    let (Ok(algorithm), Ok(key)) = (token.signing_alg(), token.signing_key(verifier)) else { return false };
    AccessTokenHash::from_token(tokens.access_token(), algorithm, key).is_ok_and(|hash| hash == *expected)
}

/// A provider that changed its keys may have kept the key's id.
fn may_be_a_new_key(error: &ClaimsVerificationError) -> bool {
    use SignatureVerificationError::{AmbiguousKeyId, CryptoError, NoMatchingKey};
    matches!(
        error,
        ClaimsVerificationError::SignatureVerification(NoMatchingKey | CryptoError(_) | AmbiguousKeyId(_))
    )
}
