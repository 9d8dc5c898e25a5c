//! One run: the system starts several times on one database, and is killed at a random moment each time but the last.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use kassa_domain::{Actor, Timestamp};
use kassa_engine::{Clock, Monotonic, Random, Requester, SeededRandom};
use kassa_sandbox::Sandbox;
use kassa_server::{App, Configuration, Mode, PaymentSetup, Store, router};
use kassa_store::simulation::Sabotage;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::actors::{Memory, Orders, act};
use super::checks::{self, Evidence};
use super::dice::Dice;
use super::receiver::Receiver;
use super::remote::{Books, Remote};
use crate::harness::Caller;

/// Simulated time: the runtime's paused clock, which advances only when all tasks wait.
#[derive(Clone)]
pub struct SimulatedClock {
    begun: Instant,
    start_ms: i64,
}

impl SimulatedClock {
    /// Begins now, at this date.
    pub fn starting_at(start_ms: i64) -> Self {
        Self { begun: Instant::now(), start_ms }
    }
}

impl Clock for SimulatedClock {
    fn system_now(&self) -> Timestamp {
        Timestamp::from_ms(self.start_ms + self.monotonic_now().as_ms())
    }

    fn monotonic_now(&self) -> Monotonic {
        Monotonic::from_ms(i64::try_from(self.begun.elapsed().as_millis()).unwrap())
    }

    fn sleep_until(&self, at: Monotonic) -> BoxFuture<'static, ()> {
        let wait_ms = at.ms_since(self.monotonic_now()).max(1);
        Box::pin(sleep(Duration::from_millis(wait_ms.unsigned_abs())))
    }
}

/// The parts of a run that survive a kill of the process.
struct World<'a> {
    folder: &'a Path,
    seed: u64,
    sabotage: Option<Sabotage>,
    clock: SimulatedClock,
    receiver: Receiver,
    memory: Memory,
    /// The books of a remote payment system. `None` if the sandbox is the payment system.
    remote: Option<Arc<Mutex<Books>>>,
    dice: Arc<Dice>,
    kills: Mutex<Vec<Instant>>,
}

/// Runs the simulation once and returns its summary. An `Err` names the broken promise.
pub(super) fn run(seed: u64, sabotage: Option<Sabotage>, folder: &Path) -> Result<String, String> {
    let folder = tempfile::TempDir::new_in(folder).unwrap();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let world = World {
            folder: folder.path(),
            seed,
            sabotage,
            clock: SimulatedClock::starting_at(1_767_225_600_000),
            receiver: Receiver::new(seed.wrapping_add(1)),
            memory: Memory::default(),
            remote: (!seed.is_multiple_of(2)).then(Arc::default),
            dice: Arc::new(Dice::new(seed)),
            kills: Mutex::default(),
        };
        for life in 0..world.dice.below(3) {
            world.run_and_kill(life).await;
        }
        world.run_to_the_end().await
    })
}

impl World<'_> {
    async fn app(&self, life: u64) -> App {
        let store = Store::open_in_place(&self.folder.join("kassa.db"), self.sabotage.clone()).unwrap();
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(self.seed * 16 + life));
        let app = App::new(
            store,
            Arc::new(self.clock.clone()),
            random.clone(),
            Arc::new(self.receiver.clone()),
            self.payment_setup(random),
            Configuration::new(Mode::Sandbox, "https://kassa.example"),
        )
        .await
        .unwrap();
        app.accounts()
            .add_merchant(
                "merchant",
                "merchant",
                "merchant_user",
                "secret",
                &Requester::in_process(Actor::CommandLine),
            )
            .await
            .unwrap();
        app
    }

    fn payment_setup(&self, random: Arc<dyn Random>) -> PaymentSetup {
        let sandbox = Sandbox::new(random);
        match &self.remote {
            Some(books) => Arc::new(Remote::new(sandbox, books.clone(), self.dice.clone())).into(),
            None => Arc::new(sandbox).into(),
        }
    }

    fn start(&self, app: &App, tasks: &mut JoinSet<()>) {
        let engine = app.engine().clone();
        tasks.spawn(async move { engine.deliver_until(CancellationToken::new()).await });
        let engine = app.engine().clone();
        tasks.spawn(async move { engine.complete_until(CancellationToken::new()).await });
        let engine = app.engine().clone();
        tasks.spawn(async move { engine.carry_out_until(CancellationToken::new()).await });
        let orders = if self.remote.is_some() { Orders::OfThePage } else { Orders::OfAnybody };
        for _ in 0..3 {
            let caller = Caller::new(router(app), "merchant_user", "secret");
            tasks.spawn(act(caller, self.memory.clone(), self.dice.clone(), orders, 4));
        }
    }

    /// Runs the system for a while, then kills it at a random moment.
    async fn run_and_kill(&self, life: u64) {
        let app = self.app(life).await;
        let mut tasks = JoinSet::new();
        self.start(&app, &mut tasks);
        for _ in 0..self.dice.below(400) {
            tokio::task::yield_now().await;
        }
        sleep(Duration::from_millis(self.dice.below(4_000))).await;
        tasks.shutdown().await;
        self.kills.lock().unwrap().push(Instant::now());
    }

    /// Runs the system for the last time: the receiver recovers, all callbacks end, and the promises are checked.
    async fn run_to_the_end(&self) -> Result<String, String> {
        let app = self.app(15).await;
        let mut tasks = JoinSet::new();
        self.start(&app, &mut tasks);
        sleep(Duration::from_secs(20)).await;
        self.receiver.heal();
        if let Some(books) = &self.remote {
            books.lock().unwrap().is_healthy = true;
        }
        let caller = Caller::new(router(&app), "merchant_user", "secret");
        for _ in 0..60 {
            sleep(Duration::from_secs(10)).await;
            let metrics = caller.page("/metrics").await;
            let is_over = |gauge: &str| metrics.contains(&format!("kassa_{gauge} 0\n"));
            if is_over("callbacks_waiting") && is_over("payment_operations_due") {
                break;
            }
        }
        let answers = self.memory.lock().unwrap().clone();
        let secret = app.accounts().callback_secret("merchant").await.unwrap();
        let kills = self.kills.lock().unwrap().clone();
        let evidence =
            Evidence { answers: &answers, receiver: &self.receiver, kills: &kills, secret: &secret };
        let books = self.remote.as_ref().map(|books| books.lock().unwrap());
        let checked = checks::check(&caller, &evidence, books.as_deref()).await;
        drop(books);
        tasks.shutdown().await;
        checked
    }
}
