//! One connection at a time. It is made again after it was lost or closed.

use std::sync::Arc;
use std::time::Duration;

use kassa_sql::postgres::{ConnectError, Listening, Prepared, ServerError, Session, Target};
use kassa_sql::{Row, SqlError};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::atomicity::Atomicity;
use super::no_answer_in_time;
use super::statement::{Dependence, Spread, name_of, text_of};
use crate::StoreError;
use crate::engine::Statement;
use crate::migration::SCHEMA;

/// The longest time for one host to accept a connection.
const ACCEPT_TIMEOUT: Duration = Duration::from_secs(3);

/// The longest time until a connection can be used. A server whose process is stopped still accepts connections.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest time until the server answers a read, or has committed a group. The server ends a statement a second
/// earlier, unless it does not answer at all. Callers wait a second longer ([`super::PATIENCE`]): when a caller gets
/// its error, the connection is given up already, and the caller's next call uses a new one.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(9);

/// The time without acknowledgement or data after which a host counts as unreachable.
const SILENCE: Duration = Duration::from_secs(10);

/// The pause after a connection could not be made. Callers during the pause get the same error, so that a server
/// without free connections is not asked a thousand times a second.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(100);

/// The settings of every connection: time limits for statements and locks, because a longer one means a fault. A commit
/// that waits for a synchronous replica is no statement to PostgreSQL, so no limit ends it.
const OPTIONS: &str =
    "-c statement_timeout=8000 -c lock_timeout=4000 -c idle_in_transaction_session_timeout=15000";

/// The error codes of a server that ends the connection: an administrator shut it down, or it crashed.
const CONNECTION_ENDS: [&str; 2] = ["57P01", "57P02"];

/// Locked while the schema is brought up to date, so that nodes that start together do it in turn: "KASSA" in ASCII.
const MIGRATION_LOCK: i64 = 0x4b_4153_5341;

/// Makes a connection when there is none.
pub(super) struct Connector {
    target: Target,
    atomicity: Atomicity,
    silence: Arc<Silence>,
    current: Mutex<Current>,
}

/// When a connection to the database last fell silent.
///
/// All connections of a node take the same way through the network. If one of them falls silent, the others that were
/// made before are not used any more. Otherwise a call with several statements could wait for one silent connection
/// after the other.
#[derive(Default)]
pub(super) struct Silence(parking_lot::Mutex<Option<Instant>>);

impl Silence {
    fn noticed(&self) {
        *self.0.lock() = Some(Instant::now());
    }

    fn is_after(&self, made_at: Instant) -> bool {
        let noticed_at = *self.0.lock();
        noticed_at.is_some_and(|noticed_at| noticed_at >= made_at)
    }
}

#[derive(Default)]
enum Current {
    #[default]
    None,
    Good(Arc<Connection>),
    /// No connection could be made at that time, for this reason.
    Failed(Instant, StoreError),
}

/// One connection.
pub(super) struct Connection {
    pub(super) atomicity: Atomicity,
    pub(super) session: Session,
    pub(super) spread: Spread,
    made_at: Instant,
}

impl Connector {
    pub(super) fn new(url: &str, atomicity: Atomicity, silence: Arc<Silence>) -> Result<Self, StoreError> {
        let target = Target::of(url, ACCEPT_TIMEOUT, CONNECT_TIMEOUT)?
            .named("kassa")
            .with_options(OPTIONS)
            .silent_for_at_most(SILENCE)
            .writable_only()
            .when_lost(|error| tracing::warn!(%error, "a connection to the database was lost"));
        Ok(Self { target, atomicity, silence, current: Mutex::default() })
    }

    /// The same, for changes.
    pub(super) fn for_changes(self) -> Self {
        Self { target: self.target.by_index(), ..self }
    }

    /// The connection. If it was lost, or may be silent, this makes a new one.
    pub(super) async fn connection(&self) -> Result<Arc<Connection>, StoreError> {
        let mut current = self.current.lock().await;
        match &*current {
            Current::Good(connection) if self.is_usable(connection) => return Ok(connection.clone()),
            Current::Failed(at, error) if at.elapsed() < PAUSE_AFTER_FAILURE => return Err(error.clone()),
            Current::Good(_) | Current::Failed(..) | Current::None => {}
        }
        // In a box, because the future is large and rarely needed, and every read would contain it.
        let connected = Box::pin(self.keep_one()).await;
        *current = match &connected {
            Ok(connection) => Current::Good(connection.clone()),
            Err(error) => Current::Failed(Instant::now(), error.clone()),
        };
        connected
    }

