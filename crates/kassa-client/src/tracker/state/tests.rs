//! The rules of both engines, and those of PostgreSQL alone.

use std::time::Duration;

use kassa_sql::{Row, Schema, Value, columns, sql, values};
use kassa_testkit::{fresh_postgres, run_on};
use tempfile::TempDir;
use tokio::time::Instant;

use super::writer::NoJoint;
use super::{Database, SCHEMA, StateError, Step, postgres, sqlite};

type State = super::State<NoJoint>;
type Writer = super::Writer<NoJoint>;

/// Creates a schema and runs `sql` in it. Returns the URL that selects the schema.
async fn postgres_with(sql: &str) -> Option<String> {
    let url = fresh_postgres().await?;
    run_on(&url, sql).await;
    Some(url)
}

/// An empty database on each engine.
async fn on_each_engine(folder: &TempDir) -> Vec<Database> {
    let mut all = vec![sqlite::open_tracker_file(&folder.path().join("state.db"), &SCHEMA).unwrap()];
    if let Some(url) = fresh_postgres().await {
        all.push(postgres::connect_tracker(&url, SCHEMA).await.unwrap());
    }
    all
}

fn note(db: &mut Database, name: &str, value: &str) -> Result<u64, StateError> {
    db.execute("insert into notes (name, value) values ($1, $2)", values![name, value])
}

fn names(db: &mut Database) -> Result<Vec<String>, StateError> {
    let sql = "select name from notes where name <> 'oldest_schema' order by name";
    db.rows(sql, &[], |row| Ok(row.only()?))
}

#[tokio::test]
async fn a_failed_piece_is_undone_alone() {
    let folder = TempDir::new().unwrap();
    for database in on_each_engine(&folder).await {
        let writer = Writer::start(database).unwrap();
        let fails = writer.run(|db| {
            note(db, "b", "1")?;
            note(db, "b", "2")
        });
        let refused = writer.run(|db| {
            note(db, "c", "1")?;
            Err::<(), _>(StateError::Invalid("changed my mind".into()))
        });
        // The last piece has a statement that its connection has not prepared yet.
        let sql = "update notes set value = $1 where name <> 'oldest_schema'";
        let last = writer.run(move |db| db.execute(sql, values!["kept"]));
        let (first, failed, refused, last) =
            tokio::join!(writer.run(|db| note(db, "a", "1")), fails, refused, last);
        assert_eq!((first, last), (Ok(1), Ok(1)));
        assert!(failed.is_err_and(|error| error.to_string().to_lowercase().contains("unique")));
        assert_eq!(refused, Err(StateError::Invalid("changed my mind".into())));
        assert_eq!(writer.run(names).await, Ok(vec!["a".to_string()]));
    }
}

columns! {
    written { session_id, reference, registered_at, changed_at, expires_at }
    number { registered_at }
}

