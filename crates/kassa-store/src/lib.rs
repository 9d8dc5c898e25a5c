//! All SQL of Kassa: one text for both engines, behind units of guarded statements.

mod audit;
mod callbacks;
mod clocks;
mod confirmations;
mod console_sessions;
mod consumers;
mod engine;
mod erasure;
mod error;
mod feed;
mod fraud_checks;
mod inventory;
mod lab;
mod merchants;
mod message_deliveries;
mod messages;
mod migration;
mod notifications;
mod operations;
mod operators;
mod order_references;
mod orders;
mod overview;
mod page_sessions;
mod payment_accounts;
mod payment_sessions;
mod portable;
mod postgres;
mod profiles;
mod reading;
mod recent_sessions;
mod recorded_requests;
mod redelivery;
mod remote_payments;
mod retention;
mod seal;
mod search_terms;
mod secret_box;
mod session_list;
mod session_search;
mod session_timers;
mod settings;
#[cfg(feature = "simulation")]
pub mod simulation;
mod sqlite;
mod started_payments;
mod timeline;
mod timings;

use std::path::Path;
use std::sync::Arc;

pub use audit::{
    ChainEnds, ChainedEntry, ChainedEvent, ChainedSource, ComparedAccount, ComparedSession, FeedEnds, NewAct,
};
pub use callbacks::{
    Attempt, AttemptResult, Backlog, Claim, ClaimedCallback, NewCallback, NewPaymentCallback,
    PaymentCallbackRow, Settlement,
};
pub use clocks::MerchantClock;
pub use confirmations::{ClaimedConfirmation, ClaimedConfirmations, NextRead, PayButton, ReadSchedule};
pub use console_sessions::{ConsoleSession, NewConsoleSession};
pub use consumers::{
    ConsumerIdentity, ConsumerPageSession, ConsumerSearch, ConsumerText, ERASED, OwnedTexts, RedactedOrders,
    ScanPage, ScanPlace, UnreadableTexts, WrongIdentity,
};
pub use erasure::TestMerchant;
pub use error::StoreError;
pub use feed::{FeedEvent, FeedFilter, FeedPage};
pub use fraud_checks::{DueNotification, FraudCheckCommit};
pub use inventory::{DataClass, Erasure, InventoryTable, KeptFor, SensitiveColumn, Storage, data_inventory};
pub use lab::Expired;
pub use merchants::{Credential, DatedCredential, MerchantRow};
pub use message_deliveries::{
    AfterAttempt, ClaimedDelivery, DeliveriesBacklog, DeliveryState, MessageAttempt, NewDelivery,
};
pub use messages::Message;
pub use migration::schema;
pub use notifications::Notification;
pub use operations::{ClaimedOperation, NewOperation, OperationEnd, OperationRow, OperationsBacklog};
pub use operators::{DatedOperator, OperatorIdentity, OperatorRow};
pub use order_references::{ClaimedReferenceRead, ReferenceSchedule};
pub use orders::{IdempotentAnswer, IdempotentOutcome, StoredCustomerToken, StoredOrder, SystemOrder};
pub use overview::{AttemptFact, RetryingEndpoint, SessionFact, StuckOperation};
pub use page_sessions::{Advance, AdvanceOutcome, CommitOutcome, NewAuthorization};
pub use payment_accounts::PaymentAccountRow;
pub use payment_sessions::{AuthorizationOrder, PlaceOrderOutcome};
pub use portable::ImportOutcome;
pub use profiles::{CreateProfileOutcome, ProfileRow};
pub use recorded_requests::RecordedRequest;
pub use redelivery::RedeliveredCallbacks;
pub use remote_payments::RemoteContent;
pub use retention::{Candidate, ExpiredKind};
pub use seal::{DataSeal, KeyRegistration, Resealing, SealKey, SealScope, UnreadableSeal};
pub use search_terms::EmailHasher;
pub use secret_box::SecretBox;
pub use session_list::{ListedSession, SessionFilter, SessionPage};
pub use session_search::{FoundSession, SearchFilter, SearchPage, SearchTerm, SortOrder};
pub use session_timers::{NewTimer, SessionTimer};
pub use timeline::{AttemptRow, EventRow, Note, NoteRow};
pub use timings::StoreTimings;

use engine::{Answer, Statement, Unit};
use kassa_sql::postgres::Target;
use kassa_sql::{Cause, Row, Value};
use postgres::{Atomicity, Postgres};
use search_terms::SearchTerms;
use sqlite::Sqlite;
use tokio::time::Instant;

/// The store: every method answers only when what it says is durable.
#[derive(Clone)]
pub struct Store {
    engine: Arc<Engine>,
    seal: DataSeal,
    email_hasher: Option<EmailHasher>,
}

/// The engine that runs units. Callers see no difference between the engines.
///
/// The futures of PostgreSQL are large, and each of them is on the heap. Otherwise they would be a part of the futures
/// of all callers, which also move with SQLite.
enum Engine {
    Sqlite(Box<Sqlite>),
    Postgres(Box<Postgres>),
}

