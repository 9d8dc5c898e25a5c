//! Puts the engine together, and hands out its capabilities.

use std::sync::Arc;

use kassa_store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::accounts::{Accounts, MerchantCache};
use crate::audit::{ActLog, AuditTrail};
use crate::callbacks::slots::DueCallbacks;
use crate::clock::Clock;
use crate::consumers::Consumers;
use crate::courier::Courier;
use crate::engine::Engine;
use crate::expiry::ClassRetention;
use crate::health::Health;
use crate::keys::Keys;
use crate::links::{Addresses, Links};
use crate::merchant_limits::MerchantLimits;
use crate::merchant_links::AppSchemes;
use crate::messages::{MessageQueue, Messengers};
use crate::metrics::{CountedElsewhere, HttpMetrics, Metrics, PaymentCallMetrics};
use crate::mode::Mode;
use crate::news::News;
use crate::parts::EngineParts;
use crate::payment_accounts::PaymentAccounts;
use crate::payment_system::PaymentSystems;
use crate::payments::Payments;
use crate::profiles::Profiles;
use crate::random::Random;
use crate::rate_limits::{RateLimits, Rates};
use crate::reads::Reads;
use crate::requests::Requests;
use crate::shared_time::SharedTime;
use crate::test_controls::TestControls;
use crate::timeline::Timelines;
use crate::traces::Traces;

/// The parts from which an engine is made.
pub struct EngineSetup {
    /// The database.
    pub store: Store,
    /// The clock. A merchant may have a time of its own.
    pub clock: Arc<dyn Clock>,
    /// The source of ids, tokens and secrets.
    pub random: Arc<dyn Random>,
    /// The source of short-lived values ([`Random::ephemeral`]).
    pub ephemeral_random: Arc<dyn Random>,
    /// The carrier of callbacks.
    pub courier: Arc<dyn Courier>,
    /// The ways to send messages to consumers.
    pub messengers: Messengers,
    /// The payment systems behind the page.
    pub payment_systems: PaymentSystems,
    /// The counters of the calls to payment systems.
    pub payment_calls: PaymentCallMetrics,
    /// The traces of requests, payment operations and callbacks.
    pub traces: Traces,
    /// Whether money moves.
    pub mode: Mode,
    /// The calls that each merchant may make in a second.
    pub rates: Rates,
    /// The address at which the outside reaches this system, without a trailing slash.
    pub base_url: String,
    /// Further addresses at which callers reach this system. A payment session may be named by each of them.
    pub other_urls: Vec<String>,
    /// The origin of the consumers' pages, if it is another than that of the APIs.
    pub page_url: Option<String>,
    /// The app links that merchants may use.
    pub app_schemes: AppSchemes,
    /// Whether callbacks may go over plain HTTP.
    pub allows_http_callbacks: bool,
    /// The accounts of merchants at payment systems.
    pub payment_accounts: PaymentAccounts,
    /// Page sessions are deleted this long after they have expired, with everything that belongs to them, in
    /// milliseconds.
    pub retention_ms: i64,
    /// How long classes of data are kept that are deleted before their page sessions.
    pub class_retention: ClassRetention,
    /// Entries of merchants' audit chains are removed this long after they were recorded, in milliseconds. `None` keeps
    /// them forever.
    pub audit_retention_ms: Option<i64>,
    /// Cancelled when the node is about to stop, while it still accepts requests.
    pub draining: CancellationToken,
    /// Cancelled when the node stops. Long polls end.
    pub stop: CancellationToken,
}

/// The capabilities of one engine. Cloning one costs a reference count.
#[derive(Clone)]
pub struct Capabilities {
    /// Creates page sessions and changes them.
    pub engine: Engine,
    /// Reads page sessions and the feed.
    pub reads: Reads,
    /// Records finished requests.
    pub requests: Requests,
    /// Reads the timelines of page sessions.
    pub timelines: Timelines,
    /// Merchants, credentials and operators.
    pub accounts: Accounts,
    /// Counts the calls of each merchant.
    pub rate_limits: RateLimits,
    /// The addresses that this system gives out, and those that it accepts from merchants.
    pub links: Links,
    /// Wakes long polls.
    pub news: News,
    /// Readiness and metrics.
    pub health: Health,
    /// The records of the sandbox: payment sessions, authorizations, customer tokens and orders.
    pub payments: Payments,
    /// Merchants' accounts at payment systems.
    pub payment_accounts: PaymentAccounts,
    /// The profiles of merchants.
    pub profiles: Profiles,
    /// Counts the calls that the node answers.
    pub http_metrics: HttpMetrics,
    /// The records of the test controls.
    pub test_controls: TestControls,
    /// The verification and the export of the audit trail.
    pub audit: AuditTrail,
    /// Shows and erases the data of consumers.
    pub consumers: Consumers,
}

