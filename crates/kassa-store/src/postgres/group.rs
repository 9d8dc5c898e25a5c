//! Commits a group of units in one transaction and one round trip.
//!
//! `begin`, the statements and `commit` are sent together, and the server answers each of them separately. So no
//! statement may rely on the success of an earlier one: [`super::atomicity`] makes the group atomic.

use std::pin::Pin;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, MaybeDone, maybe_done};
use kassa_sql::Row;
use kassa_sql::postgres::ServerError;
use tokio::time::{Instant, timeout_at};

use super::connection::{Connection, Connector};
use super::{PATIENCE, no_answer_in_time};
use crate::StoreError;
use crate::engine::{Answer, Guard, Statement, Unit};

/// A guard whose condition is not met divides by zero.
const DIVISION_BY_ZERO: &str = "22012";

/// A failed transaction refuses the statements after the failure.
const IN_FAILED_TRANSACTION: &str = "25P02";

/// Commits the units together, within [`PATIENCE`].
///
/// If a unit rolls the group back, each unit is committed alone, so that no unit fails because of another. If the
/// outcome is unknown, no unit is sent again.
pub(super) async fn commit(connector: &Connector, units: &[&Unit]) -> Vec<Result<Answer, StoreError>> {
    let deadline = Instant::now() + PATIENCE;
    match try_commit(connector, units, deadline).await {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        Err(NotCommitted::Unknown(error)) => units.iter().map(|_| Err(error.clone())).collect(),
        Err(NotCommitted::Refused(_) | NotCommitted::RolledBack(_)) if units.len() > 1 => {
            let mut answers = Vec::with_capacity(units.len());
            for unit in units {
                answers.push(commit_alone(connector, unit, deadline).await);
            }
            answers
        }
        Err(why) => vec![why.answer()],
    }
}

async fn commit_alone(connector: &Connector, unit: &Unit, deadline: Instant) -> Result<Answer, StoreError> {
    let answers = try_commit(connector, &[unit], deadline)
        .await
        .or_else(|why| why.answer().map(|answer| vec![answer]))?;
    answers.into_iter().next().ok_or_else(|| StoreError::Fault("a unit had no answer".into()))
}

/// The reason why a group was not committed.
enum NotCommitted {
    /// The condition of a guard was not met, and the transaction was rolled back as intended.
    Refused(Guard),
    /// The server reported an error, and changed nothing.
    RolledBack(ServerError),
    /// The server may have committed the group: its answer did not arrive, or cannot be read.
    Unknown(StoreError),
}

impl NotCommitted {
    /// The answer to the only unit of a group.
    fn answer(self) -> Result<Answer, StoreError> {
        match self {
            Self::Refused(guard) => Ok(Answer::Refused(guard)),
            Self::RolledBack(error) => Err(error.into()),
            Self::Unknown(error) => Err(error),
        }
    }
}

/// Sends the group. The connection is closed after anything but a commit or a refused guard, because its state is
/// unknown.
async fn try_commit(
    connector: &Connector,
    units: &[&Unit],
    deadline: Instant,
) -> Result<Vec<Answer>, NotCommitted> {
    let connection = connector.connection().await.map_err(NotCommitted::Unknown)?;
    let Ok(committed) = timeout_at(deadline, send(&connection, units)).await else {
        connector.give_up_silent(&connection).await;
        return Err(NotCommitted::Unknown(no_answer_in_time()));
    };
    if let Err(NotCommitted::RolledBack(_) | NotCommitted::Unknown(_)) = committed {
        connector.give_up(&connection).await;
    }
    committed
}

async fn send(connection: &Connection, units: &[&Unit]) -> Result<Vec<Answer>, NotCommitted> {
    let statements: Vec<_> = units.iter().flat_map(|unit| &unit.statements).collect();
    let mut prepared = Vec::with_capacity(statements.len());
    for statement in &statements {
        prepared.push(connection.prepare(statement).await.map_err(NotCommitted::by)?);
    }
    let session = &connection.session;
    let nothing = |done: Result<(), ServerError>| done.map(|()| Vec::new());
    let mut steps: Vec<BoxFuture<'_, Result<Vec<Row>, ServerError>>> =
        Vec::with_capacity(statements.len() + 2);
    steps.push(session.batch(connection.atomicity.begin()).map(nothing).boxed());
    for (statement, prepared) in statements.iter().zip(&prepared) {
        steps.push(match statement.guard {
            Some(_) => {
                session.execute(prepared, &statement.values).map(|done| done.map(|_| Vec::new())).boxed()
            }
            None => session.query(prepared, &statement.values).boxed(),
        });
    }
    steps.push(session.batch(connection.atomicity.commit()).map(nothing).boxed());
    let mut rows = rows_of_all(in_one_go(steps).await, &statements)?.into_iter().skip(1);
    Ok(units.iter().map(|unit| answer(unit, &mut rows)).collect())
}

/// The rows that a committed unit answers with: those of its statements that guard nothing.
fn answer(unit: &Unit, rows: &mut impl Iterator<Item = Vec<Row>>) -> Answer {
    Answer::Committed(rows.by_ref().take(unit.statements.len()).flatten().collect())
}

/// The rows of every step, if every step succeeded; otherwise what the errors mean for the group.
fn rows_of_all(
    results: Vec<Result<Vec<Row>, ServerError>>,
    statements: &[&Statement],
) -> Result<Vec<Vec<Row>>, NotCommitted> {
    let (mut rows, mut refused, mut failed, mut skipped) = (Vec::new(), None, None, None);
    for (place, result) in results.into_iter().enumerate() {
        match result {
            Ok(found) => rows.push(found),
            Err(error) if error.code() == Some(IN_FAILED_TRANSACTION) => skipped = Some(error),
            Err(error) if !error.is_reported() => return Err(NotCommitted::by(error)),
            Err(error) => {
                let guard = place.checked_sub(1).and_then(|place| statements.get(place)?.guard);
                match guard.filter(|_| error.code() == Some(DIVISION_BY_ZERO)) {
                    Some(guard) => refused = Some(guard),
                    None => failed = failed.or(Some(error)),
                }
            }
        }
    }
    match (failed, refused, skipped) {
        (Some(error), _, _) | (None, None, Some(error)) => Err(NotCommitted::RolledBack(error)),
        (None, Some(guard), _) => Err(NotCommitted::Refused(guard)),
        (None, None, None) => Ok(rows),
    }
}

impl NotCommitted {
    /// The meaning of one error: if the server reported it, the group was rolled back; otherwise the outcome is
    /// unknown.
    fn by(error: ServerError) -> Self {
        match error.is_reported() {
            true => Self::RolledBack(error),
            false => Self::Unknown(error.into()),
        }
    }
}

/// Sends all steps, in their order, before it waits for the first answer. A step is sent when it is first polled.
async fn in_one_go<T: Send>(steps: Vec<BoxFuture<'_, T>>) -> Vec<T> {
    let mut steps: Vec<Pin<Box<MaybeDone<_>>>> =
        steps.into_iter().map(|step| Box::pin(maybe_done(step))).collect();
    for step in &mut steps {
        let _ = futures_util::poll!(step.as_mut());
    }
    let mut results = Vec::with_capacity(steps.len());
    for mut step in steps {
        step.as_mut().await;
        results.extend(step.as_mut().take_output());
    }
    results
}
