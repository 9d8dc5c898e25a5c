//! For tests: a writer that works in the caller's place, so that a whole run can be repeated from a seed; a saboteur,
//! which proves that a simulation would notice a lost write; and the databases to run a test on.

mod cancelling;
mod contradictions;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kassa_sql::postgres::{Session, Target};
use kassa_sql::{SqlError, SqliteFile};

use crate::engine::{Answer, Unit};
use crate::sqlite::commit_group;
use crate::{Store, StoreError};

pub use cancelling::cancel_statements_while;
pub use contradictions::{CONTRADICTIONS, contradictions};

/// Names a PostgreSQL server for tests by its URL. Without it tests run on SQLite alone.
pub const POSTGRES_FOR_TESTS: &str = "KASSA_TEST_POSTGRES";

/// Asks for proofs in full by its presence: `./test --long` sets it. Otherwise a sample runs.
pub const LONG_PROOFS: &str = "KASSA_LONG_PROOFS";

/// The URL of an empty schema of its own, on the server that [`POSTGRES_FOR_TESTS`] names, if it names one.
pub async fn fresh_postgres() -> Option<String> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let url = std::env::var(POSTGRES_FOR_TESTS).ok()?;
    let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let make = format!("drop schema if exists {name} cascade; create schema {name}");
    connect_to(&url).await.batch(&make).await.expect("a schema can be made");
    let separator = if url.contains('?') { '&' } else { '?' };
    Some(format!("{url}{separator}options=-c%20search_path%3D{name}"))
}

/// The longest that PostgreSQL may take to accept a test's connection.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection of a test's own.
async fn connect_to(url: &str) -> Session {
    let target = Target::of(url, PATIENCE, PATIENCE).expect("the URL of a test can be read");
    match target.connect().await {
        Ok(session) => session,
        Err(why) => panic!("PostgreSQL runs: {}", SqlError::from(why)),
    }
}

/// A database of a test's own.
pub enum Database {
    /// A SQLite file.
    File(PathBuf),
    /// The URL of a schema on PostgreSQL.
    Postgres(String),
}

impl Database {
    /// A SQLite file in `folder`, and a schema on PostgreSQL where that runs.
    pub async fn on_each_engine(folder: &Path) -> Vec<Self> {
        let file = Self::File(folder.join("kassa.db"));
        std::iter::once(file).chain(fresh_postgres().await.map(Self::Postgres)).collect()
    }

    /// Opens it, for the first time or again.
    pub async fn open(&self) -> Store {
        let opened = match self {
            Self::File(path) => Store::open(path),
            Self::Postgres(url) => Store::connect(url).await,
        };
        opened.expect("a test's database opens")
    }
}

/// A write that is lost: a defect on purpose.
#[derive(Clone, Debug)]
pub struct Sabotage {
    /// How the statement begins that is lost, such as `insert into callback (`.
    pub statement: &'static str,
    /// Which of them, from 1: every n-th is lost.
    pub every: usize,
}

/// The connection, used in turn by whoever runs a unit.
pub(crate) struct InPlace {
    state: Mutex<State>,
}

struct State {
    file: SqliteFile,
    sabotage: Option<Sabotage>,
    seen: usize,
}

impl InPlace {
    pub(crate) fn new(file: SqliteFile, sabotage: Option<Sabotage>) -> Self {
        Self { state: Mutex::new(State { file, sabotage, seen: 0 }) }
    }

    /// Runs a unit. Before and after it the process may die: a simulation can drop the caller there.
    pub(crate) async fn run(&self, unit: Unit) -> Result<Answer, StoreError> {
        tokio::task::yield_now().await;
        let answer = self.state.lock().unwrap_or_else(PoisonError::into_inner).commit(unit);
        tokio::task::yield_now().await;
        answer
    }
}

impl State {
    fn commit(&mut self, mut unit: Unit) -> Result<Answer, StoreError> {
        if let Some(sabotage) = &self.sabotage {
            let seen = &mut self.seen;
            unit.statements.retain(|statement| {
                let is_target = statement.sql.sqlite().starts_with(sabotage.statement);
                *seen += usize::from(is_target);
                !(is_target && seen.is_multiple_of(sabotage.every))
            });
        }
        commit_group(&self.file, &[&unit]).remove(0)
    }
}
