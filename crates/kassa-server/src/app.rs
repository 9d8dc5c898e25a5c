//! The application: the engine's capabilities, and what the configuration adds to them.

use std::sync::{Arc, OnceLock};

use axum::extract::FromRef;
use kassa_console::{Console, ConsoleSetup};
use kassa_demo::{Shop, ShopSetup};
use kassa_engine::{
    Accounts, AuditTrail, Capabilities, Clock, Consumers, Courier, DevCredential, Engine, Health,
    HttpMetrics, Links, Mode, NetworkCourier, News, PaymentAccounts, PaymentCallMetrics, Payments, Profiles,
    Random, Rates, Reads, Timelines,
};
use kassa_external::{External, ExternalApi};
use kassa_http::{Calls, CrossSiteCheck, RateLimitLayer, RequestLog, RequestObserver};
use kassa_i18n::Languages;
use kassa_images::{ImageBounds, Images};
use kassa_klarna::{Forwarder, PassThrough};
use kassa_lab::{Lab, LabCourier, LabSetup, MerchantLabs, MerchantTime};
use kassa_openapi::{ApiDocs, Deployment, Described, ExampleCredential};
use kassa_outgoing::Outgoing;
use kassa_page::Pages;
use kassa_store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::configuration::{Configuration, ConsoleAccess, FixedParts};
use crate::payment_systems::{PaymentSetup, StartedPayments};
use crate::serve::close;

/// The composition of one node. Cloning it costs a reference count. Handlers get single capabilities of it.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    capabilities: Capabilities,
    calls: Calls,
    configuration: Configuration,
    store: Store,
    clock: Arc<dyn Clock>,
    ephemeral_random: Arc<dyn Random>,
    outgoing: Arc<dyn Outgoing>,
    /// The lab, if no money moves.
    lab: Option<Lab>,
    /// Whether the APIs of the sandbox are served.
    has_sandbox: bool,
    /// Sends merchants' calls to Klarna, if it is a payment system.
    forwarder: Option<Forwarder>,
    /// The external payment system, if it is on.
    external: Option<Arc<External>>,
    demo: OnceLock<Arc<Shop>>,
    /// The credential in the examples of the description of the APIs, if it is known to everybody.
    example_credential: OnceLock<ExampleCredential>,
    draining: CancellationToken,
    stop: CancellationToken,
}

/// The parts that depend on the mode: in the sandbox merchants have clocks of their own, and the lab carries callbacks.
struct ModeParts {
    clock: Arc<dyn Clock>,
    courier: Arc<dyn Courier>,
    lab: Option<(Arc<MerchantTime>, Arc<MerchantLabs>)>,
}

impl ModeParts {
    async fn new(
        mode: Mode,
        store: &Store,
        clock: Arc<dyn Clock>,
        outgoing: Arc<dyn Outgoing>,
    ) -> Result<Self, StoreError> {
        Ok(match mode {
            Mode::Live => Self { clock, courier: Arc::new(NetworkCourier(outgoing)), lab: None },
            Mode::Sandbox => {
                let time = Arc::new(MerchantTime::new(store.clocks().await?, clock));
                let merchant_labs = Arc::new(MerchantLabs::default());
                let courier = LabCourier::new(merchant_labs.clone(), time.clone(), outgoing);
                Self { clock: time.clone(), courier: Arc::new(courier), lab: Some((time, merchant_labs)) }
            }
        })
    }
}

fn new_lab(
    time: Arc<MerchantTime>,
    merchant_labs: Arc<MerchantLabs>,
    capabilities: Capabilities,
    calls: Calls,
    random: Arc<dyn Random>,
) -> Lab {
    let Capabilities {
        engine,
        reads,
        timelines,
        payments,
        accounts,
        rate_limits,
        links,
        news,
        test_controls: controls,
        ..
    } = capabilities;
    Lab::new(LabSetup {
        time,
        merchant_labs,
        engine,
        reads,
        timelines,
        payments,
        accounts,
        rate_limits,
        links,
        news,
        controls,
        calls,
        random,
    })
}

