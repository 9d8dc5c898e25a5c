//! The system as a value: store, clock, randomness, outgoing HTTP and payment system, handed in.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use ipnet::IpNet;
use kassa_domain::merchant::{CallbackSecret, Merchant, MerchantSettings};
use kassa_domain::time::DAY_MS;
use kassa_domain::{MerchantId, PageSessionId, Timestamp, Username};
use kassa_store::{Credential, Store, StoreError};
use kassa_wire::cross_site::OwnSite;
use kassa_wire::signature::secret_text;
use tokio_util::sync::CancellationToken;

use crate::callbacks::DueCallbacks;
use crate::clock::Clock;
use crate::demo::Shop;
use crate::ids::{new_secret, new_uuid};
use crate::keys::Keys;
use crate::lab::{Lab, MerchantTime};
use crate::limits::{LoginLimits, MerchantLimits};
use crate::merchant_links::AppSchemes;
use crate::merchants::Merchants;
use crate::metrics::Metrics;
use crate::payment_system::PaymentSystem;
use crate::random::Random;
use crate::readiness::Readiness;
use crate::seldom::Seldom;
use crate::serve::close;
use crate::shared_time::SharedTime;
use crate::waiting::Waiting;
use kassa_outgoing::Outgoing;

/// The account that `kassa dev` makes.
pub const DEV_MERCHANT: &str = "PK00000";

/// Its credential, which is published.
pub(crate) const DEV_USERNAME: &str = "PK00000_dev";
pub(crate) const DEV_PASSWORD: &str = "dev";

/// Whether money moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// None does: the lab is open.
    Sandbox,
    /// It does: there is no lab.
    Live,
}

/// What is settled at the start.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// Whether money moves.
    pub mode: Mode,
    /// How the outside reaches this system, without a trailing slash: `https://pay.example`.
    pub base_url: String,
    /// How this machine itself reaches the system, which its demo shop does.
    pub local_url: String,
    /// Which names it answers to. Browsers send requests for pages of other sites, too.
    pub site: OwnSite,
    /// Which app links a merchant may have consumers sent to.
    pub app_schemes: AppSchemes,
    /// Whether `status_update` may be plain http. For a machine of one's own only.
    pub allows_http_callbacks: bool,
    /// The proxies in front: calls come from them alone, and who called them is what they say. None: there is no proxy.
    pub trusted_proxies: Vec<IpNet>,
    /// Page sessions are kept so long after they have expired, with all that belongs to them, in milliseconds.
    pub retention_ms: i64,
    /// Whether browsers are told to call this host by https alone. Not where a port of the host speaks plain HTTP.
    pub is_https_only: bool,
}

impl Configuration {
    /// The defaults: only its own names are answered, no app scheme of one word is allowed,
    /// no proxy is in front, callbacks go by https alone, history is kept
    /// for 90 days.
    #[must_use]
    pub fn new(mode: Mode, base_url: &str) -> Self {
        Self {
            mode,
            base_url: base_url.to_string(),
            local_url: base_url.to_string(),
            site: OwnSite::at([base_url]),
            app_schemes: AppSchemes::Listed(Vec::new()),
            allows_http_callbacks: false,
            trusted_proxies: Vec::new(),
            retention_ms: 90 * DAY_MS,
            is_https_only: false,
        }
    }
}

/// A credential for `kassa dev`, and what verifies its callbacks.
#[derive(Clone, Debug)]
pub struct DevCredential {
    /// The public half.
    pub username: &'static str,
    /// The secret half.
    pub password: &'static str,
    /// Signs callbacks: `whsec_<base64>`.
    pub callback_secret: String,
}

/// Everything that a call needs. Cloning costs a reference count, and each call clones it several times.
#[derive(Clone)]
pub struct App(Arc<Parts>);

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What the system is made of.
pub struct Parts {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    /// What callbacks are leased and due by.
    pub(crate) time: Arc<SharedTime>,
    pub(crate) random: Arc<dyn Random>,
    /// Randomness for what passes: correlation ids, nonces, jitter.
    pub(crate) passing: Arc<dyn Random>,
    pub(crate) outgoing: Arc<dyn Outgoing>,
    pub(crate) payment_system: Arc<dyn PaymentSystem>,
    pub(crate) configuration: Configuration,
    pub(crate) keys: Keys,
    pub(crate) merchants: Merchants,
    pub(crate) callbacks: Arc<DueCallbacks>,
    pub(crate) metrics: Metrics,
    pub(crate) logins: LoginLimits,
    pub(crate) limits: MerchantLimits,
    pub(crate) waiting: Waiting,
    pub(crate) readiness: Readiness,
    /// Says that the database is unavailable.
    pub(crate) outage: Seldom,
    /// The lab, where no money moves.
    pub(crate) lab: Option<Lab>,
    /// Says that a stop is near, while calls are still taken.
    pub(crate) leaving: CancellationToken,
    /// Ends what would go on for as long as somebody looks on.
    pub(crate) stop: CancellationToken,
    /// The demo shop, where there is one.
    pub(crate) demo: OnceLock<Arc<Shop>>,
}

