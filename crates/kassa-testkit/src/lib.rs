//! Parts that the tests and benchmarks of several crates share: waiting, databases, processes. No product code uses
//! them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod engine;
pub mod payu;
mod postgres;
pub mod postgres_programs;
pub mod processes;
mod secrets;
mod waiting;

pub use engine::NamedEngine;
pub use postgres::{POSTGRES_FOR_TESTS, fresh_postgres, run_on};
pub use secrets::{forget_secrets, note_secrets, secrets_in};
pub use waiting::{Look, PATIENCE, eventually, eventually_blocking, in_time, let_others_run, let_time_pass};
