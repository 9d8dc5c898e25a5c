//! A minimal HTTP client: one connection that is kept alive, one request after the other.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::account::{PASSWORD, USERNAME};

/// The bytes of a request.
#[derive(Clone, Debug)]
pub struct Request(String);

impl Request {
    pub fn new(method: &str, path: &str, body: &str) -> Self {
        let basic = STANDARD.encode(format!("{USERNAME}:{PASSWORD}"));
        let request = Self::without_login(method, path, ("application/json", body));
        request.with(&format!("authorization: Basic {basic}"))
    }

    /// A form that a browser sends.
    pub fn form(path: &str, body: &str) -> Self {
        Self::without_login("POST", path, ("application/x-www-form-urlencoded", body))
    }

    pub fn without_login(method: &str, path: &str, (content_type, body): (&str, &str)) -> Self {
        let length = body.len();
        Self(format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {content_type}\r\n\
             content-length: {length}\r\n\r\n{body}"
        ))
    }

    /// The same request with one more header.
    pub fn with(self, header: &str) -> Self {
        Self(self.0.replacen("\r\n", &format!("\r\n{header}\r\n"), 1))
    }
}

/// The size of the largest expected answer, in bytes.
const LARGEST_ANSWER: usize = 64 * 1024;

pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    /// Connects to `http://host:port`.
    pub async fn to(url: &str) -> Self {
        Self::over(TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap())
    }

    /// Connects to `http://ip:port` from this address.
    pub async fn from(address: Ipv4Addr, url: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((address, 0))).unwrap();
        let target = url.strip_prefix("http://").unwrap().parse().unwrap();
        Self::over(socket.connect(target).await.unwrap())
    }

    fn over(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        Self { stream, read: Vec::new() }
    }

    /// Sends one request. Returns the answer's status and body.
    pub async fn call(&mut self, request: &Request) -> (u16, &[u8]) {
        self.send(request).await;
        self.answer().await
    }

    /// Sends one request without waiting for its answer.
    pub async fn send(&mut self, request: &Request) {
        self.stream.write_all(request.0.as_bytes()).await.unwrap();
    }

    /// Waits for the next answer. Returns its status and body.
    pub async fn answer(&mut self) -> (u16, &[u8]) {
        self.read.resize(LARGEST_ANSWER, 0);
        let mut length = 0;
        loop {
            let more = self.stream.read(&mut self.read[length..]).await.unwrap();
            assert!(more > 0, "the server hung up");
            length += more;
            if let Some((status, body)) = head(&self.read[..length])
                && length >= body.end
            {
                return (status, &self.read[body]);
            }
        }
    }

    /// Sends one request and asserts the status. Returns the answer's JSON.
    pub async fn json(&mut self, request: &Request, expected: u16) -> Value {
        let (status, body) = self.call(request).await;
        assert_eq!(status, expected, "{request:?} {}", String::from_utf8_lossy(body));
        serde_json::from_slice(body).unwrap()
    }
}

/// Returns the status and the range of the body, or `None` while the head is incomplete.
fn head(read: &[u8]) -> Option<(u16, std::ops::Range<usize>)> {
    let end = read.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&read[..end]).unwrap();
    let status = head[9..12].parse().unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse().unwrap())
    });
    Some((status, end..end + length.unwrap_or(0)))
}

/// Makes `requests` over this many connections, and asserts the status. Returns the elapsed time.
pub async fn drive(url: &str, connections: usize, requests: Vec<Request>, expected: u16) -> Duration {
    let requests: &'static [Request] = requests.leak();
    let next: &'static AtomicUsize = Box::leak(Box::default());
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(Connection::to(url).await);
    }
    let begun = Instant::now();
    let mut workers = JoinSet::new();
    for mut connection in open {
        workers.spawn(async move {
            while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                let (status, body) = connection.call(request).await;
                assert_eq!(status, expected, "{request:?} {}", String::from_utf8_lossy(body));
            }
        });
    }
    while let Some(ended) = workers.join_next().await {
        ended.unwrap();
    }
    begun.elapsed()
}
