//! As much of a PostgreSQL server as a client needs to connect by TLS.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// `AuthenticationOk` and `ReadyForQuery`.
const WELCOME: &[u8] = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I";

/// A server that accepts everybody, over TLS alone.
pub struct TlsServer {
    pub port: u16,
    /// The certificate of its authority.
    pub root: PathBuf,
}

impl TlsServer {
    pub async fn start(name: &str, folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let root = folder.join("root.pem");
        let acceptor = TlsAcceptor::from(Arc::new(config(name, &root)));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(welcome(stream, acceptor.clone()));
            }
        });
        Self { port, root }
    }
}

fn config(name: &str, root: &Path) -> ServerConfig {
    let root_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    std::fs::write(root, params.self_signed(&root_key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(params, root_key);
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec![name.to_string()]).unwrap().signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    builder.with_single_cert(vec![certificate.der().clone()], key).unwrap()
}

/// Answers one client. If the client does not accept the answer, its connection ends.
async fn welcome(mut stream: TcpStream, acceptor: TlsAcceptor) -> std::io::Result<()> {
    let request = message(&mut stream).await?;
    if request != 80_877_103_u32.to_be_bytes() {
        return Ok(());
    }
    stream.write_all(b"S").await?;
    let mut stream = acceptor.accept(stream).await?;
    message(&mut stream).await?;
    stream.write_all(WELCOME).await?;
    // The client closes it.
    stream.read_to_end(&mut Vec::new()).await.map(drop)
}

/// A message without a type: its length, itself included, and its content.
pub async fn message(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> std::io::Result<Vec<u8>> {
    let length = stream.read_u32().await?;
    let mut content = vec![0; length as usize - 4];
    stream.read_exact(&mut content).await?;
    Ok(content)
}
