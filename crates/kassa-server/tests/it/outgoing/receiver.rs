//! A receiver on bare TCP. Each test defines what it does with a connection.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// An answer without a body, on a connection that stays open.
pub const NO_CONTENT: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

pub struct Receiver {
    pub address: SocketAddr,
    accepted: Arc<AtomicUsize>,
}

impl Receiver {
    /// Listens on a free port of loopback. `serve` gets each connection and the number of earlier ones.
    pub async fn start<F: Future<Output = ()> + Send + 'static>(
        serve: impl Fn(TcpStream, usize) -> F + Send + Sync + 'static,
    ) -> Self {
        Self::on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap(), serve)
    }

    /// The same, with a given listener.
    pub fn on<F: Future<Output = ()> + Send + 'static>(
        listener: TcpListener,
        serve: impl Fn(TcpStream, usize) -> F + Send + Sync + 'static,
    ) -> Self {
        let address = listener.local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = accepted.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, count.fetch_add(1, Ordering::SeqCst)));
            }
        });
        Self { address, accepted }
    }

    /// Answers every request on every connection with these bytes.
    pub async fn answering(answer: &'static [u8]) -> Self {
        Self::start(move |stream, _| answer_all(stream, answer)).await
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The URL of the receiver under a host name.
    pub fn url_at(&self, host: &str) -> String {
        format!("http://{host}:{}/", self.address.port())
    }

    /// The number of accepted connections.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

/// Two receivers on one port: the first on 127.0.0.2, the second on 127.0.0.1.
pub async fn public_and_private() -> (Receiver, Receiver) {
    loop {
        let public = TcpListener::bind("127.0.0.2:0").await.unwrap();
        let port = public.local_addr().unwrap().port();
        if let Ok(private) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            let serve = |stream, _| answer_all(stream, NO_CONTENT);
            return (Receiver::on(public, serve), Receiver::on(private, serve));
        }
    }
}

/// Reads one request with its two-byte body. Returns whether one arrived.
pub async fn read_request(stream: &mut TcpStream) -> bool {
    let mut received = Vec::new();
    while !received.ends_with(b"\r\n\r\n{}") {
        match stream.read_u8().await {
            Ok(byte) => received.push(byte),
            Err(_) => return false,
        }
    }
    true
}

/// Answers each request until the caller disconnects.
pub async fn answer_all(mut stream: TcpStream, answer: &'static [u8]) {
    while read_request(&mut stream).await {
        stream.write_all(answer).await.unwrap();
    }
}

/// Keeps a connection open without an answer, until the caller disconnects.
pub async fn hold(mut stream: TcpStream) {
    let mut sink = [0; 1024];
    while stream.read(&mut sink).await.is_ok_and(|read| read > 0) {}
}

/// A port of loopback without a listener. The returned socket reserves it.
pub fn nobody() -> (SocketAddr, tokio::net::TcpSocket) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    (socket.local_addr().unwrap(), socket)
}

/// A listener with a full queue, which accepts no connection.
pub struct Full {
    pub address: SocketAddr,
    _listener: TcpListener,
    _queued: Vec<TcpStream>,
}

impl Full {
    pub async fn start(at: IpAddr) -> Self {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind((at, 0).into()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut queued = Vec::new();
        while let Ok(connected) = tokio::time::timeout(super::SHORT, TcpStream::connect(address)).await {
            queued.push(connected.unwrap());
        }
        Self { address, _listener: listener, _queued: queued }
    }
}
