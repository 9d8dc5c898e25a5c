//! A pooler in transaction mode, for statements without values.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use super::tls_server::message;

/// A client's request for TLS, and the version of the protocol that begins a session.
const TLS_REQUEST: u32 = 80_877_103;
const VERSION: u32 = 196_608;

/// A connection to the server.
trait Upstream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Upstream for T {}

type Idle = Arc<Mutex<Vec<Box<dyn Upstream>>>>;

pub struct Pooler(u16);

impl Pooler {
    /// A pooler with this many connections to the server. It uses the one that was used last first.
    pub async fn start(server: &Config, connections: usize) -> Self {
        let mut idle = Vec::new();
        for _ in 0..connections {
            idle.push(upstream(server).await);
        }
        let idle = Arc::new(Mutex::new(idle));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, idle.clone()));
            }
        });
        Self(port)
    }

    pub fn url(&self) -> String {
        format!("postgres://anybody@127.0.0.1:{}/any", self.0)
    }
}

/// Logs in, and waits until the server is ready.
async fn upstream(server: &Config) -> Box<dyn Upstream> {
    let port = server.get_ports().first().copied().unwrap_or(5432);
    let mut stream: Box<dyn Upstream> = match &server.get_hosts()[0] {
        Host::Tcp(host) => Box::new(TcpStream::connect((host.as_str(), port)).await.unwrap()),
        Host::Unix(folder) => {
            Box::new(UnixStream::connect(folder.join(format!(".s.PGSQL.{port}"))).await.unwrap())
        }
    };
    let (user, database) = (server.get_user().unwrap(), server.get_dbname().unwrap());
    let settings = format!("user\0{user}\0database\0{database}\0\0");
    let length = u32::try_from(settings.len()).unwrap() + 8;
    let startup = [&length.to_be_bytes()[..], &VERSION.to_be_bytes(), settings.as_bytes()].concat();
    stream.write_all(&startup).await.unwrap();
    pass_until_ready(&mut stream, &mut tokio::io::sink()).await.unwrap();
    stream
}

async fn serve(mut client: TcpStream, idle: Idle) -> std::io::Result<()> {
    if message(&mut client).await? == TLS_REQUEST.to_be_bytes() {
        client.write_all(b"N").await?;
        message(&mut client).await?;
    }
    client.write_all(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I").await?;
    let mut own: Option<Box<dyn Upstream>> = None;
    loop {
        let kind = client.read_u8().await?;
        let statement = message(&mut client).await?;
        if kind == b'X' {
            return Ok(());
        }
        let mut server = own.take().unwrap_or_else(|| idle.lock().unwrap().pop().unwrap());
        let length = u32::try_from(statement.len()).unwrap() + 4;
        server.write_all(&[&[kind], &length.to_be_bytes()[..], &statement].concat()).await?;
        match pass_until_ready(&mut server, &mut client).await? {
            b'I' => idle.lock().unwrap().push(server),
            _ => own = Some(server),
        }
    }
}

/// Passes messages of the server on, until it is ready. Returns the status of its transaction.
async fn pass_until_ready(
    server: &mut Box<dyn Upstream>,
    to: &mut (impl AsyncWrite + Unpin),
) -> std::io::Result<u8> {
    loop {
        let kind = server.read_u8().await?;
        let content = message(server).await?;
        let length = u32::try_from(content.len()).unwrap() + 4;
        to.write_all(&[&[kind], &length.to_be_bytes()[..], &content].concat()).await?;
        if kind == b'Z' {
            return Ok(content[0]);
        }
    }
}
