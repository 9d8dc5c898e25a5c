//! Reads the live view of a page.

use kassa_testkit::in_time;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::World;

impl World {
    /// Reads a live view until it contains `shown`.
    pub async fn look_on_until(&self, path: &str, shown: &str) -> String {
        let address = self.url.strip_prefix("http://").unwrap();
        let mut socket = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\naccept: text/event-stream\r\n\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut seen = String::new();
        let looking = async {
            let mut buffer = vec![0; 65_536];
            while !seen.contains(shown) {
                let length = socket.read(&mut buffer).await.unwrap();
                assert!(length > 0, "the live view ended: {seen}");
                seen += &String::from_utf8_lossy(&buffer[..length]);
            }
        };
        in_time(&format!("{shown} in the live view"), looking).await;
        seen
    }
}
