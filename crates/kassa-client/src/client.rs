//! The typed client: the HPP calls, and the payments and Order Management calls that a merchant needs.
//!
//! ```no_run
//! use kassa_client::client::{Client, Environment};
//! use kassa_wire::hpp::{MerchantUrls, SessionCreation};
//!
//! # async fn shop() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new(&Environment::PlaygroundEurope, "PK12345_ab", "secret")?;
//! let created = client
//!     .create_session(&SessionCreation {
//!         payment_session_url: Some(client.payment_session_url("kp-session-id")),
//!         merchant_urls: Some(MerchantUrls {
//!             success: Some("https://shop.example/thanks?sid={{session_id}}".into()),
//!             ..MerchantUrls::default()
//!         }),
//!         ..SessionCreation::default()
//!     })
//!     .await?;
//! println!("send the consumer to {}", created.redirect_url);
//!
//! let session = client.read_session(&created.session_id).await?;
//! println!("{} since {}", session.status(), session.updated_at);
//! # Ok(())
//! # }
//! ```

mod environment;
mod error;
mod exchange;
mod feed;
mod hpp;
mod orders;
mod payments;
mod reply;
mod retry;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;

use crate::clock::{SystemTimeSource, TimeSource};
use crate::http::{NetworkTransport, ProxyRules, Transport, UnusableRoots};
use crate::random::{RandomSource, SystemRandomSource};

pub use environment::Environment;
pub use error::{ClientError, InvalidInput};
pub use feed::{FeedScope, FeedUpdates};
pub use hpp::ConditionalRead;
pub use payments::CreatedOrder;
pub use reply::Reply;
pub use retry::{Repeatability, RetryPolicy};

/// The time limit of one attempt. KCO documents that its own gateway times out after 30 s
/// (docs/wire.md#authentication-and-addresses).
const TIMEOUT: Duration = Duration::from_secs(30);

/// The transport, the clock and the randomness of a client. Tests replace them.
#[derive(Clone)]
pub struct Dependencies {
    /// The transport of HTTP calls.
    pub transport: Arc<dyn Transport>,
    /// The source of time.
    pub clock: Arc<dyn TimeSource>,
    /// The source of randomness, for jitter.
    pub random: Arc<dyn RandomSource>,
}

impl Dependencies {
    /// The network, the clock and the randomness of this machine. Calls go through the proxy that the environment names.
    ///
    /// # Errors
    /// If the platform's TLS roots cannot be used.
    pub fn system() -> Result<Self, UnusableRoots> {
        Self::with_proxies(ProxyRules::of_environment())
    }

    /// The same, with rules for proxies in place of the environment's.
    ///
    /// # Errors
    /// If the platform's TLS roots cannot be used.
    pub fn with_proxies(proxies: ProxyRules) -> Result<Self, UnusableRoots> {
        Ok(Self {
            transport: Arc::new(NetworkTransport::with_proxies(proxies)?),
            clock: Arc::new(SystemTimeSource),
            random: Arc::new(SystemRandomSource),
        })
    }
}

/// A client of one account of one service. Cloning is cheap; all clones share one rate limit.
#[derive(Clone)]
pub struct Client {
    dependencies: Dependencies,
    base_url: Arc<str>,
    authorization: HeaderValue,
    user_agent: HeaderValue,
    timeout: Duration,
    policy: RetryPolicy,
    pause: Arc<exchange::Pause>,
}

impl Client {
    /// Creates a client that uses the real network.
    ///
    /// # Errors
    /// If the platform's TLS roots cannot be used.
    pub fn new(environment: &Environment, username: &str, password: &str) -> Result<Self, UnusableRoots> {
        Ok(Self::with(Dependencies::system()?, environment, username, password))
    }

    /// Creates a client with its dependencies.
    #[must_use]
    pub fn with(
        dependencies: Dependencies,
        environment: &Environment,
        username: &str,
        password: &str,
    ) -> Self {
        let basic = format!("Basic {}", STANDARD.encode(format!("{username}:{password}")));
        let mut authorization = HeaderValue::from_str(&basic).expect("base64 is valid in a header");
        authorization.set_sensitive(true);
        Self {
            dependencies,
            base_url: environment.base_url().trim_end_matches('/').into(),
            authorization,
            user_agent: HeaderValue::from_static(concat!("kassa-client/", env!("CARGO_PKG_VERSION"))),
            timeout: TIMEOUT,
            policy: RetryPolicy::default(),
            pause: Arc::default(),
        }
    }

    /// Sets the `User-Agent`. In-store certification requires the partner's name and system version
    /// (docs/wire.md#create-a-page-session).
    #[must_use]
    pub fn with_user_agent(mut self, user_agent: HeaderValue) -> Self {
        self.user_agent = user_agent;
        self
    }

    /// Sets the time limit of one attempt.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets when and how often calls are repeated.
    #[must_use]
    pub const fn with_retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// The base URL, without a trailing slash.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }
}

/// Prints only the base URL, so that the credential stays out of logs.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}
