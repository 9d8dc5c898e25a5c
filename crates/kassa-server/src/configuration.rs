//! The configuration of a node, and the engine's setup that follows from it.

use std::sync::Arc;

use ipnet::IpNet;
use kassa_domain::time::DAY_MS;
use kassa_engine::{
    AccountKeys, AppSchemes, ClassRetention, Clock, Courier, EngineSetup, Messengers, Mode, PaymentAccounts,
    PaymentCallMetrics, PaymentSystems, Random, Rates, Traces,
};
use kassa_http::LinkBase;
use kassa_i18n::Languages;
use kassa_openid::OpenIdSetup;
use kassa_store::Store;
use kassa_wire::cross_site::SiteAddresses;
use tokio_util::sync::CancellationToken;

/// The configuration of a node, which does not change while it runs.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// Whether money moves.
    pub mode: Mode,
    /// The address at which the outside reaches this system, without a trailing slash: `https://pay.example`.
    pub base_url: String,
    /// The address at which this machine reaches the system. The demo shop uses it.
    pub local_url: String,
    /// The address at which links begin.
    pub link_base: LinkBase,
    /// The host names that this system answers to, for the check of requests from other sites.
    pub site: SiteAddresses,
    /// The origin of the consumers' pages, if it is another than that of the APIs. Each then serves only its own paths.
    pub page_url: Option<String>,
    /// The app links that merchants may use.
    pub app_schemes: AppSchemes,
    /// Whether `status_update` may be plain HTTP. Only for development.
    pub allows_http_callbacks: bool,
    /// The calls of the vendor's APIs that each merchant may make in a second.
    pub rates: Rates,
    /// The proxies in front. If there are any, requests must come from them, and they report the caller's address.
    pub trusted_proxies: Vec<IpNet>,
    /// The keys that encrypt the passwords of payment accounts, and authorization tokens. Without them, no payment
    /// account can be set or used, and tokens are stored in clear text.
    pub account_keys: Option<AccountKeys>,
    /// Page sessions are deleted this long after they have expired, with everything that belongs to them, in
    /// milliseconds.
    pub retention_ms: i64,
    /// How long classes of data are kept that are deleted before their page sessions.
    pub class_retention: ClassRetention,
    /// Whether finished requests are recorded for the timelines of their sessions.
    pub records_requests: bool,
    /// Entries of merchants' audit chains are removed this long after they were recorded, in milliseconds. `None` keeps
    /// them forever.
    pub audit_retention_ms: Option<i64>,
    /// Whether answers require browsers to use HTTPS only for this host. `false` if another port of the host speaks
    /// plain HTTP.
    pub is_https_only: bool,
    /// The access to the console.
    pub console: ConsoleAccess,
    /// The sign-in of operators with OpenID Connect, if it is on.
    pub openid: Option<OpenIdSetup>,
    /// The ways to send messages to consumers. The sandbox also puts messages into the inbox of the lab.
    pub messengers: Messengers,
    /// The texts of the consumers' pages and messages, in each language.
    pub languages: Languages,
    /// The traces of requests, payment operations and callbacks.
    pub traces: Traces,
}

/// The access to the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsoleAccess {
    /// The node has no console.
    Off,
    /// Operators sign in.
    SignIn,
    /// Every caller chooses a role. Only for a sandbox on the developer's own machine.
    Open,
}

impl Configuration {
    /// The addresses at which callers reach the system, beside the base URL.
    fn other_urls(&self) -> Vec<String> {
        let public: &[String] = match &self.link_base {
            LinkBase::Fixed | LinkBase::Caller(_) => &[],
            LinkBase::OneOf(urls) => urls,
        };
        public.iter().chain([&self.local_url]).cloned().collect()
    }

    /// The defaults: only the names of the base URL are answered, no app scheme of one word is allowed, there are no
    /// rate limits, no proxy and no keys of payment accounts, callbacks must use HTTPS, requests are recorded,
    /// retention is 90 days, and operators sign in to the console.
    #[must_use]
    pub fn new(mode: Mode, base_url: &str) -> Self {
        Self {
            mode,
            base_url: base_url.to_string(),
            local_url: base_url.to_string(),
            link_base: LinkBase::Fixed,
            site: SiteAddresses::at([base_url]),
            app_schemes: AppSchemes::Listed(Vec::new()),
            allows_http_callbacks: false,
            rates: Rates::NONE,
            trusted_proxies: Vec::new(),
            account_keys: None,
            page_url: None,
            retention_ms: 90 * DAY_MS,
            class_retention: ClassRetention::default(),
            records_requests: true,
            audit_retention_ms: None,
            is_https_only: false,
            console: ConsoleAccess::SignIn,
            openid: None,
            messengers: Messengers::default(),
            languages: Languages::built_in(),
            traces: Traces::default(),
        }
    }
}

/// The parts of an engine that no setting decides.
pub(crate) struct FixedParts {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) ephemeral_random: Arc<dyn Random>,
    pub(crate) courier: Arc<dyn Courier>,
    pub(crate) payment_systems: PaymentSystems,
    pub(crate) payment_accounts: PaymentAccounts,
    pub(crate) payment_calls: PaymentCallMetrics,
    pub(crate) draining: CancellationToken,
    pub(crate) stop: CancellationToken,
}

impl FixedParts {
    /// The same parts with the settings of a configuration.
    pub(crate) fn configured(self, configuration: &Configuration) -> EngineSetup {
        EngineSetup {
            store: self.store,
            clock: self.clock,
            random: self.random,
            ephemeral_random: self.ephemeral_random,
            courier: self.courier,
            messengers: configuration.messengers.clone(),
            payment_systems: self.payment_systems,
            payment_accounts: self.payment_accounts,
            payment_calls: self.payment_calls,
            traces: configuration.traces.clone(),
            mode: configuration.mode,
            rates: configuration.rates,
            base_url: configuration.base_url.clone(),
            other_urls: configuration.other_urls(),
            page_url: configuration.page_url.clone(),
            app_schemes: configuration.app_schemes.clone(),
            allows_http_callbacks: configuration.allows_http_callbacks,
            retention_ms: configuration.retention_ms,
            class_retention: configuration.class_retention,
            audit_retention_ms: configuration.audit_retention_ms,
            draining: self.draining,
            stop: self.stop,
        }
    }
}
