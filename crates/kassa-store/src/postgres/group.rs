//! Commits a group of units in one transaction.
//!
//! `begin`, the statements and `commit` are sent together, and the server answers each of them separately. So no
//! statement may rely on the success of an earlier one: [`super::atomicity`] makes the group atomic.
//!
//! Units with the same statements run as one statement for all of them ([`super::together`]).
//!
//! A refused guard is no error. The statements after it in its unit change nothing, and the other units are committed.
//! A unit with a guard after its first change may have changed something before it is refused. Then the node reads the
//! answers before it sends `commit`. If such a unit was refused, the node rolls the group back, and sends the rest
//! again.

use std::pin::Pin;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, MaybeDone, maybe_done};
use kassa_sql::postgres::{Prepared, ServerError};
use kassa_sql::{Row, SqlError};
use tokio::time::{Instant, timeout_at};

use super::connection::{ANSWER_TIMEOUT, Connection, Connector};
use super::no_answer_in_time;
use super::run::UnitRun;
use super::statement::{Dependence, Spread};
use super::together::{Together, put_together, steps_of};
use crate::StoreError;
use crate::engine::{Answer, Guard, Statement, Unit};

/// A failed transaction refuses the statements after the failure.
const IN_FAILED_TRANSACTION: &str = "25P02";

/// Commits the units together, within [`ANSWER_TIMEOUT`].
///
/// If the tables are spread over servers, each unit has a transaction of its own, which then concerns one server.
/// Otherwise, if the server reports an error, each unit is committed alone, so that no unit fails because of another.
/// If the outcome is unknown, no unit is sent again.
pub(super) async fn commit(connector: &Connector, units: &[&Unit]) -> Vec<Result<Answer, StoreError>> {
    let deadline = Instant::now() + ANSWER_TIMEOUT;
    let spread = match connector.connection().await {
        Ok(connection) => connection.spread,
        Err(error) => return units.iter().map(|_| Err(error.clone())).collect(),
    };
    if spread == Spread::Servers {
        return commit_each(connector, units, deadline).await;
    }
    match commit_unrefused(connector, units, deadline).await {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        Err(NotCommitted::Unknown(error)) => units.iter().map(|_| Err(error.clone())).collect(),
        Err(NotCommitted::RolledBack(_)) if units.len() > 1 => commit_each(connector, units, deadline).await,
        Err(NotCommitted::RolledBack(error)) => vec![Err(error.into())],
    }
}

/// Commits each unit in a transaction of its own.
async fn commit_each(
    connector: &Connector,
    units: &[&Unit],
    deadline: Instant,
) -> Vec<Result<Answer, StoreError>> {
    let mut answers = Vec::with_capacity(units.len());
    for unit in units {
        answers.push(match commit_unrefused(connector, &[unit], deadline).await {
            Ok(mut of_unit) => of_unit.pop().ok_or_else(|| StoreError::Fault("a unit had no answer".into())),
            Err(why) => Err(why.into()),
        });
    }
    answers
}

