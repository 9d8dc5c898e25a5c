//! Statements that run once for many rows of values.
//!
//! The rows of a step arrive as one array for each placeholder, and become the relation `given`:
//!
//! ```sql
//! with given_1 as (select * from unnest($1::text[], $2::int8[]) with ordinality as rows (p1, p2, place)),
//! step_1 as (with given as (select * from given_1) update ... from given where ... returning given.place),
//! given_2 as (...),
//! step_2 as (with given as (select given_2.* from given_2 join step_1 using (place)) insert ... from given)
//! select step_1.place from step_1
//! ```
//!
//! PostgreSQL runs it as one statement, so either all of it takes effect or nothing. All steps see the database as it
//! was before the statement, so no step may depend on what another one wrote, and no two may change the same row.

use tokio_postgres::types::Type;

use super::server_error::ServerError;
use super::session::{Prepared, Session};
use super::wire::types_of;
use crate::error::SqlError;
use crate::row::{Column, Row};
use crate::text::Sql;
use crate::value::Value;

/// One statement of several that run together, with a row of values for each place.
#[derive(Clone, Debug)]
pub struct ManyStep<'a> {
    /// The statement. It has a text for many rows.
    pub sql: Sql,
    /// Whether the steps after it run only for the places whose row it changed. Only the first step may be a guard.
    pub is_guard: bool,
    /// The values, by place.
    pub rows: Vec<&'a [Value<'a>]>,
}

/// Steps that run together. Each has as many rows of values as the others.
#[derive(Clone, Debug)]
pub struct ManySteps<'a>(Vec<ManyStep<'a>>);

/// Steps that are prepared on a session, with their values.
pub struct PreparedMany<'a> {
    prepared: Prepared,
    columns: Vec<Vec<&'a Value<'a>>>,
}

/// The place for which the steps ran, from 1.
const PLACE: Column = Column::new(0, "place");

/// The same place, if a step answered with a row for it.
const ANSWER_PLACE: Column = Column::new(1, "place of the answer");

impl<'a> ManySteps<'a> {
    /// Puts steps together; `None` if a statement has no text for many rows, or a guard is not the first step.
    #[must_use]
    pub fn of(steps: Vec<ManyStep<'a>>) -> Option<Self> {
        let can_run = |(place, step): (usize, &ManyStep<'_>)| {
            step.sql.for_many().is_some() && !(step.is_guard && place > 0)
        };
        steps.iter().enumerate().all(can_run).then_some(Self(steps))
    }

    /// The texts of the steps, which name them on a connection.
    fn texts(&self) -> Vec<&'static str> {
        self.0.iter().filter_map(|step| step.sql.for_many()).collect()
    }

    /// The text that the server runs, for arrays with elements of these types.
    fn text(&self, types: &[Vec<Type>]) -> String {
        let is_guarded = self.0.first().is_some_and(|step| step.is_guard);
        let (mut parts, mut first_placeholder, mut answering) = (Vec::new(), 1, None);
        for (number, (step, types)) in (1..).zip(self.0.iter().zip(types)) {
            parts.push(given(number, first_placeholder, types));
            first_placeholder += types.len();
            let condition = if is_guarded && number > 1 { " join step_1 using (place)" } else { "" };
            let sql = step.sql.for_many().unwrap_or_default();
            let counted = if step.is_guard { " returning given.place" } else { "" };
            parts.push(format!(
                "step_{number} as (
                   with given as (select given_{number}.* from given_{number}{condition}) {sql}{counted})"
            ));
            if !step.is_guard && answers(sql) {
                answering = Some(number);
            }
        }
        let done = if is_guarded { "step_1" } else { "given_1" };
        let answer = match answering {
            None => format!("select {done}.place from {done}"),
            Some(number) => format!(
                "select {done}.place, step_{number}.*
                 from {done} left join step_{number} on step_{number}.place = {done}.place"
            ),
        };
        format!("with {} {answer}", parts.join(", "))
    }
}

/// The relation with the values of a step, whose placeholders begin with this one.
fn given(number: usize, first_placeholder: usize, types: &[Type]) -> String {
    let array = |(placeholder, element): (usize, &Type)| format!("${placeholder}::{}[]", element.name());
    let arrays: Vec<String> = (first_placeholder..).zip(types).map(array).collect();
    let columns: Vec<String> = (1..=types.len()).map(|column| format!("p{column}")).collect();
    let (arrays, columns) = (arrays.join(", "), columns.join(", "));
    format!("given_{number} as (select * from unnest({arrays}) with ordinality as rows ({columns}, place))")
}

