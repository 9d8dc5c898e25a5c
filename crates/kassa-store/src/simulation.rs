//! For tests: a writer that runs in the caller's place, so that a seed can repeat a whole run; a saboteur, which proves
//! that a simulation notices a lost write; and the databases on which a test runs.

mod cancelling;
mod contradictions;
mod dump;

use std::path::{Path, PathBuf};

use kassa_sql::postgres::{Session, Target};
use kassa_sql::{SqlError, SqliteFile};
use kassa_testkit::{PATIENCE, fresh_postgres};

use crate::engine::{Answer, Unit};
use crate::sqlite::commit_group;
use crate::{Store, StoreError};

pub use cancelling::cancel_statements_while;
pub use contradictions::{CONTRADICTIONS, contradictions};
use parking_lot::Mutex;

/// If set, tests run all proofs: `./test --long` sets it. Otherwise they run a sample.
pub const LONG_PROOFS: &str = "KASSA_LONG_PROOFS";

/// A connection of a test's own.
async fn connect_to(url: &str) -> Session {
    let target = Target::of(url, PATIENCE, PATIENCE).expect("the URL of a test can be read");
    match target.connect().await {
        Ok(session) => session,
        Err(why) => panic!("PostgreSQL runs: {}", SqlError::from(why)),
    }
}

/// A database of a test's own.
#[derive(Debug)]
pub enum Database {
    /// A SQLite file.
    File(PathBuf),
    /// The URL of a schema on PostgreSQL.
    Postgres(String),
}

impl Database {
    /// A SQLite file in `folder`, and a schema on PostgreSQL if there is a server for tests.
    pub async fn on_each_engine(folder: &Path) -> Vec<Self> {
        let file = Self::File(folder.join("kassa.db"));
        std::iter::once(file).chain(fresh_postgres().await.map(Self::Postgres)).collect()
    }

    /// The name of its engine.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        match self {
            Self::File(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// Opens it, for the first time or again.
    pub async fn open(&self) -> Store {
        let opened = match self {
            Self::File(path) => Store::open(path),
            Self::Postgres(url) => Store::connect(url).await,
        };
        opened.expect("a test's database opens")
    }

    /// Runs statements beside the store, as somebody who can write the database does.
    pub async fn tamper(&self, sql: &str) {
        let done = match self {
            Self::File(path) => SqliteFile::open(path, PATIENCE).and_then(|file| file.batch(sql)),
            Self::Postgres(url) => connect_to(url).await.batch(sql).await.map_err(SqlError::from),
        };
        if let Err(why) = done {
            panic!("{sql}: {why}");
        }
    }
}

/// A defect on purpose: some writes are lost.
#[derive(Clone, Debug)]
pub struct Sabotage {
    /// The beginning of the statements that may be lost, such as `insert into callback (`.
    pub statement: &'static str,
    /// Every n-th of these statements is lost, counted from 1.
    pub every: usize,
}

/// The connection. Callers use it in turn, each for its unit.
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

    /// Runs a unit. A simulation can drop the caller before and after it, as if the process died.
    pub(crate) async fn run(&self, unit: Unit) -> Result<Answer, StoreError> {
        tokio::task::yield_now().await;
        let answer = self.state.lock().commit(unit);
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