/// The reason why a group was not committed.
enum NotCommitted {
    /// The server reported an error, and changed nothing.
    RolledBack(ServerError),
    /// The server may have committed the group: its answer did not arrive, or cannot be read.
    Unknown(StoreError),
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

impl From<SqlError> for NotCommitted {
    fn from(error: SqlError) -> Self {
        Self::Unknown(error.into())
    }
}

impl From<NotCommitted> for StoreError {
    fn from(why: NotCommitted) -> Self {
        match why {
            NotCommitted::RolledBack(error) => error.into(),
            NotCommitted::Unknown(error) => error,
        }
    }
}

/// Commits the units together. If a unit is refused after it changed something, the group is rolled back, and the
/// others are sent again.
async fn commit_unrefused(
    connector: &Connector,
    units: &[&Unit],
    deadline: Instant,
) -> Result<Vec<Answer>, NotCommitted> {
    let mut answers: Vec<Option<Answer>> = units.iter().map(|_| None).collect();
    loop {
        let open: Vec<usize> = (0..units.len()).filter(|place| answers[*place].is_none()).collect();
        if open.is_empty() {
            return Ok(answers.into_iter().flatten().collect());
        }
        let sent: Vec<&Unit> = open.iter().map(|place| units[*place]).collect();
        match try_commit(connector, &sent, deadline).await? {
            Sent::Committed(of_units) => {
                open.iter().zip(of_units).for_each(|(place, answer)| answers[*place] = Some(answer));
            }
            Sent::RolledBack(refused) => {
                for (place, guard) in refused {
                    answers[open[place]] = Some(Answer::Refused(guard));
                }
            }
        }
    }
}

/// The outcome of a group that the server ran without an error.
enum Sent {
    /// The group is committed, with these answers of its units.
    Committed(Vec<Answer>),
    /// The group was rolled back, because these units were refused after they had changed something.
    RolledBack(Vec<(usize, Guard)>),
}

/// Sends the group. The connection is closed after an error, because its state is unknown.
async fn try_commit(connector: &Connector, units: &[&Unit], deadline: Instant) -> Result<Sent, NotCommitted> {
    let connection = connector.connection().await.map_err(NotCommitted::Unknown)?;
    let group = async { Group::prepare(&connection, units).await?.send().await };
    let Ok(sent) = timeout_at(deadline, group).await else {
        connector.give_up_silent(&connection).await;
        return Err(NotCommitted::Unknown(no_answer_in_time()));
    };
    if sent.is_err() {
        connector.give_up(&connection).await;
    }
    sent
}

/// A group whose statements are prepared on a connection.
struct Group<'a> {
    connection: &'a Connection,
    units: usize,
    parts: Vec<Part<'a>>,
    /// Whether the node has to read the answers before it can send `commit`.
    reads_before_commit: bool,
}

/// The message that is sent for a part of a group.
enum Part<'a> {
    /// The statements of the unit at this place.
    Alone(usize, Vec<Step<'a>>),
    /// One statement for several units.
    Together(Together<'a>),
}

/// One statement of a unit.
struct Step<'a> {
    statement: &'a Statement,
    prepared: Prepared,
}

