//! The client for synchronous callers: it runs each call of the async client to its end.
//!
//! ```no_run
//! use kassa_client::blocking::BlockingClient;
//! use kassa_client::client::{self, Environment};
//!
//! # fn read() -> Result<(), Box<dyn std::error::Error>> {
//! let client = BlockingClient::of(client::Client::new(&Environment::PlaygroundEurope, "PK12345_ab", "secret")?)?;
//! let session = client.run(async |client| client.read_session("the-session-id").await)?;
//! println!("{} since {}", session.status(), session.updated_at);
//! # Ok(())
//! # }
//! ```

use tokio::runtime::{Builder, Runtime};

use crate::client;

/// A client that makes calls on the calling thread. It panics inside async code.
#[derive(Debug)]
pub struct BlockingClient {
    client: client::Client,
    runtime: Runtime,
}

impl BlockingClient {
    /// Wraps a client with a runtime of its own, which starts no thread.
    ///
    /// # Errors
    /// If the system has no more file descriptors.
    pub fn of(client: client::Client) -> std::io::Result<Self> {
        Ok(Self { client, runtime: Builder::new_current_thread().enable_all().build()? })
    }

    /// Runs one or more calls, and waits for their end.
    pub fn run<T>(&self, calls: impl AsyncFnOnce(&client::Client) -> T) -> T {
        self.runtime.block_on(calls(&self.client))
    }
}