impl App {
    /// Puts the system together; makes its keys at the first start.
    pub async fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        outgoing: Arc<dyn Outgoing>,
        payment_system: Arc<dyn PaymentSystem>,
        configuration: Configuration,
    ) -> Result<Self, StoreError> {
        let keys = Keys::load(&store, &*random).await?;
        let (clock, lab) = match configuration.mode {
            Mode::Live => (clock, None),
            Mode::Sandbox => {
                let time = Arc::new(MerchantTime::load(&store, clock).await?);
                (time.clone() as Arc<dyn Clock>, Some(Lab::new(time)))
            }
        };
        let time = Arc::new(SharedTime::with(&store, clock.clone()).await?);
        Ok(Self(Arc::new(Parts {
            merchants: Merchants::new(store.clone(), clock.clone()),
            callbacks: Arc::new(DueCallbacks::new(time.clone())),
            time,
            store,
            clock,
            passing: random.for_what_passes(),
            random,
            outgoing,
            payment_system,
            lab,
            logins: LoginLimits::default(),
            limits: MerchantLimits::new(configuration.mode),
            configuration,
            keys,
            metrics: Metrics::new(),
            waiting: Waiting::default(),
            readiness: Readiness::default(),
            outage: Seldom::default(),
            leaving: CancellationToken::new(),
            stop: CancellationToken::new(),
            demo: OnceLock::new(),
        })))
    }

    /// Whether this process made the system's keys: before, the database held no system.
    #[must_use]
    pub fn is_first_start(&self) -> bool {
        self.keys.are_new
    }

    /// Closes the database, for a process that ends. A [`crate::Server`] does so when it stops.
    pub async fn close(&self) {
        close(&self.store).await;
    }

    /// Opens the demo shop under `/demo`, as the merchant of this credential. It calls this system at its base URL,
    /// like any other merchant; without it every path there answers 404.
    #[must_use]
    pub fn with_demo_shop(self, credential: &DevCredential) -> Self {
        self.demo.get_or_init(|| Arc::new(Shop::open(&self, credential)));
        self
    }

    /// Opens the lab's page under `/lab`, without a login, for this merchant and those that the lab makes. Where money
    /// moves there is no lab, and no page.
    #[must_use]
    pub fn with_lab_page(self, merchant: &str) -> Self {
        if let Some(lab) = &self.lab {
            lab.open_page(merchant);
        }
        self
    }

    /// Adds the fixed account of `kassa dev`, unless it is there from an earlier run.
    pub async fn add_dev_merchant(&self) -> Result<DevCredential, StoreError> {
        self.add_merchant(DEV_MERCHANT, "Kassa Demo Shop", DEV_USERNAME, DEV_PASSWORD).await?;
        let callback_secret = self.callback_secret(DEV_MERCHANT).await?;
        Ok(DevCredential { username: DEV_USERNAME, password: DEV_PASSWORD, callback_secret })
    }

    /// The newest secret that signs a merchant's callbacks; empty where there is no such merchant.
    pub async fn callback_secret(&self, merchant: &str) -> Result<String, StoreError> {
        let stored = self.merchants.merchant(&MerchantId::new(merchant)).await?;
        let newest = stored.as_ref().and_then(|merchant| merchant.settings.callback_secrets.first());
        Ok(newest.map(|newest| newest.secret.clone()).unwrap_or_default())
    }

    /// Adds a merchant with one credential and a fresh callback secret. Changes nothing and answers `false` if the
    /// merchant exists or the username is taken.
    pub async fn add_merchant(
        &self,
        id: &str,
        name: &str,
        username: &str,
        password: &str,
    ) -> Result<bool, StoreError> {
        let id = MerchantId::new(id);
        let now = self.clock.now(&id);
        let secret = self.new_callback_secret(now);
        let merchant = Merchant {
            id,
            name: name.to_string(),
            settings: MerchantSettings { callback_secrets: vec![secret], ..MerchantSettings::default() },
        };
        let credential = Credential {
            username: Username::new(username),
            secret_hash: self.keys.credential_hash(password),
            revoked_at: None,
        };
        self.merchants.add(&merchant, &credential, now).await
    }

    pub(crate) fn new_callback_secret(&self, at: Timestamp) -> CallbackSecret {
        let secret = secret_text(&new_secret::<32>(&*self.random));
        CallbackSecret { id: new_uuid(&*self.random, at), secret, created_at: at }
    }

    /// An address of this system.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.configuration.base_url)
    }

    /// The public page of a session.
    pub(crate) fn page_url(&self, id: &PageSessionId) -> String {
        self.url(&format!("/pay/{}", self.keys.page_token(id).unwrap_or_default()))
    }

    /// The image of a session's page link.
    pub(crate) fn qr_code_url(&self, id: &PageSessionId) -> String {
        format!("{}/qr", self.page_url(id))
    }

    pub(crate) fn new_correlation_id(&self) -> String {
        new_uuid(&*self.passing, self.clock.system_now())
    }
}
