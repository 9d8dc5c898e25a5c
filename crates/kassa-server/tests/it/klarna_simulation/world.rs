//! One run: the system starts several times on one database, and is killed at a random moment each time but the last.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use kassa_domain::{Actor as Cause, MerchantId};
use kassa_engine::{AccountKeys, Random, Requester, ScriptSources, SeededRandom};
use kassa_server::{App, Configuration, KlarnaRules, KlarnaSetup, Mode, PaymentSetup, Store, router};
use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::actors::{Actor, Sessions};
use super::checks::check;
use super::service::{START_MS, Service};
use crate::harness::Caller;
use crate::simulation::{Dice, SimulatedClock, folder};

/// The key of a file of account keys: 32 bytes.
const KEY: &str = "a2V5LWtleS1rZXkta2V5LWtleS1rZXkta2V5LWtleTE=";

/// The time after which the schedule of reads has found every authorization: a token can be used for an hour.
const LONG_ENOUGH: Duration = Duration::from_secs(90 * 60);

/// A part that the system lacks, to show that the checks notice it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Defect {
    None,
    /// Payments are not read on a schedule.
    NoConfirmations,
    /// Operations are not repeated.
    NoOperations,
    /// References of orders are not read again.
    NoReferences,
}

struct World {
    folder: TempDir,
    seed: u64,
    defect: Defect,
    clock: SimulatedClock,
    klarna: Service,
    dice: Arc<Dice>,
    sessions: Sessions,
}

/// Runs the simulation once. An `Err` names the broken rule.
pub(super) fn run(seed: u64, defect: Defect) -> Result<String, String> {
    let folder: PathBuf = folder();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let clock = SimulatedClock::starting_at(START_MS);
        let world = World {
            folder: TempDir::new_in(folder).unwrap(),
            seed,
            defect,
            clock,
            klarna: Service::new(seed.wrapping_add(1), Instant::now()),
            dice: Arc::new(Dice::new(seed)),
            sessions: Sessions::default(),
        };
        for life in 0..world.dice.below(3) {
            world.run_and_kill(life).await;
        }
        world.run_to_the_end().await
    })
}

impl World {
    async fn app(&self, life: u64) -> App {
        let store = Store::open_in_place(&self.folder.path().join("kassa.db"), None).unwrap();
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(self.seed * 16 + life));
        let rules = KlarnaRules {
            allowed_base_urls: vec!["https://klarna.example".parse().unwrap()],
            script_url: "https://klarna.example/api.js".to_string(),
            extra_sources: ScriptSources::default(),
            read_timeout: Duration::from_secs(3),
            order_timeout: Duration::from_secs(15),
            reads_per_second: 20,
        };
        let klarna: Arc<Service> = Arc::new(self.klarna.clone());
        let setup = PaymentSetup {
            klarna: Some(KlarnaSetup { rules, outgoing: klarna.clone() }),
            ..PaymentSetup::default()
        };
        let configuration = Configuration {
            account_keys: Some(AccountKeys::parse(KEY).unwrap()),
            ..Configuration::new(Mode::Live, "https://kassa.example")
        };
        let clock = Arc::new(self.clock.clone());
        let app = App::new(store, clock, random, klarna, setup, configuration).await.unwrap();
        let accounts = app.accounts();
        accounts
            .add_merchant(
                "merchant",
                "merchant",
                "merchant_user",
                "secret",
                &Requester::in_process(Cause::CommandLine),
            )
            .await
            .unwrap();
        let account = json!({"base_url": "https://klarna.example", "username": "u", "password": "p"});
        let account = serde_json::from_value(account).unwrap();
        let merchant = MerchantId::new("merchant");
        app.payment_accounts()
            .set(&merchant, &account, &Requester::in_process(Cause::CommandLine))
            .await
            .unwrap();
        app
    }

    /// Starts the background work of a node, apart from the parts that the defect removes.
    fn start(&self, app: &App, tasks: &mut JoinSet<()>) {
        let work = || (app.engine().clone(), CancellationToken::new());
        let (engine, stop) = work();
        tasks.spawn(async move { engine.complete_until(stop).await });
        let (engine, stop) = work();
        if self.defect != Defect::NoOperations {
            tasks.spawn(async move { engine.carry_out_until(stop).await });
        }
        let (engine, stop) = work();
        if self.defect != Defect::NoConfirmations {
            tasks.spawn(async move { engine.confirm_until(stop).await });
        }
        let (engine, stop) = work();
        if self.defect != Defect::NoReferences {
            tasks.spawn(async move { engine.read_references_until(stop).await });
        }
    }

    fn send_actors(&self, app: &App, tasks: &mut JoinSet<()>) {
        for _ in 0..2 {
            let actor = Actor {
                caller: Caller::new(router(app), "merchant_user", "secret"),
                klarna: self.klarna.clone(),
                dice: self.dice.clone(),
                sessions: self.sessions.clone(),
            };
            tasks.spawn(actor.act());
        }
    }

    async fn run_and_kill(&self, life: u64) {
        let app = self.app(life).await;
        let mut tasks = JoinSet::new();
        self.start(&app, &mut tasks);
        self.send_actors(&app, &mut tasks);
        for _ in 0..self.dice.below(400) {
            tokio::task::yield_now().await;
        }
        sleep(Duration::from_millis(self.dice.below(5_000))).await;
        tasks.shutdown().await;
    }

    /// Runs the system for the last time: Klarna recovers, all work ends, and the rules are checked.
    async fn run_to_the_end(&self) -> Result<String, String> {
        let app = self.app(15).await;
        let mut tasks = JoinSet::new();
        self.start(&app, &mut tasks);
        self.send_actors(&app, &mut tasks);
        sleep(Duration::from_secs(120)).await;
        self.klarna.heal();
        sleep(Duration::from_secs(20 * 60)).await;
        // A token that nobody has must be found before it expires.
        let caller = Caller::new(router(&app), "merchant_user", "secret");
        let sessions = self.sessions.lock().unwrap().clone();
        let books = self.klarna.books().clone();
        check(&caller, &sessions, &books).await?;
        sleep(LONG_ENOUGH).await;
        let books = self.klarna.books().clone();
        let checked = check(&caller, &sessions, &books).await;
        tasks.shutdown().await;
        checked
    }
}
