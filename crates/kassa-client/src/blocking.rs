//! The client for callers that wait: every call of the async one, run to its end.
//!
//! ```no_run
//! use kassa_client::blocking::Client;
//! use kassa_client::client::{self, Environment};
//!
//! # fn read() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::of(client::Client::new(&Environment::PlaygroundEurope, "PK12345_ab", "secret")?)?;
//! let session = client.run(async |client| client.read_session("the-session-id").await)?;
//! println!("{} since {}", session.status, session.updated_at);
//! # Ok(())
//! # }
//! ```

use tokio::runtime::{Builder, Runtime};

use crate::client;

/// Makes calls on the thread that asks for them. It is of no use, and panics, in the midst of async code.
#[derive(Debug)]
pub struct Client {
    client: client::Client,
    runtime: Runtime,
}

impl Client {
    /// Puts a client on a runtime of its own, which has no thread.
    ///
    /// # Errors
    /// Where the system has no more file descriptors.
    pub fn of(client: client::Client) -> std::io::Result<Self> {
        Ok(Self { client, runtime: Builder::new_current_thread().enable_all().build()? })
    }

    /// Runs a call, or several, and waits for the end.
    pub fn run<T>(&self, calls: impl AsyncFnOnce(&client::Client) -> T) -> T {
        self.runtime.block_on(calls(&self.client))
    }
}
