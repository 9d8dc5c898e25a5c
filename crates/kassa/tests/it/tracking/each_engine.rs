//! The tests that run on each database engine.

/// The database engine of a tracker's state.
#[derive(Clone, Copy)]
pub(super) enum Engine {
    Sqlite,
    Postgres,
}

/// Declares tests for each engine. Those on PostgreSQL do nothing if no PostgreSQL is configured.
macro_rules! on_each_engine {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::tracking::Engine::Sqlite).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if std::env::var(kassa_testkit::POSTGRES_FOR_TESTS).is_ok() {
                    super::$name($crate::tracking::Engine::Postgres).await;
                }
            })*
        }
    };
}
pub(super) use on_each_engine;