    fn is_usable(&self, connection: &Connection) -> bool {
        !connection.session.is_closed() && !self.silence.is_after(connection.made_at)
    }

    async fn keep_one(&self) -> Result<Arc<Connection>, StoreError> {
        let made_at = Instant::now();
        let session = self.connect().await.map_err(unavailable)?;
        let prepare = async {
            session.batch(self.atomicity.session()).await?;
            spread_of(&session).await
        };
        let prepared = timeout(CONNECT_TIMEOUT, prepare).await;
        let spread = prepared.map_err(|_| unavailable(ConnectError::Late))??;
        Ok(Arc::new(Connection { atomicity: self.atomicity, session, spread, made_at }))
    }

    /// Makes another connection, beside the shared one.
    pub(super) async fn connect(&self) -> Result<Session, ConnectError> {
        self.target.connect().await
    }

    /// Makes another connection, which receives the notifications of other sessions.
    pub(super) async fn connect_listening(&self) -> Result<(Session, Listening), StoreError> {
        self.target.connect_listening().await.map_err(unavailable)
    }

    /// Closes a connection, unless another caller has done so. The next caller gets a new one. The server is asked to
    /// cancel the statements that still run on it.
    pub(super) async fn give_up(&self, connection: &Arc<Connection>) {
        let mut current = self.current.lock().await;
        if !matches!(&*current, Current::Good(good) if Arc::ptr_eq(good, connection)) {
            return;
        }
        *current = Current::None;
        let canceller = connection.session.canceller();
        tokio::spawn(canceller.cancel_within(CONNECT_TIMEOUT));
    }

    /// Closes a connection that gave no answer in time, and does not use the others that are as old.
    pub(super) async fn give_up_silent(&self, connection: &Arc<Connection>) {
        self.silence.noticed();
        self.give_up(connection).await;
    }

    /// Runs a statement that changes nothing. If the connection is lost, the statement runs once more over a new one.
    pub(super) async fn query(&self, statement: &Statement) -> Result<Vec<Row>, StoreError> {
        let connection = self.connection().await?;
        match timeout(ANSWER_TIMEOUT, connection.read(statement)).await {
            Ok(Err(error)) if is_cut(&error) => {
                self.give_up(&connection).await;
                Ok(self.connection().await?.read(statement).await?)
            }
            Ok(rows) => Ok(rows?),
            Err(_) => {
                self.give_up_silent(&connection).await;
                Err(no_answer_in_time())
            }
        }
    }
}

/// Whether the tables are spread over servers: Citus is there, or the URL says so (`options=-c kassa.spread=servers`).
const IS_SPREAD: &str = "select 1 where exists (select 1 from pg_extension where extname = 'citus')
    or coalesce(current_setting('kassa.spread', true), '') = 'servers'";

async fn spread_of(session: &Session) -> Result<Spread, StoreError> {
    let finds_none = session.simple_query(IS_SPREAD).await?.rows.is_empty();
    Ok(if finds_none { Spread::OneServer } else { Spread::Servers })
}

fn unavailable(why: ConnectError) -> StoreError {
    SqlError::from(why).into()
}

/// Whether the connection ended, or is about to: the server reported it, or no longer answers.
fn is_cut(error: &ServerError) -> bool {
    error.code().is_none_or(|code| CONNECTION_ENDS.contains(&code))
}

impl Connection {
    async fn read(&self, statement: &Statement) -> Result<Vec<Row>, ServerError> {
        let prepared = self.prepare(statement, Dependence::Independent).await?;
        self.session.query(&prepared, &statement.values).await
    }

    pub(super) async fn prepare(
        &self,
        statement: &Statement,
        dependence: Dependence,
    ) -> Result<Prepared, ServerError> {
        let text = || text_of(statement, dependence, self.spread);
        self.session.prepare(name_of(statement, dependence), &statement.values, text).await
    }
}

/// Brings the schema up to date, as the first of the nodes that start together.
pub(super) async fn bring_up_to_date(connector: &Connector) -> Result<(), StoreError> {
    connector.target.check_server().await?;
    let session = connector.connect().await.map_err(unavailable)?;
    session.batch(&format!("select pg_advisory_lock({MIGRATION_LOCK})")).await?;
    SCHEMA.bring_server_up_to_date(&session, str::to_string).await?;
    session.batch(&format!("select pg_advisory_unlock({MIGRATION_LOCK})")).await?;
    Ok(())
}