/// Whether a statement answers with rows.
fn answers(sql: &str) -> bool {
    sql.contains("returning ") || sql.starts_with("select ")
}

impl Session {
    /// The steps, if their statements are prepared for values of these types.
    #[must_use]
    pub fn prepared_many<'a>(&self, steps: &ManySteps<'a>) -> Option<PreparedMany<'a>> {
        let (mut columns, mut types) = (Vec::new(), Vec::new());
        for step in &steps.0 {
            let of_step = columns_of(&step.rows);
            types.extend(self.types_of_columns(step, &of_step)?);
            columns.extend(of_step);
        }
        let prepared = self.prepared_of(steps.texts(), types.iter().map(array_of).collect())?;
        Some(PreparedMany { prepared, columns })
    }

    /// Prepares steps that run together, once for each list of statements and types.
    ///
    /// # Errors
    /// If the server does not understand a statement.
    pub async fn prepare_many<'a>(&self, steps: &ManySteps<'a>) -> Result<PreparedMany<'a>, ServerError> {
        if let Some(prepared) = self.prepared_many(steps) {
            return Ok(prepared);
        }
        let (mut columns, mut types) = (Vec::new(), Vec::new());
        for step in &steps.0 {
            let of_step = columns_of(&step.rows);
            types.push(match self.types_of_columns(step, &of_step) {
                Some(types) => types,
                None => {
                    let text = step.sql.postgres();
                    self.prepare(text, &samples_of(&of_step), || text.into())
                        .await?
                        .parameter_types()
                        .to_vec()
                }
            });
            columns.extend(of_step);
        }
        let arrays = types.iter().flatten().map(array_of).collect();
        let prepared = self.prepare_made_of(steps.texts(), arrays, || steps.text(&types).into()).await?;
        Ok(PreparedMany { prepared, columns })
    }

    /// The types of the columns of values. Only the server knows the type of a column without values; `None` if it was
    /// not asked yet.
    fn types_of_columns(&self, step: &ManyStep<'_>, columns: &[Vec<&Value<'_>>]) -> Option<Vec<Type>> {
        let samples = samples_of(columns);
        let types = types_of(&samples);
        match types.contains(&Type::UNKNOWN) {
            true => Some(self.prepared(step.sql.postgres(), &samples)?.parameter_types().to_vec()),
            false => Some(types),
        }
    }

    /// Runs prepared steps. They are sent when this is first polled. The answer has a row for each place for which the
    /// steps ran; [`Row::split_place`] reads it.
    ///
    /// # Errors
    /// If a step fails, or the connection breaks.
    pub async fn run_many(&self, steps: &PreparedMany<'_>) -> Result<Vec<Row>, ServerError> {
        self.query_with(&steps.prepared, &steps.columns).await
    }
}

impl Row {
    /// The place that a row of [`Session::run_many`] names, from 0, and the row of the step that answered for it.
    ///
    /// # Errors
    /// If the row does not begin with a place.
    pub fn split_place(mut self) -> Result<(usize, Option<Self>), SqlError> {
        let place: i64 = self.get(PLACE)?;
        let place = usize::try_from(place - 1)
            .map_err(|_| SqlError::Fault(format!("a row names the place {place}").into()))?;
        let answer_place: Option<i64> = if self.len() > 1 { self.get(ANSWER_PLACE)? } else { None };
        Ok((place, answer_place.map(|_| self.without_first(2))))
    }
}

/// The values of each placeholder.
fn columns_of<'a>(rows: &[&'a [Value<'a>]]) -> Vec<Vec<&'a Value<'a>>> {
    let count = rows.first().map_or(0, |row| row.len());
    (0..count).map(|column| rows.iter().map(|row| &row[column]).collect()).collect()
}

/// A value of each column that is not null, if there is one.
fn samples_of<'a>(columns: &[Vec<&'a Value<'_>>]) -> Vec<Value<'a>> {
    let sample = |column: &Vec<&'a Value<'_>>| match column.iter().find(|value| !matches!(value, Value::Null))
    {
        Some(Value::Int(number)) => Value::Int(*number),
        Some(Value::Text(text)) => Value::Text(text.as_ref().into()),
        Some(Value::Null) | None => Value::Null,
    };
    columns.iter().map(sample).collect()
}

/// The type of an array with such elements. A program sends text and whole numbers only.
fn array_of(element: &Type) -> Type {
    match *element {
        Type::INT8 => Type::INT8_ARRAY,
        Type::INT4 => Type::INT4_ARRAY,
        _ => Type::TEXT_ARRAY,
    }
}
