//! What both engines hold to, and what PostgreSQL needs beyond it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::Instant;
use tokio_postgres::NoTls;

use super::{Database, SCHEMA, State, StateError, Step, Value, Writer, postgres, sqlite, values};

/// Names a PostgreSQL server for tests by its URL. Without it they run on SQLite alone.
const POSTGRES_FOR_TESTS: &str = "KASSA_TEST_POSTGRES";

/// The URL of a schema of its own that holds what `sql` makes.
async fn fresh_postgres(sql: &str) -> Option<String> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let url = std::env::var(POSTGRES_FOR_TESTS).ok()?;
    let name = format!("state_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let (client, driver) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    let driver = tokio::spawn(driver);
    let make = format!(
        "drop schema if exists {name} cascade; create schema {name}; set search_path = {name}; {sql}"
    );
    client.batch_execute(&make).await.unwrap();
    drop(client);
    driver.await.unwrap().unwrap();
    Some(format!("{url}{}options=-c%20search_path%3D{name}", if url.contains('?') { '&' } else { '?' }))
}

/// An empty database on each engine.
async fn on_each_engine(folder: &TempDir) -> Vec<Database> {
    let mut all = vec![sqlite::open_own(&folder.path().join("state.db"), SCHEMA).unwrap()];
    if let Some(url) = fresh_postgres("").await {
        all.push(postgres::connect_own(&url, SCHEMA).await.unwrap());
    }
    all
}

fn note(db: &mut Database, name: &str, value: &str) -> Result<u64, StateError> {
    db.execute("insert into notes (name, value) values ($1, $2)", values![name, value])
}

fn names(db: &mut Database) -> Result<Vec<String>, StateError> {
    db.rows("select name from notes order by name", &[], |row| row.get(0))
}

#[tokio::test]
async fn a_piece_that_fails_is_undone_alone() {
    let folder = TempDir::new().unwrap();
    for database in on_each_engine(&folder).await {
        let writer = Writer::over(database).unwrap();
        let fails = writer.run(|db| {
            note(db, "b", "1")?;
            note(db, "b", "2")
        });
        let refused = writer.run(|db| {
            note(db, "c", "1")?;
            Err::<(), _>(StateError("changed my mind".to_string()))
        });
        // The last piece has a statement that is new to its connection.
        let last = writer.run(|db| db.execute("update notes set value = $1", values!["kept"]));
        let (first, failed, refused, last) =
            tokio::join!(writer.run(|db| note(db, "a", "1")), fails, refused, last);
        assert_eq!((first, last), (Ok(1), Ok(1)));
        assert!(failed.is_err_and(|error| error.0.to_lowercase().contains("unique")));
        assert_eq!(refused, Err(StateError("changed my mind".to_string())));
        assert_eq!(writer.run(names).await, Ok(vec!["a".to_string()]));
    }
}

