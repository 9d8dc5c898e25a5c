//! A receiver with TLS, and its own authority.

use std::convert::Infallible;
use std::sync::Arc;

use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use kassa_outgoing::{Network, OutgoingPolicy};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use tempfile::NamedTempFile;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::names::Names;
use super::receiver::Receiver;

/// An authority that issues certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A file with the root certificate.
    pub fn root(&self) -> NamedTempFile {
        let file = NamedTempFile::new().unwrap();
        std::fs::write(file.path(), self.0.pem()).unwrap();
        file
    }

    /// Returns the TLS settings of a server with this name.
    pub fn server(&self, name: &str, protocols: &[&str]) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_string()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap().der().clone();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key.serialize_der().try_into().unwrap())
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A network that trusts this authority, and resolves every name to 127.0.0.1.
pub fn trusting(authority: &Authority) -> Network {
    let root = authority.root();
    let extra_root = Some(root.path().to_path_buf());
    let names = Names::answering(&[&["127.0.0.1"][..]; 100]);
    Network::with_names(OutgoingPolicy { extra_root, ..OutgoingPolicy::for_this_machine() }, names).unwrap()
}

/// Answers with the negotiated version, HTTP/2 or HTTP/1.1. The first `silent` connections get no answer.
pub async fn start(acceptor: TlsAcceptor, silent: usize) -> Receiver {
    Receiver::start(move |stream, earlier| serve(acceptor.clone(), stream, earlier < silent)).await
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream, is_silent: bool) {
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let answer = service_fn(move |request| answer(request, is_silent));
    let io = TokioIo::new(stream);
    // The caller decides how a connection ends, so an error is ignored.
    let _ended = if is_http2 {
        hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(io, answer).await
    } else {
        hyper::server::conn::http1::Builder::new().serve_connection(io, answer).await
    };
}

async fn answer(request: Request<Incoming>, is_silent: bool) -> Result<Response<Full<Bytes>>, Infallible> {
    if is_silent {
        std::future::pending::<()>().await;
    }
    Ok(Response::new(Full::from(format!("{:?}", request.version()))))
}
