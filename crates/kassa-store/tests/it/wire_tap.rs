//! A proxy in front of PostgreSQL that records every statement of the store, with its values written in, and every
//! error of the server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::Notify;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// The object id of the type `bigint` in PostgreSQL.
const BIGINT: u32 = 20;

/// The object ids of the types `text[]`, `bigint[]` and `integer[]`.
const ARRAYS: [u32; 3] = [1009, 1016, 1007];

/// The recorded statements and errors, in their order.
#[derive(Clone, Default)]
pub struct Tap {
    statements: Arc<Mutex<Vec<Ran>>>,
    errors: Arc<Mutex<Vec<String>>>,
    /// Wakes the connections that become silent.
    silence: Arc<Notify>,
}

/// A statement that was run.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The text as it was prepared, with placeholders, in one line.
    pub text: String,
    /// The text with the values in place of the placeholders. Arrays are not readable.
    pub with_values: String,
    /// The number of rows of values: the length of its arrays, or 1 if it has none.
    pub rows: usize,
}

impl Tap {
    /// Listens in place of the server of this URL. Returns the URL at which it listens.
    pub async fn before(url: &str) -> (Self, String) {
        let server: Config = url.parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (name, rest) = (server.get_user().unwrap(), url.rsplit_once('/').unwrap().1);
        let tapped = format!("postgres://{name}@{address}/{rest}&sslmode=disable");
        let tap = Self::default();
        let taps = tap.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(taps.clone().pass_on(client, server.clone()));
            }
        });
        (tap, tapped)
    }

    /// Removes and returns the recorded statements.
    pub fn take(&self) -> Vec<Ran> {
        std::mem::take(&mut self.statements.lock().unwrap())
    }

    /// The errors that the server reported, each with its code. The server writes the same errors into its log.
    pub fn errors(&self) -> Vec<String> {
        self.errors.lock().unwrap().clone()
    }

    /// Stops passing data on for the present connections, and keeps them open. New ones are not affected.
    pub fn silence(&self) {
        self.silence.notify_waiters();
    }

    async fn pass_on(self, client: TcpStream, server: Config) {
        client.set_nodelay(true).unwrap();
        let port = server.get_ports().first().copied().unwrap_or(5432);
        match &server.get_hosts()[0] {
            Host::Tcp(name) => {
                self.between(client, TcpStream::connect((name.as_str(), port)).await.unwrap()).await;
            }
            Host::Unix(folder) => {
                let socket = folder.join(format!(".s.PGSQL.{port}"));
                self.between(client, UnixStream::connect(socket).await.unwrap()).await;
            }
        }
    }

    /// Passes data on until one side ends.
    async fn between(self, client: TcpStream, server: impl AsyncRead + AsyncWrite) {
        let (mut from_client, mut to_client) = tokio::io::split(client);
        let (mut from_server, to_server) = tokio::io::split(server);
        let listens_to_server = self.listen_to_server(&mut from_server, &mut to_client);
        tokio::select! {
            () = self.silence.notified() => std::future::pending().await,
            () = self.listen(&mut from_client, to_server) => {}
            () = listens_to_server => {}
        }
    }

    /// Reads the server's messages, and passes them on.
    async fn listen_to_server(
        &self,
        from: &mut (impl AsyncRead + Unpin),
        to: &mut (impl AsyncWrite + Unpin),
    ) {
        while let Ok(letter) = from.read_u8().await {
            let Ok(length) = from.read_u32().await else { return };
            let mut body = vec![0; length as usize - 4];
            if from.read_exact(&mut body).await.is_err() {
                return;
            }
            if letter == b'E' {
                self.errors.lock().unwrap().push(String::from_utf8_lossy(&body).replace('\0', " "));
            }
            let message: Vec<u8> = [letter].into_iter().chain(length.to_be_bytes()).chain(body).collect();
            if to.write_all(&message).await.is_err() {
                return;
            }
        }
    }

    /// Reads the client's messages, and passes them on. The first message has no letter in front.
    async fn listen(&self, from: &mut (impl AsyncRead + Unpin), mut to: impl AsyncWrite + Unpin) {
        let mut prepared = HashMap::new();
        let mut letter = None;
        while let Ok(length) = from.read_u32().await {
            let mut body = vec![0; length as usize - 4];
            from.read_exact(&mut body).await.unwrap();
            match letter {
                Some(b'P') => {
                    let (name, statement) = Prepared::read(&mut Message(&body));
                    prepared.insert(name, statement);
                }
                Some(b'B') => self.statements.lock().unwrap().push(bound(&prepared, &mut Message(&body))),
                Some(_) | None => {}
            }
            let message: Vec<u8> = letter.into_iter().chain(length.to_be_bytes()).chain(body).collect();
            to.write_all(&message).await.unwrap();
            let Ok(next) = from.read_u8().await else { return };
            letter = Some(next);
        }
    }
}