impl<'a> Group<'a> {
    async fn prepare(connection: &'a Connection, units: &[&'a Unit]) -> Result<Self, NotCommitted> {
        let mut parts = Vec::new();
        for places in put_together(units) {
            let can_join = places.len() > 1 && connection.atomicity.puts_units_together();
            let steps = if can_join { steps_of(units, &places) } else { None };
            match steps {
                Some(steps) => {
                    let steps = connection.session.prepare_many(&steps).await.map_err(NotCommitted::by)?;
                    let guard = units[places[0]].statements[0].guard;
                    parts.push(Part::Together(Together { places, guard, steps }));
                }
                None => {
                    for place in places {
                        parts.push(Part::Alone(place, steps_alone(connection, units[place]).await?));
                    }
                }
            }
        }
        let reads_before_commit = units.iter().any(|unit| unit.can_be_refused_late());
        Ok(Self { connection, units: units.len(), parts, reads_before_commit })
    }

    async fn send(self) -> Result<Sent, NotCommitted> {
        match self.connection.spread {
            Spread::OneServer if self.parts.iter().all(Part::is_conditional) => self.send_at_once().await,
            Spread::OneServer | Spread::Servers => self.send_step_by_step().await,
        }
    }

    /// Sends every statement before the first answer: one round trip, and one more if the node reads before it commits.
    async fn send_at_once(self) -> Result<Sent, NotCommitted> {
        let (session, atomicity) = (&self.connection.session, self.connection.atomicity);
        let nothing = |done: Result<(), ServerError>| done.map(|()| Vec::new());
        let mut batch = vec![session.batch(atomicity.begin()).map(nothing).boxed()];
        for part in &self.parts {
            match part {
                Part::Alone(_, steps) => batch.extend(steps.iter().map(|step| self.query(step))),
                Part::Together(together) => batch.push(session.run_many(&together.steps).boxed()),
            }
        }
        if !self.reads_before_commit {
            batch.push(session.batch(atomicity.commit()).map(nothing).boxed());
        }
        let mut rows = rows_of_all(in_one_go(batch).await)?.into_iter().skip(1);
        let mut runs = self.new_runs();
        for part in &self.parts {
            match part {
                Part::Alone(place, steps) => {
                    for (step, rows) in steps.iter().zip(rows.by_ref()) {
                        runs[*place].add(step.statement, rows)?;
                    }
                }
                Part::Together(together) => {
                    together.add_answers(rows.next().unwrap_or_default(), &mut runs)?;
                }
            }
        }
        match self.reads_before_commit {
            true => self.end(runs).await,
            false => Ok(Sent::Committed(runs.into_iter().map(UnitRun::answer).collect())),
        }
    }

    /// Sends the statements up to the next guard, and reads the answer before it goes on. Units must not go side by
    /// side: one that locks a row would not see that another one changes it later.
    async fn send_step_by_step(self) -> Result<Sent, NotCommitted> {
        let (session, atomicity) = (&self.connection.session, self.connection.atomicity);
        session.batch(atomicity.begin()).await.map_err(NotCommitted::by)?;
        let mut runs = self.new_runs();
        for part in &self.parts {
            match part {
                Part::Alone(place, steps) => self.send_alone(steps, &mut runs[*place]).await?,
                Part::Together(together) => {
                    let rows = session.run_many(&together.steps).await.map_err(NotCommitted::by)?;
                    together.add_answers(rows, &mut runs)?;
                }
            }
        }
        self.end(runs).await
    }

    async fn send_alone(&self, steps: &[Step<'_>], run: &mut UnitRun) -> Result<(), NotCommitted> {
        for part in steps.split_inclusive(|step| step.statement.guard.is_some()) {
            if run.refusal.is_some() {
                break;
            }
            let queries = part.iter().map(|step| self.query(step)).collect();
            for (step, rows) in part.iter().zip(rows_of_all(in_one_go(queries).await)?) {
                run.add(step.statement, rows)?;
            }
        }
        Ok(())
    }

    fn new_runs(&self) -> Vec<UnitRun> {
        (0..self.units).map(|_| UnitRun::default()).collect()
    }

    /// Commits the transaction, or rolls it back if a unit was refused after it changed something.
    async fn end(&self, runs: Vec<UnitRun>) -> Result<Sent, NotCommitted> {
        let late = |(place, run): (usize, &UnitRun)| {
            let refusal = run.refusal.filter(|refusal| refusal.is_late)?;
            Some((place, refusal.guard))
        };
        let refused: Vec<_> = runs.iter().enumerate().filter_map(late).collect();
        let atomicity = self.connection.atomicity;
        let (end, sent) = match refused.is_empty() {
            true => (atomicity.commit(), Sent::Committed(runs.into_iter().map(UnitRun::answer).collect())),
            false => (atomicity.rollback(), Sent::RolledBack(refused)),
        };
        self.connection.session.batch(end).await.map_err(NotCommitted::by)?;
        Ok(sent)
    }

    fn query<'b>(&'b self, step: &'b Step<'_>) -> BoxFuture<'b, Result<Vec<Row>, ServerError>> {
        self.connection.session.query(&step.prepared, &step.statement.values).boxed()
    }
}

/// Prepares the statements of a unit.
async fn steps_alone<'a>(connection: &Connection, unit: &'a Unit) -> Result<Vec<Step<'a>>, NotCommitted> {
    let mut steps = Vec::with_capacity(unit.statements.len());
    let mut dependence = Dependence::Independent;
    for statement in &unit.statements {
        let prepared = connection.prepare(statement, dependence).await.map_err(NotCommitted::by)?;
        steps.push(Step { statement, prepared });
        if statement.guard.is_some() {
            dependence = Dependence::OnGuards;
        }
    }
    Ok(steps)
}

impl Part<'_> {
    /// Whether each statement after a guard can depend on it.
    fn is_conditional(&self) -> bool {
        match self {
            Self::Alone(_, steps) => {
                let mut after_guard = steps.iter().skip_while(|step| step.statement.guard.is_none()).skip(1);
                after_guard.all(|step| step.statement.sql.conditional().is_some())
            }
            Self::Together(_) => true,
        }
    }
}

/// The rows of every statement, if every statement succeeded; otherwise what the errors mean for the group.
fn rows_of_all(results: Vec<Result<Vec<Row>, ServerError>>) -> Result<Vec<Vec<Row>>, NotCommitted> {
    let (mut rows, mut failed, mut skipped) = (Vec::with_capacity(results.len()), None, None);
    for result in results {
        match result {
            Ok(found) => rows.push(found),
            Err(error) if error.code() == Some(IN_FAILED_TRANSACTION) => skipped = Some(error),
            Err(error) if !error.is_reported() => return Err(NotCommitted::by(error)),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    match failed.or(skipped) {
        Some(error) => Err(NotCommitted::RolledBack(error)),
        None => Ok(rows),
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