impl Store {
    /// Opens the SQLite file at `path`, makes it where there is none, and brings its schema up to date.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self::on(Engine::Sqlite(Box::new(Sqlite::open(path)?))))
    }

    /// Connects to the PostgreSQL database of this URL (`postgres://user@host/name`, several hosts separated by
    /// commas), and brings its schema up to date.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let postgres = Postgres::connect(url, Atomicity::Transaction).await?;
        Ok(Self::on(Engine::Postgres(Box::new(postgres))))
    }

    /// Connects as [`Store::connect`] does, to a database on which every statement commits alone: a defect on purpose.
    #[cfg(feature = "simulation")]
    pub async fn connect_without_transactions(url: &str) -> Result<Self, StoreError> {
        let postgres = Postgres::connect(url, Atomicity::Missing).await?;
        Ok(Self::on(Engine::Postgres(Box::new(postgres))))
    }

    /// Opens as [`Store::open`] does, with a writer that works in the caller's place.
    #[cfg(feature = "simulation")]
    pub fn open_in_place(path: &Path, sabotage: Option<simulation::Sabotage>) -> Result<Self, StoreError> {
        Ok(Self::on(Engine::Sqlite(Box::new(Sqlite::open_in_place(path, sabotage)?))))
    }

    fn on(engine: Engine) -> Self {
        Self { engine: Arc::new(engine), seal: DataSeal::default(), email_hasher: None }
    }

    /// The same database, with secrets and data of consumers encrypted by this seal.
    #[must_use]
    pub fn sealing(self, seal: DataSeal) -> Self {
        Self { seal, ..self }
    }

    /// The same database. Payment sessions can be searched by the e-mail address, which this hashes.
    #[must_use]
    pub fn hashing_emails(self, hasher: EmailHasher) -> Self {
        Self { email_hasher: Some(hasher), ..self }
    }

    /// The values of the columns with the search terms of a payment session with this content.
    fn search_terms(&self, body: &str) -> [Value<'static>; 5] {
        SearchTerms::of(body, self.email_hasher.as_ref()).into_values()
    }

    /// Closes the database, for every clone of this store: commits what is queued, and refuses what comes later. On
    /// SQLite the file is whole by itself afterwards, unless another process still uses it. Callers bound the time.
    pub async fn close(&self) {
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.close().await,
            // Its connections end with the process: nothing that was acknowledged is kept in them.
            Engine::Postgres(_) => {}
        }
    }

    /// Removes earlier versions of changed rows, as far as this is possible while others use the database. On SQLite
    /// they are in the log. On PostgreSQL the server removes them later.
    pub async fn remove_old_versions(&self) -> Result<(), StoreError> {
        self.on_file(Sqlite::empty_log).await.map(drop)
    }

    /// Whether [`Store::compact`] can rewrite this database.
    #[must_use]
    pub fn can_compact(&self) -> bool {
        match &*self.engine {
            Engine::Sqlite(_) => true,
            Engine::Postgres(_) => false,
        }
    }

    /// Rewrites a SQLite file without unused space. Writers wait meanwhile. `false` on PostgreSQL, where nothing is
    /// done.
    pub async fn compact(&self) -> Result<bool, StoreError> {
        let compact = |sqlite: &Sqlite| sqlite.compact().and_then(|()| sqlite.empty_log());
        self.on_file(compact).await
    }

    /// Works on a SQLite file for a long time, in a thread of its own. `false` on PostgreSQL, where nothing is done.
    async fn on_file(
        &self,
        work: impl FnOnce(&Sqlite) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<bool, StoreError> {
        let engine = self.engine.clone();
        let worked = tokio::task::spawn_blocking(move || match &*engine {
            Engine::Sqlite(sqlite) => work(sqlite).map(|()| true),
            Engine::Postgres(_) => Ok(false),
        });
        worked.await.map_err(|error| StoreError::Fault(Cause::of(error)))?
    }

    /// Checks the URL of a PostgreSQL database as [`Store::connect`] reads it, without connecting.
    pub fn check_url(url: &str) -> Result<(), StoreError> {
        Ok(Target::check(url)?)
    }

    /// The times of this database, from the view of this node.
    #[must_use]
    pub fn timings(&self) -> &StoreTimings {
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.timings(),
            Engine::Postgres(postgres) => postgres.timings(),
        }
    }

    /// The kind of the database: `sqlite` or `postgres`.
    #[must_use]
    pub fn engine_name(&self) -> &'static str {
        match &*self.engine {
            Engine::Sqlite(_) => "sqlite",
            Engine::Postgres(_) => "postgres",
        }
    }

    async fn run(&self, unit: Unit) -> Result<Answer, StoreError> {
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.run(unit).await,
            Engine::Postgres(postgres) => Box::pin(postgres.run(unit)).await,
        }
    }

    /// Runs a unit that cannot be refused.
    async fn run_unguarded(&self, unit: Unit) -> Result<Vec<Row>, StoreError> {
        match self.run(unit).await? {
            Answer::Committed(rows) => Ok(rows),
            Answer::Refused(guard) => {
                Err(StoreError::Fault(format!("an unguarded unit was refused by {guard:?}").into()))
            }
        }
    }

    /// Runs a unit that changes everything or nothing, and says which.
    async fn run_guarded(&self, unit: Unit) -> Result<bool, StoreError> {
        Ok(match self.run(unit).await? {
            Answer::Committed(_) => true,
            Answer::Refused(_) => false,
        })
    }

    async fn rows<T>(
        &self,
        statement: Statement,
        read: impl Fn(&mut Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let begun_at = Instant::now();
        let rows = match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.query(&statement, read),
            Engine::Postgres(postgres) => Box::pin(postgres.query(&statement, read)).await,
        };
        self.timings().read_ended(begun_at);
        rows
    }

    async fn row<T>(
        &self,
        statement: Statement,
        read: impl Fn(&mut Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.rows(statement, read).await?.into_iter().next())
    }
}