/// Names calls and their callers, and passes each finished request to the log, and to the records if they are on.
fn calls(
    capabilities: &Capabilities,
    configuration: &Configuration,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Calls {
    let mut observers: Vec<Arc<dyn RequestObserver>> = vec![Arc::new(RequestLog)];
    if configuration.records_requests {
        observers.push(Arc::new(capabilities.requests.clone()));
    }
    let observation = (capabilities.http_metrics.clone(), configuration.traces.clone());
    Calls::new(clock, random, configuration.trusted_proxies.clone(), observation).observed_by(observers)
}

impl App {
    /// Puts the application together. Creates the system's keys at the first start with a database.
    pub async fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        outgoing: Arc<dyn Outgoing>,
        payment_setup: impl Into<PaymentSetup>,
        configuration: Configuration,
    ) -> Result<Self, StoreError> {
        let store = match &configuration.account_keys {
            Some(keys) => store.sealing(keys.data_seal()),
            None => store,
        };
        let of_mode = ModeParts::new(configuration.mode, &store, clock, outgoing.clone()).await?;
        let (draining, stop) = (CancellationToken::new(), CancellationToken::new());
        let ephemeral_random = random.ephemeral();
        let payment_setup = payment_setup.into();
        let has_sandbox = payment_setup.sandbox.is_some();
        let payment_accounts = PaymentAccounts::new(
            store.clone(),
            of_mode.clock.clone(),
            random.clone(),
            ephemeral_random.clone(),
            configuration.account_keys.clone(),
        );
        let payment_calls = PaymentCallMetrics::default();
        let payments = payment_setup.start(&payment_accounts, &of_mode.clock, &payment_calls);
        let StartedPayments { systems: payment_systems, forwarder, external } = payments;
        let fixed_parts = FixedParts {
            store: store.clone(),
            clock: of_mode.clock.clone(),
            random,
            ephemeral_random: ephemeral_random.clone(),
            courier: of_mode.courier,
            payment_systems,
            payment_accounts,
            payment_calls,
            draining: draining.clone(),
            stop: stop.clone(),
        };
        let capabilities = Capabilities::start(fixed_parts.configured(&configuration)).await?;
        let calls = calls(&capabilities, &configuration, of_mode.clock.clone(), ephemeral_random.clone());
        let lab = of_mode.lab.map(|(time, merchant_labs)| {
            new_lab(time, merchant_labs, capabilities.clone(), calls.clone(), ephemeral_random.clone())
        });
        Ok(Self(Arc::new(Parts {
            capabilities,
            calls,
            configuration,
            store,
            clock: of_mode.clock,
            ephemeral_random,
            outgoing,
            lab,
            has_sandbox,
            forwarder,
            external,
            demo: OnceLock::new(),
            example_credential: OnceLock::new(),
            draining,
            stop,
        })))
    }

    /// Closes the database, for a process that ends. A [`crate::Server`] does so when it stops.
    pub async fn close(&self) {
        close(&self.0.store).await;
    }

    /// Opens the demo shop under `/demo`, as the merchant of this credential. It calls this system over HTTP, like any
    /// other merchant. Without it every path there answers 404.
    #[must_use]
    pub fn with_demo_shop(self, credential: &DevCredential) -> Self {
        let setup = ShopSetup {
            base_url: self.0.configuration.base_url.clone(),
            local_url: self.0.configuration.local_url.clone(),
            stop: self.0.stop.clone(),
            clock: self.0.clock.clone(),
            outgoing: self.0.outgoing.clone(),
            random: self.0.ephemeral_random.clone(),
        };
        self.0.demo.get_or_init(|| Arc::new(Shop::open(setup, credential)));
        let DevCredential { username, password, .. } = *credential;
        self.0.example_credential.get_or_init(|| ExampleCredential::Fixed { username, password });
        if let Some(lab) = self.lab() {
            lab.link_demo();
        }
        self
    }

    /// Opens the lab's page under `/lab`, without a login, for this merchant and those that the lab creates. In live
    /// mode there is no lab and no page.
    #[must_use]
    pub fn with_lab_page(self, merchant: &str) -> Self {
        if let Some(lab) = self.lab() {
            lab.open_page(merchant);
        }
        self
    }

    pub(crate) fn lab(&self) -> Option<&Lab> {
        self.0.lab.as_ref()
    }

    pub(crate) fn has_sandbox(&self) -> bool {
        self.0.has_sandbox
    }

    pub(crate) fn demo(&self) -> Option<Arc<Shop>> {
        self.0.demo.get().cloned()
    }

    pub(crate) fn configuration(&self) -> &Configuration {
        &self.0.configuration
    }

    pub(crate) fn http_metrics(&self) -> &HttpMetrics {
        &self.0.capabilities.http_metrics
    }

    pub(crate) fn calls(&self) -> &Calls {
        &self.0.calls
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn draining(&self) -> &CancellationToken {
        &self.0.draining
    }

    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.0.stop
    }

    /// The layer that limits the calls of merchants. Without limits there is none, so that calls do not pay for it.
    pub(crate) fn rate_limits(&self) -> Option<RateLimitLayer> {
        let is_limited = self.configuration().rates != Rates::NONE || self.lab().is_some();
        let Capabilities { rate_limits: limits, accounts, .. } = self.0.capabilities.clone();
        is_limited.then(|| RateLimitLayer { limits, accounts, calls: self.0.calls.clone() })
    }

    pub(crate) fn cross_site_check(&self) -> CrossSiteCheck {
        CrossSiteCheck::new(self.0.calls.clone(), self.0.configuration.site.clone())
    }

    /// The pass-through of merchants' calls to Klarna, if it is a payment system.
    pub(crate) fn pass_through(&self) -> Option<PassThrough> {
        let Capabilities { engine, accounts, links, .. } = self.0.capabilities.clone();
        let forwarder = self.0.forwarder.clone()?;
        Some(PassThrough { forwarder, engine, links, accounts, calls: self.0.calls.clone() })
    }

    /// The calls of merchants about the external payment system, and its notifications, if it is on.
    pub(crate) fn external_api(&self) -> Option<ExternalApi> {
        let Capabilities { engine, payments, accounts, .. } = self.0.capabilities.clone();
        let external = self.0.external.clone()?;
        Some(ExternalApi { external, engine, payments, accounts, calls: self.0.calls.clone() })
    }

    /// The console, unless it is off.
    pub(crate) fn console(&self) -> Option<Console> {
        let is_open = match self.configuration().console {
            ConsoleAccess::Off => return None,
            ConsoleAccess::SignIn => false,
            ConsoleAccess::Open => true,
        };
        let Capabilities {
            engine, reads, timelines, accounts, payment_accounts, profiles, links, news, ..
        } = self.0.capabilities.clone();
        let (calls, clock) = (self.0.calls.clone(), self.0.clock.clone());
        let random = self.0.ephemeral_random.clone();
        let openid = self.configuration().openid.clone();
        let openid = openid.map(|setup| setup.start(links.base_url(), clock.clone(), random.clone()));
        Some(Console::new(ConsoleSetup {
            engine,
            reads,
            timelines,
            accounts,
            payment_accounts,
            profiles,
            links,
            languages: self.0.configuration.languages.clone(),
            news,
            calls,
            clock,
            random,
            openid,
            is_open,
        }))
    }

    /// The description of the APIs, which have these operations.
    pub(crate) fn api_docs(&self, operations: Vec<Described>) -> ApiDocs {
        let credential = self.0.example_credential.get().cloned().unwrap_or(ExampleCredential::Variables);
        let base_url = self.0.configuration.base_url.clone();
        let deployment = Deployment { base_url, credential, version: env!("CARGO_PKG_VERSION") };
        ApiDocs::new(deployment, operations)
    }

    pub(crate) fn pages(&self) -> Pages {
        let Capabilities { engine, reads, accounts, links, news, .. } = self.0.capabilities.clone();
        let languages = self.0.configuration.languages.clone();
        let images = Images::new(self.0.outgoing.clone(), ImageBounds::default());
        Pages { engine, reads, accounts, links, news, images, languages, calls: self.0.calls.clone() }
    }
}

