//! A group of units in one transaction and one round trip.

use std::pin::Pin;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, MaybeDone, maybe_done};
use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Error, Row as PostgresRow};

use super::connection::{Connection, Connector};
use super::statement::read_rows;
use super::{PATIENCE, no_answer_in_time};
use crate::StoreError;
use crate::engine::{Answer, Guard, Unit};

/// Commits the units together, within the patience of their callers. Where the database gives no sign until then, the
/// connection is given up: the next group gets another, on a host that answers.
pub(super) async fn commit(connector: &Connector, units: &[&Unit]) -> Vec<Result<Answer, StoreError>> {
    let connection = match connector.connection().await {
        Ok(connection) => connection,
        Err(error) => return refuse_all(units, &error),
    };
    match timeout(PATIENCE, commit_over(&connection, units)).await {
        Ok(answers) => answers,
        Err(_) => {
            connector.give_up(connection).await;
            refuse_all(units, &no_answer_in_time())
        }
    }
}

fn refuse_all(units: &[&Unit], error: &StoreError) -> Vec<Result<Answer, StoreError>> {
    units.iter().map(|_| Err(error.clone())).collect()
}

/// Where one of the units breaks the transaction, each is tried on its own, so that a unit never fails for its
/// neighbour's sake. Where the connection breaks, nobody knows what was committed, and nothing is tried again.
async fn commit_over(connection: &Connection, units: &[&Unit]) -> Vec<Result<Answer, StoreError>> {
    match try_commit(connection, units).await {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        Err(broken) if units.len() > 1 && broken.was_rolled_back() => {
            let mut answers = Vec::with_capacity(units.len());
            for unit in units {
                answers.push(try_commit(connection, &[*unit]).await.map_or_else(Broken::answer, only));
            }
            answers
        }
        Err(broken) => match broken.answer() {
            Ok(answer) => vec![Ok(answer)],
            Err(error) => refuse_all(units, &error),
        },
    }
}

fn only(answers: Vec<Answer>) -> Result<Answer, StoreError> {
    answers.into_iter().next().ok_or_else(|| StoreError::Fault("a unit had no answer".to_string()))
}

/// Why a transaction was not committed, as far as is known.
enum Broken {
    /// A guard did not hold.
    Refused(Guard),
    /// The server says why.
    Failed(Error),
    /// What came back cannot be read.
    Unreadable(StoreError),
}

impl Broken {
    fn was_rolled_back(&self) -> bool {
        match self {
            Self::Refused(_) => true,
            Self::Failed(error) => error.as_db_error().is_some(),
            Self::Unreadable(_) => false,
        }
    }

    fn answer(self) -> Result<Answer, StoreError> {
        match self {
            Self::Refused(guard) => Ok(Answer::Refused(guard)),
            Self::Failed(error) => Err(error.into()),
            Self::Unreadable(error) => Err(error),
        }
    }
}

async fn try_commit(connection: &Connection, units: &[&Unit]) -> Result<Vec<Answer>, Broken> {
    let statements: Vec<_> = units.iter().flat_map(|unit| &unit.statements).collect();
    let mut prepared = Vec::with_capacity(statements.len());
    for statement in &statements {
        prepared.push(connection.prepare(statement).await.map_err(Broken::Failed)?);
    }
    let nothing = |done: Result<(), Error>| done.map(|()| Vec::new());
    let mut steps: Vec<BoxFuture<'_, Result<Vec<PostgresRow>, Error>>> =
        Vec::with_capacity(statements.len() + 2);
    steps.push(connection.execute("begin").map(nothing).boxed());
    for (statement, prepared) in statements.iter().zip(&prepared) {
        steps.push(connection.query(prepared, &statement.values).boxed());
    }
    steps.push(connection.execute("commit").map(nothing).boxed());
    let mut results = in_one_go(steps).await.into_iter();
    results.next().unwrap_or_else(|| Ok(Vec::new())).map_err(Broken::Failed)?;
    let mut answers = Vec::with_capacity(units.len());
    for unit in units {
        let mut rows = Vec::new();
        for (statement, result) in unit.statements.iter().zip(results.by_ref()) {
            match (statement.guard, result) {
                (Some(_), Ok(_)) => {}
                (Some(guard), Err(error)) if error.code() == Some(&SqlState::DIVISION_BY_ZERO) => {
                    return Err(Broken::Refused(guard));
                }
                (None, Ok(found)) => rows.extend(read_rows(&found).map_err(Broken::Unreadable)?),
                (_, Err(error)) => return Err(Broken::Failed(error)),
            }
        }
        answers.push(Answer::Committed(rows));
    }
    results.next().unwrap_or_else(|| Ok(Vec::new())).map_err(Broken::Failed)?;
    Ok(answers)
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
