//! Commits a group of units in one transaction.
//!
//! `begin`, the statements and `commit` are sent together, and the server answers each of them separately. So no
//! statement may rely on the success of an earlier one: [`super::atomicity`] makes the group atomic.
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

use super::connection::{Connection, Connector};
use super::statement::{CHANGED, Dependence, Spread};
use super::{PATIENCE, no_answer_in_time};
use crate::StoreError;
use crate::engine::{Answer, Effect, Guard, Statement, Unit};

/// A failed transaction refuses the statements after the failure.
const IN_FAILED_TRANSACTION: &str = "25P02";

/// Commits the units together, within [`PATIENCE`].
///
/// If the tables are spread over servers, each unit has a transaction of its own, which then concerns one server.
/// Otherwise, if the server reports an error, each unit is committed alone, so that no unit fails because of another.
/// If the outcome is unknown, no unit is sent again.
pub(super) async fn commit(connector: &Connector, units: &[&Unit]) -> Vec<Result<Answer, StoreError>> {
    let deadline = Instant::now() + PATIENCE;
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
    units: Vec<Vec<Step<'a>>>,
    /// Whether the node has to read the answers before it can send `commit`.
    reads_before_commit: bool,
}

/// One statement of a unit.
struct Step<'a> {
    statement: &'a Statement,
    prepared: Prepared,
}

/// The rows that the statements of a unit answered with, and the guard that was refused.
#[derive(Default)]
struct UnitRun {
    rows: Vec<Row>,
    refusal: Option<Refusal>,
    may_have_changed: bool,
}

/// A refused guard.
#[derive(Clone, Copy)]
struct Refusal {
    guard: Guard,
    /// Whether statements of the unit before the guard may have changed something.
    is_late: bool,
}

impl UnitRun {
    /// Adds the answer of the unit's next statement.
    fn add(&mut self, statement: &Statement, mut rows: Vec<Row>) -> Result<(), SqlError> {
        let is_late = self.may_have_changed;
        self.may_have_changed |= statement.effect != Effect::Locks;
        let Some(guard) = statement.guard else {
            self.rows.append(&mut rows);
            return Ok(());
        };
        let changed: i64 = rows.first_mut().map_or(Ok(0), |row| row.get(CHANGED))?;
        if changed != 1 && self.refusal.is_none() {
            self.refusal = Some(Refusal { guard, is_late });
        }
        Ok(())
    }

    fn answer(self) -> Answer {
        match self.refusal {
            None => Answer::Committed(self.rows),
            Some(refusal) => Answer::Refused(refusal.guard),
        }
    }
}

impl<'a> Group<'a> {
    async fn prepare(connection: &'a Connection, units: &[&'a Unit]) -> Result<Self, NotCommitted> {
        let mut prepared_units = Vec::with_capacity(units.len());
        for unit in units {
            let mut steps = Vec::with_capacity(unit.statements.len());
            let mut dependence = Dependence::Independent;
            for statement in &unit.statements {
                let prepared = connection.prepare(statement, dependence).await.map_err(NotCommitted::by)?;
                steps.push(Step { statement, prepared });
                if statement.guard.is_some() {
                    dependence = Dependence::OnGuards;
                }
            }
            prepared_units.push(steps);
        }
        let reads_before_commit = units.iter().any(|unit| unit.can_be_refused_late());
        Ok(Self { connection, units: prepared_units, reads_before_commit })
    }

    async fn send(self) -> Result<Sent, NotCommitted> {
        let are_conditional = self.units.iter().all(|unit| is_conditional(unit));
        match self.connection.spread {
            Spread::OneServer if are_conditional => self.send_at_once().await,
            Spread::OneServer | Spread::Servers => self.send_step_by_step().await,
        }
    }

    /// Sends every statement before the first answer: one round trip, and one more if the node reads before it commits.
    async fn send_at_once(self) -> Result<Sent, NotCommitted> {
        let (session, atomicity) = (&self.connection.session, self.connection.atomicity);
        let nothing = |done: Result<(), ServerError>| done.map(|()| Vec::new());
        let mut batch = vec![session.batch(atomicity.begin()).map(nothing).boxed()];
        batch.extend(self.units.iter().flatten().map(|step| self.query(step)));
        if !self.reads_before_commit {
            batch.push(session.batch(atomicity.commit()).map(nothing).boxed());
        }
        let mut rows = rows_of_all(in_one_go(batch).await)?.into_iter().skip(1);
        let mut runs = Vec::with_capacity(self.units.len());
        for unit in &self.units {
            let mut run = UnitRun::default();
            for (step, rows) in unit.iter().zip(rows.by_ref()) {
                run.add(step.statement, rows)?;
            }
            runs.push(run);
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
        let mut runs = Vec::with_capacity(self.units.len());
        for unit in &self.units {
            let mut run = UnitRun::default();
            for part in unit.split_inclusive(|step| step.statement.guard.is_some()) {
                if run.refusal.is_some() {
                    break;
                }
                let queries = part.iter().map(|step| self.query(step)).collect();
                for (step, rows) in part.iter().zip(rows_of_all(in_one_go(queries).await)?) {
                    run.add(step.statement, rows)?;
                }
            }
            runs.push(run);
        }
        self.end(runs).await
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

/// Whether each statement after a guard can depend on it.
fn is_conditional(unit: &[Step<'_>]) -> bool {
    let mut after_guard = unit.iter().skip_while(|step| step.statement.guard.is_none()).skip(1);
    after_guard.all(|step| step.statement.sql.conditional().is_some())
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
