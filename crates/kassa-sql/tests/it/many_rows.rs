//! Statements that run once for many rows of values on PostgreSQL.

use kassa_sql::postgres::{ManyStep, ManySteps, ServerError, Session};
use kassa_sql::{Column, Row, Sql, SqlError, Value, sql};

use super::{connect, run, server};

const GUARD: Sql = sql!(
    "update thing set size = $1{many: from given}
     where id = $2{many: and id = any (array(select p2 from given))} and size = $3"
);

const NOTE: Sql = sql!(
    "insert into thing (id, size, label) {values}$1, $2, $3{end}{many: from given}
     returning {many:(select place from given where p1 = id), }label"
);

type Values = Vec<Value<'static>>;

/// Changes the size of a thing from 0, and stores a note about it.
fn change(id: &str, label: Option<&str>) -> (Values, Values) {
    let note = vec![format!("note of {id}").into(), None::<i64>.into(), label.map(str::to_string).into()];
    (vec![1_i64.into(), id.to_string().into(), 0_i64.into()], note)
}

async fn run_changes(
    session: &Session,
    changes: &[(Values, Values)],
) -> Result<Vec<(usize, Option<String>)>, ServerError> {
    let guards = changes.iter().map(|(guard, _)| guard.as_slice()).collect();
    let notes = changes.iter().map(|(_, note)| note.as_slice()).collect();
    let guard = ManyStep { sql: GUARD, is_guard: true, rows: guards };
    let steps = ManySteps::of(vec![guard, ManyStep { sql: NOTE, is_guard: false, rows: notes }]).unwrap();
    let prepared = session.prepare_many(&steps).await?;
    let mut changed: Vec<_> = session.run_many(&prepared).await?.into_iter().map(place_and_label).collect();
    changed.sort();
    Ok(changed)
}

fn place_and_label(row: Row) -> (usize, Option<String>) {
    let (place, answer) = row.split_place().unwrap();
    (place, answer.unwrap().get(Column::new(0, "label")).unwrap())
}

async fn ids(session: &Session) -> Vec<String> {
    let rows = run(session, "select id from thing order by id".into(), &[]).await.unwrap();
    rows.into_iter().map(|mut row| row.only().unwrap()).collect()
}

async fn things(session: &Session) {
    session.batch("insert into thing (id, size) values ('a', 0), ('b', 0), ('stale', 7)").await.unwrap();
}

#[tokio::test]
async fn steps_after_a_guard_run_for_the_rows_that_it_changed() {
    let Some(target) = server().await else { return };
    let session = connect(&target).await;
    things(&session).await;
    let changes =
        [change("stale", Some("x")), change("a", Some("y")), change("missing", None), change("b", None)];
    let changed = run_changes(&session, &changes).await.unwrap();
    assert_eq!(changed, [(1, Some("y".to_string())), (3, None)]);
    assert_eq!(ids(&session).await, ["a", "b", "note of a", "note of b", "stale"]);
    let changed = run_changes(&session, &[change("a", Some("again")), change("b", None)]).await.unwrap();
    assert_eq!(changed, [], "both are stale now");
}

#[tokio::test]
async fn two_changes_of_one_row_are_one_change() {
    let Some(target) = server().await else { return };
    let session = connect(&target).await;
    things(&session).await;
    let changed = run_changes(&session, &[change("a", Some("one")), change("a", Some("one"))]).await.unwrap();
    assert_eq!(changed.len(), 1, "{changed:?}");
}

#[tokio::test]
async fn a_column_without_values_has_the_type_of_its_column() {
    let Some(target) = server().await else { return };
    let session = connect(&target).await;
    things(&session).await;
    let changed = run_changes(&session, &[change("a", None), change("b", None)]).await.unwrap();
    assert_eq!(changed, [(0, None), (1, None)]);
}

#[tokio::test]
async fn steps_take_effect_as_a_whole_or_not_at_all() {
    let Some(target) = server().await else { return };
    let session = connect(&target).await;
    things(&session).await;
    session.batch("insert into thing (id) values ('note of b')").await.unwrap();
    let changes = [change("a", None), change("b", None)];
    let refused = SqlError::from(run_changes(&session, &changes).await.unwrap_err());
    assert!(refused.to_string().contains("unique"), "{refused}");
    assert_eq!(ids(&session).await, ["a", "b", "note of b", "stale"]);
    let sizes = run(&session, "select count(*) from thing where size = 1".into(), &[]).await.unwrap();
    assert_eq!(sizes.into_iter().next().unwrap().only::<i64>().unwrap(), 0);
}

#[test]
fn a_guard_must_be_the_first_step_and_every_statement_needs_a_text_for_many_rows() {
    let step = |sql, is_guard| ManyStep { sql, is_guard, rows: Vec::new() };
    assert!(ManySteps::of(vec![step(NOTE, false), step(GUARD, true)]).is_none());
    assert!(ManySteps::of(vec![step("delete from thing where id = $1".into(), false)]).is_none());
    assert!(ManySteps::of(vec![step(GUARD, true), step(NOTE, false)]).is_some());
}
