//! An HTTP/2 client that writes frames by hand, and so can do what no library does.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::{World, in_time};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
pub const GO_AWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;

const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// The indexes of `:status` in HPACK's static table.
pub const OK: u8 = 0x88;
pub const BAD_REQUEST: u8 = 0x8c;

pub struct Http2<S = TcpStream> {
    stream: S,
}

#[derive(Debug)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

impl Frame {
    /// Whether this frame is the last of its stream.
    pub fn is_end_of_stream(&self) -> bool {
        [DATA, HEADERS].contains(&self.kind) && self.flags & END_STREAM != 0
    }
}

impl Http2 {
    /// Connects, and lets the server send `window` bytes on each stream.
    pub async fn connect(world: &World, window: u32) -> Self {
        Self::over(world.connect().await, window).await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Http2<S> {
    pub async fn over(mut stream: S, window: u32) -> Self {
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        let mut caller = Self { stream };
        let initial_window_size = [&[0, 4][..], &window.to_be_bytes()].concat();
        caller.send(SETTINGS, 0, 0, &initial_window_size).await;
        caller
    }

    async fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
        // If the connection was closed meanwhile, the reader sees it.
        let _ = self.stream.write_all(&[&head, payload].concat()).await;
    }

    /// Requests a path, with these literal headers beside the usual ones.
    pub async fn get(&mut self, stream: u32, path: &str, headers: &[(&str, &str)]) {
        let mut block = vec![0x82, 0x86];
        let authority = headers.iter().all(|(name, _)| *name != ":authority");
        let usual = [(":path", path), (":authority", "x")];
        for (name, value) in usual.iter().filter(|(name, _)| *name == ":path" || authority).chain(headers) {
            if !value.is_empty() {
                block.push(0);
                for text in [name, value] {
                    block.push(u8::try_from(text.len()).unwrap());
                    block.extend(text.as_bytes());
                }
            }
        }
        self.send(HEADERS, END_STREAM | END_HEADERS, stream, &block).await;
    }

    /// Lets the server send more.
    pub async fn widen(&mut self, stream: u32, bytes: u32) {
        self.send(WINDOW_UPDATE, 0, stream, &bytes.to_be_bytes()).await;
    }

    /// The next frame, unless the connection ended. Pings and settings are acknowledged.
    pub async fn next(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        in_time(self.stream.read_exact(&mut head)).await.ok()?;
        let [_, high, middle, low] = [0, head[0], head[1], head[2]];
        let mut payload = vec![0; u32::from_be_bytes([0, high, middle, low]) as usize];
        in_time(self.stream.read_exact(&mut payload)).await.ok()?;
        let (kind, flags) = (head[3], head[4]);
        if [SETTINGS, PING].contains(&kind) && flags & ACK == 0 {
            let echoed: &[u8] = if kind == PING { &payload } else { &[] };
            self.send(kind, ACK, 0, echoed).await;
        }
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        Some(Frame { kind, flags, stream, payload })
    }

    /// Reads until the headers of a stream came.
    pub async fn headers(&mut self, stream: u32) -> u8 {
        while let Some(frame) = self.next().await {
            if frame.kind == HEADERS && frame.stream == stream {
                return frame.payload[0];
            }
        }
        panic!("the connection ended before the headers came")
    }

    /// Reads the body of a stream to its end, or until `most` bytes came.
    pub async fn body(&mut self, stream: u32, most: usize) -> Vec<u8> {
        let mut body = Vec::new();
        while body.len() < most {
            let frame = self.next().await.expect("the body comes");
            if frame.kind == DATA && frame.stream == stream {
                let count = u32::try_from(frame.payload.len()).unwrap();
                body.extend(frame.payload);
                if frame.flags & END_STREAM != 0 {
                    return body;
                }
                if count > 0 {
                    self.widen(0, count).await;
                    self.widen(stream, count).await;
                }
            }
        }
        body
    }

    /// Reads until the connection ends, and returns whether the server announced it.
    pub async fn until_closed(mut self) -> bool {
        let mut was_announced = false;
        while let Some(frame) = self.next().await {
            was_announced |= frame.kind == GO_AWAY;
        }
        was_announced
    }
}
