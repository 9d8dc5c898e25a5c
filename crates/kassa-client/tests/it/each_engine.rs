//! Declares tests that run on each database engine.

/// The database engine of a tracker.
#[derive(Clone, Copy, PartialEq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Declares each test once per engine.
macro_rules! on_each_engine {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name($crate::each_engine::Engine::Sqlite).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test]
            async fn $name() {
                if std::env::var(kassa_testkit::POSTGRES_FOR_TESTS).is_ok() {
                    super::$name($crate::each_engine::Engine::Postgres).await;
                }
            })*
        }
    };
}
pub(crate) use on_each_engine;