/// A statement with placeholders.
struct Prepared {
    text: String,
    types: Vec<u32>,
}

impl Prepared {
    fn read(message: &mut Message<'_>) -> (String, Self) {
        let (name, text) = (message.text(), message.text());
        let types = (0..message.short()).map(|_| message.long().cast_unsigned()).collect();
        (name, Self { text, types })
    }
}

/// The statement that a message runs, with its values in place of the placeholders. The last comes first, because `$1`
/// begins `$10`.
fn bound(prepared: &HashMap<String, Prepared>, message: &mut Message<'_>) -> Ran {
    let (_portal, name) = (message.text(), message.text());
    let statement = &prepared[&name];
    for _ in 0..message.short() {
        message.short();
    }
    let (mut values, mut rows) = (Vec::new(), 1);
    for place in 0..usize::from(message.short()) {
        let length = usize::try_from(message.long()).ok();
        let (value, oid) = (length.map(|length| message.bytes(length)), statement.types.get(place).copied());
        if let (Some(array), Some(oid)) = (value, oid)
            && ARRAYS.contains(&oid)
        {
            rows = length_of(array);
        }
        values.push(literal(value, oid));
    }
    let write_in =
        |text: String, (place, value): (usize, &String)| text.replace(&format!("${}", place + 1), value);
    let text = statement.text.split_whitespace().collect::<Vec<_>>().join(" ");
    Ran { with_values: values.iter().enumerate().rev().fold(text.clone(), write_in), text, rows }
}

/// The number of elements of an array with one dimension, which is behind the number of dimensions, a flag and the type
/// of the elements.
fn length_of(array: &[u8]) -> usize {
    usize::try_from(u32::from_be_bytes(array[12..16].try_into().unwrap())).unwrap()
}

fn literal(value: Option<&[u8]>, oid: Option<u32>) -> String {
    match value {
        None => "null".to_string(),
        Some(bytes) if oid == Some(BIGINT) => {
            format!("({})::bigint", i64::from_be_bytes(bytes.try_into().unwrap()))
        }
        Some(bytes) => format!("'{}'::text", String::from_utf8_lossy(bytes).replace('\'', "''")),
    }
}

/// The part of a message that has not been read yet.
struct Message<'a>(&'a [u8]);

impl<'a> Message<'a> {
    fn bytes(&mut self, length: usize) -> &'a [u8] {
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        bytes
    }

    fn short(&mut self) -> u16 {
        u16::from_be_bytes(self.bytes(2).try_into().unwrap())
    }

    /// If the length of a value is -1, there is no value.
    fn long(&mut self) -> i32 {
        i32::from_be_bytes(self.bytes(4).try_into().unwrap())
    }

    fn text(&mut self) -> String {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap();
        let text = String::from_utf8(self.bytes(end).to_vec()).unwrap();
        self.bytes(1);
        text
    }
}
