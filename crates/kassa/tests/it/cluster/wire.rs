//! A relay to a database. It can delay packets, and drop those of existing connections.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use super::nodes::address;

/// Forwards packets. A silent connection stays silent until the client closes it.
#[derive(Clone)]
pub struct Wire {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    delay: Duration,
    /// Connections are numbered. Those up to this number are silent.
    silent_up_to: u64,
    connections: u64,
}

/// The port of the relay.
const PORT: u16 = 6432;

impl Wire {
    pub async fn to(server: String) -> Self {
        let wire = Self { state: Arc::default() };
        let listener = TcpListener::bind((address(), PORT)).await.unwrap();
        let own = wire.clone();
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(own.clone().connect(client, server.clone()));
            }
        });
        wire
    }

    /// The URL of the database, through the relay.
    pub fn url(&self) -> String {
        format!("postgres://kassa@{}:{PORT}/kassa", address())
    }

    /// Delays everything by this time from now on, in each direction.
    pub fn slow_down(&self, delay: Duration) {
        self.state.lock().unwrap().delay = delay;
    }

    /// Silences the existing connections for good. New ones are not affected.
    pub fn silence(&self) {
        let mut state = self.state.lock().unwrap();
        state.silent_up_to = state.connections;
    }

    async fn connect(self, client: TcpStream, server: String) {
        let number = {
            let mut state = self.state.lock().unwrap();
            state.connections += 1;
            state.connections
        };
        let Ok(server) = TcpStream::connect(server).await else { return };
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        tokio::select! {
            () = self.pass(number, from_client, to_server) => {}
            () = self.pass(number, from_server, to_client) => {}
        }
    }

    async fn pass(&self, number: u64, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut bytes = vec![0; 65536];
        while let Ok(length @ 1..) = from.read(&mut bytes).await {
            let delay = self.state.lock().unwrap().delay;
            tokio::time::sleep(delay).await;
            let is_silent = self.state.lock().unwrap().silent_up_to >= number;
            if !is_silent && to.write_all(&bytes[..length]).await.is_err() {
                return;
            }
        }
    }
}