#[tokio::test]
async fn values_are_read_as_they_were_stored() {
    let folder = TempDir::new().unwrap();
    for mut database in on_each_engine(&folder).await {
        let check = move || {
            database.step(Step::Begin).unwrap();
            let sql = sql!(
                "insert into sessions (session_id, reference, registered_at, changed_at, expires_at)
                 values ($1, $2, $3, $4, $5)
                 returning {written}",
                written
            );
            let text = "\u{1f45f}'\"\\ and\n{\"json\": \"\\u0000\"}";
            let values: &[Value<'_>] = values![text, None::<&str>, i64::MAX, i64::MIN, None::<i64>];
            let read = |row: &mut Row| {
                let texts = (row.text(written::session_id)?, row.get::<Option<String>>(written::reference)?);
                let at = (row.get::<i64>(written::registered_at)?, row.get::<i64>(written::changed_at)?);
                Ok((texts, at, row.get::<Option<i64>>(written::expires_at)?))
            };
            let came_back = database.one(sql, values, read).unwrap();
            assert_eq!(came_back, ((text.to_string(), None), (i64::MAX, i64::MIN), None));
            let wrong = database.one(sql!("select {number} from sessions", number), &[], |row| {
                Ok(row.text(number::registered_at)?)
            });
            assert_eq!(
                wrong.unwrap_err().to_string(),
                "the column registered_at contains a number, which does not belong there"
            );
            database.step(Step::Commit).unwrap();
        };
        tokio::task::spawn_blocking(check).await.unwrap();
    }
}

#[tokio::test]
async fn a_read_sees_one_snapshot_and_delays_no_writer() {
    let folder = TempDir::new().unwrap();
    let mut states = vec![State::open(&folder.path().join("state.db")).unwrap()];
    if let Some(url) = fresh_postgres().await {
        states.push(State::connect(&url).await.unwrap());
    }
    for state in states {
        state.run(|db| note(db, "before", "")).await.unwrap();
        let (looking, looks) = std::sync::mpsc::channel();
        let (written, is_written) = std::sync::mpsc::channel::<()>();
        let read = state.read(move |db| {
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
        let (read, ()) = tokio::join!(read, writing);
        let (before, meanwhile) = read.unwrap();
        assert_eq!((before.len(), meanwhile.len()), (1, 1));
        assert_eq!(state.read(names).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_tracker_that_sleeps_in_the_middle_of_a_group_does_not_delay_the_others() {
    let Some(url) = fresh_postgres().await else { return };
    let mut asleep = postgres::connect_tracker(&url, SCHEMA).await.unwrap();
    let (mut asleep, begun) = tokio::task::spawn_blocking(move || {
        let begun = asleep.step(Step::Begin).and_then(|()| note(&mut asleep, "asleep", ""));
        (asleep, begun)
    })
    .await
    .unwrap();
    assert_eq!(begun, Ok(1));
    let other = Writer::start(postgres::connect_tracker(&url, SCHEMA).await.unwrap()).unwrap();
    assert_eq!(other.run(|db| note(db, "other", "")).await, Ok(1));
    let woken = tokio::task::spawn_blocking(move || {
        let committed = asleep.step(Step::Commit);
        (committed, asleep.step(Step::Begin).and_then(|()| names(&mut asleep)))
    });
    let (committed, after) = woken.await.unwrap();
    assert!(committed.is_err(), "what it wrote before it slept is undone");
    assert_eq!(after, Ok(vec!["other".to_string()]), "it goes on, on another connection");
}

/// Cancels the statements of groups in this schema, again and again.
async fn cancel_groups_of(url: &str, goes_on: impl Fn() -> bool) {
    let (client, driver) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(driver);
    let cancel = "select count(pg_cancel_backend(pid)) from pg_locks where locktype = 'advisory'
                  and objid::bigint = (hashtext(current_schema())::bigint & 4294967295)";
    while goes_on() {
        client.query(cancel, &[]).await.unwrap();
    }
}

/// Writes pairs of notes until this time. Returns the names of the acknowledged pairs.
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
    let Some(url) = fresh_postgres().await else { return };
    // The tracker sets the isolation level itself, so the database's default does not matter.
    let own = format!("{url}%20-c%20default_transaction_isolation%3Dserializable");
    let end = Instant::now() + Duration::from_secs(3);
    let mut writing = tokio::task::JoinSet::new();
    for tracker in ["a", "b"] {
        let writer = Writer::start(postgres::connect_tracker(&own, SCHEMA).await.unwrap()).unwrap();
        for caller in 0..8 {
            writing.spawn(write_pairs(writer.clone(), format!("{tracker}{caller}-"), end));
        }
    }
    let (acknowledged, ()) =
        tokio::join!(writing.join_all(), cancel_groups_of(&url, || Instant::now() < end));
    let mut acknowledged = acknowledged.concat();
    acknowledged.sort();
    let writer = Writer::start(postgres::connect_tracker(&url, SCHEMA).await.unwrap()).unwrap();
    let mut kept = writer.run(names).await.unwrap();
    kept.sort();
    assert!(!kept.is_empty(), "some groups were not cancelled");
    assert!(kept == acknowledged, "{} notes kept, {} acknowledged", kept.len(), acknowledged.len());
}

#[tokio::test]
async fn trackers_that_start_at_once_create_the_tables_once() {
    for _ in 0..50 {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("state.db");
        std::thread::scope(|threads| {
            let begun = [0; 4].map(|_| threads.spawn(|| sqlite::open_tracker_file(&path, &SCHEMA).map(drop)));
            assert_eq!(begun.map(|one| one.join().unwrap()), [const { Ok(()) }; 4]);
        });
    }
    let Some(url) = fresh_postgres().await else { return };
    let begin = || postgres::connect_tracker(&url, SCHEMA);
    let (a, b, c, d) = tokio::join!(begin(), begin(), begin(), begin());
    for one in [a, b, c, d] {
        Writer::start(one.unwrap()).unwrap().run(names).await.unwrap();
    }
}

#[tokio::test]
async fn the_schema_of_another_program_is_refused() {
    let Some(url) = postgres_with("create table notes (name text); create table theirs (x text)").await
    else {
        return;
    };
    let refused = postgres::connect_tracker(&url, SCHEMA).await.err().unwrap();
    assert_eq!(refused.to_string(), "the schema contains the tables of another program");
}

#[tokio::test]
async fn the_error_for_an_unusable_url_does_not_show_its_password() {
    for (url, why) in [
        ("postgres://user:secret@host:port/name", "the database's URL cannot be used: "),
        (
            "postgres://user:secret@127.0.0.1:1/name",
            "the database is unavailable: error connecting to server: ",
        ),
    ] {
        let refused = postgres::connect_tracker(url, SCHEMA).await.err().unwrap();
        let refused = refused.to_string();
        assert!(refused.starts_with(why) && !refused.contains("secret"), "{refused}");
    }
}

/// The tables that a tracker of the version before the migrations created at each start.
const BEFORE_MIGRATIONS: &str = include_str!("../migrations/0001_start.sql");

/// The number of migrations, and the names of the notes.
fn history(db: &mut Database) -> Result<(i64, Vec<String>), StateError> {
    let versions = db.one("select count(*) from schema_migration", &[], |row| Ok(row.only()?))?;
    Ok((versions, names(db)?))
}

#[tokio::test]
async fn a_state_without_versions_is_upgraded() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state.db");
    let kept = "insert into notes (name, value) values ('feed_cursor', '7')";
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch(&format!("{BEFORE_MIGRATIONS} pragma application_id = 1802728562; {kept}"))
        .unwrap();
    let mut databases = vec![sqlite::open_tracker_file(&path, &SCHEMA).unwrap()];
    let tables = BEFORE_MIGRATIONS.replace(" integer", " bigint").replace(") strict, without rowid;", ");");
    let tables = tables.replace(") strict;", ");");
    if let Some(url) = postgres_with(&format!("{tables} {kept}")).await {
        databases.push(postgres::connect_tracker(&url, SCHEMA).await.unwrap());
    }
    for database in databases {
        let writer = Writer::start(database).unwrap();
        assert_eq!(writer.run(history).await, Ok((2, vec!["feed_cursor".to_string()])));
    }
}

/// A schema with a migration that this program does not know, and that trackers of earlier versions cannot use.
const NEWER: Schema = Schema {
    migrations: &[
        BEFORE_MIGRATIONS,
        include_str!("../migrations/0002_fraud_status.sql"),
        "alter table notes add column at integer; update notes set value = '3' where name = 'oldest_schema'",
    ],
    oldest: SCHEMA.oldest,
};

#[tokio::test]
async fn a_newer_state_is_refused_unless_it_is_marked_as_compatible() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state.db");
    let url = fresh_postgres().await;
    let mut newer = vec![sqlite::open_tracker_file(&path, &NEWER).unwrap()];
    if let Some(url) = &url {
        newer.push(postgres::connect_tracker(url, NEWER).await.unwrap());
    }
    let refused = sqlite::open_tracker_file(&path, &SCHEMA).err().unwrap();
    assert!(matches!(&refused, StateError::Unusable(_)), "{refused}");
    if let Some(url) = &url {
        let refused = postgres::connect_tracker(url, SCHEMA).await.err().unwrap();
        assert!(matches!(&refused, StateError::Unusable(_)), "{refused}");
    }
    for database in newer {
        let mark = "update notes set value = '2' where name = 'oldest_schema'";
        Writer::start(database).unwrap().run(move |db| db.execute(mark, &[])).await.unwrap();
    }
    sqlite::open_tracker_file(&path, &SCHEMA).unwrap();
    if let Some(url) = &url {
        postgres::connect_tracker(url, SCHEMA).await.unwrap();
    }
}