#[tokio::test]
async fn values_come_back_as_they_went() {
    let folder = TempDir::new().unwrap();
    for mut database in on_each_engine(&folder).await {
        let check = move || {
            database.step(Step::Begin).unwrap();
            let sql = "insert into sessions (session_id, reference, registered_at, changed_at, expires_at)
                       values ($1, $2, $3, $4, $5)
                       returning session_id, reference, registered_at, changed_at, expires_at";
            let text = "\u{1f45f}'\"\\ and\n{\"json\": \"\\u0000\"}";
            let written: &[Value<'_>] = values![text, None::<&str>, i64::MAX, i64::MIN, None::<i64>];
            let read = |row: &super::Row| {
                let texts = (row.get::<String>(0)?, row.get::<Option<String>>(1)?);
                Ok((texts, row.get::<i64>(2)?, row.get::<i64>(3)?, row.get::<Option<i64>>(4)?))
            };
            let came_back = database.one(sql, written, read).unwrap();
            assert_eq!(came_back, ((text.to_string(), None), i64::MAX, i64::MIN, None));
            let wrong = database.one("select registered_at from sessions", &[], |row| row.get::<String>(0));
            assert!(wrong.unwrap_err().0.starts_with("column 0 holds Some(Int("));
            database.step(Step::Commit).unwrap();
        };
        tokio::task::spawn_blocking(check).await.unwrap();
    }
}

#[tokio::test]
async fn whoever_looks_sees_one_moment_and_holds_nobody_up() {
    let folder = TempDir::new().unwrap();
    let mut states = vec![State::open(&folder.path().join("state.db")).unwrap()];
    if let Some(url) = fresh_postgres("").await {
        states.push(State::connect(&url).await.unwrap());
    }
    for state in states {
        state.run(|db| note(db, "before", "")).await.unwrap();
        let (looking, looks) = std::sync::mpsc::channel();
        let (written, is_written) = std::sync::mpsc::channel::<()>();
        let looked = state.look(move |db| {
            let before = names(db)?;
            looking.send(()).unwrap();
            is_written.recv().unwrap();
            Ok((before, names(db)?))
        });
        let writing = async {
            tokio::task::spawn_blocking(move || looks.recv().unwrap()).await.unwrap();
            state.run(|db| note(db, "meanwhile", "")).await.unwrap();
            written.send(()).unwrap();
        };
        let (looked, ()) = tokio::join!(looked, writing);
        let (before, meanwhile) = looked.unwrap();
        assert_eq!((before.len(), meanwhile.len()), (1, 1));
        assert_eq!(state.look(names).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_tracker_that_sleeps_in_the_middle_of_a_group_does_not_hold_up_the_others() {
    let Some(url) = fresh_postgres("").await else { return };
    let mut asleep = postgres::connect_own(&url, SCHEMA).await.unwrap();
    let (mut asleep, begun) = tokio::task::spawn_blocking(move || {
        let begun = asleep.step(Step::Begin).and_then(|()| note(&mut asleep, "asleep", ""));
        (asleep, begun)
    })
    .await
    .unwrap();
    assert_eq!(begun, Ok(1));
    let other = Writer::over(postgres::connect_own(&url, SCHEMA).await.unwrap()).unwrap();
    assert_eq!(other.run(|db| note(db, "other", "")).await, Ok(1));
    let woken = tokio::task::spawn_blocking(move || {
        let committed = asleep.step(Step::Commit);
        (committed, asleep.step(Step::Begin).and_then(|()| names(&mut asleep)))
    });
    let (committed, after) = woken.await.unwrap();
    assert!(committed.is_err(), "what it wrote before it slept is undone");
    assert_eq!(after, Ok(vec!["other".to_string()]), "it goes on, on another connection");
}

/// Cancels whatever the trackers of this schema run in a group.
async fn cancel_groups_of(url: &str, goes_on: impl Fn() -> bool) {
    let (client, driver) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(driver);
    let cancel = "select count(pg_cancel_backend(pid)) from pg_locks where locktype = 'advisory'
                  and objid::bigint = (hashtext(current_schema())::bigint & 4294967295)";
    while goes_on() {
        client.query(cancel, &[]).await.unwrap();
    }
}

/// Writes pairs of notes until the time is over. Answers the names of the pairs that were acknowledged.
async fn write_pairs(writer: Writer, prefix: String, end: Instant) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        if Instant::now() > end {
            break;
        }
        let name = format!("{prefix}{number}");
        let pair = [format!("{name} first"), format!("{name} second")];
        let written = pair.clone();
        let piece = writer.run(move |db| written.iter().try_for_each(|name| note(db, name, "").map(drop)));
        if piece.await.is_ok() {
            acknowledged.extend(pair);
        }
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_takes_effect_as_a_whole_whatever_statement_is_cancelled() {
    let Some(url) = fresh_postgres("").await else { return };
    // The tracker asks for the isolation level that it needs, whatever the database's default is.
    let own = format!("{url}%20-c%20default_transaction_isolation%3Dserializable");
    let end = Instant::now() + Duration::from_secs(3);
    let mut writing = tokio::task::JoinSet::new();
    for tracker in ["a", "b"] {
        let writer = Writer::over(postgres::connect_own(&own, SCHEMA).await.unwrap()).unwrap();
        for caller in 0..8 {
            writing.spawn(write_pairs(writer.clone(), format!("{tracker}{caller}-"), end));
        }
    }
    let (acknowledged, ()) =
        tokio::join!(writing.join_all(), cancel_groups_of(&url, || Instant::now() < end));
    let mut acknowledged = acknowledged.concat();
    acknowledged.sort();
    let writer = Writer::over(postgres::connect_own(&url, SCHEMA).await.unwrap()).unwrap();
    let mut kept = writer.run(names).await.unwrap();
    kept.sort();
    assert!(!kept.is_empty(), "some groups were not cancelled");
    assert!(kept == acknowledged, "{} notes kept, {} acknowledged", kept.len(), acknowledged.len());
}

#[tokio::test]
async fn trackers_that_begin_at_once_make_the_tables_once() {
    for _ in 0..50 {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("state.db");
        std::thread::scope(|threads| {
            let begun = [0; 4].map(|_| threads.spawn(|| sqlite::open_own(&path, SCHEMA).map(drop)));
            assert_eq!(begun.map(|one| one.join().unwrap()), [const { Ok(()) }; 4]);
        });
    }
    let Some(url) = fresh_postgres("").await else { return };
    let begin = || postgres::connect_own(&url, SCHEMA);
    let (a, b, c, d) = tokio::join!(begin(), begin(), begin(), begin());
    for one in [a, b, c, d] {
        Writer::over(one.unwrap()).unwrap().run(names).await.unwrap();
    }
}

#[tokio::test]
async fn the_schema_of_another_program_is_refused() {
    let Some(url) = fresh_postgres("create table notes (name text); create table theirs (x text)").await
    else {
        return;
    };
    let refused = postgres::connect_own(&url, SCHEMA).await.err().unwrap();
    assert_eq!(refused.0, "the schema holds the tables of another program");
}

#[tokio::test]
async fn a_url_that_cannot_be_used_is_told_without_its_password() {
    for (url, why) in [
        ("postgres://user:secret@host:port/name", "the database's URL cannot be used: "),
        (
            "postgres://user:secret@127.0.0.1:1/name",
            "the database is unavailable: error connecting to server: ",
        ),
    ] {
        let refused = postgres::connect_own(url, SCHEMA).await.err().unwrap();
        assert!(refused.0.starts_with(why) && !refused.0.contains("secret"), "{refused}");
    }
}
