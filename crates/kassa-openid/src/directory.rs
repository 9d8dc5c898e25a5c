//! The addresses and the keys that the provider publishes. They are read again after an hour, and earlier if a
//! token has a key that is unknown.

use std::sync::Arc;

use kassa_domain::time::{DAY_MS, HOUR_MS, SECOND_MS};
use kassa_engine::{Clock, Monotonic};
use openidconnect::{EndSessionUrl, IssuerUrl, ProviderMetadataWithLogout};
use url::Url;

use crate::failure::{OpenIdFailure, in_words};
use crate::http_client::{NoProviderAnswer, ProviderClient, Scheme};

/// The age at which the node reads the addresses and keys again.
const REFRESH_AFTER_MS: i64 = HOUR_MS;

/// The age up to which the node uses them if the provider does not answer.
const USABLE_FOR_MS: i64 = DAY_MS;

/// The shortest time between two attempts to read them.
const RETRY_AFTER_MS: i64 = 10 * SECOND_MS;

/// The addresses and keys of a provider.
pub(crate) type Metadata = ProviderMetadataWithLogout;

/// Reads the addresses and keys of the provider, one attempt at a time.
pub(crate) struct Directory {
    issuer: IssuerUrl,
    scheme: Scheme,
    clock: Arc<dyn Clock>,
    /// The turn to read them. A reader of what is known does not wait for it.
    turn: tokio::sync::Mutex<()>,
    known: parking_lot::Mutex<Known>,
}

#[derive(Default)]
struct Known {
    metadata: Option<(Arc<Metadata>, Monotonic)>,
    tried_at: Option<Monotonic>,
    failure: Option<OpenIdFailure>,
}

impl Directory {
    pub(crate) fn new(issuer: IssuerUrl, scheme: Scheme, clock: Arc<dyn Clock>) -> Self {
        Self {
            issuer,
            scheme,
            clock,
            turn: tokio::sync::Mutex::default(),
            known: parking_lot::Mutex::default(),
        }
    }

    /// The addresses and keys of the provider.
    pub(crate) async fn metadata(&self, client: &ProviderClient) -> Result<Arc<Metadata>, OpenIdFailure> {
        let _turn = match self.younger_than(REFRESH_AFTER_MS) {
            Some(metadata) => return Ok(metadata),
            None => self.turn.lock().await,
        };
        match self.younger_than(REFRESH_AFTER_MS) {
            Some(read_by_others) => Ok(read_by_others),
            None => self.read(client).await,
        }
    }

    /// The addresses and keys that are known and can still be used. Asks nobody and waits for nobody.
    pub(crate) fn known(&self) -> Option<Arc<Metadata>> {
        self.younger_than(USABLE_FOR_MS)
    }

    fn younger_than(&self, age_ms: i64) -> Option<Arc<Metadata>> {
        self.known.lock().younger_than(age_ms, self.clock.monotonic_now())
    }

    /// The addresses and keys of the provider, which may have changed its keys since `seen` was read. `None` if there
    /// are no newer ones.
    pub(crate) async fn newer(&self, seen: &Arc<Metadata>, client: &ProviderClient) -> Option<Arc<Metadata>> {
        let _turn = self.turn.lock().await;
        let is_newer = |metadata: &Arc<Metadata>| !Arc::ptr_eq(metadata, seen);
        let latest = self.known.lock().metadata.as_ref().map(|(metadata, _)| metadata.clone());
        match latest.filter(is_newer) {
            Some(read_by_others) => Some(read_by_others),
            None => self.read(client).await.ok().filter(is_newer),
        }
    }

    /// Reads the addresses and keys, unless the last attempt was a moment ago. If the provider does not answer, those
    /// of the last day are still used.
    async fn read(&self, client: &ProviderClient) -> Result<Arc<Metadata>, OpenIdFailure> {
        let now = self.clock.monotonic_now();
        let tried_at = self.known.lock().tried_at;
        if tried_at.is_none_or(|tried_at| now.ms_since(tried_at) >= RETRY_AFTER_MS) {
            self.known.lock().tried_at = Some(now);
            match self.discover(client).await {
                Ok(metadata) => {
                    let metadata = Arc::new(metadata);
                    *self.known.lock() =
                        Known { metadata: Some((metadata.clone(), now)), tried_at: Some(now), failure: None };
                    return Ok(metadata);
                }
                Err(failure) => {
                    let (issuer, reason) = (self.issuer.as_str(), failure.to_string());
                    tracing::warn!(
                        issuer,
                        reason,
                        "the configuration of the OpenID provider could not be read; a later sign-in reads it again"
                    );
                    self.known.lock().failure = Some(failure);
                }
            }
        }
        let known = self.known.lock();
        let failure = || OpenIdFailure::provider("its configuration", "it was asked a moment ago");
        known.younger_than(USABLE_FOR_MS, now).ok_or_else(|| known.failure.clone().unwrap_or_else(failure))
    }

    async fn discover(&self, client: &ProviderClient) -> Result<Metadata, OpenIdFailure> {
        let metadata = Metadata::discover_async(self.issuer.clone(), client).await;
        let metadata =
            metadata.map_err(|error| OpenIdFailure::provider("its configuration", in_words(&error)))?;
        let end_session = metadata.additional_metadata().end_session_endpoint.as_ref();
        let visited = [Some(metadata.authorization_endpoint().url()), end_session.map(EndSessionUrl::url)];
        if visited.into_iter().flatten().all(|address: &Url| self.scheme.allows(address.scheme())) {
            return Ok(metadata);
        }
        Err(OpenIdFailure::provider("its configuration", NoProviderAnswer::Scheme.to_string()))
    }
}

impl Known {
    fn younger_than(&self, age_ms: i64, now: Monotonic) -> Option<Arc<Metadata>> {
        let (metadata, read_at) = self.metadata.as_ref()?;
        (now.ms_since(*read_at) < age_ms).then(|| metadata.clone())
    }
}