/// Makes single capabilities readable, for programs that contain a node.
macro_rules! capabilities {
    ($($(#[$doc:meta])* $name:ident: $type:ty;)*) => {
        impl App {
            $($(#[$doc])* #[must_use] pub fn $name(&self) -> &$type {
                &self.0.capabilities.$name
            })*
        }
    };
}

capabilities!(
    /// The engine.
    engine: Engine;
    /// The accounts.
    accounts: Accounts;
    /// The merchants' accounts at payment systems.
    payment_accounts: PaymentAccounts;
    /// The profiles of merchants.
    profiles: Profiles;
    /// The data of consumers: an export, and the erasure.
    consumers: Consumers;
    /// The verification and the export of the audit trail.
    audit: AuditTrail;
    /// Readiness and metrics.
    health: Health;
);

/// Lets a handler take one part of the application.
macro_rules! part {
    ($($type:ty = $($field:ident).+;)*) => {
        $(impl FromRef<App> for $type {
            fn from_ref(app: &App) -> Self {
                app.0.$($field).+.clone()
            }
        })*
    };
}

part!(
    Engine = capabilities.engine;
    Reads = capabilities.reads;
    Timelines = capabilities.timelines;
    Accounts = capabilities.accounts;
    Links = capabilities.links;
    News = capabilities.news;
    Payments = capabilities.payments;
    PaymentAccounts = capabilities.payment_accounts;
    Profiles = capabilities.profiles;
    Consumers = capabilities.consumers;
    Languages = configuration.languages;
    Calls = calls;
);
