//! The server's TLS certificate.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate with its key.
#[derive(Clone)]
pub struct Certificate(Arc<ServerConfig>);

/// The reason why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UnusableCertificate {
    /// A file cannot be read as PEM.
    #[error("{} cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The problem.
        reason: String,
    },
    /// The key belongs to another certificate, or the file has no certificate.
    #[error("certificate and key cannot be used: {0}")]
    Unfit(#[from] rustls::Error),
}

impl Certificate {
    /// The configuration of TLS with this certificate.
    #[must_use]
    pub fn into_tls(self) -> Arc<ServerConfig> {
        self.0
    }

    /// Reads a chain of certificates, the server's own first, and its private key: two PEM files.
    pub fn read(chain: &Path, key: &Path) -> Result<Self, UnusableCertificate> {
        let unreadable = |path: &Path, reason: String| UnusableCertificate::Unreadable {
            path: path.to_path_buf(),
            reason,
        };
        let certificates = CertificateDer::pem_file_iter(chain)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| unreadable(chain, error.to_string()))?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, error.to_string()))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(certificates, key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }
}