/// The parts that the capabilities depend on.
struct Foundation {
    store: Store,
    keys: Keys,
    time: Arc<SharedTime>,
    merchants: Arc<MerchantCache>,
    metrics: Arc<Metrics>,
    acts: ActLog,
}

impl Foundation {
    async fn of(setup: &EngineSetup) -> Result<Self, StoreError> {
        let EngineSetup { clock, random, ephemeral_random, .. } = setup;
        let keys = Keys::load(&setup.store, &**random).await?;
        let store = setup.store.clone().hashing_emails(keys.email_hasher());
        store.learn_seal_scope().await?;
        let metrics = Metrics::new(&CountedElsewhere {
            database: store.timings().clone(),
            engine: store.engine_name(),
            payment_calls: setup.payment_calls.clone(),
        });
        Ok(Self {
            keys,
            time: Arc::new(SharedTime::with(&store, clock.clone()).await?),
            merchants: Arc::new(MerchantCache::new(store.clone(), clock.clone())),
            metrics: Arc::new(metrics),
            acts: ActLog::new(clock.clone(), ephemeral_random.clone()),
            store,
        })
    }
}

impl Capabilities {
    /// Starts an engine. Creates the system's keys at the first start with a database.
    pub async fn start(setup: EngineSetup) -> Result<Self, StoreError> {
        let Foundation { store, keys, time, merchants, metrics, acts } = Foundation::of(&setup).await?;
        let EngineSetup { clock, random, mode, .. } = setup;
        let audit = AuditTrail::new(store.clone());
        let news = News::new(clock.clone(), setup.stop);
        let links = Links::new(
            Addresses { base_url: setup.base_url, other_urls: setup.other_urls, page_url: setup.page_url },
            keys.clone(),
            setup.app_schemes,
            setup.allows_http_callbacks,
        );
        let accounts = Accounts::new(
            store.clone(),
            clock.clone(),
            random.clone(),
            keys.clone(),
            merchants.clone(),
            metrics.clone(),
            acts.clone(),
        );
        let profiles =
            Profiles::new(store.clone(), clock.clone(), random.clone(), acts.clone(), links.clone());
        let rate_limits = RateLimits::new(setup.rates, clock.clone(), metrics.clone());
        let requests = Requests::new(store.clone(), clock.clone(), metrics.clone());
        let parts = Arc::new(EngineParts {
            requests: requests.clone(),
            callbacks: Arc::new(DueCallbacks::new(time.clone())),
            operations: Arc::default(),
            limits: MerchantLimits::new(mode, &setup.messengers),
            messages: MessageQueue::new(setup.messengers, setup.payment_systems.sandbox.is_some()),
            ephemeral_random: setup.ephemeral_random,
            retention_ms: setup.retention_ms,
            class_retention: setup.class_retention,
            audit_retention_ms: setup.audit_retention_ms,
            courier: setup.courier,
            payment_systems: setup.payment_systems,
            payment_accounts: setup.payment_accounts.clone(),
            profiles: profiles.clone(),
            reads: Reads::new(store.clone()),
            news: news.clone(),
            store,
            clock,
            time,
            random,
            merchants,
            metrics,
            traces: setup.traces,
            acts,
        });
        Ok(Self {
            engine: Engine::new(parts.clone()),
            reads: parts.reads.clone(),
            accounts,
            rate_limits,
            news,
            http_metrics: parts.metrics.http.clone(),
            health: Health::new(parts.clone(), setup.draining),
            requests,
            timelines: Timelines::new(parts.clone(), keys.clone()),
            payments: Payments::new(parts.clone(), keys, links.clone()),
            payment_accounts: setup.payment_accounts,
            profiles,
            consumers: Consumers::new(parts.clone()),
            test_controls: TestControls::new(parts),
            audit,
            links,
        })
    }
}
